//! The texts of a suite and of its parts, and the places in them. It must not know what they mean.
//!
//! A [`Place`] is two numbers; a [`Span`], which carries its source line, is made from it only when somebody will see it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::source::Span;

/// The longest source line that is shown whole.
const LONGEST_LINE: usize = 200;

/// What a longer line is cut to: less than [`LONGEST_LINE`], so that [`Span::caret`] can tell a window from a whole line.
const WINDOW: usize = 160;

/// A range of bytes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// The first byte.
    pub(crate) start: usize,
    /// After the last byte.
    pub(crate) end: usize,
}

impl Place {
    /// From the beginning of this place to the end of that one.
    pub(crate) const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// The texts of a suite and of its parts. Each has a range of places of its own, so that a place says which file it is in.
#[derive(Debug)]
pub(crate) struct Source {
    main: Text,
    parts: Vec<Text>,
    spans: RefCell<HashMap<Place, Span>>,
}

impl Source {
    /// The text of that file, and of no part yet.
    pub(crate) fn new(file: &str, text: String) -> Self {
        Self { main: Text::new(file, text, 0), parts: Vec::new(), spans: RefCell::default() }
    }

    /// Adds the text of a part.
    pub(crate) fn add(&mut self, file: &str, text: String) -> &Text {
        // The place behind the last byte of a text is still in it.
        let base = self.parts.last().unwrap_or(&self.main).end() + 1;
        self.parts.push(Text::new(file, text, base));
        self.parts.last().unwrap_or(&self.main)
    }

    /// The suite's own text.
    pub(crate) const fn main(&self) -> &Text {
        &self.main
    }

    /// The text that a place is in.
    pub(crate) fn of(&self, place: Place) -> &Text {
        self.parts.iter().rev().find(|text| text.base <= place.start).unwrap_or(&self.main)
    }

    /// The text at a place; empty for a place that is in no text.
    pub(crate) fn slice(&self, place: Place) -> &str {
        self.of(place).slice(place)
    }

    /// A place with all that it takes to draw it.
    pub(crate) fn span(&self, place: Place) -> Span {
        if let Some(span) = self.spans.borrow().get(&place) {
            return span.clone();
        }
        let span = self.of(place).span(place);
        self.spans.borrow_mut().insert(place, span.clone());
        span
    }
}

/// A text with the name of its file.
#[derive(Debug)]
pub(crate) struct Text {
    file: Arc<str>,
    content: String,
    base: usize,
    lines: OnceCell<Vec<usize>>,
}

impl Text {
    fn new(file: &str, text: String, base: usize) -> Self {
        Self { file: Arc::from(file), content: text, base, lines: OnceCell::new() }
    }

    /// The file as the user named it.
    pub(crate) const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// All of it.
    pub(crate) fn as_str(&self) -> &str {
        &self.content
    }

    /// The place of its first byte.
    pub(crate) const fn base(&self) -> usize {
        self.base
    }

    /// The place behind its last byte.
    const fn end(&self) -> usize {
        self.base + self.content.len()
    }

    /// The text at a place; empty for a place that is not in this text.
    pub(crate) fn slice(&self, place: Place) -> &str {
        let (Some(start), Some(end)) = (place.start.checked_sub(self.base), place.end.checked_sub(self.base)) else { return "" };
        self.content.get(start..end).unwrap_or_default()
    }

    /// From a place to the end.
    pub(crate) fn rest(&self, start: usize) -> &str {
        self.slice(Place { start, end: self.end() })
    }

    /// The place of a line and a column (both from 1, the column in characters), as the YAML reader counts them.
    pub(crate) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines().get(line.saturating_sub(1)).copied().unwrap_or(self.content.len());
        let rest = self.content.get(start..).unwrap_or_default();
        self.base + rest.char_indices().nth(column.saturating_sub(1)).map_or(self.content.len(), |(offset, _)| start + offset)
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, place: Place) -> usize {
        self.lines().partition_point(|start| start + self.base <= place.start).max(1)
    }

    /// A place with all that it takes to draw it.
    pub(crate) fn span(&self, place: Place) -> Span {
        let line = self.line(place);
        let begin = self.lines().get(line - 1).copied().unwrap_or_default();
        let rest = self.content.get(begin..).unwrap_or_default();
        let whole = rest.split(['\n', '\r']).next().unwrap_or_default();
        let end = begin + whole.len();
        let start = floor(&self.content, place.start.saturating_sub(self.base)).clamp(begin, end);
        let stop = floor(&self.content, place.end.saturating_sub(self.base)).clamp(start, end);
        let before = count(self.content.get(begin..start));
        let length = count(self.content.get(start..stop)).max(1);
        Span {
            file: Arc::clone(&self.file),
            line: small(line),
            column: small(before + 1),
            length: small(length.min(LONGEST_LINE)),
            text: Arc::from(window(whole, before)),
        }
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let bytes = self.content.as_bytes();
            let breaks = bytes.iter().enumerate().filter(|(index, byte)| match byte {
                b'\n' => true,
                b'\r' => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            });
            std::iter::once(0).chain(breaks.map(|(index, _)| index + 1)).collect()
        })
    }
}

/// The line, or of a very long one what is around the character at that index.
fn window(line: &str, index: usize) -> String {
    let length = line.chars().count();
    if length <= LONGEST_LINE {
        return line.chars().map(printable).collect();
    }
    let caret = Span::WINDOW_CARET as usize;
    let (skipped, mark) = if index >= LONGEST_LINE { (index + 2 - caret, "…") } else { (0, "") };
    let kept = if skipped == 0 { LONGEST_LINE } else { WINDOW };
    let shown: String = line.chars().skip(skipped).take(kept).map(printable).collect();
    let more = if skipped + kept < length { "…" } else { "" };
    format!("{mark}{shown}{more}")
}

/// The character, or a harmless one in place of what would move the cursor of a terminal or turn its text around.
pub(crate) const fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// The last boundary of characters at or before the offset.
fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

fn count(text: Option<&str>) -> usize {
    text.unwrap_or_default().chars().count()
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, start: usize, end: usize, expected: (u32, u32, u32, &str)) {
        let span = Source::new("suite.yaml", text.to_owned()).span(Place { start, end });
        assert_eq!((span.line, span.column, span.length, &*span.text), expected);
    }

    #[test]
    fn places_become_lines_and_columns_in_characters() {
        check("a: b\nc: d\n", 8, 9, (2, 4, 1, "c: d"));
        check("ä: 😀 b\r\nc: d\r\n", 4, 10, (1, 4, 3, "ä: 😀 b"));
        check("ä: 😀 b\r\nc: d\r\n", 15, 16, (2, 4, 1, "c: d"));
        check("a:\n  b", 0, 6, (1, 1, 2, "a:"));
        check("a:", 2, 2, (1, 3, 1, "a:"));
        check("", 0, 0, (1, 1, 1, ""));
        check("a", 9, 12, (1, 2, 1, "a"));
        check("\u{1b}[31m\tx\u{202e}", 5, 6, (1, 6, 1, "\u{fffd}[31m x\u{fffd}"));
    }

    #[test]
    fn a_place_says_which_file_it_is_in() {
        let mut source = Source::new("suite.yaml", "a: b\n".to_owned());
        let part = source.add("part.yaml", "x\nc: d".to_owned()).base();
        for (start, expected) in [(3, ("suite.yaml", 1, 4, "b")), (part + 5, ("part.yaml", 2, 4, "d"))] {
            let place = Place { start, end: start + 1 };
            let span = source.span(place);
            assert_eq!((&*span.file, span.line, span.column, source.slice(place)), expected);
        }
        // Behind its last byte a text goes on.
        assert_eq!(&*source.span(Place { start: 5, end: 5 }).file, "suite.yaml");
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() {
        let line = format!("{}X{}", "a".repeat(100_000), "b".repeat(100_000));
        let span = Source::new("suite.yaml", line).span(Place { start: 100_000, end: 100_001 });
        assert_eq!(span.column, 100_001);
        assert!(span.text.chars().count() <= LONGEST_LINE, "{}", span.text);
        assert_eq!(span.text.chars().nth(span.caret() as usize - 1), Some('X'));
        let line = "a".repeat(199) + "X" + &"b".repeat(500);
        let span = Source::new("suite.yaml", line).span(Place { start: 199, end: 200 });
        assert_eq!(span.text.chars().nth(span.caret() as usize - 1), Some('X'));
    }
}
