//! What an answer says of itself beside that it came. Every probe whose answers say something has its variants here.
//! It must not know what is expected of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::path_mtu::PathMtu;

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
    /// The largest packet that the path takes in one direction.
    PathMtu(PathMtu),
}

impl Sight {
    /// The most bytes of any text in it.
    pub const TEXT_LIMIT: usize = 1_024;

    /// Whether its texts are within their limit.
    #[must_use]
    pub const fn is_bounded(&self) -> bool {
        match self {
            Self::Backend { name } => name.len() <= Self::TEXT_LIMIT,
            Self::PathMtu(_) => true,
        }
    }

    /// Whether it says that something was not answered, which a machine without CPU would show as well.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        match self {
            Self::Backend { .. } => false,
            Self::PathMtu(found) => found.is_black_hole(),
        }
    }

    /// What does not add up in it, if anything.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        match self {
            Self::Backend { .. } => None,
            Self::PathMtu(found) => found.contradiction(),
        }
    }
}

impl fmt::Display for Sight {
    /// For a report, after a count: `by node1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend { name } => write!(f, "by {name}"),
            Self::PathMtu(found) => found.fmt(f),
        }
    }
}
