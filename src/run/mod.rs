//! Carries a plan out: agents up, shares out, outcomes in, verdicts, reports, clean-up on every path.
//! It must not know what a backend is made of, how anything is probed, nor how events are shown.

mod agents;
mod arrivals;
mod assignment;
mod attempts;
mod collecting;
mod confirmation;
mod dispatcher;
mod estimate;
mod gateways;
mod hearing;
mod ledger;
mod limits;
mod link;
mod live;
mod load;
mod named;
mod narrator;
mod nodes;
mod offers;
mod overdue;
mod phases;
mod precedence;
mod recount;
mod silence;
mod turnout;
mod turns;
mod verdicts;
mod visits;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::backend::{Backend, BackendError, Disposal};
use crate::judge;
use crate::model::event::{Event, Phase, Problem};
use crate::model::exit::{Exit, Signal};
use crate::model::inventory::Inventory;
use crate::model::plan::Plan;
use crate::model::run::{Header, Run};
use crate::model::secret::Secrets;
use crate::model::service::Wanted;
use crate::model::units::{Micros, Ppm};
use crate::model::verdict::Cause;
use crate::plan;
use crate::report::Reporter;

pub use estimate::{asking, asking_together};

use dispatcher::{Connections, Dispatcher};
use narrator::Narrator;

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Orders {
    /// What is known before anything happens.
    pub header: Header,
    /// How many agents are enough.
    pub agents_min: AgentsMin,
    /// The whole run, clean-up left out.
    pub deadline: Duration,
    /// From the launch: an agent that has not answered then will not.
    pub ready_within: Duration,
    /// Whether what was created stays.
    pub keep: Keep,
    /// The values of the secrets of each suite, by its file.
    pub secrets: BTreeMap<Arc<str>, Secrets>,
}

/// How many agents are enough for a verdict, in each network that has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentsMin {
    /// Every node that takes part.
    All,
    /// That many.
    Count(usize),
    /// That share of the nodes that take part, rounded up.
    Share(Ppm),
}

impl AgentsMin {
    /// How many of `nodes` that is.
    #[must_use]
    pub fn of(self, nodes: usize) -> usize {
        match self {
            Self::All => nodes,
            Self::Count(count) => count,
            Self::Share(Ppm(share)) => (nodes * share as usize).div_ceil(1_000_000),
        }
    }
}

/// Whether what was created stays after the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Always.
    Always,
    /// When the run did not pass.
    OnFailure,
    /// Never.
    Never,
}

impl Keep {
    const fn disposal(self, exit: Exit) -> Disposal {
        match (self, exit) {
            (Self::Never, _) | (Self::OnFailure, Exit::Passed | Exit::NothingRan) => Disposal::Remove,
            (Self::Always | Self::OnFailure, _) => Disposal::Keep,
        }
    }
}

/// How a run came out.
#[derive(Debug)]
pub struct Finished {
    /// The fold of all events. A report that could not be written is a problem of it: that takes a pass away, and never hides
    /// a failure.
    pub run: Run,
    /// A report failed after everything was said: nobody has been told of it yet.
    pub late: bool,
}

/// A first look at the nodes, and at the Services that suites want to know of: what a run begins with, and what its suites may wait for.
pub struct Look {
    started: Instant,
    deadline: Instant,
    found: Result<Inventory, Early>,
}

impl Look {
    /// What there is, unless the run ends before it knows.
    #[must_use]
    pub fn inventory(&self) -> Option<&Inventory> {
        self.found.as_ref().ok()
    }
}

/// Looks at the nodes, and at the Services that are wanted; the time of the run begins with it, and it ends with a signal or with that time.
pub async fn look(backend: &dyn Backend, deadline: Duration, wanted: &[Wanted], signals: &mut mpsc::Receiver<Signal>) -> Look {
    let started = Instant::now();
    let deadline = started + deadline;
    let found = tokio::select! {
        biased;
        signal = signals.recv() => Err(Early::Signal(signal.unwrap_or(Signal::Interrupt))),
        inventory = tokio::time::timeout_at(deadline, backend.inventory_with(wanted)) => match inventory {
            Ok(found) => found.map_err(Early::Backend),
            Err(_) => Err(Early::Deadline),
        },
    };
    Look { started, deadline, found }
}

/// Runs: never fails, and always ends: at the latest with the deadline and the bounded clean-up.
pub async fn run(
    backend: &dyn Backend,
    orders: Orders,
    mut signals: mpsc::Receiver<Signal>,
    reporters: Vec<Box<dyn Reporter>>,
) -> Finished {
    let look = look(backend, orders.deadline, &[], &mut signals).await;
    run_after(look, backend, orders, &mut signals, reporters).await
}

/// The same with what was seen before: the nodes are not looked at a second time.
pub async fn run_after(
    look: Look,
    backend: &dyn Backend,
    orders: Orders,
    signals: &mut mpsc::Receiver<Signal>,
    reporters: Vec<Box<dyn Reporter>>,
) -> Finished {
    let Look { started, deadline, found } = look;
    let mut narrator = Narrator::new(Run::new(orders.header.clone()), reporters);
    let (interrupted, connections) = match found {
        Ok(inventory) => {
            let plan = Arc::new(plan::plan(orders.header.suites.clone(), inventory, orders.header.seed));
            tell_plan(&plan, &orders.header, &mut narrator);
            Dispatcher::new(&orders, plan, Times { started, deadline }, &mut narrator).run(backend, signals).await
        }
        Err(early) => (give_up(&orders, early, &mut narrator), Connections::new()),
    };
    narrator.tell(Event::Finished { interrupted, duration: Micros::of(started.elapsed()) });
    clean_up(backend, &orders, &mut narrator).await;
    drop(connections);
    narrator.finish()
}

/// The plan, and if nothing of this shard can run, that it is so, and whether that is all there is.
fn tell_plan(plan: &Arc<Plan>, header: &Header, narrator: &mut Narrator) {
    let elsewhere = header.shard.as_ref().map_or(0, |sharding| plan::runnable(&sharding.elsewhere, &plan.inventory));
    narrator.tell(Event::Planned { plan: plan.clone(), elsewhere });
    plan.avoided().into_iter().for_each(|words| narrator.tell(Event::Note(words)));
    let Some(sharding) = &header.shard else { return };
    if plan.cases.iter().all(|planned| planned.skip.is_some()) {
        let others = match elsewhere {
            0 => "nor of any other".to_owned(),
            1 => "but one of the others".to_owned(),
            more => format!("but {more} of the others"),
        };
        narrator.tell(Event::Note(format!("no case of shard {} can run, {others}", sharding.shard)));
    }
}

/// The two ends of a run's time.
#[derive(Debug, Clone, Copy)]
struct Times {
    started: Instant,
    deadline: Instant,
}

/// Why there is not even a plan.
enum Early {
    Backend(BackendError),
    Signal(Signal),
    Deadline,
}

/// Every case gets its verdict even when nothing could begin.
fn give_up(orders: &Orders, early: Early, narrator: &mut Narrator) -> Option<Signal> {
    let (cause, signal) = match early {
        Early::Backend(error) => {
            let cause = Cause::SetUp { why: error.message.clone() };
            narrator.tell(Event::Problem(problem(error)));
            (cause, None)
        }
        Early::Signal(signal) => (Cause::Interrupted { signal: signal.name() }, Some(signal)),
        Early::Deadline => (Cause::Deadline, None),
    };
    for (index, suite) in orders.header.suites.iter().enumerate() {
        for case in &suite.cases {
            narrator.tell(Event::CaseFinished(Box::new(judge::not_planned(index, case, cause.clone()))));
        }
    }
    signal
}

fn problem(error: BackendError) -> Problem {
    Problem { code: error.code, message: error.message, details: error.details, help: error.help }
}

async fn clean_up(backend: &dyn Backend, orders: &Orders, narrator: &mut Narrator) {
    let began = Instant::now();
    let clean_up = backend.cleanup(orders.keep.disposal(narrator.run().exit())).await;
    narrator.tell(Event::PhaseFinished(Phase::CleanUp, Micros::of(began.elapsed())));
    narrator.tell(Event::CleanedUp(clean_up));
}
