//! What an HTTP response said. It holds no opinion.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::certificate::TlsSight;

/// What a response said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpSight {
    /// Of its head: 100 to 999.
    pub status: u16,
    /// Whether the body has in it what it was searched for; nothing where it was not searched.
    pub found: Option<bool>,
    /// What the body says, where somebody may want to read it: one line, at most [`HttpSight::NOTE_LIMIT`] characters, often none.
    pub note: String,
    /// Of the connection it came over; none in the clear.
    pub tls: Option<TlsSight>,
}

impl HttpSight {
    /// The most characters of a note.
    pub const NOTE_LIMIT: usize = 300;

    /// Whether the status says that it went well.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

impl fmt::Display for HttpSight {
    /// `status 500 ([-]etcd failed: reason withheld)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if self.found == Some(false) {
            f.write_str(", another body")?;
        }
        if !self.note.is_empty() {
            write!(f, " ({})", self.note)?;
        }
        self.tls.as_ref().map_or(Ok(()), |tls| write!(f, ", {tls}"))
    }
}
