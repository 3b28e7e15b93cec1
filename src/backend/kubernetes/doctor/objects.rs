//! Where a run's objects are tried, and whether quotas leave room for all of them. It must not know how a trial is judged.

use std::collections::BTreeSet;

use futures::future::join_all;
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use kube::Api;
use kube::api::ListParams;

use super::admission::{self, Tried};
use super::demand::Demand;
use super::sample::Sample;
use super::snapshot::Snapshot;
use super::{PAGE, STAND_IN, quota};
use crate::backend::kubernetes::client::Link;
use crate::backend::kubernetes::refusal::Refusal;
use crate::model::finding::{Finding, Grade};

/// What the cluster makes of the run's objects, and whether its quotas leave room for all of them.
pub(super) async fn findings(link: &Link, samples: &[Sample], snapshot: Option<&Snapshot>) -> Vec<Finding> {
    let given: BTreeSet<&str> = samples.iter().filter_map(|sample| sample.given.as_deref()).collect();
    let namespaces = if samples.iter().any(|sample| sample.own.is_some()) { namespaces(link).await } else { Vec::new() };
    let trials = join_all(samples.iter().map(|sample| tried(link, sample, &namespaces)));
    let quotas = join_all(given.iter().map(|namespace| quotas(link, namespace)));
    let (trials, quotas) = tokio::join!(trials, quotas);
    let mut findings: Vec<Finding> = trials.iter().flat_map(|(findings, _)| findings.clone()).collect();
    let Some(snapshot) = snapshot else { return findings };
    for (namespace, quotas) in given.iter().zip(quotas) {
        let (mut agents, mut demand) = (0, Demand::default());
        for (sample, (_, accepted)) in samples.iter().zip(&trials).filter(|(sample, _)| sample.given.as_deref() == Some(*namespace)) {
            let count = snapshot.vantages.iter().filter(|vantage| vantage.station() == sample.station).count();
            agents += count;
            demand.join(&Demand::of(accepted.as_ref().unwrap_or(&sample.pod)).times(count));
        }
        findings.extend(match quotas {
            Ok(quotas) => quota::findings(namespace, &quotas, agents, &demand),
            Err(refusal) if refusal.code() == Some(404) => Vec::new(),
            Err(refusal) => {
                let why = if refusal.code() == Some(403) {
                    "that takes the right to list resourcequotas, which a run does not need".to_owned()
                } else {
                    refusal.to_string()
                };
                vec![Finding::new(Grade::Unchecked, "quota", format!("namespace {namespace}: not looked at: {why}"))]
            }
        });
    }
    findings
}

async fn tried(link: &Link, sample: &Sample, namespaces: &[Namespace]) -> Tried {
    let stand_in = stand_in(namespaces, sample.level());
    let (space, (pod, accepted)) = tokio::join!(admission::namespace(link, sample), admission::pod(link, sample, stand_in));
    ([space, pod].concat(), accepted)
}

/// Without the right to look, `default` has to do: it is everywhere.
async fn namespaces(link: &Link) -> Vec<Namespace> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let params = ListParams::default().limit(PAGE);
    link.call(|| api.list(&params)).await.map(|list| list.items).unwrap_or_default()
}

async fn quotas(link: &Link, namespace: &str) -> Result<Vec<ResourceQuota>, Refusal> {
    let api: Api<ResourceQuota> = Api::namespaced(link.client.clone(), namespace);
    let params = ListParams::default();
    Ok(link.call(|| api.list(&params)).await?.items)
}

/// Where pods of that level can be tried while the run's own namespace is not there: one that does not refuse the level as such.
fn stand_in<'a>(namespaces: &'a [Namespace], level: &str) -> &'a str {
    let fits = |namespace: &&Namespace| {
        let labels = namespace.metadata.labels.as_ref();
        let enforced = labels.and_then(|labels| labels.get("pod-security.kubernetes.io/enforce")).map_or("privileged", String::as_str);
        level == "restricted" || enforced == "privileged"
    };
    let names: Vec<&str> = namespaces.iter().filter(fits).filter_map(|namespace| namespace.metadata.name.as_deref()).collect();
    if names.contains(&STAND_IN) { STAND_IN } else { names.first().copied().unwrap_or(STAND_IN) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(namespaces: &[(&str, &str)], level: &str, expected: &str) {
        let namespace = |(name, enforced): &(&str, &str)| -> Namespace {
            let labels = if enforced.is_empty() { json!({}) } else { json!({ "pod-security.kubernetes.io/enforce": enforced }) };
            serde_json::from_value(json!({ "metadata": { "name": name, "labels": labels } })).unwrap()
        };
        let namespaces: Vec<Namespace> = namespaces.iter().map(namespace).collect();
        assert_eq!(stand_in(&namespaces, level), expected);
    }

    #[test]
    fn a_stand_in_does_not_refuse_the_level_as_such() {
        check(&[], "restricted", "default");
        check(&[("a", ""), ("default", "")], "privileged", "default");
        check(&[("a", ""), ("default", "baseline")], "privileged", "a");
        check(&[("a", "restricted"), ("default", "baseline"), ("z", "privileged")], "privileged", "z");
        check(&[("a", "restricted"), ("default", "baseline")], "privileged", "default");
        check(&[("a", ""), ("default", "restricted")], "restricted", "default");
    }
}
