//! Whether there is room for an agent on each node: what its pods ask for already, beside what it has to give. Pure.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, Pod};

use super::demand::{Demand, words};
use super::nodes::named;
use super::quantity::Amount;
use crate::model::finding::{Finding, Grade};

/// What the pods on each node ask for; pods that have ended ask for nothing, and must not be among them.
pub(super) fn load(pods: &[Pod]) -> BTreeMap<String, Demand> {
    let mut load: BTreeMap<String, Demand> = BTreeMap::new();
    for pod in pods {
        if let Some(node) = pod.spec.as_ref().and_then(|spec| spec.node_name.clone()) {
            load.entry(node).or_default().join(&Demand::of(pod));
        }
    }
    load
}

/// Whether the demand of each node's agents fits beside that load; so many nodes with room are `enough`.
pub(super) fn findings(nodes: &[Node], load: &BTreeMap<String, Demand>, agents: &BTreeMap<String, Demand>, enough: usize) -> Vec<Finding> {
    let nothing = Demand::default();
    let full = |node: &Node| {
        let name = node.metadata.name.as_deref().unwrap_or_default();
        let why = lacking(node, load.get(name).unwrap_or(&nothing), agents.get(name)?)?;
        Some((name.to_owned(), why))
    };
    let full: Vec<(String, String)> = nodes.iter().filter_map(full).collect();
    if full.is_empty() {
        let what = format!("{} have room for an agent beside their pods", agents.len());
        return vec![Finding::new(Grade::Fine, "nodes", what)];
    }
    let left = agents.len().saturating_sub(full.len());
    named(&full, "has no room for an agent", left >= enough)
}

/// What there is too little of.
fn lacking(node: &Node, load: &Demand, agents: &Demand) -> Option<String> {
    let allocatable = node.status.as_ref().and_then(|status| status.allocatable.as_ref())?;
    let too_little = |(resource, wanted): (&String, &Amount)| {
        let there = Amount::read(&allocatable.get(resource)?.0)?;
        let taken = load.get(resource).unwrap_or_default();
        let (taken_words, there_words) = (words(resource, taken), words(resource, there));
        let text = format!("{resource}: {taken_words} of {there_words} are taken, and {} are wanted", words(resource, *wanted));
        (taken.plus(*wanted) > there).then_some(text)
    };
    agents.0.iter().find_map(too_little)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(node: &str, cpu: &str, memory: &str) -> Pod {
        let containers =
            json!([{ "name": "c", "resources": { "requests": { "cpu": cpu, "memory": memory }, "limits": { "memory": "1Gi" } } }]);
        serde_json::from_value(json!({ "metadata": {}, "spec": { "nodeName": node, "containers": containers } })).unwrap()
    }

    fn check(pods: &[Pod], enough: usize, expected: &[(Grade, &str)]) {
        let node = |name: &str| -> Node {
            serde_json::from_value(
                json!({ "metadata": { "name": name }, "status": { "allocatable": { "cpu": "1", "memory": "1Gi", "pods": "3" } } }),
            )
            .unwrap()
        };
        let agent = Demand::of(&pod("", "20m", "24Mi"));
        let agents = ["a", "b"].map(|name| (name.to_owned(), agent.clone())).into();
        let found = findings(&[node("a"), node("b"), node("c")], &load(pods), &agents, enough);
        let lines: Vec<(Grade, &str)> = found.iter().map(|finding| (finding.grade, finding.what.as_str())).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_full_node_is_named_with_what_it_lacks() {
        check(&[pod("a", "980m", "1000Mi")], 2, &[(Grade::Fine, "2 have room for an agent beside their pods")]);
        check(
            &[pod("a", "981m", "1Mi")],
            2,
            &[(Grade::Wrong, "a has no room for an agent: cpu: 981m of 1000m are taken, and 20m are wanted")],
        );
        check(
            &[pod("b", "1m", "1001Mi")],
            1,
            &[(Grade::Doubtful, "b has no room for an agent: memory: 1001Mi of 1024Mi are taken, and 24Mi are wanted")],
        );
        let three = [pod("a", "1m", "1Mi"), pod("a", "1m", "1Mi"), pod("a", "1m", "1Mi")];
        check(&three, 2, &[(Grade::Wrong, "a has no room for an agent: pods: 3 of 3 are taken, and 1 are wanted")]);
        // Where no agent goes, no room is needed.
        check(&[pod("c", "2", "2Gi")], 2, &[(Grade::Fine, "2 have room for an agent beside their pods")]);
    }
}
