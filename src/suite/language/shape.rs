//! The building blocks of the description: what may stand at a place.

use super::leaf::Leaf;
use super::units::NamePattern;
use crate::suite::remarks::nearest;
use crate::suite::tree::{Node, What};

/// A language that files can be written in.
#[derive(Debug)]
pub(crate) struct Language {
    /// What a file is: `suite`.
    pub(crate) file: &'static str,
    /// What a file says, for readers of the schema.
    pub(crate) help: &'static str,
    /// Its keys, from the outside in.
    pub(crate) keys: &'static [Key],
    /// Whether values may be expressions.
    pub(crate) expressions: Expressions,
}

/// Whether `${{ }}` means something in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expressions {
    /// Where the description says so ([`Shape::Scalar`]).
    Allowed,
    /// Nowhere: it is text like any other.
    Unknown,
}

/// What may stand at a place.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A single value, which may be an expression.
    Scalar(Leaf),
    /// A single value that is known without expressions: ids, labels, defaults of variables.
    Constant(Leaf),
    /// An expression as it is, without `${{ }}`, which is true or false.
    Condition,
    /// A list of at least one: what an item is, with its article, and what may stand there.
    List(&'static str, &'static Shape),
    /// A map with these keys.
    Keys(&'static [Key]),
    /// A list or a map of the author's own, of plain values, within bounds.
    Data(Kind),
    /// A map with these keys if it has one of them, or one that resembles one; else a map of the author's own.
    KeysOrData(&'static [Key]),
    /// A map from names of the author's choice.
    Named {
        /// The fewest names; what is wrong with fewer, whoever reads the map says.
        least: u32,
        /// What a name names, with its article.
        what: &'static str,
        /// How one may be called.
        names: &'static NamePattern,
        /// What stands behind each.
        of: &'static Shape,
        /// Names with a meaning of their own.
        keys: &'static [Key],
    },
    /// One of several, at most one of each kind.
    Either(&'static [Shape]),
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A single value.
    Scalar,
    /// A list.
    List,
    /// A map.
    Map,
}

/// A key of the language.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for, in a line.
    pub(crate) help: &'static str,
    /// Whether it has to be there.
    pub(crate) need: Need,
    /// What may stand behind it, if it is supported.
    pub(crate) standing: Standing,
}

/// Whether a key has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It has.
    Required,
    /// It has not.
    Optional,
    /// Exactly one of those in its map that have this word, which is what they are: `effect`.
    OneOf(&'static str),
    /// One of those too; but where one of these others is there, it says more of that one, and may be left out.
    OneOfOrWith(&'static str, &'static [&'static str]),
}

impl Need {
    /// Of keys that exclude each other, what they are.
    pub(crate) const fn choice(self) -> Option<&'static str> {
        match self {
            Self::OneOf(what) | Self::OneOfOrWith(what, _) => Some(what),
            Self::Required | Self::Optional => None,
        }
    }

    /// The others beside which it is none of those.
    pub(crate) const fn beside(self) -> &'static [&'static str] {
        match self {
            Self::OneOfOrWith(_, others) => others,
            Self::OneOf(_) | Self::Required | Self::Optional => &[],
        }
    }
}

/// Whether this version carries a key out.
#[derive(Debug)]
pub(crate) enum Standing {
    /// It does.
    Now(Shape),
    /// It does not, and says so.
    Later,
    /// There is no such key, but people look for it: what to write.
    Instead(&'static str),
}

impl Key {
    pub(super) const fn optional(name: &'static str, help: &'static str, shape: Shape) -> Self {
        Self { name, help, need: Need::Optional, standing: Standing::Now(shape) }
    }

    pub(super) const fn required(name: &'static str, help: &'static str, shape: Shape) -> Self {
        Self { name, help, need: Need::Required, standing: Standing::Now(shape) }
    }

    pub(super) const fn one_of(what: &'static str, name: &'static str, help: &'static str, shape: Shape) -> Self {
        Self { name, help, need: Need::OneOf(what), standing: Standing::Now(shape) }
    }

    pub(super) const fn one_of_or_with(
        (what, others): (&'static str, &'static [&'static str]),
        name: &'static str,
        help: &'static str,
        shape: Shape,
    ) -> Self {
        Self { name, help, need: Need::OneOfOrWith(what, others), standing: Standing::Now(shape) }
    }

    pub(super) const fn instead(name: &'static str, write: &'static str) -> Self {
        Self { name, help: "", need: Need::Optional, standing: Standing::Instead(write) }
    }

    pub(super) const fn later(name: &'static str) -> Self {
        Self::later_since(name, "this version refuses what it would not carry out; leave the key out")
    }

    pub(super) const fn later_since(name: &'static str, why: &'static str) -> Self {
        Self { name, help: why, need: Need::Optional, standing: Standing::Later }
    }
}

impl Language {
    /// What may stand behind a key of the file itself.
    pub(crate) fn behind(&self, name: &str) -> Option<&'static Shape> {
        of_key(self.keys, name)
    }
}

fn of_key(keys: &'static [Key], name: &str) -> Option<&'static Shape> {
    keys.iter().find(|key| key.name == name).and_then(|key| match &key.standing {
        Standing::Now(shape) => Some(shape),
        Standing::Later | Standing::Instead(_) => None,
    })
}

impl Shape {
    /// What may stand behind a key of that name, where this is written as a map.
    pub(crate) fn behind(&'static self, name: &str) -> Option<&'static Self> {
        self.alternatives().iter().find_map(|shape| match shape {
            Self::Keys(keys) | Self::KeysOrData(keys) => of_key(keys, name),
            Self::Named { of, keys, .. } => of_key(keys, name).or(Some(of)),
            Self::Scalar(_) | Self::Constant(_) | Self::Condition | Self::List(..) | Self::Data(_) | Self::Either(_) => None,
        })
    }

    /// What an item may be, where this is written as a list.
    pub(crate) fn item(&'static self) -> Option<&'static Self> {
        self.alternatives().iter().find_map(|shape| if let Self::List(_, item) = shape { Some(*item) } else { None })
    }

    /// The alternatives; of most shapes just the shape itself.
    pub(crate) const fn alternatives(&self) -> &[Self] {
        match self {
            Self::Either(shapes) => shapes,
            other => std::slice::from_ref(other),
        }
    }

    /// How it is written; none of [`Shape::Either`].
    pub(crate) const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Scalar(_) | Self::Constant(_) | Self::Condition => Some(Kind::Scalar),
            Self::List(..) => Some(Kind::List),
            Self::Keys(_) | Self::KeysOrData(_) | Self::Named { .. } => Some(Kind::Map),
            Self::Data(kind) => Some(*kind),
            Self::Either(_) => None,
        }
    }

    /// In words, for "expected …".
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Scalar(leaf) | Self::Constant(leaf) => leaf.expected(),
            Self::Condition => "an expression that is true or false, such as vars.NAME".to_owned(),
            Self::List(..) => "a list".to_owned(),
            Self::Keys(_) | Self::KeysOrData(_) | Self::Data(Kind::Map) => "a map".to_owned(),
            Self::Data(Kind::List | Kind::Scalar) => "a list of plain values".to_owned(),
            Self::Named { what, .. } => format!("a map whose keys name {what} each"),
            Self::Either(shapes) => {
                let words: Vec<_> = shapes.iter().map(Self::expected).filter(|words| !words.is_empty()).collect();
                words.join(", or ")
            }
        }
    }
}

/// Whether a map is one with these keys, though perhaps with mistakes in them, and not data of the author's own.
pub(crate) fn describes(node: &Node, keys: &[Key]) -> bool {
    let known = || keys.iter().map(|key| key.name);
    node.entries().iter().any(|entry| known().any(|name| *name == *entry.key.name) || nearest(&entry.key.name, known()).is_some())
}

/// How a value is written; none if there is none.
pub(crate) const fn kind_of(node: &Node) -> Option<Kind> {
    match node.what {
        What::Scalar(_) | What::Template(_) | What::Unset(_) => Some(Kind::Scalar),
        What::List(_) => Some(Kind::List),
        What::Map(_) => Some(Kind::Map),
        What::Nothing | What::Broken => None,
    }
}

/// The keys under which the language has a key of that name: `probe` for `count`.
pub(crate) fn owners(name: &str, keys: &'static [Key]) -> Vec<&'static str> {
    let mut found = Vec::new();
    for key in keys {
        if let Standing::Now(shape) = &key.standing {
            collect_owners(name, key.name, shape, &mut found);
        }
    }
    found
}

fn collect_owners(name: &str, owner: &'static str, shape: &'static Shape, found: &mut Vec<&'static str>) {
    match shape {
        Shape::Keys(keys) | Shape::KeysOrData(keys) => {
            if keys.iter().any(|key| key.name == name) && !found.contains(&owner) {
                found.push(owner);
            }
            found.extend(owners(name, keys).into_iter().filter(|owner| !found.contains(owner)).collect::<Vec<_>>());
        }
        Shape::List(_, shape) => collect_owners(name, owner, shape, found),
        Shape::Named { of, keys, .. } => {
            if keys.iter().any(|key| key.name == name) && !found.contains(&owner) {
                found.push(owner);
            }
            collect_owners(name, owner, of, found);
        }
        Shape::Either(shapes) => shapes.iter().for_each(|shape| collect_owners(name, owner, shape, found)),
        Shape::Scalar(_) | Shape::Constant(_) | Shape::Condition | Shape::Data(_) => {}
    }
}
