//! Which nodes take part, and which tolerations a pod needs to land on one: decided from the node alone. Pure.

use k8s_openapi::api::core::v1::{Node, Taint, Toleration};

use crate::model::inventory::{Rule, Standing};
use crate::model::taint::{self, TaintEffect};

/// Nodes that no kubelet stands behind.
const VIRTUAL_LABELS: [(&str, &str); 3] =
    [("type", "virtual-kubelet"), ("liqo.io/type", "virtual-node"), ("eks.amazonaws.com/compute-type", "fargate")];
const VIRTUAL_TAINTS: [&str; 1] = ["virtual-kubelet.io/provider"];

/// Set on nodes that are about to go. `DeletionCandidateOfClusterAutoscaler` is a thought, not a decision, and is not here.
const GOING_TAINTS: [&str; 4] =
    ["ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted", "karpenter.sh/disruption", "cloud.google.com/impending-node-termination"];

/// Not tolerated: an agent on such a node would wait in vain.
const UNTOLERATED: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/// What `spec.unschedulable` becomes, in a moment or two.
const CORDON: &str = "node.kubernetes.io/unschedulable";

/// Which nodes the user wants.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Labels that a node must have to take part.
    pub selector: Vec<(String, String)>,
    /// Rules that leave no node out.
    pub ignored: Vec<Rule>,
}

/// Whether a node takes part. The first rule that fits and is not ignored decides; cordoned nodes do take part.
pub(super) fn standing(node: &Node, choice: &Choice) -> Standing {
    let rules = [
        (Rule::NotLinux, not_linux(node)),
        (Rule::Virtual, virtual_node(node)),
        (Rule::NodeSelector, unselected(node, &choice.selector)),
        (Rule::ScalingDown, going(node)),
    ];
    for (rule, met) in rules.into_iter().filter(|(rule, _)| !choice.ignored.contains(rule)) {
        if let Some(why) = met {
            return Standing::Excluded { rule: rule.name().into(), why };
        }
    }
    match unready(node) {
        Some(why) => Standing::Unready { why },
        None => Standing::Expected,
    }
}

fn label<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.metadata.labels.as_ref()?.get(key).map(String::as_str)
}

/// All of a node's taints.
pub(super) fn taints(node: &Node) -> &[Taint] {
    node.spec.as_ref().and_then(|spec| spec.taints.as_deref()).unwrap_or_default()
}

/// The same as suites tolerate them. The API server takes no others, but whoever stands in for one may.
pub(super) fn known_taints(node: &Node) -> Vec<taint::Taint> {
    let known =
        |found: &Taint| taint::Taint::new(&found.key, found.value.as_deref().unwrap_or_default(), TaintEffect::of(&found.effect)?).ok();
    taints(node).iter().filter_map(known).take(taint::Taint::MOST).collect()
}

fn not_linux(node: &Node) -> Option<String> {
    let key = "kubernetes.io/os";
    let info = node.status.as_ref().and_then(|status| status.node_info.as_ref());
    let system = label(node, key).or(info.map(|info| info.operating_system.as_str()))?;
    (system != "linux" && !system.is_empty()).then(|| format!("{key}={system}"))
}

fn virtual_node(node: &Node) -> Option<String> {
    let labelled = VIRTUAL_LABELS.iter().find(|(key, value)| label(node, key) == Some(*value));
    labelled.map(|(key, value)| format!("{key}={value}")).or_else(|| tainted(node, &VIRTUAL_TAINTS))
}

fn unselected(node: &Node, selector: &[(String, String)]) -> Option<String> {
    let missing = selector.iter().find(|(key, value)| label(node, key) != Some(value))?;
    let (key, wanted) = missing;
    Some(match label(node, key) {
        Some(found) => format!("{key}={found}, not {wanted}"),
        None => format!("no label {key}={wanted}"),
    })
}

fn going(node: &Node) -> Option<String> {
    let deleted = node.metadata.deletion_timestamp.as_ref().map(|_| "being deleted".to_owned());
    deleted.or_else(|| tainted(node, &GOING_TAINTS))
}

fn tainted(node: &Node, keys: &[&str]) -> Option<String> {
    taints(node).iter().find(|taint| keys.contains(&taint.key.as_str())).map(|taint| format!("taint {}", taint.key))
}

fn unready(node: &Node) -> Option<String> {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    let Some(ready) = conditions.iter().find(|condition| condition.type_ == "Ready") else {
        return Some("NotReady: its kubelet has never reported".to_owned());
    };
    if ready.status == "True" {
        return None;
    }
    let words: Vec<&str> =
        [ready.reason.as_deref(), ready.message.as_deref()].into_iter().flatten().filter(|word| !word.is_empty()).collect();
    Some(super::refusal::one_line(&format!("NotReady: {}", words.join(": "))))
}

/// What a pod must tolerate to land on that node: its taints of now, but those of a node that is not there. A toleration
/// without a key would match every taint, those too.
pub(super) fn tolerations(node: &Node) -> Vec<Toleration> {
    let cordoned = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
    let mut found: Vec<(String, Option<String>)> = taints(node)
        .iter()
        .filter(|taint| !UNTOLERATED.contains(&taint.key.as_str()))
        .map(|taint| (taint.key.clone(), Some(taint.effect.clone())))
        .collect();
    let cordon = (CORDON.to_owned(), Some("NoSchedule".to_owned()));
    if cordoned && !found.contains(&cordon) {
        found.push(cordon);
    }
    let tolerate = |(key, effect)| Toleration { key: Some(key), effect, operator: Some("Exists".to_owned()), ..Toleration::default() };
    found.into_iter().map(tolerate).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(labels: &Value, taints: &Value, ready: &str) -> Node {
        serde_json::from_value(json!({
            "metadata": { "name": "n", "labels": labels },
            "spec": { "taints": taints },
            "status": { "conditions": [{ "type": "Ready", "status": ready, "reason": "R", "message": "words\nof it" }] },
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(node: &Node, expected: &str) {
        check_ignoring(&[], node, expected);
    }

    #[track_caller]
    fn check_ignoring(ignored: &[Rule], node: &Node, expected: &str) {
        let choice = Choice { selector: vec![("pool".to_owned(), "blue".to_owned())], ignored: ignored.to_vec() };
        let found = match standing(node, &choice) {
            Standing::Expected => "expected".to_owned(),
            Standing::Unready { why } => format!("unready: {why}"),
            Standing::Excluded { rule, why } => format!("{rule}: {why}"),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let taint = |key: &str| json!([{ "key": key, "effect": "NoSchedule" }]);
        let blue = json!({ "pool": "blue" });
        check(&node(&json!({ "kubernetes.io/os": "windows" }), &json!([]), "True"), "not-linux: kubernetes.io/os=windows");
        check(&node(&json!({ "type": "virtual-kubelet" }), &json!([]), "False"), "virtual: type=virtual-kubelet");
        check(&node(&json!({}), &taint("virtual-kubelet.io/provider"), "True"), "virtual: taint virtual-kubelet.io/provider");
        check(&node(&json!({ "pool": "red" }), &json!([]), "True"), "node-selector: pool=red, not blue");
        check(&node(&json!({}), &json!([]), "False"), "node-selector: no label pool=blue");
        for key in ["ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted"] {
            check(&node(&blue, &taint(key), "True"), &format!("scaling-down: taint {key}"));
        }
        check(&node(&blue, &taint("DeletionCandidateOfClusterAutoscaler"), "True"), "expected");
        check(&node(&blue, &taint(CORDON), "True"), "expected");
        check(&node(&blue, &json!([]), "Unknown"), "unready: NotReady: R: words of it");
        check(&node(&blue, &json!([]), "True"), "expected");
        let unborn = serde_json::from_value(json!({ "metadata": { "name": "n", "labels": { "pool": "blue" } } })).unwrap();
        check(&unborn, "unready: NotReady: its kubelet has never reported");
    }

    #[test]
    fn a_rule_that_is_ignored_leaves_nobody_out_and_the_others_stay() {
        let gone = json!([{ "key": "karpenter.sh/disrupted", "effect": "NoSchedule" }]);
        let windows = node(&json!({ "kubernetes.io/os": "windows", "type": "virtual-kubelet", "pool": "blue" }), &gone, "True");
        check(&windows, "not-linux: kubernetes.io/os=windows");
        check_ignoring(&[Rule::NotLinux], &windows, "virtual: type=virtual-kubelet");
        check_ignoring(&[Rule::Virtual, Rule::NotLinux], &windows, "scaling-down: taint karpenter.sh/disrupted");
        check_ignoring(&[Rule::ScalingDown], &windows, "not-linux: kubernetes.io/os=windows");
        check_ignoring(&Rule::IGNORABLE, &windows, "expected");
        check_ignoring(&Rule::IGNORABLE, &node(&json!({}), &gone, "True"), "node-selector: no label pool=blue");
        check_ignoring(&Rule::IGNORABLE, &node(&json!({ "pool": "blue" }), &gone, "False"), "unready: NotReady: R: words of it");
    }

    #[test]
    fn a_node_tells_its_taints() {
        let taints = json!([
            { "key": "gpu", "value": "yes", "effect": "NoSchedule" },
            { "key": "example.com/spot", "effect": "PreferNoSchedule" },
            { "key": "node.kubernetes.io/disk-pressure", "effect": "NoExecute" },
            { "key": "gpu", "effect": "NotOfThisVersion" },
        ]);
        let found: Vec<String> = known_taints(&node(&json!({}), &taints, "True")).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["gpu=yes:NoSchedule", "example.com/spot:PreferNoSchedule", "node.kubernetes.io/disk-pressure:NoExecute"]);
        assert_eq!(known_taints(&node(&json!({}), &json!([]), "True")), []);
    }

    #[test]
    fn taints_are_tolerated_but_those_of_a_dead_node() {
        let mut node = node(
            &json!({}),
            &json!([
                { "key": "role", "value": "control", "effect": "NoSchedule" },
                { "key": "node.kubernetes.io/not-ready", "effect": "NoExecute" },
                { "key": "node.kubernetes.io/unreachable", "effect": "NoSchedule" },
                { "key": "role", "effect": "NoExecute" },
            ]),
            "True",
        );
        node.spec.as_mut().unwrap().unschedulable = Some(true);
        let found = serde_json::to_value(tolerations(&node)).unwrap();
        let expected = json!([
            { "effect": "NoSchedule", "key": "role", "operator": "Exists" },
            { "effect": "NoExecute", "key": "role", "operator": "Exists" },
            { "effect": "NoSchedule", "key": CORDON, "operator": "Exists" },
        ]);
        assert_eq!(found, expected);
    }
}
