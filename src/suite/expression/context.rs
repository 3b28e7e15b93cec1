//! What expressions see: groups of variables such as `vars` and `matrix`, with their values in a case, and the items of `forEach`.
//! It must not know where the values came from.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use minijinja::Value as Engine;
use minijinja::value::ValueKind;

use super::comparison::Sort;
use super::native;
use crate::suite::tree::{Scalar, Value};

/// A named group of variables with their values. Cloning it copies no value.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    members: Engine,
    /// Those whose values are mistakes.
    broken: Arc<HashSet<String>>,
    /// What some of them may be.
    choices: Choices,
}

/// The texts that a variable may be, by its name.
type Choices = Arc<BTreeMap<String, Vec<String>>>;

/// The values of all variables in a case.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    root: Engine,
    /// Of each group the variables whose values are mistakes.
    broken: Vec<(&'static str, Arc<HashSet<String>>)>,
    /// Of each group what its variables may be.
    choices: Vec<(&'static str, Choices)>,
    /// Items that are not known yet.
    unknown: Vec<String>,
}

impl Group {
    /// Of variables with values of any kind; those without one are mistakes that have their remarks already, or are not known yet.
    pub(crate) fn of<'a>(members: impl IntoIterator<Item = (&'a str, Option<&'a Value>)>) -> Self {
        let mut values: BTreeMap<String, Engine> = BTreeMap::new();
        let mut broken = HashSet::new();
        for (name, value) in members {
            match value {
                Some(value) => drop(values.insert(name.to_owned(), native::engine(value))),
                None => drop(broken.insert(name.to_owned())),
            }
        }
        Self { members: Engine::from(values), broken: Arc::new(broken), choices: Arc::default() }
    }

    /// The same, of which some can only be one of some texts.
    pub(crate) fn of_choices(self, choices: BTreeMap<String, Vec<String>>) -> Self {
        Self { choices: Arc::new(choices), ..self }
    }

    /// Of variables with single values.
    pub(crate) fn single<'a>(members: impl IntoIterator<Item = (&'a str, &'a Scalar)>) -> Self {
        let values = members.into_iter().map(|(name, scalar)| (name.to_owned(), native::single(scalar)));
        Self { members: Engine::from(values.collect::<BTreeMap<_, _>>()), broken: Arc::default(), choices: Arc::default() }
    }
}

impl Context {
    /// Of named groups, and of values that stand by their own names; none of those that are not known yet.
    pub(crate) fn new<'a>(
        groups: impl IntoIterator<Item = (&'static str, Group)>,
        items: impl IntoIterator<Item = (&'a str, Option<&'a Value>)>,
    ) -> Self {
        let (mut root, mut unknown): (BTreeMap<String, Engine>, _) = (BTreeMap::new(), Vec::new());
        for (name, value) in items {
            match value {
                Some(value) => drop(root.insert(name.to_owned(), native::engine(value))),
                None => unknown.push(name.to_owned()),
            }
        }
        let (mut broken, mut choices) = (Vec::new(), Vec::new());
        for (name, group) in groups {
            broken.push((name, group.broken));
            choices.push((name, group.choices));
            root.insert(name.to_owned(), group.members);
        }
        Self { root: Engine::from(root), broken, choices, unknown }
    }

    /// Of what kind the value of a variable is, if it is of one that can be compared with its like alone.
    pub(super) fn sort(&self, name: &str) -> Option<Sort> {
        let value = name.split('.').try_fold(self.root.clone(), |inner, field| inner.get_attr(field).ok())?;
        match value.kind() {
            ValueKind::Number => Some(Sort::Number),
            ValueKind::String => Some(Sort::Text),
            ValueKind::Bool => Some(Sort::Truth),
            _ => None,
        }
    }

    /// The texts that a variable may be, if there are only some.
    pub(super) fn choices(&self, name: &str) -> Option<&[String]> {
        let (group, variable) = name.split_once('.')?;
        let (_, choices) = self.choices.iter().find(|(name, _)| *name == group)?;
        choices.get(variable).map(Vec::as_slice)
    }

    /// The engine's own view of it.
    pub(super) fn root(&self) -> Engine {
        self.root.clone()
    }

    /// Whether one of these variables, or what one is a field of, has a mistake for a value, or is not known yet.
    pub(super) fn is_broken(&self, uses: &[String]) -> bool {
        uses.iter().any(|name| {
            let mut parts = name.split('.');
            let (group, variable) = (parts.next(), parts.next().unwrap_or_default());
            self.unknown.iter().any(|item| Some(item.as_str()) == group)
                || self.broken.iter().any(|(name, broken)| Some(*name) == group && broken.contains(variable))
        })
    }

    /// Whether one of these is a field of a variable that has no value.
    pub(super) fn has_field_of_none(&self, uses: &[String]) -> bool {
        self.without_value(uses).iter().any(|unset| !uses.iter().any(|name| name == unset))
    }

    /// Those of these variables that have no value; of a field, what it is a field of.
    pub(super) fn without_value<'a>(&self, uses: &'a [String]) -> Vec<&'a str> {
        uses.iter().filter_map(|name| self.first_none(name)).collect()
    }

    /// The first part of a name that has no value.
    fn first_none<'a>(&self, name: &'a str) -> Option<&'a str> {
        let ends = name.match_indices('.').map(|(at, _)| at).chain(std::iter::once(name.len()));
        let value = |part: &str| part.split('.').try_fold(self.root.clone(), |inner, field| inner.get_attr(field).ok());
        ends.filter_map(|end| name.get(..end)).find(|part| value(part).is_some_and(|value| value.is_none()))
    }
}
