//! What happens in a run, in order: the only thing that reporters see.

use std::sync::Arc;

use super::case::CaseReport;
use super::collect::Collected;
use super::exit::Signal;
use super::inventory::Node;
use super::plan::Plan;
use super::units::Micros;
use super::vantage::Vantage;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The inventory was taken and the plan made; nothing was created yet.
    Planned {
        /// The plan.
        plan: Arc<Plan>,
        /// How many cases of other shards would run here; 0 without shards.
        elsewhere: usize,
    },
    /// An agent said hello.
    VantageReady {
        /// Which.
        vantage: Vantage,
        /// How many did so far.
        ready: usize,
        /// How many should.
        expected: usize,
    },
    /// The connection with an agent broke, and there is another: nothing was lost.
    VantageResumed {
        /// Which.
        vantage: Vantage,
        /// What ended the connection, in the words of whoever knows.
        why: String,
        /// How long there was none.
        away: Micros,
    },
    /// An agent will not answer, or no more.
    VantageLost {
        /// Which.
        vantage: Vantage,
        /// Why, in the words of whoever knows.
        why: String,
    },
    /// One more pair of a case has its outcome: for progress alone.
    PairFinished {
        /// Index of the case in the plan.
        case: usize,
        /// Pairs of all cases that have their outcome.
        finished: u64,
        /// Pairs of all cases.
        planned: u64,
    },
    /// A case has its verdict. Cases come in the order of the plan.
    CaseFinished(Box<CaseReport>),
    /// A phase is over.
    PhaseFinished(Phase, Micros),
    /// A later look found other nodes than the plan was made over. Each is told once.
    NodesChanged {
        /// They came.
        added: Vec<Node>,
        /// They are no longer there.
        deleted: Vec<Arc<str>>,
    },
    /// Something was collected for cases that failed or were not measured, or is not to be had.
    Collected(Box<Collected>),
    /// Worth knowing of the run as a whole, though it decides nothing. One line, without a full stop.
    Note(String),
    /// Something went wrong beside the cases.
    Problem(Problem),
    /// Every case has its verdict: now reports are written.
    Finished {
        /// What ended it early.
        interrupted: Option<Signal>,
        /// From the command to here.
        duration: Micros,
    },
    /// Nothing of ours is left, or it is named.
    CleanedUp(CleanUp),
}

/// The phases of a run, one after the other; together they are the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Until every agent's object was created.
    Create,
    /// Until every agent runs, or never will.
    Start,
    /// Until every running agent has said hello.
    Attach,
    /// Until every share has come to its end.
    Probe,
    /// Until every case had its verdict, the nodes were looked at again, and what suites want collected was there.
    Judge,
    /// Until everything that was created was removed, or given up.
    CleanUp,
}

impl Phase {
    /// As reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Attach => "attach",
            Self::Probe => "probe",
            Self::Judge => "judge",
            Self::CleanUp => "cleanUp",
        }
    }
}

/// Something that went wrong beside the cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable: `api-unreachable`, `forbidden`, `agents`, `report`, …
    pub code: &'static str,
    /// One line, without a full stop.
    pub message: String,
    /// What belongs to it, a line each.
    pub details: Vec<String>,
    /// What to try, a line each.
    pub help: Vec<String>,
}

/// What cleaning up came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanUp {
    /// Kept on purpose (`--keep`): names of what is still there.
    pub kept: Vec<String>,
    /// What could not be removed, with why; a line each.
    pub left: Vec<String>,
}
