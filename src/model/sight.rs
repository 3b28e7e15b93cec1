//! What an answer says of itself beside that it came. Every probe whose answers say something has its variants here.
//! It must not know what is expected of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::certificate::TlsSight;
use super::dns::Rcode;
use super::path_mtu::PathMtu;
use super::response::HttpSight;

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
    /// What a response said.
    Http(HttpSight),
    /// What a TLS handshake showed.
    Tls(TlsSight),
    /// The question had left from the port that is used again and again, while others left from ports of their own.
    ReusedPort,
    /// What a server of DNS said of a question.
    Rcode {
        /// The code.
        code: Rcode,
    },
    /// The records that were asked for.
    Answers {
        /// How many there were.
        count: u32,
        /// Those that are known, with ", " between them, cut to [`Sight::TEXT_LIMIT`]; empty where none is, or where they are not told.
        records: String,
    },
    /// Queries that a lookup took.
    Queries {
        /// How many.
        count: u32,
    },
    /// Answers that did not fit, and were asked for again by TCP.
    Truncated,
    /// The length of an answer.
    Size {
        /// In bytes.
        bytes: u32,
    },
    /// The largest packet that the path takes in one direction.
    PathMtu(PathMtu),
    /// A name that the search path makes and that nobody can ask for, since it is no name of DNS.
    NoName {
        /// The name, cut to [`Sight::TEXT_LIMIT`].
        name: String,
    },
}

impl Sight {
    /// The most bytes of any text in it.
    pub const TEXT_LIMIT: usize = 1_024;

    /// Without what is only for people to read, in which every answer may differ.
    #[must_use]
    pub fn without_note(self) -> Self {
        match self {
            Self::Http(http) => Self::Http(HttpSight { note: String::new(), ..http }),
            other @ (Self::Backend { .. }
            | Self::Tls(_)
            | Self::ReusedPort
            | Self::Rcode { .. }
            | Self::Answers { .. }
            | Self::Queries { .. }
            | Self::Truncated
            | Self::Size { .. }
            | Self::PathMtu(_)
            | Self::NoName { .. }) => other,
        }
    }

    /// Whether its texts are within their limit.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        match self {
            Self::Backend { name: text } | Self::Answers { records: text, .. } | Self::NoName { name: text } => {
                text.len() <= Self::TEXT_LIMIT
            }
            Self::Http(http) => {
                let tls = http.tls.as_ref().is_none_or(TlsSight::is_bounded);
                http.note.chars().count() <= HttpSight::NOTE_LIMIT && tls
            }
            Self::Tls(tls) => tls.is_bounded(),
            Self::ReusedPort | Self::Rcode { .. } | Self::Queries { .. } | Self::Truncated | Self::Size { .. } | Self::PathMtu(_) => true,
        }
    }

    /// Whether it says that something was not answered, which a machine without CPU would show as well.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        match self.path() {
            Some(found) => found.is_black_hole(),
            None => false,
        }
    }

    /// What does not add up in it, if anything.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        self.path().and_then(PathMtu::contradiction)
    }

    /// What was found of a path, if it is that.
    const fn path(&self) -> Option<&PathMtu> {
        match self {
            Self::PathMtu(found) => Some(found),
            Self::Backend { .. }
            | Self::Http(_)
            | Self::Tls(_)
            | Self::ReusedPort
            | Self::Rcode { .. }
            | Self::Answers { .. }
            | Self::Queries { .. }
            | Self::Truncated
            | Self::Size { .. }
            | Self::NoName { .. } => None,
        }
    }
}

impl fmt::Display for Sight {
    /// For a report, after a count: `by node1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend { name } => write!(f, "by {name}"),
            Self::Http(http) => http.fmt(f),
            Self::Tls(tls) => tls.fmt(f),
            Self::ReusedPort => f.write_str("over the reused source port"),
            Self::Rcode { code } => write!(f, "{code}"),
            Self::Answers { count: 0, .. } => f.write_str("without records"),
            Self::Answers { count, records } if records.is_empty() => write!(f, "with {count} records"),
            Self::Answers { records, .. } => write!(f, "with {records}"),
            Self::Queries { count: 1 } => f.write_str("by 1 query"),
            Self::Queries { count } => write!(f, "by {count} queries"),
            Self::Truncated => f.write_str("truncated"),
            Self::Size { bytes } => write!(f, "of {bytes} bytes"),
            Self::PathMtu(found) => found.fmt(f),
            Self::NoName { name } => write!(f, "past {name:?}, which is no name (see the search path)"),
        }
    }
}
