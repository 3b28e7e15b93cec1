//! What is told before the first case: what runs where, the plan, the agents. It must not know about verdicts.

use super::page::Page;
use super::{Layout, Verbosity};
use crate::model::event::Phase;
use crate::model::plan::{Plan, PlannedCase};
use crate::model::run::{AgentReport, AgentState, Run};
use crate::model::suite::Case;
use crate::model::units::{Micros, counted, thousands};
use crate::model::vantage::Station;
use crate::model::verdict::Verdict;
use crate::report::style::Tone;

/// Case ids are set in a column unless they are longer than this.
const ID_WIDTH: usize = 72;

/// `netcheck 0.1.0 · prod-eu v1.35.2 · run 7f3c21aa · seed 1`
pub(super) fn head(page: &mut Page, run: &Run, layout: &mut Layout) {
    layout.headed = true;
    layout.id_width = width(run.header.suites.iter().flat_map(|suite| &suite.cases));
    let place = format!("{} {}", run.cluster, run.cluster_version);
    let place = place.trim();
    let place = if place.is_empty() { run.header.backend } else { place };
    let shard = run.header.shard.as_ref().map_or_else(String::new, |sharding| format!(" · shard {}", sharding.shard));
    let header = &run.header;
    page.row(Tone::Heading, "netcheck", &format!("{} · {place} · run {} · seed {}{shard}", header.version, header.id, header.seed));
}

/// How many cases, pairs and packets.
pub(super) fn plan(page: &mut Page, plan: &Plan, layout: &mut Layout) {
    layout.id_width = width(plan.cases.iter().map(|planned| &planned.case));
    layout.agents = !plan.vantages.is_empty();
    let pairs: u64 = plan.cases.iter().map(|planned| planned.pairs.len() as u64).sum();
    let mut parts = vec![counted(plan.cases.len() as u64, "case"), counted(pairs, "pair")];
    parts.extend(questions(&plan.cases).into_iter().map(|(unit, count)| format!("{} {unit}", thousands(count))));
    page.row(Tone::Heading, "Plan", &parts.join(" · "));
}

/// Of the column of case ids.
fn width<'a>(cases: impl Iterator<Item = &'a Case>) -> usize {
    cases.map(|case| case.id.to_string().chars().count()).max().unwrap_or(0).min(ID_WIDTH)
}

/// Questions of each kind, in the order of the plan.
fn questions(cases: &[PlannedCase]) -> Vec<(&'static str, u64)> {
    let mut sums: Vec<(&'static str, u64)> = Vec::new();
    for planned in cases.iter().filter(|planned| planned.packets() > 0) {
        let unit = planned.case.probe.unit();
        match sums.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, sum)) => *sum += planned.packets(),
            None => sums.push((unit, planned.packets())),
        }
    }
    sums
}

/// The agents, once each is there or given up; with `-v` every phase.
pub(super) fn phase(page: &mut Page, run: &Run, (phase, took): (Phase, Micros), (verbosity, layout): (Verbosity, &Layout)) {
    if verbosity == Verbosity::Verbose {
        page.row(Tone::Quiet, "phase", &format!("{} took {took}", phase.name()));
    }
    // Of a run that ended while they came up, it is told when there is nothing more to wait for.
    let waited = run.cases.iter().all(|case| matches!(case.verdict, Verdict::Skipped(_)));
    if phase == Phase::Attach && waited && layout.agents {
        agents(page, run);
    }
}

fn agents(page: &mut Page, run: &Run) {
    let agents = || run.nodes.iter().flat_map(|node| &node.agents);
    let of = |station| agents().filter(move |agent: &&AgentReport| agent.vantage.station() == station);
    let counts = |station| (station, of(station).filter(|agent| agent.state == AgentState::Ready).count(), of(station).count());
    let crews: Vec<(Station, usize, usize)> = Station::ALL.into_iter().map(counts).filter(|(.., all)| *all > 0).collect();
    let words = match crews.as_slice() {
        [(_, ready, all)] => format!("{ready} of {all}"),
        several => {
            several.iter().map(|(station, ready, all)| format!("{ready} of {all} {}", station.place())).collect::<Vec<_>>().join(", ")
        }
    };
    let taken = Micros(run.phases.iter().map(|(_, took)| took.0).sum());
    let tone = if crews.iter().any(|(_, ready, all)| ready < all) { Tone::Troubled } else { Tone::Heading };
    page.row(tone, "Agents", &format!("{words} ready in {taken}"));
}
