//! What the measurements mean, and the words that say so.

use super::expect::{Bound, Unjudged};
use super::outcome::Obstacle;
use super::target::Unstated;
use super::units::Micros;
use super::vantage::Vantage;

/// How a case ends: exactly one of these, always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Measured, and as the suite wants it.
    Passed,
    /// Measured, and below what the suite wants: evidence against the network.
    Failed(Mismatch),
    /// Not measured, or not enough: nothing is known.
    Errored(Cause),
    /// Not run, for a reason that is no trouble.
    Skipped(Skip),
}

impl Verdict {
    /// The word of reports: `passed`, `failed`, `errored`, `skipped`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Errored(_) => "errored",
            Self::Skipped(_) => "skipped",
        }
    }

    /// The stable code of its reason; empty for a pass. JUnit's `type`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Passed => "",
            Self::Failed(mismatch) => mismatch.code,
            Self::Errored(cause) => cause.code(),
            Self::Skipped(skip) => skip.code,
        }
    }

    /// Its reason in one line, without a full stop; empty for a pass.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Passed => String::new(),
            Self::Failed(mismatch) => mismatch.message.clone(),
            Self::Errored(cause) => cause.to_string(),
            Self::Skipped(skip) => skip.why.clone(),
        }
    }
}

/// The evidence of a failed case, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Stable: `loss`, `latency`, `family-missing`, `flaky`.
    pub code: &'static str,
    /// One line, without a full stop: what was wanted and what was measured.
    pub message: String,
}

/// Why a case was not run at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Stable: `no-family`, `no-icmp`, `no-network`, `when`, `skip-if`, `needs`.
    pub code: &'static str,
    /// One line, without a full stop.
    pub why: String,
}

/// Why something could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No agent ever answered from that node.
    AgentNotReady {
        /// Where.
        vantage: Vantage,
        /// As the backend says it.
        why: String,
    },
    /// The asking agent was lost before it had told everything.
    SourceLost {
        /// Who.
        vantage: Vantage,
        /// What its connection said at the end.
        why: String,
    },
    /// Questions were lost, but the agent that should have answered was not heard from afterwards.
    TargetLost {
        /// Who.
        vantage: Vantage,
        /// What its connection said at the end.
        why: String,
    },
    /// Questions were lost, but the agent that should have answered got no CPU meanwhile.
    TargetOverloaded {
        /// Who.
        vantage: Vantage,
        /// How long it stood still.
        stalled: Micros,
    },
    /// An end of the pair has no address of the family, while others have.
    NoAddress {
        /// Who.
        vantage: Vantage,
        /// `IPv4` or `IPv6`.
        family: &'static str,
    },
    /// A target without an agent: the node's own condition says that it is not ready.
    NodeNotReady {
        /// The target.
        vantage: Vantage,
        /// In the node's words.
        why: String,
    },
    /// A target without an agent: the node does not state where it is asked, while others do.
    NodeStatesNone {
        /// The target.
        vantage: Vantage,
        /// Of what.
        what: Unstated,
    },
    /// The share came to its end with records missing, doubled or contradictory.
    Incomplete {
        /// Who sent it.
        vantage: Vantage,
        /// What is wrong with it.
        why: String,
    },
    /// The agent could not ask.
    Obstacle {
        /// Who.
        vantage: Vantage,
        /// What was in the way.
        obstacle: Obstacle,
    },
    /// Too few answers to tell a percentile.
    TooFewSamples {
        /// Which one: `each.p99`.
        metric: String,
        /// How many there are.
        have: u64,
        /// How many it takes.
        need: u64,
    },
    /// The case has no pair.
    NoPairs {
        /// What was asked for and what there is: `fewer than two nodes take part`.
        why: String,
    },
    /// The run's deadline passed first.
    Deadline,
    /// The case's own deadline passed first.
    CaseDeadline {
        /// How long it had.
        limit: Micros,
    },
    /// The deadline of its suite passed first.
    SuiteDeadline {
        /// How long the suite had.
        limit: Micros,
    },
    /// Somebody ended the run.
    Interrupted {
        /// `SIGINT`, `SIGTERM`, `SIGHUP`.
        signal: &'static str,
    },
    /// The run could not be set up.
    SetUp {
        /// In one line.
        why: String,
    },
}

impl Cause {
    /// Stable, for JUnit's `type` and for JSON.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AgentNotReady { .. } => "agent-not-ready",
            Self::NodeNotReady { .. } => "node-not-ready",
            Self::SourceLost { .. } => "source-agent-lost",
            Self::TargetLost { .. } => "target-agent-lost",
            Self::TargetOverloaded { .. } => "overloaded",
            Self::NoAddress { .. } => "no-address",
            Self::NodeStatesNone { what, .. } => what.code(),
            Self::Incomplete { .. } => "incomplete",
            Self::Obstacle { obstacle, .. } => match obstacle.kind {
                super::outcome::ObstacleKind::NoIcmp => "no-icmp",
                super::outcome::ObstacleKind::NoCredentials => "no-credentials",
                super::outcome::ObstacleKind::NoAddress => "no-address",
                super::outcome::ObstacleKind::NoResolver => "no-resolver",
                super::outcome::ObstacleKind::Socket => "socket",
                super::outcome::ObstacleKind::Deadline => "deadline",
                super::outcome::ObstacleKind::Overloaded => "overloaded",
                super::outcome::ObstacleKind::Inconclusive => "inconclusive",
                super::outcome::ObstacleKind::Internal => "internal",
            },
            Self::TooFewSamples { .. } => "too-few-samples",
            Self::NoPairs { .. } => "no-pairs",
            Self::Deadline => "deadline",
            Self::CaseDeadline { .. } => "case-deadline",
            Self::SuiteDeadline { .. } => "suite-deadline",
            Self::Interrupted { .. } => "interrupted",
            Self::SetUp { .. } => "set-up",
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AgentNotReady { vantage, why } => write!(f, "agent on {vantage} not ready: {why}"),
            Self::NodeNotReady { vantage, why } => write!(f, "node {} not ready: {why}", vantage.node()),
            Self::SourceLost { vantage, why } => write!(f, "source agent lost on {vantage}: {why}"),
            Self::TargetLost { vantage, why } => write!(f, "target agent lost on {vantage}: {why}"),
            Self::TargetOverloaded { vantage, stalled } => {
                write!(
                    f,
                    "target agent on {vantage} stood still for {stalled} (no CPU: a limit, a throttled or overloaded node), so what it did not answer says nothing of the network"
                )
            }
            Self::NoAddress { vantage, family } => write!(f, "agent on {vantage} has no {family} address, while others have one"),
            Self::NodeStatesNone { vantage, what } => write!(f, "node {} states no {what}, while others state one", vantage.node()),
            Self::Incomplete { vantage, why } => write!(f, "incomplete results from {vantage}: {why}"),
            Self::Obstacle { vantage, obstacle } if obstacle.kind == super::outcome::ObstacleKind::Inconclusive => {
                write!(f, "agent on {vantage} could not tell: {}", obstacle.detail)
            }
            Self::Obstacle { vantage, obstacle } => write!(f, "agent on {vantage} could not ask: {}", obstacle.detail),
            Self::TooFewSamples { metric, have, need } => write!(f, "too few answers to judge {metric}: {have}, and it takes {need}"),
            Self::NoPairs { why } => write!(f, "no pair to measure: {why}"),
            Self::Deadline => f.write_str("the run's deadline passed before it was measured (--deadline)"),
            Self::CaseDeadline { limit } => write!(f, "the case's deadline of {limit} passed before it was measured"),
            Self::SuiteDeadline { limit } => write!(f, "the suite's deadline of {limit} passed before it was measured"),
            Self::Interrupted { signal } => write!(f, "interrupted by {signal} before it was measured"),
            Self::SetUp { why } => f.write_str(why),
        }
    }
}

/// One bound held against what was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The bound.
    pub bound: Bound,
    /// What was measured, in words: `8.33% (220 of 2,640 packets)`; for `each`, of the worst pair.
    pub measured: String,
    /// How it came out.
    pub result: CheckResult,
}

/// A metric without a limit, as it was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which, and why it has no limit.
    pub metric: Unjudged,
    /// What was measured, in words; for `each`, of the worst pair.
    pub measured: String,
}

/// How a bound came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckResult {
    /// As wanted.
    Met,
    /// Not as wanted.
    Missed {
        /// Pairs that miss it; 0 for a bound on everything together.
        pairs: u64,
    },
    /// Not as wanted of answers, where there were none at all: whoever misses it answered nothing.
    Unanswered {
        /// As in `Missed`.
        pairs: u64,
    },
    /// Pairs miss it, and none of them fails the case by itself: how many are well is a bound of its own.
    Counted {
        /// As in `Missed`.
        pairs: u64,
    },
    /// It cannot be told.
    Unknown(Cause),
}

impl CheckResult {
    /// Whether it is not as wanted.
    #[must_use]
    pub const fn is_missed(&self) -> bool {
        match self {
            Self::Missed { .. } | Self::Unanswered { .. } => true,
            Self::Met | Self::Counted { .. } | Self::Unknown(_) => false,
        }
    }
}
