//! The row of a case, and the rows below it that belong to it. It must not know what comes before or after.

use super::page::Page;
use crate::model::case::CaseReport;
use crate::model::retry::Flaky;
use crate::model::units::Micros;
use crate::model::verdict::Verdict;
use crate::report::figures;
use crate::report::style::Tone;

/// `PASS  [  6.2s] overlay/pod-to-pod[proto=udp]  132 pairs  loss 0%  p99 1.8ms`, and its remarks.
pub(super) fn row(page: &mut Page, case: &CaseReport, id_width: usize) {
    let (tone, word) = word(case);
    let reason = match &case.verdict {
        Verdict::Passed | Verdict::Failed(_) => String::new(),
        Verdict::Errored(_) | Verdict::Skipped(_) => case.verdict.reason(),
    };
    let parts = [format!("{:<id_width$}", case.id), figures(case), reason];
    let text: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    page.row(tone, word, &format!("{} {}", time(case.duration), text.join("  ")));
    for note in &case.notes {
        page.more(&format!("note: {note}"));
    }
}

/// The row of a case as it stands above its evidence: of one that failed, or passed with a warning.
pub(super) fn failed(page: &mut Page, case: &CaseReport) {
    let (tone, word) = word(case);
    page.row(tone, word, &format!("{} {}  {}", time(case.duration), case.id, figures(case)));
}

/// What was skipped has no figures, and its 0 of 0 pairs would say nothing.
fn figures(case: &CaseReport) -> String {
    match &case.verdict {
        Verdict::Skipped(_) => String::new(),
        Verdict::Passed | Verdict::Failed(_) | Verdict::Errored(_) => figures::row(case),
    }
}

/// The word of rows, with its tone.
pub(super) fn word(case: &CaseReport) -> (Tone, &'static str) {
    match &case.verdict {
        Verdict::Passed if matches!(case.flaky(), Some(Flaky::Warns)) => (Tone::Troubled, "FLAKY"),
        Verdict::Passed => (Tone::Good, "PASS"),
        Verdict::Failed(_) if case.warns() => (Tone::Troubled, "WARN"),
        Verdict::Failed(_) => (Tone::Bad, "FAIL"),
        Verdict::Errored(_) => (Tone::Troubled, "ERROR"),
        Verdict::Skipped(_) => (Tone::Quiet, "SKIP"),
    }
}

/// `[ 11.4s]`; empty brackets where nothing was asked.
pub(super) fn time(duration: Micros) -> String {
    if duration.0 == 0 { "[       ]".to_owned() } else { format!("[{:>7}]", duration.to_string()) }
}
