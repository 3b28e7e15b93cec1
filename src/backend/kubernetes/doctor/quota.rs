//! Whether the quotas of a namespace leave room for all agents at once. Pure.
//! One agent alone is tried by [`super::admission`], which asks the API server itself.

use k8s_openapi::api::core::v1::{ResourceQuota, ResourceQuotaSpec};

use super::demand::{Demand, words};
use super::quantity::Amount;
use crate::model::finding::{Finding, Grade};

/// What the quotas of that namespace leave for `agents` pods that ask for `demand` together.
pub(super) fn findings(namespace: &str, quotas: &[ResourceQuota], agents: usize, demand: &Demand) -> Vec<Finding> {
    let about = |grade, what: String| Finding::new(grade, "quota", format!("namespace {namespace}: {what}"));
    if quotas.is_empty() {
        return vec![about(Grade::Fine, "no quota".to_owned())];
    }
    let exceeded: Vec<String> = quotas.iter().filter(|quota| counts(quota)).flat_map(|quota| exceeded(quota, demand)).collect();
    if exceeded.is_empty() {
        return vec![about(Grade::Fine, format!("its quotas leave room for {agents} agents"))];
    }
    let help = "a wider quota, another namespace, fewer nodes (--node-selector LABEL=VALUE), or a namespace of the run's own (without -n)";
    exceeded.into_iter().map(|why| about(Grade::Wrong, format!("no room for {agents} agents: {why}")).help([help])).collect()
}

/// Whether it counts agents: pods that end by themselves (`Terminating`, for they have a deadline) and ask for something
/// (`NotBestEffort`). See <https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes>.
fn counts(quota: &ResourceQuota) -> bool {
    let nothing = ResourceQuotaSpec::default();
    let spec = quota.spec.as_ref().unwrap_or(&nothing);
    let ours = |scope: &str| matches!(scope, "Terminating" | "NotBestEffort");
    let selected = spec.scope_selector.iter().flat_map(|selector| selector.match_expressions.iter().flatten());
    spec.scopes.iter().flatten().all(|scope| ours(scope)) && selected.map(|term| term.scope_name.as_str()).all(ours)
}

fn exceeded(quota: &ResourceQuota, demand: &Demand) -> Vec<String> {
    let name = quota.metadata.name.as_deref().unwrap_or_default();
    let Some(status) = &quota.status else { return Vec::new() };
    let amount = |amounts: &Option<std::collections::BTreeMap<String, _>>, resource: &str| {
        amounts
            .as_ref()?
            .get(resource)
            .and_then(|quantity: &k8s_openapi::apimachinery::pkg::api::resource::Quantity| Amount::read(&quantity.0))
    };
    let too_much = |resource: &String| {
        let wanted = demand.get(counted(resource))?;
        let (hard, used) = (amount(&status.hard, resource)?, amount(&status.used, resource).unwrap_or_default());
        let text = format!(
            "quota {name} allows {resource} {}, {} are in use, and {} are wanted",
            words(resource, hard),
            words(resource, used),
            words(resource, wanted)
        );
        (used.plus(wanted) > hard).then_some(text)
    };
    status.hard.iter().flat_map(std::collections::BTreeMap::keys).filter_map(too_much).collect()
}

/// What a quota counts under that name, as [`Demand`] calls it.
fn counted(resource: &str) -> &str {
    resource.strip_prefix("requests.").or_else(|| resource.strip_prefix("count/")).unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::{Value, json};

    use super::*;

    fn check(spec: &Value, hard: &Value, used: &Value, expected: &[(Grade, &str)]) {
        let quota = json!({ "metadata": { "name": "q" }, "spec": spec, "status": { "hard": hard, "used": used } });
        let resources = json!({ "requests": { "cpu": "20m", "memory": "24Mi" }, "limits": { "memory": "64Mi" } });
        let agent: Pod =
            serde_json::from_value(json!({ "metadata": {}, "spec": { "containers": [{ "name": "a", "resources": resources }] } })).unwrap();
        let found = findings("tests", &[serde_json::from_value(quota).unwrap()], 10, &Demand::of(&agent).times(10));
        let lines: Vec<(Grade, &str)> = found.iter().map(|finding| (finding.grade, finding.what.as_str())).collect();
        assert_eq!(lines, expected, "{spec} {hard} {used}");
    }

    #[test]
    fn quotas_are_compared_with_all_agents() {
        let room = [(Grade::Fine, "namespace tests: its quotas leave room for 10 agents")];
        let none = json!({});
        check(&none, &json!({ "pods": "10" }), &json!({ "pods": "0" }), &room);
        check(&none, &json!({ "requests.cpu": "200m", "limits.memory": "640Mi", "services": "0" }), &none, &room);
        let wrong = |what: &'static str| [(Grade::Wrong, what)];
        check(
            &none,
            &json!({ "pods": "10" }),
            &json!({ "pods": "1" }),
            &wrong("namespace tests: no room for 10 agents: quota q allows pods 10, 1 are in use, and 10 are wanted"),
        );
        check(
            &none,
            &json!({ "count/pods": "9" }),
            &none,
            &wrong("namespace tests: no room for 10 agents: quota q allows count/pods 9, 0 are in use, and 10 are wanted"),
        );
        check(
            &none,
            &json!({ "requests.cpu": "1" }),
            &json!({ "requests.cpu": "801m" }),
            &wrong("namespace tests: no room for 10 agents: quota q allows requests.cpu 1000m, 801m are in use, and 200m are wanted"),
        );
        check(
            &none,
            &json!({ "memory": "1Gi" }),
            &json!({ "memory": "900Mi" }),
            &wrong("namespace tests: no room for 10 agents: quota q allows memory 1024Mi, 900Mi are in use, and 240Mi are wanted"),
        );
    }

    #[test]
    fn quotas_of_other_pods_do_not_count() {
        let (full, room) = (json!({ "pods": "1" }), [(Grade::Fine, "namespace tests: its quotas leave room for 10 agents")]);
        for scope in ["NotTerminating", "BestEffort", "PriorityClass"] {
            check(&json!({ "scopes": [scope] }), &full, &full, &room);
        }
        check(
            &json!({ "scopeSelector": { "matchExpressions": [{ "scopeName": "PriorityClass", "operator": "Exists" }] } }),
            &full,
            &full,
            &room,
        );
        for scope in ["Terminating", "NotBestEffort"] {
            let wrong = "namespace tests: no room for 10 agents: quota q allows pods 1, 1 are in use, and 10 are wanted";
            check(&json!({ "scopes": [scope] }), &full, &full, &[(Grade::Wrong, wrong)]);
        }
        assert_eq!(findings("n", &[], 3, &Demand::default())[0].what, "namespace n: no quota");
    }
}
