//! A suite file on its way to be read, or why it cannot be. It must not know who looked for it.

use std::path::PathBuf;

use crate::model::diagnostic::{Diagnostic, Severity};
use crate::suite;

/// A suite file that was named, directly or by a collection, or found in a directory that was.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) path: PathBuf,
    /// Its content, or why there is none to read a suite from.
    pub(super) content: Result<Vec<u8>, Vec<Diagnostic>>,
    /// How it came to be here.
    pub(super) by: By,
}

/// Who says that a file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Whoever named it: meant as often as it is named.
    Name,
    /// A directory that it is in: meant once.
    Directory,
}

/// About a file as a whole, whose name is told with it.
pub(super) fn wrong(message: String, help: &str) -> Diagnostic {
    Diagnostic {
        code: suite::codes::NOT_TEXT,
        severity: Severity::Error,
        message,
        span: None,
        label: String::new(),
        related: Vec::new(),
        help: vec![help.to_owned()],
    }
}
