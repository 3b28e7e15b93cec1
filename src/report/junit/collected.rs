//! What was collected for the cases of a suite, as its `system-out`: readers show it below the cases, or not at all. It must not know
//! who collected it.

use super::body::body;
use crate::model::collect::{Collected, Found};
use crate::model::run::Run;
use crate::report::clean;

/// All of it, at most so many bytes; none if nothing was collected for that suite.
pub(super) fn text(run: &Run, suite: &str, most: usize) -> Option<String> {
    let of_suite = |piece: &&Collected| piece.cases.iter().any(|case| &*case.suite == suite);
    let pieces: Vec<String> = run.collected.iter().filter(of_suite).map(piece).collect();
    (most > 0 && !pieces.is_empty()).then(|| body(&pieces.join("\n"), most))
}

fn piece(piece: &Collected) -> String {
    let head = clean::one_line(&piece.what.of(&piece.vantage));
    match &piece.found {
        Found::Text(text) => format!("{head}:\n{text}\n"),
        Found::Nothing(why) => format!("{head}: not to be had: {}\n", clean::one_line(why)),
    }
}
