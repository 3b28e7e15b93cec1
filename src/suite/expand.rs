//! From texts with expressions to values: compiles what is in a tree, and later gives each its value.

use std::sync::Arc;

use super::codes;
use super::expression::{Context, Scope, Template, compile, has_expression};
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source};
use super::tree::{Entry, Node, What, place_within};

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
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Broken => node.what.clone(),
    };
    Node { at: node.at, what }
}

impl Node {
    /// The tree with the values of its expressions, in that context, which is that of the case named.
    pub(crate) fn expanded(&self, context: &Context, case: Option<&str>, source: &Source, remarks: &mut Remarks) -> Self {
        let what = match &self.what {
            What::Template(template) => value(template, self.at, context, source).unwrap_or_else(|remark| {
                remarks.add((*remark).case(case));
                What::Broken
            }),
            What::List(items) => What::List(items.iter().map(|item| item.expanded(context, case, source, remarks)).collect()),
            What::Map(entries) => What::Map(each(entries, |value| value.expanded(context, case, source, remarks))),
            What::Nothing | What::Scalar(_) | What::Broken => self.what.clone(),
        };
        Self { at: self.at, what }
    }
}

fn each(entries: &[Entry], mut change: impl FnMut(&Node) -> Node) -> Vec<Entry> {
    entries.iter().map(|entry| Entry { key: entry.key.clone(), value: change(&entry.value) }).collect()
}

fn value(template: &Template, at: Place, context: &Context, source: &Source) -> Result<What, Box<Remark>> {
    template.expand(context).map(What::Scalar).map_err(|trouble| {
        let place = place_within(source, at, &template.text, trouble.at);
        Box::new(Remark::error(codes::NO_RESULT, place, trouble.message).label("expected a single value"))
    })
}
