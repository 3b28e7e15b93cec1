//! What of a burst was not answered. It must not know why.

use super::{Miss, Tally};

impl Tally {
    /// Whether any question was lost in a way that a machine without CPU would show as well.
    #[must_use]
    pub fn lost_to_silence(&self) -> bool {
        self.missed.iter().any(|missed| matches!(missed.how, Miss::TimedOut | Miss::Late | Miss::Stalled { .. })) || self.has_silence()
    }

    /// Whether anything was not answered that the target should have answered.
    #[must_use]
    pub fn is_lossy(&self) -> bool {
        self.lost() > 0 || self.has_silence()
    }

    fn has_silence(&self) -> bool {
        self.seen.iter().any(|seen| seen.what.is_silence())
    }

    /// Sent and not answered in time.
    #[must_use]
    pub const fn lost(&self) -> u32 {
        self.sent.saturating_sub(self.answered)
    }
}
