//! When each phase of a run was over: milestones that move while agents come up. It must not know what an agent is.

use tokio::time::Instant;

use super::dispatcher::Dispatcher;
use crate::model::event::{Event, Phase};
use crate::model::units::Micros;

/// The ends of the phases so far; each begins where the one before it ended, the first with the run.
#[derive(Debug)]
pub(super) struct Phases {
    /// The end of the last phase that was told.
    began: Instant,
    told: Option<Phase>,
    created: Instant,
    running: Instant,
    attached: Instant,
    probed: Instant,
}

impl Phases {
    pub(super) const fn new(started: Instant) -> Self {
        Self { began: started, told: None, created: started, running: started, attached: started, probed: started }
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

    /// How long each phase took up to and with that one, which is over; those that were asked for before are left out.
    pub(super) fn over(&mut self, last: Phase) -> Vec<(Phase, Micros)> {
        let ends = [
            (Phase::Create, self.created),
            (Phase::Start, self.running),
            (Phase::Attach, self.attached),
            (Phase::Probe, self.probed),
            (Phase::Judge, Instant::now()),
        ];
        let mut over = Vec::new();
        for (phase, end) in ends.into_iter().filter(|(phase, _)| *phase <= last && self.told.is_none_or(|told| *phase > told)) {
            let end = end.max(self.began);
            over.push((phase, Micros::of(end - self.began)));
            self.began = end;
        }
        self.told = Some(last);
        over
    }
}

impl Dispatcher<'_> {
    /// Tells the phases that are over, up to and with that one.
    pub(super) fn tell_phases(&mut self, last: Phase) {
        for (phase, duration) in self.phases.over(last) {
            self.narrator.tell(Event::PhaseFinished(phase, duration));
        }
    }
}
