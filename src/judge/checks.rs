//! Everything that a suite wants of a case, held against what was measured. It must not know how a single bound is.

use super::attempts::Attempts;
use super::bounds::{self, Gaps};
use super::enough::{self, Census};
use super::figures::Pool;
use crate::model::expect::{Bound, Claim, Metric, Scope, Unjudged};
use crate::model::suite::Case;
use crate::model::target::Pair;
use crate::model::verdict::{Check, Shown};

/// Every bound of the case, in the order of the suite. `measured` is not empty.
pub(super) fn judged(case: &Case, measured: &[(&Pair, &Attempts)], pool: &Pool, gaps: &Gaps) -> Vec<Check> {
    let census = enough::counts(case).then(|| Census::of(case, measured));
    let check = |bound: &Bound| match (bound.scope, &bound.claim, &census) {
        (_, Claim::PairsOk(least), Some(census)) => {
            Check { bound: bound.clone(), measured: census.words(), result: census.result(*least, gaps) }
        }
        (Scope::Each, _, Some(census)) => {
            let check = bounds::check_each(case, bound, measured);
            Check { result: census.takes(check.result), ..check }
        }
        (Scope::Each, _, None) => bounds::check_each(case, bound, measured),
        (Scope::Overall, ..) => bounds::check_overall((case, bound), measured, pool, gaps),
    };
    case.expect.iter().map(check).collect()
}

/// What is measured and not judged; of each pair, the worst is shown.
pub(super) fn shown(case: &Case, measured: &[(&Pair, &Attempts)], pool: &Pool) -> Vec<Shown> {
    let words = |unjudged: &Unjudged| match unjudged.scope {
        Scope::Overall if unjudged.metric == Metric::PairsOk => Census::of(case, measured).words(),
        Scope::Overall => bounds::measured_words(case, unjudged.metric, pool),
        Scope::Each => bounds::show_each(case, unjudged.metric, measured),
    };
    case.unjudged.iter().map(|unjudged| Shown { metric: unjudged.clone(), measured: words(unjudged) }).collect()
}
