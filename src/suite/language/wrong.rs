//! Why a value does not fit. It must not know what would.

use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::tree::{Node, Scalar};

/// Why a value does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Of the remark.
    pub(crate) code: &'static str,
    /// The whole message, where it is not just a wrong value.
    pub(crate) message: Option<String>,
    /// Without "expected".
    pub(crate) expected: String,
    /// What to try.
    pub(crate) help: Option<String>,
}

impl Wrong {
    /// A value of the wrong kind or out of range.
    pub(super) fn value(expected: impl Into<String>) -> Self {
        Self { code: codes::WRONG_VALUE, message: None, expected: expected.into(), help: None }
    }

    pub(crate) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// For the value of a key.
    pub(crate) fn remark(self, name: &str, node: &Node, scalar: &Scalar) -> Remark {
        let message = self.message.unwrap_or_else(|| format!("wrong value for {}", quoted(name)));
        Remark::error(self.code, node.at, message).label(format!("expected {}, {}", self.expected, scalar.found())).help(self.help)
    }
}

/// A key as it is written; `a test` is a word of ours.
pub(crate) fn quoted(name: &str) -> String {
    if name.starts_with("a ") || name.starts_with("an ") { name.to_owned() } else { format!("`{name}`") }
}
