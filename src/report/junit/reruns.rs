//! The attempts of a case as surefire's schema has them: `flakyFailure` for each one that failed before the case passed or could
//! have, `rerunFailure` for each later one of a case that failed. It must not know what the case came to besides.

use std::collections::HashSet;

use quick_junit::{FlakyOrRerun, NonSuccessKind, TestRerun};

use super::body::body;
use crate::model::case::{CaseReport, PairState};
use crate::model::target::Pair;
use crate::model::units::counted;
use crate::model::verdict::Verdict;
use crate::report::clean;

/// Pairs that are named for an attempt.
const PAIRS: usize = 20;

/// Whether every pair that failed passed on a later attempt.
pub(super) fn kind(case: &CaseReport) -> FlakyOrRerun {
    match &case.verdict {
        Verdict::Failed(mismatch) if mismatch.code == "flaky" => FlakyOrRerun::Flaky,
        Verdict::Failed(_) | Verdict::Passed | Verdict::Errored(_) | Verdict::Skipped(_) => FlakyOrRerun::Rerun,
    }
}

/// An element for each attempt that failed; of a case that failed with all its attempts, the first is the failure itself.
pub(super) fn of(case: &CaseReport, most: usize) -> Vec<TestRerun> {
    let Some(retries) = &case.retries else { return Vec::new() };
    let (flaky, attempts) = (kind(case) == FlakyOrRerun::Flaky || case.verdict == Verdict::Passed, retries.retry.attempts as usize);
    let of_attempt = |number: usize| {
        let lines = failures(case, number);
        (!lines.is_empty()).then(|| element(&lines, (number, attempts), most))
    };
    (if flaky { 1 } else { 2 }..=attempts).filter_map(of_attempt).collect()
}

fn element(lines: &[String], (number, attempts): (usize, usize), most: usize) -> TestRerun {
    let message = format!("attempt {number} of {attempts}: {} failed", counted(lines.len() as u64, "pair"));
    let shown: Vec<String> = lines.iter().take(PAIRS).map(|line| clean::one_line(line)).collect();
    let hidden = lines.len().saturating_sub(PAIRS);
    let more = if hidden > 0 { format!("and {} more\n", counted(hidden as u64, "pair")) } else { String::new() };
    let text = format!("{message}\n{}\n{more}", shown.join("\n"));
    let mut element = TestRerun::new(NonSuccessKind::Failure);
    element.set_type("loss").set_message(message.as_str()).set_description(body(&text, most));
    element
}

/// The pairs that failed on that attempt, each with what came of it.
fn failures(case: &CaseReport, number: usize) -> Vec<String> {
    let mut lines = Vec::new();
    // Where it fails the case to need another attempt, pairs are among both.
    let told: HashSet<&Pair> = case.retries.iter().flat_map(|retries| &retries.rescued).map(|rescued| &rescued.pair).collect();
    for rescued in case.retries.iter().flat_map(|retries| &retries.rescued) {
        lines.extend(rescued.failed.get(number - 1).map(|why| format!("{}: {why}", rescued.pair)));
    }
    for report in &case.pairs {
        if let PairState::Failed { attempts, .. } = &report.state
            && !told.contains(&report.pair)
        {
            lines.extend(attempts.get(number - 1).map(|why| format!("{}: {why}", report.pair)));
        }
    }
    lines
}
