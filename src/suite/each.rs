//! What a test is repeated over beside its matrix: the lists of its `forEach`, item by item. It must not know what the items are
//! used for.

use super::codes;
use super::expand::{Sight, compiled};
use super::expression::{Context, NoResult};
use super::language::LABEL;
use super::remarks::{Remark, Remarks};
use super::source::Place;
use super::tree::{Entry, Node, Value, What, place_within};

/// Names that expressions know as something else.
const TAKEN: [&str; 17] =
    ["and", "cluster", "discover", "each", "else", "env", "false", "if", "in", "is", "matrix", "none", "not", "or", "run", "true", "vars"];

/// Fields of an item that name it, the first that it has.
const NAMING: [&str; 2] = ["key", "name"];

/// A list that a test is repeated over.
#[derive(Debug)]
pub(crate) struct Each {
    /// The name of its items.
    pub(crate) name: String,
    /// Where that was written.
    pub(crate) at: Place,
    /// In the order of the list.
    pub(crate) items: Vec<Item>,
}

/// An item of a list.
#[derive(Debug)]
pub(crate) struct Item {
    /// What its cases are called by.
    pub(crate) label: String,
    /// What expressions see.
    pub(crate) value: Value,
}

/// The lists of a test, in the order in which they were written; none if one of them is a mistake, which is then among the remarks.
pub(crate) fn each(test: &Node, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Option<Vec<Each>> {
    let entries = test.get("forEach").map_or(&[][..], Node::entries);
    let lists: Vec<_> = entries.iter().map(|entry| list(entry, test, sight, context, remarks)).collect();
    lists.into_iter().collect()
}

fn list(entry: &Entry, test: &Node, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Option<Each> {
    let name = entry.key.name.to_string();
    if let Some(remark) = taken(entry, test) {
        remarks.add(remark);
        return None;
    }
    let values = match value(&entry.value, sight, context, remarks)? {
        Value::List(values) => values,
        // An optional variable that nobody gave a value.
        Value::None => Vec::new(),
        other @ (Value::Scalar(_) | Value::Map(_)) => {
            let remark = Remark::error(codes::WRONG_VALUE, entry.value.at, format!("wrong value for `{name}`"));
            remarks.add(remark.label(format!("expected a list, such as ${{{{ vars.NAME }}}} or [a, b], {}", other.found())));
            return None;
        }
    };
    let mut items: Vec<Item> = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let label = label(&value, index);
        let wrong = trouble(&label, index, &items);
        if let Some(wrong) = wrong {
            remarks.add(Remark::error(codes::BAD_NAME, entry.value.at, format!("{wrong} of `{name}`")).help([
                "a case is called by its item: by the value itself, or by its `key` or its `name`, of 1 to 63 characters without `,`, `=`, `[`, `]`",
            ]));
            return None;
        }
        items.push(Item { label, value });
    }
    Some(Each { name, at: entry.key.at, items })
}

/// Why an item cannot have this name.
fn taken(entry: &Entry, test: &Node) -> Option<Remark> {
    let name = &*entry.key.name;
    let axis = test.get("matrix").and_then(|matrix| matrix.entry(name));
    let remark = Remark::error(codes::BAD_NAME, entry.key.at, format!("an item cannot be called `{name}`"));
    if let Some(axis) = axis {
        return Some(remark.label("an axis of the matrix has that name").related(axis.key.at, "here"));
    }
    TAKEN.contains(&name).then(|| remark.label("expressions know something else by that name"))
}

/// What stands behind a name; none if that is a mistake.
fn value(node: &Node, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Option<Value> {
    let node = compiled(node, sight, remarks);
    let What::Template(template) = &node.what else { return Value::of(&node) };
    template
        .value(context)
        .map_err(|trouble| {
            if let NoResult::Wrong { message, at, expected } = trouble {
                let place = place_within(sight.source, node.at, &template.text, at);
                remarks.add(Remark::error(codes::NO_RESULT, place, message).label(expected.unwrap_or("expected a list")));
            }
        })
        .ok()
}

/// The value itself, or what names it, or its number.
fn label(value: &Value, index: usize) -> String {
    let naming = || NAMING.iter().find_map(|name| value.field(name)?.scalar());
    value.scalar().or_else(naming).map_or_else(|| (index + 1).to_string(), |scalar| scalar.text.to_string())
}

/// What is wrong with a label, as the beginning of a sentence.
fn trouble(label: &str, index: usize, before: &[Item]) -> Option<String> {
    // A namespace and a name may stand in it: `shop/cart`.
    if !(LABEL.fits)(&label.replace('/', "-")) {
        return Some(format!("no case can be called by item {}", index + 1));
    }
    let first = before.iter().position(|other| other.label == *label)?;
    Some(format!("`{label}` would name both item {} and item {}", first + 1, index + 1))
}

impl Each {
    /// The names under which expressions know its items and their fields.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![self.name.clone()];
        for item in &self.items {
            fields(&self.name, &item.value, &mut names);
        }
        names.sort();
        names.dedup();
        names
    }
}

fn fields(before: &str, value: &Value, names: &mut Vec<String>) {
    let Value::Map(entries) = value else { return };
    for (name, value) in entries {
        let name = format!("{before}.{name}");
        fields(&name, value, names);
        names.push(name);
    }
}

/// How many combinations of items there are.
pub(crate) fn size(lists: &[Each]) -> usize {
    lists.iter().fold(1, |size, list| size.saturating_mul(list.items.len()))
}

/// Each list with one of its items.
pub(crate) type Picked<'a> = Vec<(&'a Each, &'a Item)>;

/// All combinations, the last list turning fastest; without lists there is one, of nothing.
pub(crate) fn combinations(lists: &[Each]) -> Vec<Picked<'_>> {
    let mut all = vec![Vec::new()];
    for list in lists {
        all = all.iter().flat_map(|picked| with_each(picked, list)).collect();
    }
    all
}

fn with_each<'a>(picked: &Picked<'a>, list: &'a Each) -> Vec<Picked<'a>> {
    list.items.iter().map(|item| [picked.clone(), vec![(list, item)]].concat()).collect()
}
