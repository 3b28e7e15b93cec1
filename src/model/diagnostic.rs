//! What is wrong with a suite, for its author. It must not know how it is drawn.

use super::source::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The suite runs, but perhaps not as its author thinks.
    Warning,
    /// The suite cannot run.
    Error,
}

/// One remark about a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable, of the form `NC1007`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line, without a full stop: what is wrong.
    pub message: String,
    /// Where; none only when the file has no place to show (it is empty, or could not be read as text).
    pub span: Option<Span>,
    /// Under the caret: expected against found. May be empty.
    pub label: String,
    /// Other places that belong to it, each with its own words.
    pub related: Vec<(Span, String)>,
    /// What to try.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span: Some(span),
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// With the words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With one more thing to try.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// With one more place that belongs to it.
    #[must_use]
    pub fn related(mut self, span: Span, words: impl Into<String>) -> Self {
        self.related.push((span, words.into()));
        self
    }
}
