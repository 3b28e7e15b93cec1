//! When each phase of a run was over: milestones that move while agents come up. It must not know what an agent is.

use tokio::time::Instant;

use crate::model::run::Phase;
use crate::model::units::Micros;

/// The ends of the phases so far; each begins where the one before it ended, the first with the run.
#[derive(Debug)]
pub(super) struct Phases {
    started: Instant,
    created: Instant,
    running: Instant,
    attached: Instant,
    probed: Instant,
}

impl Phases {
    pub(super) const fn new(started: Instant) -> Self {
        Self { started, created: started, running: started, attached: started, probed: started }
    }

    /// One more object was created.
    pub(super) fn created(&mut self) {
        self.created = Instant::now();
    }

    /// One more agent runs, or never will.
    pub(super) fn running(&mut self) {
        self.running = Instant::now();
    }

    /// One more agent said hello, or never will.
    pub(super) fn attached(&mut self) {
        self.attached = Instant::now();
    }

    /// One more record came in.
    pub(super) fn probed(&mut self) {
        self.probed = Instant::now();
    }

    /// How long each took, once every case has its verdict.
    pub(super) fn durations(&self) -> Vec<(Phase, Micros)> {
        let ends = [
            (Phase::Create, self.created),
            (Phase::Start, self.running),
            (Phase::Attach, self.attached),
            (Phase::Probe, self.probed),
            (Phase::Judge, Instant::now()),
        ];
        let mut began = self.started;
        ends.into_iter()
            .map(|(phase, end)| {
                let end = end.max(began);
                let took = Micros::of(end - began);
                began = end;
                (phase, took)
            })
            .collect()
    }
}
