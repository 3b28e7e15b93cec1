//! The inventory of a made-up world, the same for the sandbox and the simulation.

use std::net::IpAddr;
use std::sync::Arc;

use crate::model::inventory::{Inventory, Limit, Node, Standing};
use crate::model::selector::Labels;
use crate::model::service::{Endpoint, Service, ServicePort, Transport};
use crate::model::units::{Micros, Port};
use crate::model::vantage::Vantage;
use crate::model::workload::{PodState, WorkloadPod};
use crate::model::world::{World, WorldHost, WorldWorkload};

/// Its nodes, by name, when the world is so old; a world that has not begun is not old at all.
pub(super) fn inventory(world: &World, limits: Vec<Limit>, age: Option<Micros>) -> Inventory {
    let age = age.unwrap_or(Micros(0));
    let mut nodes: Vec<Node> = world
        .nodes
        .iter()
        .filter(|node| node.listed.holds(age))
        .map(|node| Node {
            name: node.name.clone(),
            zone: node.zone.clone(),
            kernel: node.kernel.clone(),
            labels: node.labels.clone(),
            addresses: addresses(world, &node.name),
            external_addresses: node.external_addresses.clone(),
            kubelet_port: node.kubelet_port,
            taints: Some(node.taints.clone()),
            standing: node.not_ready.as_ref().map_or(Standing::Expected, |why| Standing::Unready { why: why.clone() }),
        })
        .collect();
    nodes.sort_by(|one, other| one.name.cmp(&other.name));
    Inventory { cluster: format!("world {}", world.name), version: String::new(), nodes, limits, services: None, workloads: None }
}

/// The user's pods, by namespace and name.
pub(super) fn workloads(world: &World) -> Vec<WorkloadPod> {
    let state = |pod: &WorldWorkload| match &pod.not_ready {
        None => PodState::Ready { node: Arc::clone(&pod.node) },
        Some(why) => PodState::Unready { why: why.clone() },
    };
    let of = |pod: &WorldWorkload| WorkloadPod { pod: pod.pod.clone(), labels: pod.labels.clone(), state: state(pod) };
    let mut all: Vec<WorkloadPod> = world.workloads.iter().map(of).collect();
    all.sort_by(|one, other| one.pod.cmp(&other.pod));
    all
}

/// Its Services, by namespace and name: those of every cluster, unless the world says otherwise, and its own. Agents answer on that port.
pub(super) fn services(world: &World, agents: Port) -> Vec<Service> {
    let own = world.described(agents);
    let is_own = |service: &Service| own.iter().any(|other| other.key() == service.key());
    let mut all: Vec<Service> = cluster(world).into_iter().filter(|service| !is_own(service)).collect();
    all.extend(own);
    all.sort_by_key(|service| (service.namespace.clone(), service.name.clone()));
    all
}

/// Those of the cluster itself. Nothing of them is translated.
fn cluster(world: &World) -> Vec<Service> {
    let kubernetes = world.hosts.iter().find_map(api_server).unwrap_or_else(|| Service {
        namespace: "default".into(),
        name: "kubernetes".into(),
        labels: Labels::new(),
        addresses: vec![World::api_address(&world.families)],
        ports: vec![ServicePort { name: Some("https".to_owned()), protocol: Transport::Tcp, port: Port::HTTPS, node_port: None }],
        balancers: Vec::new(),
        externals: Vec::new(),
        endpoints: Some(Vec::new()),
    });
    vec![kubernetes, world.usual_dns()]
}

/// The Service of an API server, if a host is one: it answers at its own addresses.
fn api_server(host: &WorldHost) -> Option<Service> {
    let port = host.serves.as_ref()?.port;
    let (protocol, name) = (Transport::Tcp, Some("https".to_owned()));
    let endpoint = |address: &IpAddr| Endpoint { address: *address, name: name.clone(), protocol, port, node: None };
    Some(Service {
        namespace: "default".into(),
        name: "kubernetes".into(),
        labels: [("component", "apiserver"), ("provider", "kubernetes")].map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        addresses: host.addresses.clone(),
        ports: vec![ServicePort { name: name.clone(), protocol, port, node_port: None }],
        balancers: Vec::new(),
        externals: Vec::new(),
        endpoints: Some(host.addresses.iter().map(endpoint).collect()),
    })
}

/// Of its host network.
fn addresses(world: &World, node: &str) -> Vec<IpAddr> {
    let spot = world.spot(&Vantage::host(node));
    world.families.iter().filter_map(|family| Some(spot?.address(*family))).collect()
}
