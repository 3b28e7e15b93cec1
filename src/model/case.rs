//! A case as reports tell it: its verdict, what was measured, and the pairs that make it fail. It must not know of runs.

use super::case_id::CaseId;
use super::expect::Quantile;
use super::outcome::{Missed, Sight, Step};
use super::probe::Probe;
use super::retry::{Flaky, Retry};
use super::source::Span;
use super::suite::{About, Weight};
use super::target::Pair;
use super::units::{Micros, Ppm};
use super::verdict::{Cause, Check, Shown, Verdict};

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
    /// What its test says of itself.
    pub about: About,
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
    /// What the suite wants to see without judging it. Empty if nothing was measured.
    pub shown: Vec<Shown>,
    /// Pairs that failed or could not be measured: failed ones first, the worst of them first; also those for which `pairsOk` leaves
    /// room. At most [`CaseReport::PAIRS`].
    pub pairs: Vec<PairReport>,
    /// Pairs that failed, all of them; also in a case that passes, where `pairsOk` leaves room for them.
    pub pairs_failed: u64,
    /// Pairs that could not be measured, all of them.
    pub pairs_unmeasured: u64,
    /// What asking again came to; none where the case has no `retry`, or was not run.
    pub retries: Option<Retries>,
    /// What is worth knowing though it decides nothing: accepted gaps in coverage. One line each.
    pub notes: Vec<String>,
}

impl CaseReport {
    /// The most pairs that are kept.
    pub const PAIRS: usize = 10_000;

    /// Whether it failed and its test says that this is a warning: neither a pass nor a failure of the run.
    #[must_use]
    pub const fn warns(&self) -> bool {
        matches!((&self.verdict, self.about.weight), (Verdict::Failed(_), Weight::Warns))
    }

    /// Whether it warns of what it measured, and something of it was not measured: that is no pass of the run.
    #[must_use]
    pub const fn warns_in_part(&self) -> bool {
        self.warns() && self.pairs_unmeasured > 0
    }

    /// What a pass on a later attempt means here, if it passed, and only because pairs were asked again.
    #[must_use]
    pub fn flaky(&self) -> Option<Flaky> {
        let retries = self.retries.as_ref().filter(|retries| retries.pairs_rescued > 0 && self.verdict == Verdict::Passed);
        retries.map(|retries| retries.retry.flaky)
    }
}

/// What asking again came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// How often, and what a pass on a later attempt means.
    pub retry: Retry,
    /// Pairs that passed on a later attempt, in the order of the plan. At most [`CaseReport::PAIRS`].
    pub rescued: Vec<Rescued>,
    /// All of them.
    pub pairs_rescued: u64,
}

/// A pair that passed on a later attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// Which.
    pub pair: Pair,
    /// What came of each attempt before that one, at least of the first: `refused by 10.0.0.1`.
    pub failed: Vec<String>,
}

impl Rescued {
    /// The attempt on which it passed; from 2.
    #[must_use]
    pub fn passed_on(&self) -> usize {
        self.failed.len() + 1
    }
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
    /// Latency of the answers, for each quantile that there are enough of them for, in the order of [`Quantile::ALL`].
    pub latency: Vec<(Quantile, Micros)>,
    /// The same of each step that was timed.
    pub steps: Vec<(Step, Vec<(Quantile, Micros)>)>,
    /// How much one latency differs from the one before: the mean, and the interarrival jitter of RFC 3550, of the worst pair.
    pub jitter: Option<(Micros, Micros)>,
    /// What answers said, with how often; the commonest first.
    pub seen: Vec<(Sight, u64)>,
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
        /// What came of each attempt: `refused by 10.0.0.1`; empty where there is no `retry`.
        attempts: Vec<String>,
    },
    /// Not measured.
    Unmeasured(Cause),
}
