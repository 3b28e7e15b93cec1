//! From texts with expressions to values: compiles what is in a tree, and later gives each its value.

use std::sync::Arc;

use super::codes;
use super::expression::{Context, NoResult, Scope, Template, compile, has_expression};
use super::language::{Leaf, Shape};
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source};
use super::tree::{Entry, Node, Scalar, Value, What, place_within};

/// What can be seen from a place in a suite.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// The variables.
    pub(crate) scope: Scope<'a>,
}

/// The tree with its expressions compiled.
pub(crate) fn compiled(node: &Node, sight: Sight<'_>, remarks: &mut Remarks) -> Node {
    let what = match &node.what {
        What::Scalar(scalar) if has_expression(&scalar.text) => {
            let place = |part| place_within(sight.source, node.at, &scalar.text, part);
            match compile(&scalar.text, sight.scope, &place) {
                Ok(template) => What::Template(Arc::new(template)),
                Err(mistakes) => {
                    for remark in mistakes {
                        remarks.add(remark);
                    }
                    What::Broken
                }
            }
        }
        What::List(items) => What::List(items.iter().map(|item| compiled(item, sight, remarks)).collect()),
        What::Map(entries) => What::Map(each(entries, |_, value| compiled(value, sight, remarks))),
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::Broken => node.what.clone(),
    };
    Node { at: node.at, what }
}

/// What an expression may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// A single value.
    One,
    /// A single value or none, which is [`What::Unset`].
    OneOrNone,
    /// A single value, or a list of some.
    OneOrMore,
}

impl Wanted {
    /// Where something of that shape may stand; a single value where nothing is known of it. None where no single value may: then
    /// the shape check has refused the expression.
    fn of(shape: Option<&'static Shape>) -> Option<Self> {
        let Some(shape) = shape else { return Some(Self::One) };
        let alternatives = shape.alternatives();
        let leaf = alternatives.iter().find_map(|shape| if let Shape::Scalar(leaf) = shape { Some(leaf) } else { None })?;
        let is_list = alternatives.iter().any(|shape| matches!(shape, Shape::List(..)));
        Some(match leaf {
            Leaf::Bound(_) => Self::OneOrNone,
            _ if is_list => Self::OneOrMore,
            _ => Self::One,
        })
    }
}

/// Where expressions are evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    /// The values of variables.
    pub(crate) context: &'a Context,
    /// The case, if the values are those of one.
    pub(crate) case: Option<&'a str>,
    /// The text.
    pub(crate) source: &'a Source,
    /// Whether the case is left out anyway: where it has no value to go by, nothing is said, for that may be why.
    pub(crate) skipped: bool,
}

impl Node {
    /// The variables that its expressions use, once they are compiled.
    pub(crate) fn uses(&self) -> Vec<&String> {
        match &self.what {
            What::Template(template) => template.uses.iter().collect(),
            What::List(items) => items.iter().flat_map(Self::uses).collect(),
            What::Map(entries) => entries.iter().flat_map(|entry| entry.value.uses()).collect(),
            What::Nothing | What::Scalar(_) | What::Unset(_) | What::Broken => Vec::new(),
        }
    }
}

impl<'a> Stage<'a> {
    /// Of no case.
    pub(crate) const fn new(context: &'a Context, source: &'a Source) -> Self {
        Self { context, case: None, source, skipped: false }
    }
}

impl Stage<'_> {
    /// The tree with the values of its expressions. Its shape says which may give none (bounds, which are then not judged), and
    /// which a list.
    pub(crate) fn expanded(&self, node: &Node, shape: Option<&'static Shape>, remarks: &mut Remarks) -> Node {
        let what = match &node.what {
            What::Template(template) => Wanted::of(shape).map_or(What::Broken, |wanted| {
                self.value(template, node.at, wanted).unwrap_or_else(|remark| {
                    if let Some(remark) = remark {
                        remarks.add((*remark).case(self.case));
                    }
                    What::Broken
                })
            }),
            What::List(items) => What::List(items.iter().map(|item| self.expanded(item, shape.and_then(Shape::item), remarks)).collect()),
            What::Map(entries) => {
                let behind = |key: &str| shape.and_then(|shape| shape.behind(key));
                What::Map(each(entries, |key, value| self.expanded(value, behind(key), remarks)))
            }
            What::Nothing | What::Scalar(_) | What::Unset(_) | What::Broken => node.what.clone(),
        };
        Node { at: node.at, what }
    }

    /// # Errors
    /// What is wrong; nothing where it only follows from a mistake that has its remark.
    fn value(&self, template: &Template, at: Place, wanted: Wanted) -> Result<What, Option<Box<Remark>>> {
        if self.skipped && wanted != Wanted::OneOrNone && matches!(template.value(self.context), Ok(Value::None)) {
            return Err(None);
        }
        let result = match wanted {
            Wanted::One => template.expand(self.context).map(What::Scalar),
            Wanted::OneOrNone => match template.value(self.context) {
                Ok(Value::None) => Ok(What::Unset(template.uses.clone())),
                Ok(_) | Err(_) => template.expand(self.context).map(What::Scalar),
            },
            Wanted::OneOrMore => match template.value(self.context) {
                Ok(Value::List(items)) => several(&items, template, at),
                Ok(_) | Err(_) => template.expand(self.context).map(What::Scalar),
            },
        };
        let expected = if wanted == Wanted::OneOrMore { "expected a single value or a list" } else { "expected a single value" };
        result.map_err(|trouble| match trouble {
            NoResult::Follows => None,
            NoResult::Wrong { message, at: part, expected: compared } => {
                let place = place_within(self.source, at, &template.text, part);
                Some(Box::new(Remark::error(codes::NO_RESULT, place, message).label(compared.unwrap_or(expected))))
            }
        })
    }
}

fn each(entries: &[Entry], mut change: impl FnMut(&str, &Node) -> Node) -> Vec<Entry> {
    entries.iter().map(|entry| Entry { key: entry.key.clone(), value: change(&entry.key.name, &entry.value) }).collect()
}

/// A list of single values, each at the place of the expression that gave it.
fn several(items: &[Value], template: &Template, at: Place) -> Result<What, NoResult> {
    let wrong = |message: &str| NoResult::wrong(message.to_owned(), 0..template.text.len());
    let item = |item: &Value| {
        let scalar = item.scalar().ok_or_else(|| wrong("the expression gives a list with lists, maps or none in it"))?;
        Ok(Node { at, what: What::Scalar(Scalar { uses: template.uses.clone(), ..scalar.clone() }) })
    };
    if items.is_empty() {
        Err(wrong("the expression gives an empty list"))
    } else {
        items.iter().map(item).collect::<Result<_, _>>().map(What::List)
    }
}
