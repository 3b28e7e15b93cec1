//! The nodes that were not tested, or in part, those with the same reason together. It must not know about cases.

use super::page::Page;
use super::some;
use crate::model::run::{NodeChange, NodeReport, NodeState, Run};
use crate::report::style::Tone;

/// Names of nodes with the same reason that are written out.
const NAMES: usize = 5;

/// Reasons that are written out.
const REASONS: usize = 20;

/// A row for each reason, in the order of the nodes.
pub(super) fn untested(page: &mut Page, run: &Run) {
    let mut reasons: Vec<((&str, String), Vec<String>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    let planned = run.nodes.iter().filter(|node| node.change != Some(NodeChange::Added));
    for (node, reason) in planned.filter_map(|node| Some((node, (word(node), why(node)?)))) {
        let at = *index.entry(reason.clone()).or_insert_with(|| {
            reasons.push((reason, Vec::new()));
            reasons.len() - 1
        });
        reasons[at].1.push(node.name.to_string());
    }
    for ((word, reason), names) in reasons.iter().take(REASONS) {
        page.row(Tone::Troubled, word, &format!("{}: {reason}", some(names, NAMES)));
    }
    let more: usize = reasons.iter().skip(REASONS).map(|(_, names)| names.len()).sum();
    if more > 0 {
        page.more(&format!("and {more} more nodes for other reasons"));
    }
}

/// Those that came and went while the run went on.
pub(super) fn changed(page: &mut Page, run: &Run) {
    let of = |change| run.nodes.iter().filter(move |node| node.change == Some(change)).map(|node| node.name.to_string());
    for (change, word, what) in [
        (NodeChange::Added, "added", "not there when the run began, and so not tested"),
        (NodeChange::Deleted, "deleted", "there when the run began, and no longer"),
    ] {
        let names: Vec<String> = of(change).collect();
        if !names.is_empty() {
            page.row(Tone::Heading, word, &format!("{}: {what}", some(&names, NAMES)));
        }
    }
}

/// What is told of it: of two agents, one may have done its part.
fn word(node: &NodeReport) -> &'static str {
    if node.is_tested_in_part() { "part tested" } else { "not tested" }
}

/// Why it was not tested, if it was not.
fn why(node: &NodeReport) -> Option<String> {
    match &node.state {
        NodeState::Tested => None,
        NodeState::Expected => Some("its agent had not answered when the run ended".to_owned()),
        NodeState::Unready { why } if node.is_unready_as_a_whole() => Some(format!("not ready: {why}")),
        NodeState::Unready { why } => Some(why.clone()),
        NodeState::Excluded { rule, why } => Some(format!("excluded by {rule}: {why}")),
    }
}
