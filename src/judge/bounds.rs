//! One bound at a time, held against a pair or against all of them. It must not know what follows from it.

use crate::model::comparison::{Comparison, Operator};
use crate::model::expect::{Bound, Claim, Counted, Metric, Scope};
use crate::model::outcome::{Step, Tally};
use crate::model::suite::Case;
use crate::model::target::Pair;
use crate::model::units::{Micros, Ppm, thousands};
use crate::model::verdict::{Cause, Check, CheckResult};

use super::attempts::Attempts;
use super::figures::Pool;
use super::sights;

/// How one sample stands against one bound.
pub(super) enum Standing {
    Met,
    Missed,
    /// Nothing that was measured tells.
    Unknown(Cause),
}

/// How this pair stands against all that is wanted of each: missed if it misses anything of it.
pub(super) fn stands_each(case: &Case, attempts: &Attempts) -> Standing {
    let mut all = Standing::Met;
    for (_, bound, pool) in wanted_of(case, attempts) {
        match stands(bound, &pool) {
            Standing::Missed => return Standing::Missed,
            Standing::Unknown(cause) => all = Standing::Unknown(cause),
            Standing::Met => {}
        }
    }
    all
}

/// How badly this pair misses the first bound on each pair that it misses, if it misses any: loss first, as bounds are in order.
pub(super) fn misses_each(case: &Case, attempts: &Attempts) -> Option<(usize, i128)> {
    let mut missed = wanted_of(case, attempts).filter(|(_, bound, pool)| matches!(stands(bound, pool), Standing::Missed));
    missed.next().map(|(index, bound, pool)| (case.expect.len() - index, badness(&bound.claim, &pool)))
}

/// The bounds on each pair, by their places in the case, with what decides of this pair.
fn wanted_of<'a>(case: &'a Case, attempts: &'a Attempts) -> impl Iterator<Item = (usize, &'a Bound, Pool)> {
    let each = case.expect.iter().enumerate().filter(|(_, bound)| bound.scope == Scope::Each);
    each.map(|(index, bound)| (index, bound, Pool::of(attempts.decisive(case, &bound.claim))))
}

/// How much a pair adds to what is counted over all of them.
pub(super) const fn part(claim: &Claim, tally: &Tally) -> u32 {
    match claim {
        Claim::Loss(_) => tally.lost(),
        Claim::Count(Counted::Duplicates, _) => tally.duplicates,
        Claim::Count(Counted::Reordered, _) => tally.reordered,
        Claim::Latency(..) | Claim::Jitter(..) | Claim::Seen(_) | Claim::PairsOk(_) => 0,
    }
}

/// What is missing of the whole.
#[derive(Debug)]
pub(super) struct Gaps {
    /// Why, of one of the pairs; none where nothing that counts is missing.
    pub(super) cause: Option<Cause>,
    /// Questions that were not asked, or whose answers are not known.
    pub(super) questions: u64,
    /// Pairs of which nothing is known.
    pub(super) pairs: u64,
}

/// What was measured of this metric, of the pair that has the most of it.
pub(super) fn show_each(case: &Case, metric: Metric, measured: &[(&Pair, &Attempts)]) -> String {
    let pools = measured.iter().map(|(pair, attempts)| (*pair, Pool::of(attempts.first())));
    // The last of equals is taken, so the first pair of the plan is shown.
    let worst = pools.rev().max_by_key(|(_, pool)| size(metric, pool));
    worst.map_or_else(String::new, |(pair, pool)| format!("{}, {pair}", measured_words(case, metric, &pool)))
}

/// How much there is of what nobody wants much of; less than nothing where it cannot be told.
fn size(metric: Metric, pool: &Pool) -> i128 {
    match metric {
        Metric::Loss => Ppm::of(pool.lost(), pool.sent()).0.into(),
        Metric::Latency(step, quantile) => pool.quantile(step, quantile).map_or(-1, |value| value.0.into()),
        Metric::Jitter(kind) => pool.jitter(kind).map_or(-1, |value| value.0.into()),
        Metric::Count(counted) => pool.count(counted).into(),
        Metric::Seen(_) | Metric::PairsOk => 0,
    }
}

/// A bound on all pairs together. Where some are missing, it is missed only if it would be even with the best that they could have been.
pub(super) fn check_overall((case, bound): (&Case, &Bound), measured: &[(&Pair, &Attempts)], pool: &Pool, gaps: &Gaps) -> Check {
    let silent = measured.iter().filter(|(_, attempts)| attempts.first().answered == 0).count();
    // What is wanted of every path is not had by those that carry something.
    if sights::is_of_paths(bound.claim.of()) && silent > 0 && pool.answered() > 0 {
        let words = format!("{}; nothing of {silent} of {} pairs", measured_words(case, bound.claim.of(), pool), measured.len());
        return Check { bound: bound.clone(), measured: words, result: CheckResult::Missed { pairs: 0 } };
    }
    let missed = |pairs| if is_silence(&bound.claim, pool) { CheckResult::Unanswered { pairs } } else { CheckResult::Missed { pairs } };
    let result = match stands(bound, pool) {
        Standing::Missed if !missed_whatever(&bound.claim, pool, gaps.questions) => match &gaps.cause {
            Some(cause) => CheckResult::Unknown(cause.clone()),
            None => missed(0),
        },
        Standing::Met => CheckResult::Met,
        Standing::Missed => missed(0),
        Standing::Unknown(cause) => CheckResult::Unknown(cause),
    };
    Check { bound: bound.clone(), measured: against(case, &bound.claim, pool), result }
}

/// What was measured, and what of it is not there.
fn against(case: &Case, claim: &Claim, pool: &Pool) -> String {
    let lacking = if let Claim::Seen(wish) = claim { sights::lacking(wish, pool.seen()) } else { None };
    let words = measured_words(case, claim.of(), pool);
    lacking.map_or_else(|| words.clone(), |lacking| format!("{words}, {lacking}"))
}

/// A bound on each pair.
pub(super) fn check_each(case: &Case, bound: &Bound, measured: &[(&Pair, &Attempts)]) -> Check {
    let decisive = |attempts: &Attempts| Pool::of(attempts.decisive(case, &bound.claim));
    let pools: Vec<(&Pair, Pool)> = measured.iter().map(|(pair, attempts)| (*pair, decisive(attempts))).collect();
    let (mut missed, mut silent) = (0, 0);
    let mut unknown = None;
    for (_, pool) in &pools {
        match stands(bound, pool) {
            Standing::Met => {}
            Standing::Missed => (missed, silent) = (missed + 1, silent + u64::from(is_silence(&bound.claim, pool))),
            Standing::Unknown(cause) => unknown = unknown.or(Some(cause)),
        }
    }
    let result = match (missed, unknown) {
        (0, None) => CheckResult::Met,
        (0, Some(cause)) => CheckResult::Unknown(cause),
        (pairs, _) if pairs == silent => CheckResult::Unanswered { pairs },
        (pairs, _) => CheckResult::Missed { pairs },
    };
    // The last of equals is taken, so the first pair of the plan is shown.
    let worst = pools.iter().rev().max_by_key(|(_, pool)| badness(&bound.claim, pool));
    let measured = worst.map_or_else(String::new, |(pair, pool)| {
        let words = against(case, &bound.claim, pool);
        if missed > 0 { format!("{words}, {pair}; missed by {missed} of {} pairs", thousands(pools.len() as u64)) } else { words }
    });
    Check { bound: bound.clone(), measured, result }
}

/// Whether what is wanted of answers is missed since there are none.
fn is_silence(claim: &Claim, pool: &Pool) -> bool {
    matches!(claim, Claim::Seen(_)) && pool.answered() == 0
}

fn too_few(bound: &Bound, have: u64, need: u64) -> Cause {
    Cause::TooFewSamples { metric: format!("{}.{}", bound.scope, bound.claim.metric()), have, need }
}

fn stands(bound: &Bound, pool: &Pool) -> Standing {
    let too_few = |have, need| Standing::Unknown(too_few(bound, have, need));
    let met = match &bound.claim {
        // Of nothing that was asked, nothing can be told.
        Claim::Loss(_) | Claim::Count(..) if pool.sent() == 0 => return too_few(0, 1),
        Claim::Loss(comparison) => loss_holds(comparison, pool.lost(), pool.sent()),
        Claim::Latency(step, quantile, comparison) => match pool.quantile(*step, *quantile) {
            Some(value) => comparison.operator.holds(&value, &comparison.limit),
            None => return too_few(pool.samples(*step), quantile.least_samples()),
        },
        Claim::Jitter(kind, comparison) => match pool.jitter(*kind) {
            Some(value) => comparison.operator.holds(&value, &comparison.limit),
            None => return too_few(pool.samples(Step::Whole).min(1), 2),
        },
        Claim::Count(counted, comparison) => comparison.operator.holds(&pool.count(*counted), &comparison.limit),
        // Where nobody answered, nobody said what was wanted.
        Claim::Seen(_) if pool.answered() == 0 => false,
        // Pairs are counted, and samples say nothing of how many there are.
        Claim::PairsOk(_) => return too_few(0, 1),
        Claim::Seen(wish) => match sights::excuse(wish, pool.seen()) {
            Some(cause) => return Standing::Unknown(cause),
            None => sights::meet(wish, pool.seen()),
        },
    };
    if met { Standing::Met } else { Standing::Missed }
}

/// Whether the missing questions could not have changed that the bound is missed.
fn missed_whatever(claim: &Claim, pool: &Pool, missing: u64) -> bool {
    let comparison = match claim {
        Claim::Loss(comparison) => comparison,
        Claim::Count(_, Comparison { operator: Operator::AtMost | Operator::Below, .. }) => return true,
        Claim::Seen(wish) => return missing == 0 || (pool.answered() > 0 && sights::missed_for_good(wish, pool.seen())),
        Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) | Claim::PairsOk(_) => return missing == 0,
    };
    let lost = match comparison.operator {
        // The best that they could have been: all answered, or all lost.
        Operator::AtMost | Operator::Below => pool.lost(),
        Operator::AtLeast | Operator::Above => pool.lost() + missing,
        Operator::Equal => return missing == 0,
    };
    !loss_holds(comparison, lost, pool.sent() + missing)
}

/// Loss is compared in whole numbers: `lost / sent OPERATOR limit / 1,000,000`, without rounding.
fn loss_holds(comparison: &Comparison<Ppm>, lost: u64, sent: u64) -> bool {
    let lost = u128::from(lost) * u128::from(Ppm::WHOLE.0);
    let limit = u128::from(comparison.limit.0) * u128::from(sent);
    comparison.operator.holds(&lost, &limit)
}

/// Whether an attempt at a pair meets all that asking again can mend: what is wanted of its loss, and of its answers.
pub(super) fn passes(case: &Case, tally: &Tally) -> bool {
    let each = case.expect.iter().filter(|bound| bound.scope == Scope::Each);
    let mut mended = each.filter(|bound| matches!(bound.claim, Claim::Loss(_) | Claim::Seen(_)));
    mended.all(|bound| matches!(stands(bound, &Pool::of(tally)), Standing::Met))
}

/// The attempts that failed, if a later one passed.
pub(super) fn failed_before_a_pass<'a>(case: &Case, attempts: &'a Attempts) -> Option<impl Iterator<Item = &'a Tally> + use<'a>> {
    attempts.before_the_last().filter(|_| passes(case, attempts.last()))
}

/// Whether an attempt at a pair meets what is wanted of its answers; a lost one is no matter of theirs.
pub(super) fn answers_fit(case: &Case, tally: &Tally) -> bool {
    let each = case.expect.iter().filter(|bound| bound.scope == Scope::Each);
    let mut seen = each.filter(|bound| matches!(bound.claim, Claim::Seen(_)));
    seen.all(|bound| matches!(stands(bound, &Pool::of(tally)), Standing::Met))
}

/// How far a pair is on the wrong side, or towards it: larger is worse.
fn badness(claim: &Claim, pool: &Pool) -> i128 {
    match claim {
        Claim::Loss(comparison) => distance(comparison.operator, Ppm::of(pool.lost(), pool.sent()).0.into(), comparison.limit.0.into()),
        Claim::Latency(step, quantile, comparison) => {
            let value = pool.quantile(*step, *quantile).unwrap_or_default();
            distance(comparison.operator, value.0.into(), comparison.limit.0.into())
        }
        Claim::Jitter(kind, comparison) => {
            let value = pool.jitter(*kind).unwrap_or_default();
            distance(comparison.operator, value.0.into(), comparison.limit.0.into())
        }
        Claim::Count(counted, comparison) => distance(comparison.operator, pool.count(*counted).into(), comparison.limit.into()),
        Claim::PairsOk(_) => 0,
        Claim::Seen(_) if pool.answered() == 0 => i128::MAX,
        Claim::Seen(wish) => sights::badness(wish, pool.seen()),
    }
}

const fn distance(operator: Operator, value: i128, limit: i128) -> i128 {
    match operator {
        Operator::AtMost | Operator::Below => value - limit,
        Operator::AtLeast | Operator::Above => limit - value,
        Operator::Equal => (value - limit).abs(),
    }
}

/// What was measured of this metric.
pub(super) fn measured_words(case: &Case, metric: Metric, pool: &Pool) -> String {
    match metric {
        Metric::Loss => {
            let (lost, sent) = (pool.lost(), pool.sent());
            format!("{} ({} of {} {})", Ppm::of(lost, sent), thousands(lost), thousands(sent), case.probe.unit())
        }
        Metric::Latency(step, quantile) => answers(pool.quantile(step, quantile), pool.samples(step)),
        Metric::Jitter(kind) => answers(pool.jitter(kind), pool.samples(Step::Whole)),
        Metric::Count(counted) => format!("{} of {} {}", thousands(pool.count(counted)), thousands(pool.sent()), case.probe.unit()),
        Metric::PairsOk => String::new(),
        Metric::Seen(_) if pool.answered() == 0 => format!("no answer to {} {}", thousands(pool.sent()), case.probe.unit()),
        Metric::Seen(subject) => sights::words(subject, pool.seen()),
    }
}

fn answers(value: Option<Micros>, samples: u64) -> String {
    let samples = thousands(samples);
    value.map_or_else(|| format!("too few answers ({samples})"), |value| format!("{value} ({samples} answers)"))
}
