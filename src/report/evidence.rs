//! What speaks against a case, in full: each bound that it misses, the worst pairs, what was not measured, remarks.
//! The same text stands on the terminal and in the body of a JUnit element. It must not know which.

use super::style::Style;
use super::{clean, snippet};
use crate::model::case::{CaseReport, PairState, Rescued};
use crate::model::diagnostic::Severity;
use crate::model::expect::Claim;
use crate::model::retry::Flaky;
use crate::model::target::Pair;
use crate::model::units::{counted, thousands};
use crate::model::verdict::{Check, CheckResult, Verdict};

/// Reasons for pairs without a measurement that are told apart; the rest is counted.
const REASONS: usize = 5;

/// How much of it is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent<'a> {
    /// Failed pairs to name at most.
    pub pairs: usize,
    /// Where the rest of them is: `in out/results.json`.
    pub rest: &'a str,
}

/// The evidence as lines of text, with a line break at the end; empty if there is none.
pub(super) fn text(case: &CaseReport, style: Style, extent: Extent<'_>) -> String {
    let notes = case.notes.iter().map(|note| format!("note: {}", clean::one_line(note)));
    let lines = failed_pairs(case, extent)
        .into_iter()
        .chain(rescued_pairs(case, extent))
        .chain(unmeasured_pairs(case))
        .chain(notes)
        .chain(about(case));
    bounds(case, style) + &lines.map(|line| line + "\n").collect::<String>()
}

/// Each bound that is not met; a failure that no bound explains is shown at its test. Where it is said that answers are lost, what
/// follows from that is told in a line.
fn bounds(case: &CaseReport, style: Style) -> String {
    let open = case.checks.iter().filter(|check| !matches!(check.result, CheckResult::Met | CheckResult::Counted { pairs: 0 }));
    let severity = if case.warns() { Severity::Warning } else { Severity::Error };
    let lost = case.checks.iter().any(|check| check.result.is_missed() && matches!(check.bound.claim, Claim::Loss(_)));
    let (follow, lead): (Vec<&Check>, Vec<&Check>) = open.partition(|check| lost && matches!(check.result, CheckResult::Unanswered { .. }));
    let follow: Vec<String> = follow.iter().map(|check| check.bound.to_string()).collect();
    let note = (!follow.is_empty()).then(|| format!("note: without an answer these are missed as well: {}\n\n", follow.join(", ")));
    let drawn: String = lead.into_iter().map(|check| snippet::missed(check, severity, style) + "\n").chain(note).collect();
    match &case.verdict {
        Verdict::Failed(mismatch) if drawn.is_empty() => {
            snippet::at(severity, (mismatch.code, &mismatch.message), &case.span, style) + "\n"
        }
        Verdict::Failed(_) | Verdict::Passed | Verdict::Errored(_) | Verdict::Skipped(_) => drawn,
    }
}

/// What its test says of itself, for whoever has to do something about it.
fn about(case: &CaseReport) -> Vec<String> {
    if matches!(case.verdict, Verdict::Passed | Verdict::Skipped(_)) {
        return Vec::new();
    }
    let about = &case.about;
    let words = [("title", &about.title), ("owner", &about.owner), ("runbook", &about.runbook)];
    words.iter().filter_map(|(name, words)| Some(format!("{name}: {}", clean::one_line(words.as_deref()?)))).collect()
}

fn failed_pairs(case: &CaseReport, extent: Extent<'_>) -> Vec<String> {
    let failed: Vec<(String, &str)> = case
        .pairs
        .iter()
        .filter_map(|report| match &report.state {
            PairState::Failed { why, .. } => Some((name(&report.pair), why.as_str())),
            PairState::Unmeasured(_) => None,
        })
        .take(extent.pairs)
        .collect();
    let Some(width) = failed.iter().map(|(pair, _)| pair.chars().count()).max() else { return Vec::new() };
    let order = if case.pairs_failed > 1 { ", the worst first" } else { "" };
    let all = counted(case.coverage.planned, "pair");
    let mut lines = vec![format!("failed: {} of {all}{order}", thousands(case.pairs_failed))];
    lines.extend(failed.iter().map(|(pair, why)| format!("  {pair:<width$}  {}", clean::one_line(why))));
    let hidden = case.pairs_failed.saturating_sub(failed.len() as u64);
    if hidden > 0 {
        lines.push(format!("  {} more {}", thousands(hidden), extent.rest));
    }
    lines
}

/// Where that fails the case, they are among the failed ones.
fn rescued_pairs(case: &CaseReport, extent: Extent<'_>) -> Vec<String> {
    let Some(retries) = case.retries.as_ref().filter(|retries| retries.pairs_rescued > 0 && retries.retry.flaky != Flaky::Fails) else {
        return Vec::new();
    };
    let told: Vec<(String, &Rescued)> = retries.rescued.iter().take(extent.pairs).map(|rescued| (name(&rescued.pair), rescued)).collect();
    let width = told.iter().map(|(pair, _)| pair.chars().count()).max().unwrap_or(0);
    let all = counted(case.coverage.planned, "pair");
    let mut lines = vec![format!("passed on a later attempt: {} of {all}", thousands(retries.pairs_rescued))];
    lines.extend(told.iter().map(|(pair, rescued)| {
        let failed = clean::one_line(&rescued.failed.join(", then "));
        format!("  {pair:<width$}  {failed}; passed on attempt {} of {}", rescued.passed_on(), retries.retry.attempts)
    }));
    let hidden = retries.pairs_rescued.saturating_sub(told.len() as u64);
    if hidden > 0 {
        lines.push(format!("  {} more {}", thousands(hidden), extent.rest));
    }
    lines
}

fn unmeasured_pairs(case: &CaseReport) -> Vec<String> {
    if case.pairs_unmeasured == 0 {
        return Vec::new();
    }
    let reasons = reasons(case);
    let told = || reasons.iter().take(REASONS);
    let mut lines = vec![format!("not measured: {} of {}", thousands(case.pairs_unmeasured), counted(case.coverage.planned, "pair"))];
    lines.extend(told().map(|(reason, count)| format!("  {}: {}", counted(*count, "pair"), clean::one_line(reason))));
    let hidden = case.pairs_unmeasured.saturating_sub(told().map(|(_, count)| count).sum());
    if hidden > 0 {
        lines.push(format!("  and {} more", counted(hidden, "pair")));
    }
    lines
}

/// Why pairs were not measured, the commonest reason first.
fn reasons(case: &CaseReport) -> Vec<(String, u64)> {
    let mut reasons: Vec<(String, u64)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for report in &case.pairs {
        if let PairState::Unmeasured(cause) = &report.state {
            let at = *index.entry(cause).or_insert_with(|| {
                reasons.push((cause.to_string(), 0));
                reasons.len() - 1
            });
            reasons[at].1 += 1;
        }
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons
}

fn name(pair: &Pair) -> String {
    clean::one_line(&pair.to_string())
}
