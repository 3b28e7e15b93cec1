//! A run as far as it has come: the fold of its events, and the single source of every report.

use std::sync::Arc;
use std::time::SystemTime;

use super::case::CaseReport;
use super::collect::Collected;
use super::event::{CleanUp, Event, Phase, Problem};
use super::exit::{Exit, Signal};
use super::plan::Plan;
use super::retry::Flaky;
use super::shard::Sharding;
use super::suite::Suite;
use super::units::Micros;
use super::verdict::Verdict;

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
    /// Which part of the cases this is, if it is not all of them.
    pub shard: Option<Sharding>,
}

/// What of a run is known before it looks at anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its id: eight hexadecimal digits.
    pub id: String,
    /// The seed of sampled strategies.
    pub seed: u64,
    /// When it began, as [`moment`] writes it.
    pub at: String,
}

impl Start {
    /// Of no run: where suites are looked at and nothing is asked. It has the form of one, and is the same every time.
    #[must_use]
    pub fn of_none(seed: u64) -> Self {
        Self { id: "00000000".to_owned(), seed, at: "1970-01-01T00:00:00Z".to_owned() }
    }
}

/// A moment to the nearest millisecond, as RFC 3339 has it in UTC; none if it is beyond what can be written.
#[must_use]
pub fn moment(time: SystemTime) -> Option<String> {
    let timestamp = jiff::Timestamp::try_from(time).ok()?;
    timestamp.round(jiff::Unit::Millisecond).ok().map(|rounded| rounded.to_string())
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
    /// How many cases of other shards would run here.
    pub elsewhere: usize,
    /// How many cases of the plan were to be run: none were left out before.
    pub expected: usize,
    /// Every node, by name; also those that came later.
    pub nodes: Vec<NodeReport>,
    /// Every finished case, in the order of the plan.
    pub cases: Vec<CaseReport>,
    /// What was collected for cases that failed or were not measured: the first case's first.
    pub collected: Vec<Collected>,
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
    /// Set where it was refused before it began: nothing was created, and nothing will happen.
    pub refused: Option<Refused>,
}

/// How a run is refused before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// How it ends.
    pub exit: Exit,
    /// What the terminal was told before the error itself, line by line: remarks on suites, each with its place.
    pub told: Vec<String>,
}

/// How many cases ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Passed.
    pub passed: usize,
    /// Of these, because pairs were asked again.
    pub flaky: usize,
    /// Failed.
    pub failed: usize,
    /// Failed, where the suite says that this is a warning.
    pub warned: usize,
    /// Errored.
    pub errored: usize,
    /// Skipped.
    pub skipped: usize,
}

impl Totals {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.passed + self.failed + self.warned + self.errored + self.skipped
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
            elsewhere: 0,
            expected: 0,
            nodes: Vec::new(),
            cases: Vec::new(),
            collected: Vec::new(),
            phases: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
            interrupted: None,
            duration: Micros(0),
            clean_up: None,
            refused: None,
        }
    }

    /// A run that was refused before it began.
    #[must_use]
    pub fn refused(header: Header, refused: Refused, why: Problem) -> Self {
        let interrupted = match refused.exit {
            Exit::Signalled(signal) => Some(signal),
            Exit::Passed | Exit::Failed | Exit::Usage | Exit::NotMeasured | Exit::NothingRan => None,
        };
        Self { problems: vec![why], interrupted, refused: Some(refused), ..Self::new(header) }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Planned { plan, elsewhere } => {
                self.plan_hash.clone_from(&plan.hash);
                self.elsewhere = *elsewhere;
                self.expected = plan.cases.iter().filter(|case| case.skip.is_none()).count();
                self.take_inventory(plan);
            }
            Event::VantageReady { vantage, .. } => nodes::set(&mut self.nodes, vantage, AgentState::Ready),
            Event::VantageLost { vantage, why } => nodes::set(&mut self.nodes, vantage, AgentState::Unready { why: why.clone() }),
            Event::CaseFinished(case) => self.cases.push((**case).clone()),
            Event::Collected(collected) => self.collected.push((**collected).clone()),
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
            totals.flaky += usize::from(case.flaky().is_some());
            match case.verdict {
                Verdict::Passed => totals.passed += 1,
                Verdict::Failed(_) if case.warns() => totals.warned += 1,
                Verdict::Failed(_) => totals.failed += 1,
                Verdict::Errored(_) => totals.errored += 1,
                Verdict::Skipped(_) => totals.skipped += 1,
            }
        }
        totals
    }

    /// Whether a case tells a warning: it failed, or needed another attempt, and its test says that this is one.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.cases.iter().any(|case| case.warns() || case.flaky() == Some(Flaky::Warns))
    }

    /// The exit code: that of a refusal, or else a signal, then evidence against the network, then what was not measured, then whether
    /// anything ran. A shard in which nothing was to run is no mistake as long as something is in another.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let totals = self.totals();
        if let Some(refused) = &self.refused {
            refused.exit
        } else if let Some(signal) = self.interrupted {
            Exit::Signalled(signal)
        } else if totals.failed > 0 {
            Exit::Failed
        } else if totals.errored > 0 || !self.problems.is_empty() || self.cases.iter().any(CaseReport::warns_in_part) {
            Exit::NotMeasured
        } else if totals.passed + totals.warned == 0 && (self.elsewhere == 0 || self.expected > 0) {
            Exit::NothingRan
        } else {
            Exit::Passed
        }
    }
}
