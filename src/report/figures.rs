//! The figures of a case as a row has room for: pairs, loss, latency, power. The same on the terminal and in JUnit.
//! It must not know where the row goes.

use std::collections::BTreeMap;

use crate::model::case::{CaseReport, Coverage, Figures, Power};
use crate::model::expect::{Quantile, Scope};
use crate::model::outcome::Sight;
use crate::model::run::Totals;
use crate::model::units::{counted, thousands};
use crate::model::verdict::Shown;

/// `120 of 132 pairs  loss 8.33%  p50 1.1ms  p99 2.4ms  finds loss >= 29.3% each, >= 0.26% overall`; empty if nothing was planned.
pub(super) fn row(case: &CaseReport) -> String {
    let parts = [pairs(&case.coverage), path_mtu(&case.figures), loss(&case.figures), latency(&case.figures), finds(&case.power)];
    parts.into_iter().chain(unjudged(case)).chain(retries(case)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

/// How many of how many pairs, and of how many there are if only some were chosen.
pub(super) fn pairs(coverage: &Coverage) -> String {
    let Coverage { measured, planned, total, strategy } = *coverage;
    if planned == 0 {
        return String::new();
    }
    let count =
        if measured == planned { counted(planned, "pair") } else { format!("{} of {}", thousands(measured), counted(planned, "pair")) };
    if planned < total { format!("{count} ({strategy}, of {})", thousands(total)) } else { count }
}

/// The largest packets that paths take, if that was asked: `mtu 1450`, `mtu 1300 to 1450`.
fn path_mtu(figures: &Figures) -> String {
    let sizes = || figures.seen.iter().filter_map(|(sight, _)| if let Sight::PathMtu(found) = sight { Some(found.size) } else { None });
    match sizes().min().zip(sizes().max()) {
        None => String::new(),
        Some((least, most)) if least == most => format!("mtu {most}"),
        Some((least, most)) => format!("mtu {least} to {most}"),
    }
}

fn loss(figures: &Figures) -> String {
    if figures.sent == 0 { String::new() } else { format!("loss {}", figures.loss()) }
}

/// The median, and the highest percentile that there are enough answers for.
fn latency(figures: &Figures) -> String {
    let high = [Quantile::P99, Quantile::P95, Quantile::Max];
    let high = high.into_iter().find(|quantile| figures.quantile(*quantile).is_some());
    let shown = [Some(Quantile::P50), high].into_iter().flatten();
    let texts = shown.filter_map(|quantile| figures.quantile(quantile).map(|value| format!("{} {value}", quantile.name())));
    texts.collect::<Vec<_>>().join("  ")
}

/// What the suite wants to see without judging it, where the row does not show it anyway: `not judged: each.max 9ms (10 answers)`.
fn unjudged(case: &CaseReport) -> Vec<String> {
    let row = format!("{} {} ", loss(&case.figures), latency(&case.figures));
    let there = |shown: &&Shown| shown.metric.scope == Scope::Overall && row.contains(&format!("{} ", shown.metric.metric.name()));
    let text = |shown: &Shown| format!("not judged: {}.{} {}", shown.metric.scope, shown.metric.metric.name(), shown.measured);
    case.shown.iter().filter(|shown| !there(shown)).map(text).collect()
}

/// The pairs that passed on a later attempt: `1 pair on attempt 2/3`.
fn retries(case: &CaseReport) -> Vec<String> {
    let Some(retries) = &case.retries else { return Vec::new() };
    let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
    for rescued in &retries.rescued {
        *counts.entry(rescued.passed_on()).or_default() += 1;
    }
    let text = |(attempt, count): (usize, u64)| format!("{} on attempt {attempt}/{}", counted(count, "pair"), retries.retry.attempts);
    counts.into_iter().map(text).collect()
}

fn finds(power: &[Power]) -> String {
    let scopes: Vec<_> = power.iter().map(|power| format!(">= {} {}", power.finds, power.scope)).collect();
    if scopes.is_empty() { String::new() } else { format!("finds loss {}", scopes.join(", ")) }
}

/// `11 cases: 9 passed, 1 failed, 1 skipped`.
pub(super) fn totals(totals: Totals) -> String {
    let parts = [
        (totals.passed, "passed"),
        (totals.failed, "failed"),
        (totals.warned, "warned"),
        (totals.errored, "errored"),
        (totals.skipped, "skipped"),
    ];
    let flaky = |word| if word == "passed" && totals.flaky > 0 { format!(" ({} flaky)", totals.flaky) } else { String::new() };
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, word)| format!("{count} {word}{}", flaky(*word))).collect();
    let all = counted(totals.all() as u64, "case");
    if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::expect::Scope;
    use crate::model::units::{Micros, Ppm};

    fn check(measured: u64, planned: u64, total: u64, expected: &str) {
        assert_eq!(pairs(&Coverage { measured, planned, total, strategy: "circulant" }), expected);
    }

    #[test]
    fn pairs_say_what_was_left_out() {
        check(132, 132, 132, "132 pairs");
        check(1, 1, 1, "1 pair");
        check(90, 132, 132, "90 of 132 pairs");
        check(65_000, 65_000, 24_995_000, "65,000 pairs (circulant, of 24,995,000)");
        check(64_990, 65_000, 24_995_000, "64,990 of 65,000 pairs (circulant, of 24,995,000)");
        check(0, 132, 132, "0 of 132 pairs");
        check(0, 0, 0, "");
    }

    #[test]
    fn latency_shows_what_there_is() {
        let of = |latency| super::latency(&Figures { latency, ..Figures::default() });
        let (p50, p95, p99, max) = (Quantile::P50, Quantile::P95, Quantile::P99, Quantile::Max);
        assert_eq!(of(vec![(p50, Micros(250)), (p95, Micros(300)), (p99, Micros(1_800)), (max, Micros(9_000))]), "p50 250µs  p99 1.8ms");
        assert_eq!(of(vec![(p50, Micros(250)), (max, Micros(9_000))]), "p50 250µs  max 9ms");
        assert_eq!(of(vec![(max, Micros(9_000))]), "max 9ms");
        assert_eq!(of(vec![]), "");
    }

    #[test]
    fn power_names_its_scope() {
        let power = [Power { scope: Scope::Each, finds: Ppm(292_000) }, Power { scope: Scope::Overall, finds: Ppm(2_614) }];
        assert_eq!(finds(&power), "finds loss >= 29.2% each, >= 0.26% overall");
        assert_eq!(finds(&[]), "");
    }

    #[test]
    fn totals_leave_out_what_there_is_none_of() {
        let of = |passed, failed, errored, skipped| totals(Totals { passed, failed, errored, skipped, ..Totals::default() });
        assert_eq!(of(9, 1, 0, 1), "11 cases: 9 passed, 1 failed, 1 skipped");
        assert_eq!(of(0, 0, 1, 0), "1 case: 1 errored");
        assert_eq!(of(0, 0, 0, 0), "0 cases");
        assert_eq!(totals(Totals { passed: 10, flaky: 1, skipped: 1, ..Totals::default() }), "11 cases: 10 passed (1 flaky), 1 skipped");
        assert_eq!(totals(Totals { warned: 2, ..Totals::default() }), "2 cases: 2 warned");
    }
}
