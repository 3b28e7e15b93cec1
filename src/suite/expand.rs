//! From texts with expressions to values: compiles what is in a tree, and later gives each its value.

use std::sync::Arc;

use super::codes;
use super::expression::{Context, NoResult, Scope, Template, compile, has_expression};
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
    /// In a list: one of its items is no list itself.
    const fn within_a_list(self) -> Self {
        match self {
            Self::One | Self::OneOrMore => Self::One,
            Self::OneOrNone => Self::OneOrNone,
        }
    }

    /// Behind a key of a map that is itself wanted so.
    fn behind(self, key: &str) -> Self {
        match self {
            Self::One | Self::OneOrMore if key == NAMES => Self::OneOrMore,
            Self::One | Self::OneOrMore => Self::One,
            Self::OneOrNone => Self::OneOrNone,
        }
    }
}

/// The key behind which one name may stand, or a list of them.
const NAMES: &str = "nodes";

/// Where expressions are evaluated.
struct Stage<'a> {
    context: &'a Context,
    case: Option<&'a str>,
    source: &'a Source,
    /// Whether the case is left out anyway.
    skipped: bool,
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
        Stage { context, case, source, skipped: false }.expanded(self, Wanted::One, remarks)
    }

    /// The same for the keys of a test, or of the defaults: bounds may expand to none, and are then not judged.
    pub(crate) fn keys_expanded(&self, context: &Context, case: Option<&str>, source: &Source, remarks: &mut Remarks) -> Self {
        Stage { context, case, source, skipped: false }.keys_expanded(self, remarks)
    }

    /// The same of a case that is skipped: where it has no value to go by, nothing is said, for that may be why it is skipped.
    pub(crate) fn keys_expanded_of_skipped(&self, context: &Context, case: Option<&str>, source: &Source, remarks: &mut Remarks) -> Self {
        Stage { context, case, source, skipped: true }.keys_expanded(self, remarks)
    }
}

impl Stage<'_> {
    fn keys_expanded(&self, node: &Node, remarks: &mut Remarks) -> Node {
        let key = |entry: &Entry| {
            let bounds = &*entry.key.name == "expect" && matches!(entry.value.what, What::Map(_));
            let wanted = if bounds { Wanted::OneOrNone } else { Wanted::One };
            Entry { key: entry.key.clone(), value: self.expanded(&entry.value, wanted, remarks) }
        };
        match &node.what {
            What::Map(entries) => Node { at: node.at, what: What::Map(entries.iter().map(key).collect()) },
            What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) | What::Broken => {
                self.expanded(node, Wanted::One, remarks)
            }
        }
    }
}

impl Stage<'_> {
    fn expanded(&self, node: &Node, wanted: Wanted, remarks: &mut Remarks) -> Node {
        let what = match &node.what {
            What::Template(template) => self.value(template, node.at, wanted).unwrap_or_else(|remark| {
                if let Some(remark) = remark {
                    remarks.add((*remark).case(self.case));
                }
                What::Broken
            }),
            What::List(items) => What::List(items.iter().map(|item| self.expanded(item, wanted.within_a_list(), remarks)).collect()),
            What::Map(entries) => What::Map(each(entries, |key, value| self.expanded(value, wanted.behind(key), remarks))),
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
