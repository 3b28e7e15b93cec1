//! From texts with expressions to values: compiles what is in a tree, and later gives each its value.

use std::sync::Arc;

use super::codes;
use super::expression::{Context, NoResult, Scope, Template, compile, has_expression};
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source};
use super::tree::{Entry, Node, Value, What, place_within};

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
        What::Map(entries) => What::Map(each(entries, |value| compiled(value, sight, remarks))),
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::Broken => node.what.clone(),
    };
    Node { at: node.at, what }
}

/// Whether an expression may give none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nones {
    /// It may not.
    Refused,
    /// It may: [`What::Unset`].
    Kept,
}

/// Where expressions are evaluated.
struct Stage<'a> {
    context: &'a Context,
    case: Option<&'a str>,
    source: &'a Source,
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

    /// The tree with the values of its expressions, in that context, which is that of the case named.
    pub(crate) fn expanded(&self, context: &Context, case: Option<&str>, source: &Source, remarks: &mut Remarks) -> Self {
        Stage { context, case, source }.expanded(self, Nones::Refused, remarks)
    }

    /// The same for the keys of a test, or of the defaults: bounds may expand to none, and are then not judged.
    pub(crate) fn keys_expanded(&self, context: &Context, case: Option<&str>, source: &Source, remarks: &mut Remarks) -> Self {
        let stage = Stage { context, case, source };
        let key = |entry: &Entry| {
            let bounds = &*entry.key.name == "expect" && matches!(entry.value.what, What::Map(_));
            let nones = if bounds { Nones::Kept } else { Nones::Refused };
            Entry { key: entry.key.clone(), value: stage.expanded(&entry.value, nones, remarks) }
        };
        match &self.what {
            What::Map(entries) => Self { at: self.at, what: What::Map(entries.iter().map(key).collect()) },
            What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) | What::Broken => {
                self.expanded(context, case, source, remarks)
            }
        }
    }
}

impl Stage<'_> {
    fn expanded(&self, node: &Node, nones: Nones, remarks: &mut Remarks) -> Node {
        let what = match &node.what {
            What::Template(template) => self.value(template, node.at, nones).unwrap_or_else(|remark| {
                if let Some(remark) = remark {
                    remarks.add((*remark).case(self.case));
                }
                What::Broken
            }),
            What::List(items) => What::List(items.iter().map(|item| self.expanded(item, nones, remarks)).collect()),
            What::Map(entries) => What::Map(each(entries, |value| self.expanded(value, nones, remarks))),
            What::Nothing | What::Scalar(_) | What::Unset(_) | What::Broken => node.what.clone(),
        };
        Node { at: node.at, what }
    }

    /// # Errors
    /// What is wrong; nothing where it only follows from a mistake that has its remark.
    fn value(&self, template: &Template, at: Place, nones: Nones) -> Result<What, Option<Box<Remark>>> {
        let result = match nones {
            Nones::Refused => template.expand(self.context).map(What::Scalar),
            Nones::Kept => match template.value(self.context) {
                Ok(Value::None) => Ok(What::Unset(template.uses.clone())),
                Ok(_) | Err(_) => template.expand(self.context).map(What::Scalar),
            },
        };
        result.map_err(|trouble| match trouble {
            NoResult::Follows => None,
            NoResult::Wrong { message, at: part } => {
                let place = place_within(self.source, at, &template.text, part);
                Some(Box::new(Remark::error(codes::NO_RESULT, place, message).label("expected a single value")))
            }
        })
    }
}

fn each(entries: &[Entry], mut change: impl FnMut(&Node) -> Node) -> Vec<Entry> {
    entries.iter().map(|entry| Entry { key: entry.key.clone(), value: change(&entry.value) }).collect()
}
