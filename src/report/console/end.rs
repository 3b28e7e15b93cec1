//! What is told at the end: what is wrong, in full, and the summary; then what cleaning up left.
//! It must not know what was told before: who reads only the end must find everything.

use super::page::Page;
use super::{ConsoleOptions, Verbosity, case, collected, nodes, some};
use crate::model::case::CaseReport;
use crate::model::event::CleanUp;
use crate::model::exit::Exit;
use crate::model::retry::Flaky;
use crate::model::run::Run;
use crate::model::suite::Weight;
use crate::model::units::counted;
use crate::model::verdict::{Cause, Verdict};
use crate::report::evidence::{self, Extent};
use crate::report::file::{Destination, Format};
use crate::report::style::Tone;
use crate::report::{figures, problem};

/// The worst pairs of a case that are named.
const PAIRS: usize = 10;

/// Cases of a kind that are shown with their evidence.
const FAILED: usize = 50;

/// Cases with the same cause that are named.
const ERRORED: usize = 20;

/// Kept or left things that are named.
const LEFT: usize = 20;

/// Nodes, failures, errors, problems, summary.
pub(super) fn all(page: &mut Page, run: &Run, options: &ConsoleOptions) {
    if options.verbosity > Verbosity::Quiet {
        page.rule();
        nodes::untested(page, run);
        nodes::changed(page, run);
        run.notes.iter().for_each(|note| page.row(Tone::Quiet, "note", note));
    }
    // What decides stands last, next to the summary.
    let rest = rest(&options.reports);
    flaky(page, run, &rest);
    failures(page, run, Weight::Warns, &rest);
    failures(page, run, Weight::Decides, &rest);
    errors(page, run);
    collected::all(page, run, &rest);
    for problem in &run.problems {
        page.block(&problem::text(problem, page.style));
        page.space();
    }
    summary(page, run);
    let unwritten = |path: &String| run.problems.iter().any(|problem| problem.code == "report" && problem.message.contains(path.as_str()));
    let paths = options.reports.iter().map(|(_, destination)| destination.to_string());
    let paths: Vec<_> = paths.filter(|path| !unwritten(path)).collect();
    if !paths.is_empty() {
        page.more(&format!("reports: {}", some(&paths, paths.len())));
    }
}

/// Where more is to be found than the terminal shows.
fn rest(reports: &[(Format, Destination)]) -> String {
    match reports.iter().find(|(format, _)| *format == Format::Json) {
        Some((_, Destination::File(path))) => format!("in {}", path.display()),
        Some((_, Destination::Stdout)) => "in the JSON report".to_owned(),
        None => "(all of them: --report json=FILE)".to_owned(),
    }
}

/// Those that passed with a warning.
fn flaky(page: &mut Page, run: &Run, rest: &str) {
    let flaky = run.cases.iter().filter(|case| case.flaky() == Some(Flaky::Warns));
    evidence(page, &flaky.collect::<Vec<_>>(), rest);
}

/// Those that are warnings, or those that fail the run.
fn failures(page: &mut Page, run: &Run, weight: Weight, rest: &str) {
    let failed = run.cases.iter().filter(|case| matches!(case.verdict, Verdict::Failed(_)) && case.about.weight == weight);
    evidence(page, &failed.collect::<Vec<_>>(), rest);
}

/// Each with what speaks against it.
fn evidence(page: &mut Page, cases: &[&CaseReport], rest: &str) {
    for failed in cases.iter().take(FAILED) {
        case::failed(page, failed);
        page.block(&evidence::text(failed, page.style, Extent { pairs: PAIRS, rest }));
        page.space();
    }
    if let Some(first) = cases.get(FAILED) {
        let (tone, word) = case::word(first);
        page.row(tone, word, &format!("{} more cases {rest}", cases.len() - FAILED));
    }
}

/// Each cause once, with the cases that it touched.
fn errors(page: &mut Page, run: &Run) {
    for (cause, cases) in causes(run) {
        let unmeasured: u64 = cases.iter().map(|case| case.pairs_unmeasured).sum();
        let pairs = if unmeasured == 0 { String::new() } else { format!(", {} not measured", counted(unmeasured, "pair")) };
        let count = counted(cases.len() as u64, "case");
        page.row(Tone::Troubled, "ERROR", &format!("{count}{pairs}: {cause} [{}]", cause.code()));
        for case in cases.iter().take(ERRORED) {
            page.more(&format!("{} ({}:{})", case.id, case.span.file, case.span.line));
        }
        if cases.len() > ERRORED {
            page.more(&format!("and {} more", counted((cases.len() - ERRORED) as u64, "case")));
        }
        page.space();
    }
}

fn causes(run: &Run) -> Vec<(&Cause, Vec<&CaseReport>)> {
    let mut causes: Vec<(&Cause, Vec<&CaseReport>)> = Vec::new();
    for case in &run.cases {
        if let Verdict::Errored(cause) = &case.verdict {
            match causes.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, cases)) => cases.push(case),
                None => causes.push((cause, vec![case])),
            }
        }
    }
    causes
}

fn summary(page: &mut Page, run: &Run) {
    let exit = run.exit();
    let tone = match exit {
        Exit::Passed if run.warns() => Tone::Troubled,
        Exit::Passed => Tone::Good,
        Exit::Failed | Exit::Usage => Tone::Bad,
        Exit::NotMeasured | Exit::NothingRan | Exit::Signalled(_) => Tone::Troubled,
    };
    let totals = figures::totals(run.totals());
    let meaning = if exit == Exit::Passed && run.warns() { "passed, with warnings" } else { exit.meaning() };
    page.row(tone, "Summary", &format!("{} {totals} · exit {} ({})", case::time(run.duration), exit.code(), meaning));
}

/// What is still there, and how to get rid of it.
pub(super) fn clean_up(page: &mut Page, run: &Run, (clean_up, verbosity): (&CleanUp, Verbosity)) {
    for left in clean_up.left.iter().take(LEFT) {
        page.row(Tone::Troubled, "left", left);
    }
    if clean_up.left.len() > LEFT {
        page.more(&format!("and {} more", clean_up.left.len() - LEFT));
    }
    if !clean_up.kept.is_empty() {
        page.row(Tone::Heading, "kept", &some(&clean_up.kept, LEFT));
    }
    if !clean_up.left.is_empty() || !clean_up.kept.is_empty() {
        page.more(&format!("to remove it: netcheck clean --run {}", run.header.id));
    } else if verbosity == Verbosity::Verbose {
        page.row(Tone::Quiet, "cleaned", &format!("nothing is left of run {}", run.header.id));
    }
}
