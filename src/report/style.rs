//! Colours, or none: the only place of the reports that writes escape sequences. It must not know what the words mean.

use owo_colors::OwoColorize;

/// Whether text may hold escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone: files, pipes, and whoever wants no colours.
    Plain,
    /// With the colours of a terminal. No meaning is in a colour alone.
    Coloured,
}

/// What a word at the beginning of a row is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Troubled,
    Quiet,
    Heading,
}

impl Style {
    /// The word in its tone.
    pub(super) fn paint(self, tone: Tone, word: &str) -> String {
        match (self, tone) {
            (Self::Plain, _) => word.to_owned(),
            (Self::Coloured, Tone::Good) => word.green().bold().to_string(),
            (Self::Coloured, Tone::Bad) => word.red().bold().to_string(),
            (Self::Coloured, Tone::Troubled) => word.yellow().bold().to_string(),
            (Self::Coloured, Tone::Quiet) => word.dimmed().to_string(),
            (Self::Coloured, Tone::Heading) => word.bold().to_string(),
        }
    }
}
