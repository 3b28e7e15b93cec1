//! One source line with the marks on it. It must not know what the marks mean.

use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Origin, Snippet};

use super::clean;
use crate::model::source::Span;

/// The last column that is drawn: a file may be a single line of megabytes. A place behind it is told without its line.
const LAST_COLUMN: usize = 2_000;

/// Characters behind a mark that are kept; the drawing itself trims to what fits.
const BEHIND: usize = 200;

/// A line with its marks.
pub(super) struct Window {
    file: String,
    line: usize,
    /// Of the mark that it was opened for, in the file; from 1, in characters.
    column: u32,
    /// The same in the text, which may be a part of the line.
    caret: usize,
    /// As much of the line as is drawn.
    text: String,
    marks: Vec<Annotation<'static>>,
    /// Words of a mark that is too far behind to be drawn.
    far: Option<String>,
}

impl Window {
    /// A window on the line of that place, with the place marked.
    pub(super) fn on(kind: AnnotationKind, span: &Span, words: &str) -> Self {
        let caret = caret(span);
        let mut window = Self {
            file: clean::one_line(&span.file),
            line: span.line as usize,
            column: span.column,
            caret,
            text: span.text.chars().take(caret.min(LAST_COLUMN) + BEHIND).map(clean::visible).collect(),
            marks: Vec::new(),
            far: None,
        };
        if caret <= LAST_COLUMN {
            window.mark(kind, span, words);
        } else {
            window.far = spoken(words);
        }
        window
    }

    /// Marks the place too, if it is on this line and drawn; whether it is.
    pub(super) fn take(&mut self, kind: AnnotationKind, span: &Span, words: &str) -> bool {
        let here = self.line == span.line as usize && self.file == clean::one_line(&span.file);
        let whole = self.caret == self.column as usize && caret(span) == span.column as usize;
        let drawn = caret(span).max(self.caret) <= LAST_COLUMN && self.byte(caret(span) - 1) < self.text.len();
        let taken = here && whole && drawn;
        if taken {
            self.mark(kind, span, words);
        }
        taken
    }

    /// The drawing counts columns in what it shows: how it writes the place, and how it should, where that differs.
    pub(super) fn misplaced(&self) -> Option<(String, String)> {
        let wrong = self.text.get(..self.byte(self.caret - 1)).map_or(self.caret, |before| before.chars().count() + 1);
        let place = |column: &dyn std::fmt::Display| format!("{}:{}:{column}\n", self.file, self.line);
        (wrong != self.column as usize && !self.marks.is_empty()).then(|| (place(&wrong), place(&self.column)))
    }

    fn mark(&mut self, kind: AnnotationKind, span: &Span, words: &str) {
        let first = caret(span) - 1;
        let (start, end) = (self.byte(first), self.byte(first + span.length.max(1) as usize));
        self.marks.push(kind.span(start..end).label(spoken(words)));
    }

    /// Where a character begins, or where the text ends.
    fn byte(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(byte, _)| byte)
    }

    /// For the drawing.
    pub(super) fn elements(self) -> Vec<Element<'static>> {
        if self.marks.is_empty() {
            let origin = Origin::path(self.file).line(self.line).char_column(self.column as usize);
            let note = self.far.map(|words| Level::NOTE.message(words).into());
            return std::iter::once(origin.into()).chain(note).collect();
        }
        vec![Snippet::source(self.text).line_start(self.line).annotations(self.marks).path(self.file).into()]
    }
}

/// From 1.
fn caret(span: &Span) -> usize {
    span.caret().max(1) as usize
}

fn spoken(words: &str) -> Option<String> {
    Some(clean::one_line(words)).filter(|words| !words.is_empty())
}
