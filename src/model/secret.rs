//! Texts with secrets in them. A text holds the names of secrets alone, so that plans, hashes and reports cannot tell one; their values
//! are in one place, which does not print them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::source::Span;

/// A text that may have secrets in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Part>);

/// A part of such a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// As it is written.
    Plain(String),
    /// The value of the secret of that name.
    Secret(String),
}

impl Text {
    /// The names of the secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Plain(_) => None,
            Part::Secret(name) => Some(name.as_str()),
        })
    }

    /// With the values in their places.
    ///
    /// # Errors
    /// The name of a secret whose value is not there.
    pub fn filled(&self, secrets: &Secrets) -> Result<String, String> {
        let part = |part: &Part| match part {
            Part::Plain(text) => Ok(text.clone()),
            Part::Secret(name) => secrets.0.get(name).cloned().ok_or_else(|| name.clone()),
        };
        self.0.iter().map(part).collect()
    }
}

impl fmt::Display for Text {
    /// As the suite has it: `Bearer ${{ secrets.x }}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Plain(text) => f.write_str(text),
            Part::Secret(name) => write!(f, "${{{{ secrets.{name} }}}}"),
        })
    }
}

/// A secret as a suite declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// What expressions call it, without `secrets.`.
    pub name: String,
    /// Where its value is.
    pub origin: Origin,
    /// Where that was written.
    pub span: Span,
}

/// Where the value of a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In this variable of the environment of whoever runs the suite.
    Environment(String),
    /// In this file, without the line break at its end.
    File(String),
    /// In a Secret of the cluster.
    Cluster(SecretKey),
}

/// A key of a Secret of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretKey {
    /// The Secret's namespace.
    pub namespace: Arc<str>,
    /// Its name there.
    pub name: Arc<str>,
    /// Under which its value is.
    pub key: Arc<str>,
}

impl SecretKey {
    /// Of a text such as `shop/token/value`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        Some(Self { namespace: parts.next()?.into(), name: parts.next()?.into(), key: parts.next()?.into() })
    }

    /// The Secret as people write it: `shop/token`.
    #[must_use]
    pub fn secret(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The values of secrets by their names. Only requests may hold them, and the line of the wire that brings them to an agent.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(BTreeMap<String, String>);

/// What stands for a value wherever it would be shown.
const HIDDEN: &str = "***";

impl Secrets {
    /// Takes a value.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of these names alone.
    #[must_use]
    pub fn only<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().filter_map(|name| Some((name.to_owned(), self.0.get(name)?.clone()))).collect())
    }

    /// The text without any of the values: what an answer echoes is shown to people.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        let mut values: Vec<&str> = self.0.values().map(String::as_str).filter(|value| !value.is_empty()).collect();
        // The longest first: one may be a part of another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.into_iter().fold(text.to_owned(), |text, value| text.replace(value, HIDDEN))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in [("a", "hunter"), ("b", "hunter2"), ("c", "")] {
            secrets.insert(name, value);
        }
        secrets
    }

    #[test]
    fn values_stand_in_their_places_and_nowhere_else() {
        let text = Text(vec![Part::Plain("Bearer ".to_owned()), Part::Secret("b".to_owned())]);
        assert_eq!(text.filled(&secrets()).as_deref(), Ok("Bearer hunter2"));
        assert_eq!(text.to_string(), "Bearer ${{ secrets.b }}");
        assert_eq!(text.filled(&Secrets::default()), Err("b".to_owned()));
        assert!(!format!("{:?} {text:?}", secrets()).contains("hunter"));
    }

    #[test]
    fn no_value_is_left_in_a_text() {
        for (text, expected) in [("", ""), ("x hunter2 y hunter", "x *** y ***"), ("hunter22", "***2"), ("hunt", "hunt")] {
            assert_eq!(secrets().redacted(text), expected);
        }
    }
}
