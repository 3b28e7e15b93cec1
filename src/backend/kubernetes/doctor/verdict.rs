//! What a trial means: why the cluster refuses an object, or what it would make of it. Pure.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};

use super::sample::Sample;
use crate::backend::kubernetes::refusal::Refusal;
use crate::model::finding::{Finding, Grade};

/// What was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trial {
    /// The namespace of the run's own.
    Namespace,
    /// An agent's pod.
    Pod {
        /// Where.
        namespace: String,
        /// Whether the run would use another one, which is not there yet.
        stands_in: bool,
    },
}

impl Trial {
    /// Where it was tried; empty for a namespace itself.
    pub(super) fn namespace(&self) -> &str {
        match self {
            Self::Namespace => "",
            Self::Pod { namespace, .. } => namespace,
        }
    }

    const fn topic(&self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Pod { .. } => "pod",
        }
    }

    fn right(&self) -> String {
        match self {
            Self::Namespace => "create namespaces".to_owned(),
            Self::Pod { namespace, .. } => format!("create pods in namespace {namespace}"),
        }
    }

    fn stands_in(&self) -> bool {
        matches!(self, Self::Pod { stands_in: true, .. })
    }

    /// `an agent's pod in namespace tests`
    fn words(&self, sample: &Sample) -> String {
        match self {
            Self::Namespace => format!("a namespace for the pods of {}", sample.agent()),
            Self::Pod { namespace, stands_in: false } => format!("the pod of {} in namespace {namespace}", sample.agent()),
            Self::Pod { namespace, stands_in: true } => {
                format!("the pod of {} in namespace {namespace}, tried there because the run's own is not made yet", sample.agent())
            }
        }
    }
}

/// A refusal: what it is about decides how much it weighs and what helps.
pub(super) fn refused(refusal: &Refusal, trial: &Trial, sample: &Sample) -> Finding {
    let what = format!("{}: {refusal}", trial.words(sample));
    let unchecked = || Finding::new(Grade::Unchecked, trial.topic(), format!("not tried: {what}"));
    let Refusal::Answered { code, message } = refusal else { return unchecked() };
    if refusal.wants_a_right() {
        // Rights are asked for by themselves.
        return Finding::new(Grade::Unchecked, trial.topic(), format!("not tried: that takes the right to {}", trial.right()));
    }
    if message.contains("does not support dry run") {
        return unchecked();
    }
    // What holds in a namespace that only stands in need not hold in the run's own.
    let grade = if trial.stands_in() { Grade::Doubtful } else { Grade::Wrong };
    let help = help(*code, message, trial, sample);
    Finding::new(grade, trial.topic(), what).help(help)
}

fn help(code: u16, message: &str, trial: &Trial, sample: &Sample) -> Vec<String> {
    let namespace = trial.namespace();
    let says = |words: &str| message.contains(words);
    let another = || sample.another_namespace().to_owned();
    if code == 404 {
        return vec![format!("make it: kubectl create namespace {namespace}; or leave the flag out: the run then makes its own")];
    }
    if says("violates PodSecurity") {
        let level = sample.level();
        return vec![format!("kubectl label --overwrite namespace {namespace} pod-security.kubernetes.io/enforce={level}"), another()];
    }
    if says("exceeded quota") || says("failed quota") {
        return vec!["a wider quota, or another namespace".to_owned(), another()];
    }
    if says("per Container is") || says("per Pod is") {
        return vec![format!("the LimitRange of {namespace} leaves an agent no room: change it"), another()];
    }
    if says("because it is being terminated") {
        return vec![format!("{namespace} is being deleted: wait until it has gone, and make it again"), another()];
    }
    vec!["ask whoever owns that rule of the cluster".to_owned(), another()]
}

/// The pod is taken; what the cluster would change about it.
pub(super) fn altered(sent: &Pod, accepted: &Pod, trial: &Trial, sample: &Sample) -> Vec<Finding> {
    let nothing = PodSpec::default();
    let (before, after) = (sent.spec.as_ref().unwrap_or(&nothing), accepted.spec.as_ref().unwrap_or(&nothing));
    let mut findings = changes(before, after, trial.namespace());
    if findings.is_empty() {
        findings.push(Finding::new(Grade::Fine, "pod", format!("taken as it is: {}", trial.words(sample))));
    }
    findings
}

fn changes(before: &PodSpec, after: &PodSpec, namespace: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut doubt = |what: String, help: &str| findings.push(Finding::new(Grade::Doubtful, "pod", what).help([help]));
    let more = added(before, after);
    if !more.is_empty() {
        let what = format!("the cluster puts containers into pods of namespace {namespace}: {}", more.join(", "));
        doubt(what, "what stands between agent and network is measured along: exempt the namespace from the injection");
    }
    let image = |spec: &PodSpec| spec.containers.first().and_then(|container| container.image.clone()).unwrap_or_default();
    if image(before) != image(after) {
        doubt(
            format!("the cluster turns the image {} into {}", image(before), image(after)),
            "the agents' image has to be there under that name",
        );
    }
    let limit =
        |spec: &PodSpec| spec.containers.first().and_then(|container| container.resources.as_ref()?.limits.as_ref()?.get("cpu").cloned());
    if let (None, Some(limit)) = (limit(before), limit(after)) {
        let what = format!("namespace {namespace} gives agents a CPU limit of {} (a LimitRange, perhaps)", limit.0);
        doubt(what, "a limit stops an agent for moments, which shows as latency: use a namespace without one");
    }
    if let Some(selector) = after.node_selector.as_ref().filter(|_| before.node_selector.is_none()) {
        let terms: Vec<String> = selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let what = format!("the cluster binds pods of namespace {namespace} to nodes with {}", terms.join(", "));
        doubt(what, "agents do not come up on other nodes: use another namespace, or the same --node-selector");
    }
    findings
}

/// Names of containers that were not asked for.
fn added(before: &PodSpec, after: &PodSpec) -> Vec<String> {
    let names = |spec: &PodSpec| -> BTreeSet<String> {
        let all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        all.map(|container: &Container| container.name.clone()).collect()
    };
    names(after).difference(&names(before)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::agents::IcmpAccess;
    use crate::model::vantage::Station;

    fn sample(station: Station) -> Sample {
        let pod = Pod::default();
        Sample { station, icmp: IcmpAccess::Auto, own: None, given: None, pod: pod.clone(), frugal: pod }
    }

    fn within(stands_in: bool) -> Trial {
        Trial::Pod { namespace: "tests".to_owned(), stands_in }
    }

    fn check(code: u16, message: &str, trial: &Trial, station: Station, expected: (Grade, &str)) {
        let found = refused(&Refusal::Answered { code, message: message.to_owned() }, trial, &sample(station));
        assert_eq!(found.grade, expected.0, "{found:?}");
        assert!(found.what.contains(message), "{found:?}");
        assert_eq!(found.help.is_empty(), expected.1.is_empty(), "{found:?}");
        assert!(found.help.join("\n").contains(expected.1), "{found:?}");
    }

    #[test]
    fn a_refusal_weighs_by_where_it_holds_and_has_its_remedy() {
        use Grade::{Doubtful, Unchecked, Wrong};
        use Station::{Host, Pod};
        let security = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";
        check(403, security, &within(false), Host, (Wrong, "namespace tests pod-security.kubernetes.io/enforce=privileged"));
        check(403, security, &within(true), Host, (Doubtful, "--host-namespace NAME"));
        check(403, security, &within(false), Pod, (Wrong, "enforce=restricted"));
        check(403, "pods \"p\" is forbidden: exceeded quota: q, requested: pods=1", &within(false), Pod, (Wrong, "a wider quota"));
        check(
            403,
            "pods \"p\" is forbidden: failed quota: q: must specify limits.cpu for: agent",
            &within(false),
            Pod,
            (Wrong, "a wider quota"),
        );
        let range = "pods \"p\" is forbidden: minimum memory usage per Container is 100Mi, but request is 24Mi";
        check(403, range, &within(false), Pod, (Wrong, "the LimitRange of tests"));
        check(403, "admission webhook \"w\" denied the request: no", &within(false), Pod, (Wrong, "whoever owns that rule"));
        check(403, "admission webhook \"w\" denied the request: no", &Trial::Namespace, Pod, (Wrong, "--namespace NAME"));
        check(404, "namespaces \"tests\" not found", &within(false), Pod, (Wrong, "kubectl create namespace tests"));
        check(
            403,
            "unable to create new content in namespace tests because it is being terminated",
            &within(false),
            Pod,
            (Wrong, "wait until"),
        );
        check(400, "admission webhook \"w\" does not support dry run", &within(false), Pod, (Unchecked, ""));
    }

    #[test]
    fn a_missing_right_is_told_elsewhere() {
        let refusal = Refusal::Answered { code: 403, message: "User \"u\" cannot create resource \"pods\"".to_owned() };
        let found = refused(&refusal, &within(true), &sample(Station::Pod));
        assert_eq!(
            (found.grade, found.what.as_str()),
            (Grade::Unchecked, "not tried: that takes the right to create pods in namespace tests")
        );
    }

    #[test]
    fn silence_is_no_refusal() {
        let found = refused(&Refusal::Silent(std::time::Duration::from_secs(4)), &Trial::Namespace, &sample(Station::Pod));
        assert_eq!(
            (found.grade, found.what.as_str()),
            (Grade::Unchecked, "not tried: a namespace for the pods of an agent: no answer within 4 s")
        );
    }

    fn check_change(change: &Value, expected: &str) {
        let mut spec = json!({ "containers": [{ "name": "agent", "image": "a:1", "resources": { "limits": { "memory": "64Mi" } } }] });
        let pod = |spec: &Value| -> Pod { serde_json::from_value(json!({ "metadata": {}, "spec": spec })).unwrap() };
        let before = pod(&spec);
        for (path, value) in change.as_object().unwrap() {
            match spec.pointer_mut(path) {
                Some(Value::Array(items)) => items.push(value.clone()),
                Some(Value::Object(map)) => map.extend(value.as_object().unwrap().clone()),
                Some(other) => *other = value.clone(),
                None => panic!("{path}"),
            }
        }
        let found = altered(&before, &pod(&spec), &within(false), &sample(Station::Pod));
        let words: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
        assert_eq!(words, [expected]);
        assert_eq!(found[0].grade == Grade::Fine, found[0].help.is_empty());
    }

    #[test]
    fn what_the_cluster_changes_is_told() {
        check_change(&json!({}), "taken as it is: the pod of an agent in namespace tests");
        check_change(&json!({ "": { "serviceAccountName": "default" } }), "taken as it is: the pod of an agent in namespace tests");
        check_change(
            &json!({ "/containers": { "name": "istio-proxy" } }),
            "the cluster puts containers into pods of namespace tests: istio-proxy",
        );
        check_change(
            &json!({ "": { "initContainers": [{ "name": "init" }] } }),
            "the cluster puts containers into pods of namespace tests: init",
        );
        check_change(&json!({ "/containers/0/image": "mirror/a:1" }), "the cluster turns the image a:1 into mirror/a:1");
        check_change(
            &json!({ "/containers/0/resources/limits": { "cpu": "500m" } }),
            "namespace tests gives agents a CPU limit of 500m (a LimitRange, perhaps)",
        );
        check_change(&json!({ "": { "nodeSelector": { "pool": "a" } } }), "the cluster binds pods of namespace tests to nodes with pool=a");
    }
}
