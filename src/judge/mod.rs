//! What the measurements mean: bounds held against outcomes, in numbers and in words.
//! Pure. It must not know how anything was measured, by whom it was carried, or how it is shown.

mod attempts;
mod bounds;
mod checks;
mod counts;
mod enough;
mod figures;
mod flaky;
mod flows;
mod ill_pairs;
mod power;
mod result;
mod sights;
mod web;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::model::case::{CaseReport, Coverage, Figures, PairReport, PairState, Power};
use crate::model::comparison::Operator;
use crate::model::expect::{Claim, Scope};
use crate::model::plan::PlannedCase;
use crate::model::suite::Case;
use crate::model::target::{NodeAddress, Pair, Unstated};
use crate::model::units::{Micros, Ppm};
use crate::model::vantage::Station;
use crate::model::verdict::{Cause, Check, CheckResult, Mismatch, Skip, Verdict};

pub use attempts::Attempts;
use figures::Pool;
pub use flaky::follows;
use ill_pairs::IllPairs;
pub use result::PairResult;

/// The verdict over a case: `results` holds one for each pair of the plan, in its order.
#[must_use]
pub fn judge(planned: &PlannedCase, results: &[PairResult]) -> CaseReport {
    if let Some(mismatch) = &planned.refuted {
        return blank(planned.suite, &planned.case, Verdict::Failed(mismatch.clone()));
    }
    let mut pool = Pool::default();
    for result in results {
        if let PairResult::Measured(attempts) = result {
            pool.add(attempts.first());
        }
    }
    let measured: Vec<(&Pair, &Attempts)> = planned
        .pairs
        .iter()
        .zip(results)
        .filter_map(|(pair, result)| if let PairResult::Measured(attempts) = result { Some((pair, attempts)) } else { None })
        .collect();
    let checks = if measured.is_empty() { Vec::new() } else { checks::judged(&planned.case, &measured, &pool, &gaps(planned, results)) };
    let mut report = blank(planned.suite, &planned.case, Verdict::Passed);
    report.coverage.measured = measured.len() as u64;
    report.coverage.planned = planned.pairs.len() as u64;
    report.coverage.total = planned.total;
    report.coverage.strategy = planned.strategy;
    report.shown = if measured.is_empty() { Vec::new() } else { checks::shown(&planned.case, &measured, &pool) };
    report.figures = pool.figures();
    report.power = if measured.is_empty() { Vec::new() } else { power(&planned.case, pool.sent()) };
    report.notes = accepted(results);
    let IllPairs { mut failed, tolerated } = IllPairs::among(planned, results, &checks);
    report.notes.extend(words::unreached(planned, &failed).map(|words| format!("{words}: {}", words::where_to_look(planned))));
    let unmeasured = unmeasured_pairs(planned, results);
    let missed: Vec<&Check> = checks.iter().filter(|check| check.result.is_missed()).collect();
    let gap = most_frequent(&unmeasured).or_else(|| measured.is_empty().then(|| nothing_measured(planned, results)));
    let lacking = words::lacked(&planned.case, results);
    let mismatch = words::mismatch(planned, &missed, (&failed, lacking));
    report.retries = planned.case.retry.as_ref().map(|retry| flaky::retries(retry, planned, results));
    let flaky = report.retries.as_ref().map_or_else(Vec::new, |retries| flaky::failed(retries, planned, results));
    let mismatch = mismatch.or_else(|| words::flaky(planned, &flaky));
    failed.extend(flaky);
    report.notes.extend(enough::room(&checks).filter(|_| !tolerated.is_empty()).map(|room| words::tolerated(room, &tolerated)));
    report.pairs_failed = (failed.len() + tolerated.len()) as u64;
    report.verdict = verdict(mismatch, gap, &checks);
    report.checks = checks;
    report.pairs_unmeasured = unmeasured.len() as u64;
    report.pairs = failed.into_iter().chain(unmeasured).chain(tolerated).take(CaseReport::PAIRS).collect();
    report
}

/// A case that is not run, for a reason that is no trouble.
#[must_use]
pub fn skipped(planned: &PlannedCase, skip: Skip) -> CaseReport {
    let mut report = blank(planned.suite, &planned.case, Verdict::Skipped(skip));
    report.coverage = Coverage { measured: 0, planned: planned.pairs.len() as u64, total: planned.total, strategy: planned.strategy };
    report
}

/// Who has no address of a family: nobody of them has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// Of all agents.
    Agents,
    /// Of the agents that stand so, while others have.
    AgentsIn(Station),
    /// Of the nodes, as the inventory states such addresses of them.
    Nodes(NodeAddress),
    /// Of the name servers that agents know.
    Resolvers,
}

/// A case whose family nobody at one of its ends has an address of: skipped, or failed if the suite says that it must be there.
#[must_use]
pub fn family_absent(planned: &PlannedCase, lacking: Lacking, must_be_there: bool) -> CaseReport {
    let of = planned.case.probe.burst().family;
    let family = of.words();
    let why = match lacking {
        Lacking::Agents => format!("no agent has an {family} address"),
        Lacking::AgentsIn(station) => format!("no agent {} has an {family} address", station.place()),
        Lacking::Nodes(address) => format!("no node states an {}", Unstated::Address(address, of)),
        Lacking::Resolvers => format!("no agent's resolv.conf names an {family} name server"),
    };
    let mut report = skipped(planned, Skip { code: "no-family", why: why.clone() });
    if must_be_there {
        let message = format!("{why}, and the suite's expectFamilies says that there must be");
        report.verdict = Verdict::Failed(Mismatch { code: "family-missing", message });
    }
    report
}

/// A case of a run that ended before there was a plan.
#[must_use]
pub fn not_planned(suite: usize, case: &Case, cause: Cause) -> CaseReport {
    blank(suite, case, Verdict::Errored(cause))
}

fn blank(suite: usize, case: &Case, verdict: Verdict) -> CaseReport {
    CaseReport {
        suite,
        id: case.id.clone(),
        span: case.span.clone(),
        tags: case.tags.clone(),
        about: case.about.clone(),
        probe: case.probe.clone(),
        verdict,
        duration: Micros(0),
        coverage: Coverage::default(),
        figures: Figures::default(),
        power: Vec::new(),
        checks: Vec::new(),
        shown: Vec::new(),
        pairs: Vec::new(),
        pairs_failed: 0,
        pairs_unmeasured: 0,
        retries: None,
        notes: Vec::new(),
    }
}

/// What is missing of the whole; accepted gaps are not: the user wants the verdict of the rest.
fn gaps(planned: &PlannedCase, results: &[PairResult]) -> bounds::Gaps {
    let causes = || results.iter().filter_map(PairResult::unmeasured);
    // What was not asked could have been as much as a pair may be asked: of lookups nobody knows how many queries they take.
    let (_, most) = planned.case.probe.sends();
    let pairs = causes().count() as u64;
    bounds::Gaps { cause: causes().next().cloned(), questions: pairs * u64::from(most), pairs }
}

/// Evidence first, then gaps, then what cannot be told; a pass is what is left.
fn verdict(mismatch: Option<Mismatch>, gap: Option<Cause>, checks: &[Check]) -> Verdict {
    if let Some(mismatch) = mismatch {
        return Verdict::Failed(mismatch);
    }
    let unknown = || {
        checks.iter().find_map(|check| match &check.result {
            CheckResult::Unknown(cause) => Some(cause.clone()),
            CheckResult::Met | CheckResult::Missed { .. } | CheckResult::Unanswered { .. } | CheckResult::Counted { .. } => None,
        })
    };
    gap.or_else(unknown).map_or(Verdict::Passed, Verdict::Errored)
}

/// Why not one pair was measured, where no gap counts by itself: a pass on nothing is no pass.
fn nothing_measured(planned: &PlannedCase, results: &[PairResult]) -> Cause {
    let accepted = results.iter().find_map(PairResult::accepted).cloned();
    accepted.unwrap_or_else(|| Cause::NoPairs { why: planned.no_pairs.clone().unwrap_or_else(|| "the plan has none".to_owned()) })
}

fn most_frequent(unmeasured: &[PairReport]) -> Option<Cause> {
    let mut counts: HashMap<&Cause, (usize, usize)> = HashMap::new();
    for (index, report) in unmeasured.iter().enumerate() {
        if let PairState::Unmeasured(cause) = &report.state {
            counts.entry(cause).or_insert((0, usize::MAX - index)).0 += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, rank)| *rank).map(|(cause, _)| cause.clone())
}

fn unmeasured_pairs(planned: &PlannedCase, results: &[PairResult]) -> Vec<PairReport> {
    let unmeasured = |(pair, result): (&Pair, &PairResult)| {
        result.unmeasured().map(|cause| PairReport { pair: pair.clone(), state: PairState::Unmeasured(cause.clone()) })
    };
    planned.pairs.iter().zip(results).filter_map(unmeasured).collect()
}

/// What the user's `--agents-min` let pass, said aloud.
fn accepted(results: &[PairResult]) -> Vec<String> {
    let mut causes: Vec<(&Cause, u64)> = Vec::new();
    for cause in results.iter().filter_map(PairResult::accepted) {
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, count)) => *count += 1,
            None => causes.push((cause, 1)),
        }
    }
    let planned = results.len();
    causes.iter().map(|(cause, count)| format!("{count} of {planned} pairs not measured, accepted by --agents-min: {cause}")).collect()
}

/// What each bound on loss would find. Without one no loss is found, however much of it the figures show.
fn power(case: &Case, sent: u64) -> Vec<Power> {
    let mut found: Vec<Power> = Vec::new();
    for bound in &case.expect {
        let Claim::Loss(comparison) = &bound.claim else { continue };
        // Of one pair nothing is found where pairs are counted.
        if bound.scope == Scope::Each && enough::counts(case) {
            continue;
        }
        // That anything is answered at all says nothing of how much is lost.
        if (comparison.operator, comparison.limit) == (Operator::Below, Ppm::WHOLE) {
            continue;
        }
        if let (Scope::Each, Some(retry)) = (bound.scope, &case.retry) {
            found.push(Power { scope: bound.scope, finds: flaky::finds(retry) });
            continue;
        }
        let sample = match bound.scope {
            Scope::Each => u64::from(case.probe.burst().count.get()),
            Scope::Overall => sent,
        };
        let most = u64::try_from(u128::from(sample) * u128::from(comparison.limit.0) / 1_000_000).unwrap_or(u64::MAX);
        let exact = u128::from(most) * 1_000_000 == u128::from(sample) * u128::from(comparison.limit.0);
        let allowed = match comparison.operator {
            Operator::Below if exact => most.saturating_sub(1),
            Operator::Below | Operator::AtMost | Operator::Equal => most,
            // "At least so much loss" is no wish that a loss could break.
            Operator::AtLeast | Operator::Above => continue,
        };
        found.push(Power { scope: bound.scope, finds: power::finds(sample, allowed) });
    }
    found
}
