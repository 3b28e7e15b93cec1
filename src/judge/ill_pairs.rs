//! Pairs that are not as wanted: those that fail their case, and those for which `pairsOk` leaves room. It must not know what a bound
//! compares.

use super::{Attempts, PairResult, bounds, enough, words};
use crate::model::case::{Figures, PairReport, PairState};
use crate::model::expect::{Claim, Metric, Scope};
use crate::model::plan::PlannedCase;
use crate::model::verdict::Check;

/// Each list with the worst first.
#[derive(Debug)]
pub(super) struct IllPairs {
    /// Pairs that miss a bound on each; when only the whole misses one of loss or of what is counted, those that have a part in it.
    pub(super) failed: Vec<PairReport>,
    /// Pairs that miss a bound on each, where they are counted and are not too many, or nobody can tell whether they are.
    pub(super) tolerated: Vec<PairReport>,
}

/// How badly a pair stands, by the first of its bounds and by how much.
type Badness = (usize, i128);

impl IllPairs {
    pub(super) fn among(planned: &PlannedCase, results: &[PairResult], checks: &[Check]) -> Self {
        let blame = Blame::of(planned, checks);
        let (mut failed, mut tolerated) = (Vec::new(), Vec::new());
        for (pair, result) in planned.pairs.iter().zip(results) {
            let report = |state| PairReport { pair: pair.clone(), state };
            match result {
                PairResult::Measured(attempts) => {
                    let state = || report(words::pair(pair, &planned.case, attempts));
                    let own = bounds::misses_each(&planned.case, attempts);
                    match (blame.falls_on(own, attempts), own) {
                        (Some(badness), _) => failed.push((badness, state())),
                        (None, Some(badness)) => tolerated.push((badness, state())),
                        (None, None) => {}
                    }
                }
                PairResult::FamilyMissing(vantage, family) => {
                    let family = family.words();
                    let why = format!("{vantage} has no {family} address, and the suite's expectFamilies says that it must");
                    failed.push((WORST, report(without_figures(why))));
                }
                PairResult::NoGateway(vantage, why) => {
                    failed.push((WORST, report(without_figures(format!("{vantage} has no default gateway {why}")))));
                }
                PairResult::Unresolved(unresolved) => {
                    failed.push((WORST, report(without_figures(words::unresolved(&planned.case, unresolved)))));
                }
                PairResult::Unmeasured(_) | PairResult::Accepted(_) => {}
            }
        }
        Self { failed: worst_first(failed), tolerated: worst_first(tolerated) }
    }
}

const WORST: Badness = (usize::MAX, 0);

fn without_figures(why: String) -> PairState {
    PairState::Failed { figures: Figures::default(), why, attempts: Vec::new() }
}

fn worst_first(mut pairs: Vec<(Badness, PairReport)>) -> Vec<PairReport> {
    pairs.sort_by_key(|(badness, _)| std::cmp::Reverse(*badness));
    pairs.into_iter().map(|(_, report)| report).collect()
}

/// What of a case is missed.
struct Blame<'c> {
    /// Whether it counts pairs that miss a bound on each, and these are not too many.
    leaves_room: bool,
    /// Whether too many pairs miss a bound on each: one is too many, where they are not counted.
    by_each: bool,
    by_the_whole: Vec<&'c Claim>,
}

impl<'c> Blame<'c> {
    fn of(planned: &PlannedCase, checks: &'c [Check]) -> Self {
        let missed = || checks.iter().filter(|check| check.result.is_missed()).map(|check| &check.bound);
        let too_few = missed().any(|bound| bound.claim.of() == Metric::PairsOk);
        Self {
            leaves_room: enough::counts(&planned.case) && !too_few,
            by_each: too_few || missed().any(|bound| bound.scope == Scope::Each),
            by_the_whole: missed().filter(|bound| bound.scope == Scope::Overall).map(|bound| &bound.claim).collect(),
        }
    }

    /// How much this pair has to do with it, if anything; `own` is how badly it misses a bound on each.
    fn falls_on(&self, own: Option<Badness>, attempts: &Attempts) -> Option<Badness> {
        let part = self.by_the_whole.iter().map(|claim| bounds::part(claim, attempts.first())).max().unwrap_or(0);
        let contributes = !self.by_each && part > 0;
        own.filter(|_| !self.leaves_room).or(contributes.then(|| (0, i128::from(part))))
    }
}
