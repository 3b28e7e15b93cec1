//! Pairs that passed on a later attempt: what is told of them, and that they fail a case which wants that. It must not know why
//! an attempt failed.

use super::attempts::Attempts;
use super::{PairResult, bounds, power, words};
use crate::model::case::{CaseReport, PairReport, Rescued, Retries};
use crate::model::outcome::Tally;
use crate::model::plan::PlannedCase;
use crate::model::retry::{Flaky, Retry};
use crate::model::suite::Case;
use crate::model::target::Pair;
use crate::model::units::Ppm;

/// What became of the attempts of a case.
pub(super) fn retries(retry: &Retry, planned: &PlannedCase, results: &[PairResult]) -> Retries {
    let rescued = rescued(planned, results).filter_map(|(pair, attempts)| {
        let failed = bounds::failed_before_a_pass(&planned.case, attempts)?.map(|tally| words::attempt(&planned.case, tally)).collect();
        Some(Rescued { pair: pair.clone(), failed })
    });
    let all: Vec<Rescued> = rescued.collect();
    let pairs_rescued = all.len() as u64;
    Retries { retry: retry.clone(), rescued: all.into_iter().take(CaseReport::PAIRS).collect(), pairs_rescued }
}

/// The same as failed pairs, where it is not enough to pass on a later attempt.
pub(super) fn failed(retries: &Retries, planned: &PlannedCase, results: &[PairResult]) -> Vec<PairReport> {
    match retries.retry.flaky {
        Flaky::Passes | Flaky::Warns => Vec::new(),
        Flaky::Fails => rescued(planned, results)
            .map(|(pair, attempts)| PairReport { pair: pair.clone(), state: words::pair(pair, &planned.case, attempts) })
            .collect(),
    }
}

/// Whether an attempt that came to this is followed by another, if there is one left: it misses what is wanted, and something was lost
/// in a way that is asked again, or it is asked again after anything.
#[must_use]
pub fn follows(case: &Case, retry: &Retry, tally: &Tally) -> bool {
    !bounds::passes(case, tally) && (retry.only.is_empty() || retry.follows(tally))
}

/// The smallest loss of each attempt with which a pair fails with a probability of at least 99.9 %.
pub(super) fn finds(retry: &Retry) -> Ppm {
    match retry.flaky {
        Flaky::Fails => power::finds(1, 0),
        // It fails if all of its attempts do.
        Flaky::Passes | Flaky::Warns => power::finds(retry.attempts.into(), u64::from(retry.attempts) - 1),
    }
}

fn rescued<'r>(planned: &'r PlannedCase, results: &'r [PairResult]) -> impl Iterator<Item = (&'r Pair, &'r Attempts)> {
    let measured = planned.pairs.iter().zip(results).filter_map(|(pair, result)| match result {
        PairResult::Measured(attempts) => Some((pair, attempts)),
        PairResult::Unmeasured(_)
        | PairResult::Accepted(_)
        | PairResult::FamilyMissing(..)
        | PairResult::NoGateway(..)
        | PairResult::Unresolved(_) => None,
    });
    measured.filter(|(_, attempts)| bounds::failed_before_a_pass(&planned.case, attempts).is_some())
}
