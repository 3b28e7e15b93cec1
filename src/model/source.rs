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
    /// The whole source line, without its line break; of a very long one a window, see [`Span::caret`].
    pub text: Arc<str>,
}

impl Span {
    /// Where in the window of a very long line its place begins, from 1; the window's first character is an ellipsis.
    pub const WINDOW_CARET: u32 = 62;

    /// Where in [`Span::text`] the underlining begins, from 1: at the column, unless the line is so long that `text` is only
    /// a window of it. A whole line reaches to its column; a window is always shorter than that.
    #[must_use]
    pub fn caret(&self) -> u32 {
        let characters = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        if self.column > characters.saturating_add(1) { Self::WINDOW_CARET.min(characters.max(1)) } else { self.column }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
