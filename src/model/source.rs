//! Where in a user's file something was written. It must not know how the file was read.

use std::fmt;
use std::sync::Arc;

/// A place in a file that carries its own source line, so that whoever draws it needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Characters to underline; at least 1, never past the end of the line.
    pub length: u32,
    /// The whole source line, without its line break.
    pub text: Arc<str>,
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
