//! The two shapes of everything that the console writes: a row behind a word, and a block of lines.
//! Whatever goes into a row is made safe here. It must not know what the words mean.

use std::io::{self, Write};

use crate::report::clean;
use crate::report::style::{Style, Tone};

/// The column in which the words of rows end.
const WORD: usize = 11;

/// What was written and not yet sent to the terminal.
pub(super) struct Page {
    out: Box<dyn Write + Send>,
    pub(super) style: Style,
    waiting: String,
}

impl Page {
    pub(super) const fn new(out: Box<dyn Write + Send>, style: Style) -> Self {
        Self { out, style, waiting: String::new() }
    }

    /// A word, set to the right, and a text of one line.
    pub(super) fn row(&mut self, tone: Tone, word: &str, text: &str) {
        let space = " ".repeat(WORD.saturating_sub(word.chars().count()));
        let text = clean::one_line(text);
        let row = format!("{space}{}  {}\n", self.style.paint(tone, word), text.trim_end());
        self.waiting.push_str(&row);
    }

    /// A text that belongs to the row above.
    pub(super) fn more(&mut self, text: &str) {
        self.row(Tone::Quiet, "", text);
    }

    /// Lines that are safe already, as they are.
    pub(super) fn block(&mut self, lines: &str) {
        self.waiting.push_str(lines);
    }

    /// An empty line, unless there is one.
    pub(super) fn space(&mut self) {
        if !self.waiting.ends_with("\n\n") {
            self.waiting.push('\n');
        }
    }

    /// A line between parts.
    pub(super) fn rule(&mut self) {
        let rule = format!(" {}\n", self.style.paint(Tone::Quiet, "──────────"));
        self.waiting.push_str(&rule);
    }

    /// Whether something waits.
    pub(super) const fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Sends what waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let sent = self.out.write_all(self.waiting.as_bytes()).and_then(|()| self.out.flush());
        self.waiting.clear();
        sent
    }
}
