//! Data of the author's own: the lists and maps that variables hold, checked within bounds. It must not know what they are for.

use super::codes;
use super::expression::literally;
use super::language::Leaf;
use super::remarks::{Remark, Remarks};
use super::tree::{Node, Scalar, Value, What};

/// The most values in a list or a map, those inside of it counted one by one.
pub(crate) const MOST_VALUES: usize = 1_000;

/// The most bytes of text in a list or a map: expressions may make a text of it, for each case anew.
pub(crate) const MOST_TEXT: usize = 64 << 10;

/// How deep lists and maps may nest: a map of maps of lists.
pub(crate) const DEEPEST: usize = 3;

/// The longest name in a map, in bytes: one of DNS fits, and so does a label of Kubernetes.
const LONGEST_NAME: usize = 317;

/// Remarks on everything in a list or a map that cannot be a part of one.
pub(crate) fn check(node: &Node, name: &str, remarks: &mut Remarks) {
    let mut count: usize = 0;
    within(node, name, DEEPEST, &mut count, remarks);
    // The list or the map itself is none of its values.
    let count = count.saturating_sub(1);
    if count > MOST_VALUES {
        let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("`{name}` has {count} values"));
        remarks.add(remark.label(format!("expected at most {MOST_VALUES}")));
    }
    let text = text(node);
    if text > MOST_TEXT {
        let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("`{name}` has {text} bytes of text"));
        remarks.add(remark.label(format!("expected at most {MOST_TEXT}")));
    }
}

/// What a list, a map or a single value of the author's own holds, in which `$${{` stands for `${{`; none if something in it is none.
pub(crate) fn value(node: &Node) -> Option<Value> {
    Value::of(node).map(literal)
}

fn literal(value: Value) -> Value {
    match value {
        Value::Scalar(scalar) => match literally(&scalar.text) {
            Some(text) if *text != *scalar.text => Value::Scalar(Scalar { text: text.into(), ..scalar }),
            _ => Value::Scalar(scalar),
        },
        Value::List(items) => Value::List(items.into_iter().map(literal).collect()),
        Value::Map(entries) => Value::Map(entries.into_iter().map(|(name, value)| (name, literal(value))).collect()),
        Value::None => Value::None,
    }
}

/// How many bytes of text there are, names included.
fn text(node: &Node) -> usize {
    match &node.what {
        What::Scalar(scalar) => scalar.text.len(),
        What::List(items) => items.iter().map(text).sum(),
        What::Map(entries) => entries.iter().map(|entry| entry.key.name.len() + text(&entry.value)).sum(),
        What::Nothing | What::Template(_) | What::Unset(_) | What::Broken => 0,
    }
}

/// Whether there is nothing to remark.
pub(crate) fn is_sound(node: &Node) -> bool {
    let mut remarks = Remarks::default();
    check(node, "", &mut remarks);
    !remarks.failed()
}

fn within(node: &Node, name: &str, depth: usize, count: &mut usize, remarks: &mut Remarks) {
    *count += 1;
    let children: Vec<&Node> = match &node.what {
        What::Broken => return,
        What::Scalar(scalar) if literally(&scalar.text).is_none() => {
            let remark = Remark::error(codes::NOT_CONSTANT, node.at, format!("an item of `{name}` cannot be an expression"));
            return remarks.add(remark.help(["what stands in a list or a map of values is fixed before any expression is looked at"]));
        }
        What::Scalar(scalar) => {
            if let Err(why) = Leaf::Variable.check(scalar) {
                remarks.add(why.remark(&format!("an item of `{name}`"), node, scalar));
            }
            return;
        }
        What::Nothing | What::Template(_) | What::Unset(_) => {
            let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("wrong value for an item of `{name}`"));
            return remarks.add(remark.label(format!("expected {}, {}", Leaf::Variable.expected(), node.found())));
        }
        What::List(items) => items.iter().collect(),
        What::Map(entries) => {
            for entry in entries.iter().filter(|entry| entry.key.name.is_empty() || entry.key.name.len() > LONGEST_NAME) {
                let remark = Remark::error(codes::BAD_NAME, entry.key.at, format!("a name in `{name}` has {} bytes", entry.key.name.len()));
                remarks.add(remark.label(format!("expected 1 to {LONGEST_NAME}")));
            }
            entries.iter().map(|entry| &entry.value).collect()
        }
    };
    if depth == 0 {
        let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("`{name}` is nested deeper than {DEEPEST} levels"));
        return remarks.add(remark.label("expected a single value here"));
    }
    for child in children {
        within(child, name, depth - 1, count, remarks);
    }
}
