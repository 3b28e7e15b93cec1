//! What happens in a run, in order: the only thing that reporters see.

use std::sync::Arc;

use super::exit::Signal;
use super::inventory::Node;
use super::plan::Plan;
use super::run::{CaseReport, CleanUp, Phase, Problem};
use super::units::Micros;
use super::vantage::Vantage;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The inventory was taken and the plan made; nothing was created yet.
    Planned {
        /// The plan.
        plan: Arc<Plan>,
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
