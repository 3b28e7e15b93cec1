//! How many pairs meet everything that is wanted of each, where that decides in place of it. It must not know single bounds.

use super::attempts::Attempts;
use super::bounds::{self, Gaps, Standing};
use crate::model::comparison::AtLeast;
use crate::model::expect::{Claim, Metric};
use crate::model::suite::Case;
use crate::model::target::Pair;
use crate::model::units::{Ppm, thousands};
use crate::model::verdict::{Cause, Check, CheckResult};

/// The measured pairs of a case, counted.
#[derive(Debug, Default)]
pub(super) struct Census {
    well: u64,
    ill: u64,
    /// Of which it cannot be told, and why not of the first.
    unknown: u64,
    cause: Option<Cause>,
}

impl Census {
    pub(super) fn of(case: &Case, measured: &[(&Pair, &Attempts)]) -> Self {
        let mut census = Self::default();
        for (_, attempts) in measured {
            match bounds::stands_each(case, attempts) {
                Standing::Met => census.well += 1,
                Standing::Missed => census.ill += 1,
                Standing::Unknown(cause) => {
                    census.unknown += 1;
                    census.cause.get_or_insert(cause);
                }
            }
        }
        census
    }

    /// `66.66% (4 of 6 pairs)`.
    pub(super) fn words(&self) -> String {
        let all = self.well + self.ill + self.unknown;
        let share = Ppm(Ppm::at_least(self.well, all).0 / 100 * 100);
        format!("{} ({} of {} pairs)", share.exact(), thousands(self.well), thousands(all))
    }

    /// What becomes of a bound on each where pairs are counted. Of a pair that is ill by another bound it may stay unknown whether it meets
    /// this one.
    pub(super) fn takes(&self, result: CheckResult) -> CheckResult {
        match result {
            CheckResult::Missed { pairs } | CheckResult::Unanswered { pairs } => CheckResult::Counted { pairs },
            CheckResult::Unknown(_) if self.unknown == 0 => CheckResult::Counted { pairs: 0 },
            CheckResult::Met | CheckResult::Counted { .. } | CheckResult::Unknown(_) => result,
        }
    }

    /// Missed only if it would be even with the best that all others could have been, met only if it would be even with the worst.
    pub(super) fn result(&self, AtLeast(least): AtLeast<Ppm>, gaps: &Gaps) -> CheckResult {
        let open = self.unknown + gaps.pairs;
        let all = self.well + self.ill + open;
        let holds = |well: u64| u128::from(well) * u128::from(Ppm::WHOLE.0) >= u128::from(least.0) * u128::from(all);
        match self.cause.as_ref().or(gaps.cause.as_ref()) {
            _ if holds(self.well) => CheckResult::Met,
            Some(cause) if holds(self.well + open) => CheckResult::Unknown(cause.clone()),
            Some(_) | None => CheckResult::Missed { pairs: 0 },
        }
    }
}

/// Whether pairs are counted that miss what is wanted of each, and none of them fails the case by itself.
pub(super) fn counts(case: &Case) -> bool {
    case.expect.iter().any(|bound| bound.claim.of() == Metric::PairsOk)
}

/// The bound that leaves room for pairs that miss what is wanted of each, if it is met.
pub(super) fn room(checks: &[Check]) -> Option<&Check> {
    checks.iter().find(|check| matches!((&check.bound.claim, &check.result), (Claim::PairsOk(_), CheckResult::Met)))
}
