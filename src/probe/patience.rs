//! How long a Service that has just been made may take to answer: nodes learn of it one after the other. It must not know how it is
//! asked.

use std::time::Duration;

use tokio::time::Instant;

use crate::wire::Who;

use super::errand::Errand;

/// The patience with one target.
#[derive(Debug)]
pub(super) struct Patience {
    until: Instant,
    due: Instant,
}

impl Patience {
    /// What a single answer is waited for.
    pub(super) const OF_ONE: Duration = Duration::from_millis(500);

    /// From one question to the next at least.
    const APART: Duration = Duration::from_millis(250);

    /// Of a Service that a run makes; none with anybody else.
    pub(super) fn with(errand: &Errand) -> Self {
        let now = Instant::now();
        let patience = match errand.peer.who {
            Who::Backend { .. } => Who::PATIENCE,
            Who::Agent { .. } | Who::Anyone { .. } => Duration::ZERO,
        };
        Self { until: now + patience, due: now }
    }

    /// Whether it is asked once more.
    pub(super) fn lasts(&self) -> bool {
        Instant::now() < self.until
    }

    /// When it is asked next.
    pub(super) fn due(&mut self) -> Instant {
        let due = self.due.max(Instant::now());
        self.due = due + Self::APART;
        due
    }
}
