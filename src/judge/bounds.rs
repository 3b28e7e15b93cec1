//! One bound at a time, held against a pair or against all of them. It must not know what follows from it.

use crate::model::expect::{Bound, Claim, Operator, Scope};
use crate::model::outcome::Tally;
use crate::model::suite::Case;
use crate::model::units::{Ppm, thousands};
use crate::model::vantage::Pair;
use crate::model::verdict::{Cause, Check, CheckResult};

use super::figures::Pool;

/// How one sample stands against one bound.
enum Standing {
    Met,
    Missed,
    TooFew { have: u64, need: u64 },
}

/// Every bound of the case, in the order of the suite. `measured` is not empty.
pub(super) fn check_all(case: &Case, measured: &[(&Pair, &Tally)], pool: &Pool) -> Vec<Check> {
    case.expect
        .iter()
        .map(|bound| match bound.scope {
            Scope::Each => check_each(case, bound, measured),
            Scope::Overall => check_overall(case, bound, pool),
        })
        .collect()
}

/// Whether this pair misses any bound on each pair.
pub(super) fn misses_each(case: &Case, tally: &Tally) -> bool {
    let pool = Pool::of(tally);
    case.expect.iter().any(|bound| bound.scope == Scope::Each && matches!(stands(&bound.claim, &pool), Standing::Missed))
}

fn check_overall(case: &Case, bound: &Bound, pool: &Pool) -> Check {
    let result = match stands(&bound.claim, pool) {
        Standing::Met => CheckResult::Met,
        Standing::Missed => CheckResult::Missed { pairs: 0 },
        Standing::TooFew { have, need } => CheckResult::Unknown(too_few(bound, have, need)),
    };
    Check { bound: bound.clone(), measured: measured_words(case, &bound.claim, pool), result }
}

fn check_each(case: &Case, bound: &Bound, measured: &[(&Pair, &Tally)]) -> Check {
    let pools: Vec<(&Pair, Pool)> = measured.iter().map(|(pair, tally)| (*pair, Pool::of(tally))).collect();
    let mut missed = 0;
    let mut unknown = None;
    for (_, pool) in &pools {
        match stands(&bound.claim, pool) {
            Standing::Met => {}
            Standing::Missed => missed += 1,
            Standing::TooFew { have, need } => unknown = unknown.or(Some((have, need))),
        }
    }
    let result = match (missed, unknown) {
        (0, None) => CheckResult::Met,
        (0, Some((have, need))) => CheckResult::Unknown(too_few(bound, have, need)),
        (pairs, _) => CheckResult::Missed { pairs },
    };
    // The last of equals is taken, so the first pair of the plan is shown.
    let worst = pools.iter().rev().max_by_key(|(_, pool)| badness(&bound.claim, pool));
    let measured = worst.map_or_else(String::new, |(pair, pool)| {
        let words = measured_words(case, &bound.claim, pool);
        if missed > 0 { format!("{words}, {pair}; missed by {missed} of {} pairs", thousands(pools.len() as u64)) } else { words }
    });
    Check { bound: bound.clone(), measured, result }
}

fn too_few(bound: &Bound, have: u64, need: u64) -> Cause {
    Cause::TooFewSamples { metric: format!("{}.{}", bound.scope, bound.claim.metric()), have, need }
}

/// Loss is compared in whole numbers: `lost / sent OPERATOR limit / 1,000,000`, without rounding.
fn stands(claim: &Claim, pool: &Pool) -> Standing {
    let met = match claim {
        Claim::Loss(comparison) => {
            let lost = u128::from(pool.lost()) * u128::from(Ppm::WHOLE.0);
            let limit = u128::from(comparison.limit.0) * u128::from(pool.sent());
            comparison.operator.holds(&lost, &limit)
        }
        Claim::Latency(quantile, comparison) => match pool.quantile(*quantile) {
            Some(value) => comparison.operator.holds(&value, &comparison.limit),
            None => return Standing::TooFew { have: pool.samples(), need: quantile.least_samples() },
        },
    };
    if met { Standing::Met } else { Standing::Missed }
}

/// How far a pair is on the wrong side, or towards it: larger is worse.
fn badness(claim: &Claim, pool: &Pool) -> i128 {
    match claim {
        Claim::Loss(comparison) => distance(comparison.operator, Ppm::of(pool.lost(), pool.sent()).0.into(), comparison.limit.0.into()),
        Claim::Latency(quantile, comparison) => {
            let value = pool.quantile(*quantile).unwrap_or_default();
            distance(comparison.operator, value.0.into(), comparison.limit.0.into())
        }
    }
}

const fn distance(operator: Operator, value: i128, limit: i128) -> i128 {
    match operator {
        Operator::AtMost | Operator::Below => value - limit,
        Operator::AtLeast | Operator::Above => limit - value,
        Operator::Equal => (value - limit).abs(),
    }
}

fn measured_words(case: &Case, claim: &Claim, pool: &Pool) -> String {
    match claim {
        Claim::Loss(_) => {
            let (lost, sent) = (pool.lost(), pool.sent());
            format!("{} ({} of {} {})", Ppm::of(lost, sent), thousands(lost), thousands(sent), case.probe.unit())
        }
        Claim::Latency(quantile, _) => {
            let samples = thousands(pool.samples());
            pool.quantile(*quantile).map_or_else(|| format!("too few answers ({samples})"), |value| format!("{value} ({samples} answers)"))
        }
    }
}
