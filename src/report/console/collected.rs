//! What was collected for cases that failed or were not measured: a few lines of each piece, and where the rest is. It must not know
//! who collected it.

use super::page::Page;
use super::some;
use crate::model::collect::{Collect, Collected, Found};
use crate::model::run::Run;
use crate::model::units::counted;
use crate::report::style::Tone;

/// Pieces that are shown.
const PIECES: usize = 12;

/// Lines of a piece that are shown.
const LINES: usize = 10;

/// Names of agents of which something was not to be had for one and the same reason.
const AGENTS: usize = 5;

/// Every piece, then what was not to be had.
pub(super) fn all(page: &mut Page, run: &Run, rest: &str) {
    let texts: Vec<(&Collected, &str)> = run.collected.iter().filter_map(|piece| Some((piece, text(piece)?))).collect();
    for (piece, text) in texts.iter().take(PIECES) {
        show(page, (piece, text), rest);
    }
    if texts.len() > PIECES {
        page.row(Tone::Heading, "collected", &format!("{} more {rest}", counted((texts.len() - PIECES) as u64, "text")));
    }
    for (what, why, agents) in missing(run) {
        page.row(Tone::Quiet, "collected", &format!("no {} of {}: {why}", what.word(), some(&agents, AGENTS)));
    }
    if !run.collected.is_empty() {
        page.space();
    }
}

fn text(piece: &Collected) -> Option<&str> {
    match &piece.found {
        Found::Text(text) => Some(text),
        Found::Nothing(_) => None,
    }
}

fn show(page: &mut Page, (piece, text): (&Collected, &str), rest: &str) {
    page.row(Tone::Heading, "collected", &piece.what.of(&piece.vantage));
    let lines: Vec<&str> = text.lines().collect();
    let hidden = lines.len().saturating_sub(LINES);
    let more = format!("{} more {rest}", counted(hidden as u64, "line"));
    // Of what goes on and on the newest counts.
    let newest = match piece.what {
        Collect::AgentLog | Collect::Events => true,
        Collect::Routes => false,
    };
    if hidden > 0 && newest {
        page.more(&format!("  … {more}"));
    }
    lines.iter().skip(if newest { hidden } else { 0 }).take(LINES).for_each(|line| page.more(&format!("  {line}")));
    if hidden > 0 && !newest {
        page.more(&format!("  … {more}"));
    }
}

/// What was not to be had, and why, each reason once.
fn missing(run: &Run) -> Vec<(Collect, &str, Vec<String>)> {
    let mut missing: Vec<(Collect, &str, Vec<String>)> = Vec::new();
    for piece in &run.collected {
        if let Found::Nothing(why) = &piece.found {
            let agent = piece.vantage.to_string();
            match missing.iter_mut().find(|(what, known, _)| *what == piece.what && known == why) {
                Some((_, _, agents)) => agents.push(agent),
                None => missing.push((piece.what, why, vec![agent])),
            }
        }
    }
    missing
}
