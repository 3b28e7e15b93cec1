//! What a look at a place before the run has found: one thing that was checked, and how it is.
//! It must not know who looked, nor how.

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it is.
    pub grade: Grade,
    /// What was looked at, in a word or two: `rights`, `pod security`.
    pub topic: &'static str,
    /// What was found, in one line without a full stop.
    pub what: String,
    /// What to try, a line each.
    pub help: Vec<String>,
}

/// What it means for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It is as a run needs it.
    Fine,
    /// It could not be checked. That alone keeps no run from measuring.
    Unchecked,
    /// A run may measure less, or something else than its user thinks.
    Doubtful,
    /// A run would not measure everything.
    Wrong,
}

impl Grade {
    /// Every grade, from the best to the worst.
    pub const ALL: [Self; 4] = [Self::Fine, Self::Unchecked, Self::Doubtful, Self::Wrong];

    /// As it is told.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Unchecked => "skip",
            Self::Doubtful => "warn",
            Self::Wrong => "fail",
        }
    }
}

impl Finding {
    /// Something that was checked, so far without help.
    #[must_use]
    pub fn new(grade: Grade, topic: &'static str, what: impl Into<String>) -> Self {
        Self { grade, topic, what: what.into(), help: Vec::new() }
    }

    /// With more to try.
    #[must_use]
    pub fn help(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.help.extend(lines.into_iter().map(Into::into));
        self
    }
}
