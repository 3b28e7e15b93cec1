//! A run as far as it has come: the fold of its events, and the single source of every report.

use std::sync::Arc;
use std::time::SystemTime;

use super::event::Event;
use super::exit::{Exit, Signal};
use super::expect::Quantile;
use super::outcome::Missed;
use super::plan::Plan;
use super::probe::Probe;
use super::source::Span;
use super::suite::{CaseId, Suite};
use super::units::{Micros, Ppm};
use super::vantage::Pair;
use super::verdict::{Cause, Check, Verdict};

mod nodes;

pub use nodes::{AgentReport, AgentState, NodeChange, NodeReport, NodeState};

/// What is known before anything happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The run's id: eight hexadecimal digits.
    pub id: String,
    /// Of netcheck.
    pub version: &'static str,
    /// `kubernetes`, `sandbox` or `simulated`.
    pub backend: &'static str,
    /// When it began.
    pub started: SystemTime,
    /// The suites, in the order of the command line.
    pub suites: Vec<Arc<Suite>>,
    /// The seed of sampled strategies.
    pub seed: u64,
}

/// A run so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What was known before.
    pub header: Header,
    /// How people call the place; empty until the inventory is there.
    pub cluster: String,
    /// The place's own version; may be empty.
    pub cluster_version: String,
    /// The plan's hash; empty until there is a plan.
    pub plan_hash: String,
    /// Every node, by name; also those that came later.
    pub nodes: Vec<NodeReport>,
    /// Every finished case, in the order of the plan.
    pub cases: Vec<CaseReport>,
    /// How long each phase took, in order of their ending.
    pub phases: Vec<(Phase, Micros)>,
    /// What is worth knowing though it decides nothing. One line each.
    pub notes: Vec<String>,
    /// What went wrong beside the cases.
    pub problems: Vec<Problem>,
    /// What ended it early.
    pub interrupted: Option<Signal>,
    /// From the command to the verdict; 0 until then.
    pub duration: Micros,
    /// What cleaning up came to, once it was done.
    pub clean_up: Option<CleanUp>,
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
    /// Until every case had its verdict, and the nodes were looked at again.
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

/// A case with its verdict and everything that a report says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// Index of its suite in [`Header::suites`].
    pub suite: usize,
    /// Its name.
    pub id: CaseId,
    /// Where its test begins.
    pub span: Span,
    /// Its tags.
    pub tags: Vec<String>,
    /// How was asked.
    pub probe: Probe,
    /// How it ended.
    pub verdict: Verdict,
    /// From the verdict of the case before it, or the first order to ask, to its own verdict; 0 if nothing was asked.
    pub duration: Micros,
    /// How much of it was measured.
    pub coverage: Coverage,
    /// Over all measured pairs.
    pub figures: Figures,
    /// The smallest loss that it would have found; none where nothing was measured or no bound judges loss.
    pub power: Vec<Power>,
    /// Every bound of the suite, held against the figures. Empty if nothing was measured.
    pub checks: Vec<Check>,
    /// Pairs that failed or could not be measured: failed ones first, the worst of them first. At most [`CaseReport::PAIRS`].
    pub pairs: Vec<PairReport>,
    /// Pairs that failed, all of them.
    pub pairs_failed: u64,
    /// Pairs that could not be measured, all of them.
    pub pairs_unmeasured: u64,
    /// What is worth knowing though it decides nothing: accepted gaps in coverage. One line each.
    pub notes: Vec<String>,
}

impl CaseReport {
    /// The most pairs that are kept.
    pub const PAIRS: usize = 10_000;
}

/// How much of a case was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Pairs that were measured.
    pub measured: u64,
    /// Pairs of the plan.
    pub planned: u64,
    /// Pairs that there are.
    pub total: u64,
    /// Which strategy chose the planned ones.
    pub strategy: &'static str,
}

/// The sums of a case, or of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Questions asked, warm-ups left out.
    pub sent: u64,
    /// Not answered in time.
    pub lost: u64,
    /// Of these, how.
    pub missed: Vec<Missed>,
    /// Answers that came twice.
    pub duplicates: u64,
    /// Answers that came out of order.
    pub reordered: u64,
    /// What came and was not ours.
    pub foreign: u64,
    /// Warm-ups that were not answered.
    pub warm_ups_lost: u64,
    /// Latency of the answers, for each quantile that there are enough of them for; ascending.
    pub latency: Vec<(Quantile, Micros)>,
}

impl Figures {
    /// The share that was lost.
    #[must_use]
    pub fn loss(&self) -> Ppm {
        Ppm::of(self.lost, self.sent)
    }

    /// A quantile, if there were enough answers for it.
    #[must_use]
    pub fn quantile(&self, wanted: Quantile) -> Option<Micros> {
        self.latency.iter().find(|(quantile, _)| *quantile == wanted).map(|(_, value)| *value)
    }
}

/// The smallest loss that a sample would find, with a probability of 99.9 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Power {
    /// Of each pair, or of all together.
    pub scope: super::expect::Scope,
    /// That loss.
    pub finds: Ppm,
}

/// A pair that failed or was not measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairReport {
    /// Which.
    pub pair: Pair,
    /// How it stands.
    pub state: PairState,
}

/// How a reported pair stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairState {
    /// Measured, and below what the suite wants of each pair, or the loss that makes the whole case fail.
    Failed {
        /// What was measured.
        figures: Figures,
        /// In one line: `20 of 20 packets lost: timed out`.
        why: String,
    },
    /// Not measured.
    Unmeasured(Cause),
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

/// How many cases ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Errored.
    pub errored: usize,
    /// Skipped.
    pub skipped: usize,
}

impl Totals {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.passed + self.failed + self.errored + self.skipped
    }
}

impl Run {
    /// A run of which nothing has happened yet.
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self {
            header,
            cluster: String::new(),
            cluster_version: String::new(),
            plan_hash: String::new(),
            nodes: Vec::new(),
            cases: Vec::new(),
            phases: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
            interrupted: None,
            duration: Micros(0),
            clean_up: None,
        }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Planned { plan, .. } => {
                self.plan_hash.clone_from(&plan.hash);
                self.take_inventory(plan);
            }
            Event::VantageReady { vantage, .. } => nodes::set(&mut self.nodes, vantage, AgentState::Ready),
            Event::VantageLost { vantage, why } => nodes::set(&mut self.nodes, vantage, AgentState::Unready { why: why.clone() }),
            Event::CaseFinished(case) => self.cases.push((**case).clone()),
            Event::PhaseFinished(phase, duration) => self.phases.push((*phase, *duration)),
            Event::NodesChanged { added, deleted } => nodes::change(&mut self.nodes, added, deleted),
            Event::Note(note) => self.notes.push(note.clone()),
            Event::Problem(problem) => self.problems.push(problem.clone()),
            Event::PairFinished { .. } | Event::VantageResumed { .. } => {}
            Event::Finished { interrupted, duration } => {
                self.interrupted = *interrupted;
                self.duration = *duration;
            }
            Event::CleanedUp(clean_up) => self.clean_up = Some(clean_up.clone()),
        }
    }

    fn take_inventory(&mut self, plan: &Plan) {
        let inventory = &plan.inventory;
        self.cluster.clone_from(&inventory.cluster);
        self.cluster_version.clone_from(&inventory.version);
        self.nodes = nodes::before(plan);
    }

    /// How many cases ended in which way.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for case in &self.cases {
            match case.verdict {
                Verdict::Passed => totals.passed += 1,
                Verdict::Failed(_) => totals.failed += 1,
                Verdict::Errored(_) => totals.errored += 1,
                Verdict::Skipped(_) => totals.skipped += 1,
            }
        }
        totals
    }

    /// The exit code: a signal, then evidence against the network, then what was not measured, then whether anything ran.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let totals = self.totals();
        if let Some(signal) = self.interrupted {
            Exit::Signalled(signal)
        } else if totals.failed > 0 {
            Exit::Failed
        } else if totals.errored > 0 || !self.problems.is_empty() {
            Exit::NotMeasured
        } else if totals.passed == 0 {
            Exit::NothingRan
        } else {
            Exit::Passed
        }
    }
}
