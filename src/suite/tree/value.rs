//! Values without places: what variables hold, and what expressions give. It must not know where they came from.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use super::node::{Literal, Node, Scalar, What};

/// A value of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// No value: that of an optional variable that nobody gave one.
    None,
    /// A single value.
    Scalar(Scalar),
    /// Several values.
    List(Vec<Self>),
    /// Named values, in the order in which they were written.
    Map(Vec<(Arc<str>, Self)>),
}

impl Value {
    /// What a tree holds; none if something in it is no value: nothing, a mistake, an expression that was not evaluated.
    pub(crate) fn of(node: &Node) -> Option<Self> {
        match &node.what {
            What::Scalar(scalar) => Some(Self::Scalar(scalar.clone())),
            What::List(items) => items.iter().map(Self::of).collect::<Option<_>>().map(Self::List),
            What::Map(entries) => {
                let named = entries.iter().map(|entry| Some((Arc::clone(&entry.key.name), Self::of(&entry.value)?)));
                named.collect::<Option<_>>().map(Self::Map)
            }
            What::Nothing | What::Template(_) | What::Unset(_) | What::Broken => None,
        }
    }

    /// The single value, if it is one.
    pub(crate) const fn scalar(&self) -> Option<&Scalar> {
        if let Self::Scalar(scalar) = self { Some(scalar) } else { None }
    }

    /// A field of a map.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(other, _)| **other == *name).map(|(_, value)| value)
    }

    /// In words, for "found …".
    pub(crate) fn found(&self) -> String {
        match self {
            Self::None => "found none".to_owned(),
            Self::Scalar(scalar) => scalar.found(),
            Self::List(_) => "found a list".to_owned(),
            Self::Map(_) => "found a map".to_owned(),
        }
    }

    /// As a part of a list or of a map.
    fn inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) if scalar.literal == Literal::Text => quoted(&scalar.text, f),
            other => fmt::Display::fmt(other, f),
        }
    }
}

impl fmt::Display for Value {
    /// As `--set` takes it: a single value as it is, lists and maps in one line, in the way of JSON; nothing for none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Scalar(scalar) => f.write_str(&scalar.text),
            Self::List(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    item.inner(f)?;
                }
                f.write_char(']')
            }
            Self::Map(entries) => {
                f.write_char('{')?;
                for (index, (name, value)) in entries.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    quoted(name, f)?;
                    f.write_str(": ")?;
                    value.inner(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&serde_json::Value::from(text).to_string())
}
