//! Tells every event to the fold of the run and to the reporters. It must not know what the events are about.

use crate::model::event::{Event, Problem};
use crate::model::run::Run;
use crate::report::Reporter;

use super::Finished;

/// The one place where events go.
pub(super) struct Narrator {
    run: Run,
    reporters: Vec<Box<dyn Reporter>>,
    /// A report failed after everything was said.
    late: bool,
}

impl Narrator {
    pub(super) const fn new(run: Run, reporters: Vec<Box<dyn Reporter>>) -> Self {
        Self { run, reporters, late: false }
    }

    /// The run so far.
    pub(super) const fn run(&self) -> &Run {
        &self.run
    }

    /// What happened. A reporter that fails is a problem of the run, which the reporters after it tell; it is told on itself, and
    /// may do better with the next event.
    #[allow(clippy::needless_pass_by_value)] // an event is over once it is told
    pub(super) fn tell(&mut self, event: Event) {
        self.run.apply(&event);
        for reporter in &mut self.reporters {
            if let Err(error) = reporter.event(&event, &self.run) {
                let problem = unwritten(&error);
                if !self.run.problems.contains(&problem) {
                    self.late |= matches!(event, Event::CleanedUp(_));
                    self.run.problems.push(problem);
                }
            }
        }
    }

    pub(super) fn finish(self) -> Finished {
        Finished { run: self.run, late: self.late }
    }
}

fn unwritten(error: &std::io::Error) -> Problem {
    let help = vec!["give --report a path that can be written, with room for it".to_owned()];
    Problem { code: "report", message: error.to_string(), details: Vec::new(), help }
}
