//! Which nodes each suite uses: those alone whose taints it tolerates. It must not know what a suite asks there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::skip;
use crate::model::inventory::{Inventory, Node};
use crate::model::suite::Suite;
use crate::model::taint::{Taint, Tolerations};

/// How suites see what there is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Views {
    /// The inventory as some suites see it that do without nodes which others use; no two are the same.
    pub(super) own: Vec<Inventory>,
    /// For each suite, which of those it sees; none where it sees all that the plan has.
    pub(super) of: Vec<Option<usize>>,
}

/// What a suite tolerates, and whether it asks anything.
type Terms = (Tolerations, bool);

/// Nodes, by their numbers, that a suite does without, each with the taint for it.
type Left<'i> = BTreeMap<usize, &'i Taint>;

/// Nodes, by their numbers, with the reason why they are left out.
type Reasons = BTreeMap<usize, String>;

/// What there is for the plan as a whole, without the nodes that no suite which asks something uses, and how suites see it.
pub(super) fn of(suites: &[Arc<Suite>], inventory: Inventory) -> (Inventory, Views) {
    // Who asks nothing uses no node.
    let asks = |suite: &Suite| suite.cases.iter().any(|case| skip(case, &inventory, &suite.expect_families).is_none());
    let terms: Vec<Terms> = suites.iter().map(|suite| (suite.agents.tolerations.clone(), asks(suite))).collect();
    over(&terms, inventory)
}

fn over(terms: &[Terms], inventory: Inventory) -> (Inventory, Views) {
    let left: Vec<Left<'_>> = terms.iter().map(|(tolerations, _)| left(tolerations, &inventory)).collect();
    // Of thousands of nodes nothing is copied where nothing is left out.
    if left.iter().all(BTreeMap::is_empty) {
        return (inventory, Views { own: Vec::new(), of: vec![None; terms.len()] });
    }
    let asking: Vec<&Left<'_>> = terms.iter().zip(&left).filter(|((_, asks), _)| *asks).map(|(_, left)| left).collect();
    let common: Reasons = (0..inventory.nodes.len()).filter_map(|node| Some((node, by_all(&asking, node)?))).collect();
    let rest = |left: &Left<'_>| -> Reasons {
        left.iter().filter(|(node, _)| !common.contains_key(node)).map(|(node, taint)| (*node, taint.untolerated())).collect()
    };
    let plan = without(&inventory, &common);
    let (mut views, mut known) = (Views { own: Vec::new(), of: Vec::new() }, Vec::new());
    for ((_, asks), left) in terms.iter().zip(&left) {
        let rest = rest(left);
        let place = known.iter().position(|other| *other == rest);
        views.of.push((*asks && !rest.is_empty()).then(|| {
            place.unwrap_or_else(|| {
                views.own.push(without(&plan, &rest));
                known.push(rest);
                known.len() - 1
            })
        }));
    }
    (plan, views)
}

fn left<'i>(tolerations: &Tolerations, inventory: &'i Inventory) -> Left<'i> {
    let unmet = |(number, node): (usize, &'i Node)| Some((number, node.unmet(tolerations)?));
    inventory.nodes.iter().enumerate().filter_map(unmet).collect()
}

/// Why nobody uses that node, if nobody does.
fn by_all(asking: &[&Left<'_>], node: usize) -> Option<String> {
    let each: Vec<&Taint> = asking.iter().map(|left| left.get(&node).copied()).collect::<Option<_>>()?;
    let mut taints: Vec<&Taint> = Vec::new();
    for taint in &each {
        if !taints.contains(taint) {
            taints.push(taint);
        }
    }
    match taints.as_slice() {
        [] => None,
        [taint] if each.len() > 1 => Some(format!("taint {taint}, which no suite tolerates")),
        [taint] => Some(taint.untolerated()),
        all => {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            Some(format!("taints {}, of which no suite tolerates all", all.join(", ")))
        }
    }
}

fn without(inventory: &Inventory, reasons: &Reasons) -> Inventory {
    let seen = |(number, node): (usize, &Node)| reasons.get(&number).map_or_else(|| node.clone(), |why| node.without(why.clone()));
    inventory.with(inventory.nodes.iter().enumerate().map(seen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::Standing;
    use crate::model::taint::Toleration;

    fn inventory(nodes: &[&str]) -> Inventory {
        let node = |taints: &&str| Node {
            taints: Some(taints.split_whitespace().map(|taint| Taint::parse(taint).unwrap()).collect()),
            ..Node::named("n", Standing::Expected)
        };
        let nodes = nodes.iter().map(node).collect();
        Inventory { cluster: String::new(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads: None }
    }

    /// `*` for all, or tolerations; `-` before those of a suite without cases.
    fn terms(text: &str) -> Terms {
        let (asks, text) = text.strip_prefix('-').map_or((true, text), |text| (false, text));
        let those = || text.split_whitespace().map(|taint| Toleration::parse(taint).unwrap()).collect();
        (if text == "*" { Tolerations::All } else { Tolerations::Those(those()) }, asks)
    }

    /// Of each node why it is left out, `-` where it is not.
    fn told(inventory: &Inventory) -> Vec<String> {
        let why = |node: &Node| if let Standing::Excluded { why, .. } = &node.standing { why.clone() } else { "-".to_owned() };
        inventory.nodes.iter().map(why).collect()
    }

    #[track_caller]
    fn check(suites: &[&str], nodes: &[&str], plan: &[&str], own: &[&[&str]], of: &[Option<usize>]) {
        let (found, views) = over(&suites.iter().map(|text| terms(text)).collect::<Vec<_>>(), inventory(nodes));
        assert_eq!(told(&found), plan);
        assert_eq!(views.own.iter().map(told).collect::<Vec<_>>(), own);
        assert_eq!(views.of, of);
    }

    const NODES: &[&str] = &["", "a:NoSchedule b:NoSchedule", "c=d:NoExecute"];

    #[test]
    fn what_no_suite_uses_the_plan_does_without() {
        let (a, c) = ("taint a:NoSchedule, which the suite does not tolerate", "taint c=d:NoExecute, which the suite does not tolerate");
        check(&["*"], NODES, &["-", "-", "-"], &[], &[None]);
        check(&["a b c"], NODES, &["-", "-", "-"], &[], &[None]);
        check(&[""], NODES, &["-", a, c], &[], &[None]);
        check(&["c"], NODES, &["-", a, "-"], &[], &[None]);
        // Who asks nobody uses no node.
        check(&["c", "-*", "-"], NODES, &["-", a, "-"], &[], &[None, None, None]);
        check(&["-"], NODES, &["-", "-", "-"], &[], &[None]);
        check(&[], NODES, &["-", "-", "-"], &[], &[]);
    }

    #[test]
    fn suites_that_disagree_each_have_their_own_nodes() {
        let (a, c) = ("taint a:NoSchedule, which the suite does not tolerate", "taint c=d:NoExecute, which the suite does not tolerate");
        let common = "taint c=d:NoExecute, which no suite tolerates";
        check(&["*", ""], NODES, &["-", "-", "-"], &[&["-", a, c]], &[None, Some(0)]);
        check(&["", "a b", ""], NODES, &["-", "-", common], &[&["-", a, common]], &[Some(0), None, Some(0)]);
        check(&["c", "a b"], NODES, &["-", "-", "-"], &[&["-", a, "-"], &["-", "-", c]], &[Some(0), Some(1)]);
        let both = "taints b:NoSchedule, a:NoSchedule, of which no suite tolerates all";
        check(&["a c", "b c"], NODES, &["-", both, "-"], &[], &[None, None]);
    }
}
