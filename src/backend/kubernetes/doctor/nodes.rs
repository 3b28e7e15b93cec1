//! Which nodes get an agent, and on which of them it could not run. Pure.

use k8s_openapi::api::core::v1::Node as ApiNode;

use crate::backend::kubernetes::standing::{self, tolerations};
use crate::model::finding::{Finding, Grade};
use crate::model::inventory::{Inventory, Standing};
use crate::model::vantage::Vantage;

/// Nodes that are named one by one.
const NAMED: usize = 10;

/// What is to be said of the nodes; so many agents are `enough`.
pub(super) fn findings(inventory: &Inventory, nodes: &[ApiNode], vantages: &[Vantage], enough: usize) -> Vec<Finding> {
    let taking_part = inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).count();
    let mut findings = vec![snapshot(inventory, taking_part, vantages)];
    let hindered = hindered(inventory, nodes);
    let left = taking_part - hindered.len();
    findings.extend(named(&hindered, "cannot run an agent", left >= enough));
    findings
}

fn snapshot(inventory: &Inventory, taking_part: usize, vantages: &[Vantage]) -> Finding {
    let excluded: Vec<String> = inventory
        .nodes
        .iter()
        .filter_map(|node| match &node.standing {
            Standing::Excluded { rule, why } => Some(format!("{} by the rule {rule} ({why})", node.name)),
            Standing::Expected | Standing::Unready { .. } => None,
        })
        .collect();
    let out = if excluded.is_empty() { String::new() } else { format!("; left out: {}", few(&excluded)) };
    let what = format!("{taking_part} of {} take part{out}", inventory.nodes.len());
    if vantages.is_empty() {
        let help = "a pair takes two nodes that are ready; which nodes there are: netcheck plan SUITE";
        return Finding::new(Grade::Wrong, "nodes", format!("{what}; no case finds a pair to measure there")).help([help]);
    }
    Finding::new(Grade::Fine, "nodes", what)
}

/// Nodes that take part and cannot run an agent, each with why.
fn hindered(inventory: &Inventory, nodes: &[ApiNode]) -> Vec<(String, String)> {
    let of = |name: &str| nodes.iter().find(|node| node.metadata.name.as_deref() == Some(name));
    let why = |standing: &Standing, name: &str| match standing {
        Standing::Unready { why } => Some(why.clone()),
        Standing::Expected => of(name).and_then(|node| untolerated(node).or_else(|| pressed(node))),
        Standing::Excluded { .. } => None,
    };
    inventory.nodes.iter().filter_map(|node| Some((node.name.to_string(), why(&node.standing, &node.name)?))).collect()
}

/// A taint that an agent's pod does not tolerate: the node is ready, but was not a moment ago.
fn untolerated(node: &ApiNode) -> Option<String> {
    let tolerated = tolerations(node);
    let stands = |taint: &&k8s_openapi::api::core::v1::Taint| {
        taint.effect != "PreferNoSchedule" && !tolerated.iter().any(|toleration| toleration.key.as_deref() == Some(&taint.key))
    };
    standing::taints(node).iter().find(stands).map(|taint| format!("its taint {} is tolerated by no agent", taint.key))
}

/// What makes a kubelet refuse new pods.
fn pressed(node: &ApiNode) -> Option<String> {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    let pressed = conditions
        .iter()
        .find(|condition| matches!(condition.type_.as_str(), "DiskPressure" | "PIDPressure") && condition.status == "True");
    pressed.map(|condition| format!("{}: its kubelet takes no new pods", condition.type_))
}

/// Nodes on which something does not work, one by one, and what can be done about it.
pub(super) fn named(nodes: &[(String, String)], what: &str, enough: bool) -> Vec<Finding> {
    let grade = if enough { Grade::Doubtful } else { Grade::Wrong };
    let about = |(name, why): &(String, String)| Finding::new(grade, "nodes", format!("{name} {what}: {why}"));
    let mut findings: Vec<Finding> = nodes.iter().take(NAMED).map(about).collect();
    if nodes.len() > NAMED {
        findings.push(Finding::new(grade, "nodes", format!("{} more: {what}", nodes.len() - NAMED)));
    }
    if let Some(last) = findings.last_mut() {
        last.help.push("mend them, leave them out (--node-selector LABEL=VALUE), or accept less coverage (--agents-min N)".to_owned());
    }
    findings
}

/// The first of many, and how many more there are.
pub(super) fn few(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::inventory::Node;

    /// A node by its name, its taints' keys, and a condition that is true beside `Ready`.
    fn node(name: &str, taints: &[&str], condition: &str) -> ApiNode {
        let taints: Vec<Value> = taints.iter().map(|key| json!({ "key": key, "effect": "NoSchedule" })).collect();
        let conditions = json!([{ "type": "Ready", "status": "True" }, { "type": condition, "status": "True" }]);
        serde_json::from_value(
            json!({ "metadata": { "name": name }, "spec": { "taints": taints }, "status": { "conditions": conditions } }),
        )
        .unwrap()
    }

    fn check(nodes: &[(&str, Standing, &[&str], &str)], enough: usize, expected: &[(Grade, &str)]) {
        let api: Vec<ApiNode> = nodes.iter().map(|(name, _, taints, condition)| node(name, taints, condition)).collect();
        let known = nodes.iter().map(|(name, standing, ..)| Node::named(name, standing.clone()));
        let inventory = Inventory {
            cluster: String::new(),
            version: String::new(),
            nodes: known.collect(),
            limits: Vec::new(),
            services: None,
            workloads: None,
        };
        let vantages: Vec<Vantage> = if nodes.len() > 1 { nodes.iter().map(|(name, ..)| Vantage::pod(name)).collect() } else { Vec::new() };
        let found = findings(&inventory, &api, &vantages, enough);
        let lines: Vec<(Grade, &str)> = found.iter().map(|finding| (finding.grade, finding.what.as_str())).collect();
        assert_eq!(lines, expected);
        let bad = |finding: &Finding| matches!(finding.grade, Grade::Doubtful | Grade::Wrong);
        assert_eq!(found.iter().any(bad), found.iter().any(|finding| !finding.help.is_empty()), "what is wrong has a remedy: {found:?}");
    }

    #[test]
    fn nodes_that_cannot_run_an_agent_are_named() {
        use Grade::{Doubtful, Fine, Wrong};
        let expected = || Standing::Expected;
        let windows = || Standing::Excluded { rule: "not-linux".into(), why: "kubernetes.io/os=windows".to_owned() };
        check(&[("a", expected(), &[], "x"), ("b", expected(), &["role"], "x")], 2, &[(Fine, "2 of 2 take part")]);
        check(
            &[("a", expected(), &[], "x"), ("b", expected(), &[], "x"), ("w", windows(), &[], "x")],
            2,
            &[(Fine, "2 of 3 take part; left out: w by the rule not-linux (kubernetes.io/os=windows)")],
        );
        let unready = || Standing::Unready { why: "NotReady: gone".to_owned() };
        check(
            &[("a", expected(), &[], "x"), ("b", unready(), &[], "x")],
            2,
            &[(Fine, "2 of 2 take part"), (Wrong, "b cannot run an agent: NotReady: gone")],
        );
        check(
            &[("a", expected(), &[], "x"), ("b", unready(), &[], "x")],
            1,
            &[(Fine, "2 of 2 take part"), (Doubtful, "b cannot run an agent: NotReady: gone")],
        );
        check(
            &[("a", expected(), &[], "DiskPressure"), ("b", expected(), &["node.kubernetes.io/unreachable"], "x")],
            2,
            &[
                (Fine, "2 of 2 take part"),
                (Wrong, "a cannot run an agent: DiskPressure: its kubelet takes no new pods"),
                (Wrong, "b cannot run an agent: its taint node.kubernetes.io/unreachable is tolerated by no agent"),
            ],
        );
        check(&[("a", expected(), &[], "x")], 1, &[(Wrong, "1 of 1 take part; no case finds a pair to measure there")]);
    }

    #[test]
    fn a_thousand_dead_nodes_are_no_thousand_lines() {
        let nodes: Vec<(String, String)> = (0..1_000).map(|number| (format!("n{number}"), "gone".to_owned())).collect();
        let found = named(&nodes, "cannot run an agent", false);
        assert_eq!(found.len(), NAMED + 1);
        assert_eq!(found[NAMED].what, "990 more: cannot run an agent");
    }

    #[test]
    fn of_many_names_a_few_are_told() {
        let names = |count: usize| (0..count).map(|number| format!("n{number}")).collect::<Vec<_>>();
        assert_eq!(few(&names(2)), "n0, n1");
        assert_eq!(few(&names(7)), "n0, n1, n2, n3, n4 and 2 more");
    }
}
