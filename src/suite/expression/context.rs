//! What expressions see: groups of variables such as `vars` and `matrix`, with their values in a case, and the items of `forEach`.
//! It must not know where the values came from.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use minijinja::Value as Engine;
use minijinja::value::ValueKind;

use super::comparison::{Known, Sort};
use super::native;
use crate::suite::tree::{Scalar, Value};

/// A named group of variables with their values. Cloning it copies no value.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    members: Engine,
    /// Those whose values are mistakes.
    broken: Arc<HashSet<String>>,
    /// Whether there may be more of them than are known.
    open: bool,
    facts: Arc<Facts>,
}

/// What is known of variables beside their values.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The texts that some of them may be, and no others.
    pub(crate) choices: BTreeMap<String, Vec<String>>,
    /// Those that are durations or percentages.
    pub(crate) quantities: HashSet<String>,
}

/// The values of all variables in a case.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    root: Engine,
    /// Of each group the variables whose values are mistakes.
    broken: Vec<(&'static str, Arc<HashSet<String>>)>,
    /// The groups that may have more variables than are known.
    open: Vec<&'static str>,
    /// Of each group what is known of its variables.
    facts: Vec<(&'static str, Arc<Facts>)>,
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
        Self { members: Engine::from(values), broken: Arc::new(broken), open: false, facts: Arc::default() }
    }

    /// The same, of which this is known too.
    pub(crate) fn with(self, facts: Facts) -> Self {
        Self { facts: Arc::new(facts), ..self }
    }

    /// The same, of which there may be more than are known: the value of any other is not known.
    pub(crate) fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// Of variables with single values.
    pub(crate) fn single<'a>(members: impl IntoIterator<Item = (&'a str, &'a Scalar)>) -> Self {
        let values = members.into_iter().map(|(name, scalar)| (name.to_owned(), native::single(scalar)));
        Self { members: Engine::from(values.collect::<BTreeMap<_, _>>()), broken: Arc::default(), open: false, facts: Arc::default() }
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
        let (mut broken, mut open, mut facts) = (Vec::new(), Vec::new(), Vec::new());
        for (name, group) in groups {
            open.extend(group.open.then_some(name));
            broken.push((name, group.broken));
            facts.push((name, group.facts));
            root.insert(name.to_owned(), group.members);
        }
        Self { root: Engine::from(root), broken, open, facts, unknown }
    }

    /// The bytes of the values of these variables, as text.
    pub(super) fn weight(&self, names: &[String]) -> usize {
        names.iter().filter_map(|name| self.value(name)).map(|value| value.to_string().len()).sum()
    }

    fn value(&self, name: &str) -> Option<Engine> {
        name.split('.').try_fold(self.root.clone(), |inner, field| inner.get_attr(field).ok())
    }

    /// The engine's own view of it.
    pub(super) fn root(&self) -> Engine {
        self.root.clone()
    }

    /// Whether one of these variables, or what one is a field of, has a mistake for a value, or is not known yet.
    pub(crate) fn is_broken(&self, uses: &[String]) -> bool {
        uses.iter().any(|name| {
            let mut parts = name.split('.');
            let (group, variable) = (parts.next(), parts.next().unwrap_or_default());
            let is_unknown = |group: &str| self.value(&format!("{group}.{variable}")).is_none_or(|value| value.is_undefined());
            self.unknown.iter().any(|item| Some(item.as_str()) == group)
                || self.open.iter().any(|open| Some(*open) == group && is_unknown(open))
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
        ends.filter_map(|end| name.get(..end)).find(|part| self.value(part).is_some_and(|value| value.is_none()))
    }
}

impl Known for Context {
    fn sort(&self, name: &str) -> Option<Sort> {
        if self.facts(name, |facts, variable| facts.quantities.contains(variable).then_some(())).is_some() {
            return Some(Sort::Quantity);
        }
        match self.value(name)?.kind() {
            ValueKind::Number => Some(Sort::Number),
            ValueKind::String => Some(Sort::Text),
            ValueKind::Bool => Some(Sort::Truth),
            _ => None,
        }
    }

    fn is_unset(&self, name: &str) -> bool {
        name.starts_with("vars.") && self.value(name).is_some_and(|value| value.is_none())
    }

    fn choices(&self, name: &str) -> Option<&[String]> {
        self.facts(name, |facts, variable| facts.choices.get(variable)).map(Vec::as_slice)
    }
}

impl Context {
    /// Something of what is known of a variable.
    fn facts<'a, T>(&'a self, name: &str, of: impl Fn(&'a Facts, &str) -> Option<T>) -> Option<T> {
        let (group, variable) = name.split_once('.')?;
        let (_, facts) = self.facts.iter().find(|(name, _)| *name == group)?;
        of(facts, variable)
    }
}
