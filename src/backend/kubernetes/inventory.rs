//! The snapshot of the nodes, taken from the API server. What speaks against a node is decided in [`super::standing`].

use std::net::IpAddr;

use k8s_openapi::api::core::v1::Node as ApiNode;
use kube::Api;
use kube::api::ListParams;
use tokio::time::timeout;

use super::client::Link;
use super::manifest::Ground;
use super::pages::pages;
use super::refusal::{Operation, Refusal};
use super::standing::{Choice, known_taints, standing, tolerations};
use crate::backend::BackendError;
use crate::model::family::Family;
use crate::model::inventory::{Inventory, Node};
use crate::model::units::Port;

/// The nodes as the API server has them, and what we make of them.
pub(super) async fn take(link: &Link, choice: &Choice) -> Result<(Inventory, Vec<ApiNode>), BackendError> {
    let operation = Operation::cluster("list", "nodes");
    let all: Api<ApiNode> = Api::all(link.client.clone());
    // Pages one after the other must not take longer than what we promise for all.
    let limit = link.limits.call + link.limits.call / 4;
    let both = async { tokio::join!(pages(link, &all, ListParams::default()), link.call(|| link.client.apiserver_version())) };
    let (nodes, version) = timeout(limit, both).await.map_err(|_| link.error(&Refusal::Silent(limit), &operation))?;
    let nodes: Vec<ApiNode> = nodes.map_err(|refusal| link.error(&refusal, &operation))?;
    let mut known: Vec<Node> = nodes.iter().map(|node| describe(node, choice)).collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    // The version is for the report alone: without the right to ask for it, the report does without.
    let version = version.map(|version| format!("Kubernetes {}", version.git_version)).unwrap_or_default();
    Ok((
        Inventory { cluster: link.place.context.clone(), version, nodes: known, limits: Vec::new(), services: None, workloads: None },
        nodes,
    ))
}

/// What a pod has to know of that node.
pub(super) fn ground(node: &ApiNode) -> Ground {
    Ground { tolerations: tolerations(node), addresses: addresses(node), ..Ground::default() }
}

fn describe(node: &ApiNode, choice: &Choice) -> Node {
    let labels = node.metadata.labels.as_ref();
    Node {
        name: node.metadata.name.as_deref().unwrap_or_default().into(),
        zone: labels.and_then(|labels| labels.get("topology.kubernetes.io/zone")).cloned(),
        kernel: kernel(node),
        labels: labels.cloned().unwrap_or_default(),
        addresses: addresses(node),
        external_addresses: stated(node, "ExternalIP"),
        kubelet_port: kubelet_port(node),
        taints: Some(known_taints(node)),
        standing: standing(node, choice),
    }
}

/// The release of its kernel; before its kubelet has reported, the API server has an empty text there.
fn kernel(node: &ApiNode) -> Option<String> {
    let told = node.status.as_ref()?.node_info.as_ref()?.kernel_version.clone();
    Some(told).filter(|kernel| !kernel.is_empty())
}

/// The first internal address of each family.
pub(super) fn addresses(node: &ApiNode) -> Vec<IpAddr> {
    stated(node, "InternalIP")
}

/// The first address of that type of each family.
fn stated(node: &ApiNode, of_type: &str) -> Vec<IpAddr> {
    let all = node.status.as_ref().and_then(|status| status.addresses.as_deref()).unwrap_or_default();
    let own: Vec<IpAddr> =
        all.iter().filter(|address| address.type_ == of_type).filter_map(|address| address.address.parse().ok()).collect();
    Family::ALL.into_iter().filter_map(|family| own.iter().copied().find(|address| Family::of(*address) == family)).collect()
}

/// Where its kubelet says that it listens; what is not a kubelet may state 0.
fn kubelet_port(node: &ApiNode) -> Option<Port> {
    let kubelet = node.status.as_ref()?.daemon_endpoints.as_ref()?.kubelet_endpoint.as_ref()?;
    Port::of(kubelet.port)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_node_tells_its_kernel_once_its_kubelet_has() {
        let told = |status: Value| kernel(&serde_json::from_value(json!({ "metadata": { "name": "a" }, "status": status })).unwrap());
        let info = |kernel: &str| {
            let others = ["architecture", "bootID", "containerRuntimeVersion", "kubeProxyVersion", "kubeletVersion", "machineID"];
            let mut info = json!({ "kernelVersion": kernel, "operatingSystem": "linux", "osImage": "", "systemUUID": "" });
            for key in others {
                info[key] = json!("");
            }
            json!({ "nodeInfo": info })
        };
        assert_eq!(told(info("6.8.0-45-generic")).as_deref(), Some("6.8.0-45-generic"));
        assert_eq!((told(info("")), told(json!({}))), (None, None));
    }

    #[test]
    fn a_node_states_the_port_of_its_kubelet() {
        let told = |status: Value| kubelet_port(&serde_json::from_value(json!({ "metadata": {}, "status": status })).unwrap());
        let of = |port: i32| told(json!({ "daemonEndpoints": { "kubeletEndpoint": { "Port": port } } })).map(Port::get);
        assert_eq!([10_250, 1, 0, -1, 65_536].map(of), [Some(10_250), Some(1), None, None, None]);
        assert_eq!([told(json!({})), told(json!({ "daemonEndpoints": {} }))], [None, None]);
    }

    #[test]
    fn of_each_type_and_family_the_first_address_counts() {
        let address = |of_type: &str, address: &str| json!({ "type": of_type, "address": address });
        let all =
            [("ExternalIP", "198.51.100.1"), ("InternalIP", "10.0.0.1"), ("ExternalIP", "198.51.100.2"), ("ExternalIP", "node1.example")];
        let all: Vec<Value> =
            all.into_iter().chain([("ExternalIP", "2001:db8::1")]).map(|(of_type, text)| address(of_type, text)).collect();
        let node: ApiNode = serde_json::from_value(json!({ "metadata": {}, "status": { "addresses": all } })).unwrap();
        let words = |addresses: Vec<IpAddr>| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(words(addresses(&node)), ["10.0.0.1"]);
        assert_eq!(words(stated(&node, "ExternalIP")), ["198.51.100.1", "2001:db8::1"]);
    }
}
