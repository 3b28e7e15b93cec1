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
    /// Of the mark that it was opened for; from 1, in characters.
    column: usize,
    /// As much of the line as is drawn.
    text: String,
    marks: Vec<Annotation<'static>>,
    /// Words of a mark that is too far behind to be drawn.
    far: Option<String>,
}

impl Window {
    /// A window on the line of that place, with the place marked.
    pub(super) fn on(kind: AnnotationKind, span: &Span, words: &str) -> Self {
        let column = column(span);
        let mut window = Self {
            file: clean::one_line(&span.file),
            line: span.line as usize,
            column,
            text: span.text.chars().take(column.min(LAST_COLUMN) + BEHIND).map(clean::visible).collect(),
            marks: Vec::new(),
            far: None,
        };
        if column <= LAST_COLUMN {
            window.mark(kind, span, words);
        } else {
            window.far = spoken(words);
        }
        window
    }

    /// Marks the place too, if it is on this line and drawn; whether it is.
    pub(super) fn take(&mut self, kind: AnnotationKind, span: &Span, words: &str) -> bool {
        let here = self.line == span.line as usize && self.file == clean::one_line(&span.file);
        let drawn = column(span).max(self.column) <= LAST_COLUMN && self.byte(column(span) - 1) < self.text.len();
        if here && drawn {
            self.mark(kind, span, words);
        }
        here && drawn
    }

    fn mark(&mut self, kind: AnnotationKind, span: &Span, words: &str) {
        let first = column(span) - 1;
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
            let origin = Origin::path(self.file).line(self.line).char_column(self.column);
            let note = self.far.map(|words| Level::NOTE.message(words).into());
            return std::iter::once(origin.into()).chain(note).collect();
        }
        vec![Snippet::source(self.text).line_start(self.line).annotations(self.marks).path(self.file).into()]
    }
}

/// From 1.
fn column(span: &Span) -> usize {
    span.column.max(1) as usize
}

fn spoken(words: &str) -> Option<String> {
    Some(clean::one_line(words)).filter(|words| !words.is_empty())
}
