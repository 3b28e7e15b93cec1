//! What an answer says of itself beside that it came. Every probe whose answers say something has its variants here.
//! It must not know what is expected of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that answers said, with how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What.
    pub what: Sight,
    /// More than 0.
    pub count: u32,
}

/// What an answer said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "as")]
pub enum Sight {
    /// Which of several answered, where any of them may.
    Backend {
        /// Its name.
        name: String,
    },
}

impl Sight {
    /// The most bytes of any text in it.
    pub const TEXT_LIMIT: usize = 1_024;

    /// Whether its texts are within their limit.
    #[must_use]
    pub const fn is_bounded(&self) -> bool {
        match self {
            Self::Backend { name } => name.len() <= Self::TEXT_LIMIT,
        }
    }
}

impl fmt::Display for Sight {
    /// For a report, after a count: `by node1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend { name } => write!(f, "by {name}"),
        }
    }
}
