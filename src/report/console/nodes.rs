//! The nodes that were not tested, or in part, those with the same reason together. It must not know about cases.

use super::page::Page;
use super::some;
use crate::model::run::{NodeReport, NodeState, Run};
use crate::report::style::Tone;

/// Names of nodes with the same reason that are written out.
const NAMES: usize = 5;

/// Reasons that are written out.
const REASONS: usize = 20;

/// A row for each reason, in the order of the nodes.
pub(super) fn untested(page: &mut Page, run: &Run) {
    let mut reasons: Vec<((&str, String), Vec<String>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for (node, reason) in run.nodes.iter().filter_map(|node| Some((node, (word(node), why(node)?)))) {
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
