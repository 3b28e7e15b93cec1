//! Tells every event to the fold of the run and to the reporters. It must not know what the events are about.

use crate::model::event::Event;
use crate::model::run::Run;
use crate::report::Reporter;

use super::Finished;

/// The one place where events go.
pub(super) struct Narrator {
    run: Run,
    reporters: Vec<Box<dyn Reporter>>,
    unwritten: Vec<String>,
}

impl Narrator {
    pub(super) const fn new(run: Run, reporters: Vec<Box<dyn Reporter>>) -> Self {
        Self { run, reporters, unwritten: Vec::new() }
    }

    /// The run so far.
    pub(super) const fn run(&self) -> &Run {
        &self.run
    }

    /// What happened. A reporter that fails is heard of in the end, and told on: it may do better with the next event.
    #[allow(clippy::needless_pass_by_value)] // an event is over once it is told
    pub(super) fn tell(&mut self, event: Event) {
        self.run.apply(&event);
        for reporter in &mut self.reporters {
            if let Err(error) = reporter.event(&event, &self.run) {
                let line = error.to_string();
                if !self.unwritten.contains(&line) {
                    self.unwritten.push(line);
                }
            }
        }
    }

    pub(super) fn finish(self) -> Finished {
        Finished { run: self.run, unwritten: self.unwritten }
    }
}
