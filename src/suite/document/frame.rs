//! What all tests of a suite share, and what each of them says by itself alone.

use std::cell::Cell;
use std::sync::Arc;

use super::deadline::Deadline;
use crate::model::fixture::Fixture;
use crate::suite::discover::Discoveries;
use crate::suite::each::{Each, Item};
use crate::suite::expression::{Context, Group as Variables};
use crate::suite::files::Files;
use crate::suite::matrix::Chosen;
use crate::suite::secrets;
use crate::suite::source::Source;
use crate::suite::surroundings::Surroundings;
use crate::suite::tree::{Node, Value};
use crate::suite::vars::{self, Variable};

/// How much there is of a suite's cases.
#[derive(Debug, Default)]
pub(crate) struct SoFar {
    /// How many combinations its matrices and lists have.
    pub(super) combinations: Cell<usize>,
    /// How many values its cases have, all in all.
    pub(super) values: Cell<usize>,
}

/// What all tests of a suite share.
pub(crate) struct Frame<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// The suite's id.
    pub(crate) suite: Arc<str>,
    /// Its variables.
    pub(crate) variables: &'a [Variable],
    /// Their values, for expressions.
    pub(crate) group: Variables,
    /// Their names.
    pub(crate) names: &'a [String],
    /// What it discovers.
    pub(crate) discovered: &'a Discoveries,
    /// What is known of the place and of the run.
    pub(crate) surroundings: &'a Surroundings,
    /// The names of its secrets.
    pub(crate) secrets: &'a [String],
    /// The files that its tests may name.
    pub(crate) files: Files<'a>,
    /// Its defaults, expanded.
    pub(crate) defaults: Option<&'a Node>,
    /// What of `discover` the defaults are made of, as long as nobody knows it.
    pub(crate) waits_for: &'a [String],
    /// What it brings along.
    pub(crate) fixtures: &'a [Fixture],
    /// What all its cases have to be over by.
    pub(crate) deadline: Option<Deadline>,
    /// What there is of the suite so far.
    pub(crate) so_far: SoFar,
}

impl Frame<'_> {
    pub(super) fn context(&self, matrix: &[Chosen<'_>], items: &[(&Each, &Item)]) -> Context {
        let matrix = Variables::single(matrix.iter().map(|(axis, (_, value))| (axis.name.as_str(), value)));
        let items = items.iter().map(|(list, item)| (list.name.as_str(), item.value.as_ref()));
        let groups = [
            ("vars", self.group.clone()),
            ("matrix", matrix),
            ("discover", self.discovered.group()),
            ("secrets", secrets::group(self.secrets)),
        ];
        Context::new(groups.into_iter().chain(self.surroundings.groups()), items)
    }

    /// Those of the names that nobody knows the values of yet, each once.
    pub(super) fn waited_for(&self, uses: &[&String]) -> Vec<String> {
        let discovered = self.discovered.waited_for(uses.iter().copied());
        discovered.into_iter().chain(self.surroundings.waited_for(uses.iter().copied())).collect()
    }

    /// The value that a variable has in every test: of `vars.x`, of `cluster.x`, or of `discover.x` in a few words.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        match name.split_once('.') {
            Some(("vars", name)) => vars::find(self.variables, name).map(in_words),
            Some(("cluster" | "run", _)) => self.surroundings.text(name),
            _ => self.discovered.find(name)?.text().map(str::to_owned),
        }
    }
}

/// An optional variable without a value is none.
fn in_words(variable: &Variable) -> String {
    if variable.value() == Some(&Value::None) { "none".to_owned() } else { variable.text() }
}

/// Those of a test, as it stands.
pub(super) fn tags(test: &Node) -> Vec<String> {
    let items = test.get("tags").map_or(&[][..], Node::items);
    items.iter().filter_map(Node::scalar).map(|scalar| scalar.text.to_string()).collect()
}
