//! Pods of the user's from whose networks is asked: which there are, and by what an agent finds each on its node. It must not know
//! which of them are picked.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::PoisonError;

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use kube::Api;
use kube::api::ListParams;
use tokio::time::timeout;

use super::Kubernetes;
use super::client::Link;
use super::pages::pages;
use super::refusal::{Operation, Refusal, one_line};
use crate::backend::BackendError;
use crate::model::selector::Selector;
use crate::model::service::Wanted;
use crate::model::vantage::{PodName, Vantage};
use crate::model::workload::{PodState, WorkloadPod};

/// On pods that a kubelet runs by itself: the name that it knows them by, which is not their `uid`.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// Containers that service meshes put into pods, where they take over what other containers connect to.
const PROXIES: [&str; 4] = ["istio-proxy", "linkerd-proxy", "kuma-sidecar", "consul-dataplane"];
/// On pods whose connections Istio takes over without a container in them, with the value `enabled`.
const AMBIENT: &str = "ambient.istio.io/redirection";

/// By what an agent knows that it is in the right pod.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// After what its control groups may be called: its uid, as the kubelet knows it, and the ids of its containers.
    pub(super) names: Vec<String>,
    /// Its addresses.
    pub(super) addresses: Vec<IpAddr>,
}

impl Kubernetes {
    /// What is wanted of pods, each once, by namespace and name; nothing where none are.
    pub(super) async fn take_workloads(&self, wanted: &[Wanted]) -> Result<Option<Vec<WorkloadPod>>, BackendError> {
        let Some(pods) = take(&self.link, wanted).await? else { return Ok(None) };
        let entries = pods.iter().map(|pod| (pod.0.pod.clone(), pod.1.clone())).collect();
        *self.entries.lock().unwrap_or_else(PoisonError::into_inner) = entries;
        Ok(Some(pods.into_iter().map(|(pod, _)| pod).collect()))
    }

    /// By what the agent of that vantage finds the pod that it enters, if it enters one.
    pub(super) fn entry(&self, vantage: &Vantage) -> Option<Entry> {
        let pod = vantage.of_workload()?;
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(pod).cloned()
    }
}

async fn take(link: &Link, wanted: &[Wanted]) -> Result<Option<Vec<(WorkloadPod, Entry)>>, BackendError> {
    let of_pods = |wanted: &Wanted| match wanted {
        Wanted::Pods { namespace, selector } => Some((namespace.to_string(), selector.clone())),
        Wanted::Everything | Wanted::Services { .. } | Wanted::Endpoints { .. } => None,
    };
    let lists: Vec<(String, Option<Selector>)> = wanted.iter().filter_map(of_pods).collect();
    let Some((first, _)) = lists.first() else { return Ok(None) };
    let limit = link.limits.call + link.limits.call / 4;
    let late = |_| link.error(&Refusal::Silent(limit), &Operation::within("list", "pods", first));
    let all = try_join_all(lists.iter().map(|(namespace, selector)| listed(link, namespace, selector.as_ref())));
    let found = timeout(limit, all).await.map_err(late)??;
    let pods: BTreeMap<PodName, (WorkloadPod, Entry)> = found.iter().flatten().map(described).map(|pod| (pod.0.pod.clone(), pod)).collect();
    Ok(Some(pods.into_values().collect()))
}

async fn listed(link: &Link, namespace: &str, selector: Option<&Selector>) -> Result<Vec<Pod>, BackendError> {
    let params = selector.map_or_else(ListParams::default, |selector| ListParams::default().labels(&selector.to_string()));
    let api: Api<Pod> = Api::namespaced(link.client.clone(), namespace);
    pages(link, &api, params).await.map_err(|refusal| link.error(&refusal, &Operation::within("list", "pods", namespace)))
}

fn described(pod: &Pod) -> (WorkloadPod, Entry) {
    let meta = &pod.metadata;
    let name =
        PodName { namespace: meta.namespace.as_deref().unwrap_or_default().into(), name: meta.name.as_deref().unwrap_or_default().into() };
    let mirrored = meta.annotations.as_ref().and_then(|all| all.get(MIRROR));
    let names = mirrored.or(meta.uid.as_ref()).cloned().into_iter().chain(containers(pod)).collect();
    let entry = Entry { names, addresses: addresses(pod) };
    let workload = WorkloadPod { pod: name, labels: meta.labels.clone().unwrap_or_default(), state: state(pod, &entry.addresses) };
    (workload, entry)
}

/// Their ids; the API server writes them as `containerd://ID`.
fn containers(pod: &Pod) -> impl Iterator<Item = String> {
    let all = pod.status.as_ref().and_then(|status| status.container_statuses.as_deref()).unwrap_or_default();
    let ids = all.iter().filter_map(|container| container.container_id.as_deref()?.split_once("://"));
    ids.map(|(_, id)| id.to_owned()).filter(|id| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn addresses(pod: &Pod) -> Vec<IpAddr> {
    let status = pod.status.as_ref();
    let all = status.and_then(|status| status.pod_ips.as_deref()).unwrap_or_default();
    all.iter().filter_map(|address| address.ip.parse().ok()).collect()
}

fn state(pod: &Pod, addresses: &[IpAddr]) -> PodState {
    let spec = pod.spec.as_ref();
    let unready = |why: &str| PodState::Unready { why: one_line(why) };
    if spec.and_then(|spec| spec.host_network).unwrap_or(false) {
        return PodState::OnHost;
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return unready("it is being deleted");
    }
    if let Some(why) = pod.status.as_ref().map_or_else(|| Some("nothing is known of it".to_owned()), hindrance) {
        return unready(&why);
    }
    if let Some(by) = proxy(pod) {
        return PodState::Proxied { by };
    }
    match spec.and_then(|spec| spec.node_name.as_deref()) {
        Some(_) if addresses.is_empty() => unready("it has no address"),
        Some(node) => PodState::Ready { node: node.into() },
        None => unready("it is on no node"),
    }
}

/// What takes over the connections that leave its network, if something is known to.
fn proxy(pod: &Pod) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    let all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let container = all.map(|container| container.name.as_str()).find(|name| PROXIES.contains(name));
    let annotation = pod.metadata.annotations.as_ref().and_then(|all| all.get(AMBIENT)).filter(|value| *value == "enabled");
    container.or(annotation.map(|_| AMBIENT)).map(str::to_owned)
}

/// What keeps it from being ready, in the words of whoever knows.
fn hindrance(status: &PodStatus) -> Option<String> {
    let condition = |kind: &str| status.conditions.as_deref().unwrap_or_default().iter().find(|condition| condition.type_ == kind);
    let words = |condition: Option<&PodCondition>| condition.and_then(|condition| condition.message.clone().or(condition.reason.clone()));
    let phase = status.phase.as_deref().unwrap_or("Unknown");
    if phase != "Running" {
        let why = status.message.clone().or(status.reason.clone()).or_else(|| words(condition("PodScheduled")));
        return Some(why.map_or_else(|| phase.to_owned(), |why| format!("{phase}: {why}")));
    }
    let ready = condition("Ready");
    if ready.is_some_and(|condition| condition.status == "True") {
        return None;
    }
    Some(words(ready).unwrap_or_else(|| "it does not say that it is ready".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(change: &Value) -> Pod {
        let mut pod = json!({
            "metadata": { "namespace": "shop", "name": "cart-7f", "uid": "0a-1b", "labels": { "app": "cart" } },
            "spec": { "containers": [], "nodeName": "node1" },
            "status": {
                "phase": "Running",
                "podIPs": [{ "ip": "10.244.1.7" }, { "ip": "fd00::7" }],
                "conditions": [{ "type": "Ready", "status": "True" }],
            },
        });
        for (part, changes) in change.as_object().unwrap() {
            for (key, value) in changes.as_object().unwrap() {
                pod[part][key] = value.clone();
            }
        }
        serde_json::from_value(pod).unwrap()
    }

    #[track_caller]
    fn check(change: &Value, expected: &str) {
        let found = match described(&pod(change)).0.state {
            PodState::Ready { node } => format!("on {node}"),
            PodState::Unready { why } => why,
            PodState::OnHost => "on its host".to_owned(),
            PodState::Proxied { by } => format!("behind {by}"),
        };
        assert_eq!(found, expected, "{change}");
    }

    #[test]
    fn who_is_ready_in_a_network_of_its_own_can_ask() {
        check(&json!({}), "on node1");
        check(&json!({ "spec": { "hostNetwork": true } }), "on its host");
        check(&json!({ "spec": { "nodeName": null } }), "it is on no node");
        check(&json!({ "metadata": { "deletionTimestamp": "2026-11-21T10:00:00Z" } }), "it is being deleted");
        check(&json!({ "status": { "podIPs": null } }), "it has no address");
        check(&json!({ "status": { "phase": "Pending" } }), "Pending");
        let scheduled = json!([{ "type": "PodScheduled", "status": "False", "message": "0/3 nodes are\navailable" }]);
        check(&json!({ "status": { "phase": "Pending", "conditions": scheduled } }), "Pending: 0/3 nodes are available");
        check(&json!({ "status": { "phase": "Failed", "reason": "Evicted" } }), "Failed: Evicted");
        let unready = json!([{ "type": "Ready", "status": "False", "message": "containers with unready status: [cart]" }]);
        check(&json!({ "status": { "conditions": unready } }), "containers with unready status: [cart]");
        check(&json!({ "status": { "conditions": [] } }), "it does not say that it is ready");
        check(&json!({ "status": { "phase": null } }), "Unknown");
    }

    #[test]
    fn who_asks_through_a_mesh_s_proxy_cannot() {
        let among = |name: &str| json!([{ "name": "cart" }, { "name": name }]);
        check(&json!({ "spec": { "containers": among("istio-proxy") } }), "behind istio-proxy");
        check(&json!({ "spec": { "initContainers": among("linkerd-proxy") } }), "behind linkerd-proxy");
        check(&json!({ "spec": { "containers": among("proxy") } }), "on node1");
        let ambient = |value: &str| json!({ "metadata": { "annotations": { AMBIENT: value } } });
        check(&ambient("enabled"), "behind ambient.istio.io/redirection");
        check(&ambient("disabled"), "on node1");
    }

    #[test]
    fn an_agent_knows_a_pod_by_what_its_kubelet_calls_it() {
        let (workload, entry) = described(&pod(&json!({})));
        assert_eq!((workload.pod.to_string().as_str(), entry.names.join(" ").as_str()), ("shop/cart-7f", "0a-1b"));
        assert_eq!(entry.addresses, ["10.244.1.7", "fd00::7"].map(|address| address.parse::<IpAddr>().unwrap()));
        let mirrored = json!({ "metadata": { "annotations": { MIRROR: "d41d8cd9" } } });
        assert_eq!(described(&pod(&mirrored)).1.names, ["d41d8cd9"]);
    }
}
