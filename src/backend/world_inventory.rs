//! The inventory of a made-up world, the same for the sandbox and the simulation.

use std::net::IpAddr;

use crate::model::inventory::{Inventory, Limit, Node, Standing};
use crate::model::selector::Labels;
use crate::model::service::{Endpoint, Service, ServicePort, Transport};
use crate::model::units::{Micros, Port};
use crate::model::vantage::Vantage;
use crate::model::world::{Spot, World};

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
            labels: node.labels.clone(),
            addresses: addresses(world, &node.name),
            standing: node.not_ready.as_ref().map_or(Standing::Expected, |why| Standing::Unready { why: why.clone() }),
        })
        .collect();
    nodes.sort_by(|one, other| one.name.cmp(&other.name));
    Inventory { cluster: format!("world {}", world.name), version: String::new(), nodes, limits, services: None }
}

/// Those of the cluster itself. Nothing is translated: the DNS server has one address, before the Service and behind it.
pub(super) fn services(world: &World) -> Vec<Service> {
    let dns: Vec<IpAddr> = world.families.iter().map(|family| Spot::DNS.address(*family)).collect();
    let port = |name: &str, protocol, port| ServicePort { name: Some(name.to_owned()), protocol, port };
    let https = Port::new(443).map(|https| port("https", Transport::Tcp, https));
    let ports = vec![port("dns", Transport::Udp, Port::DNS), port("dns-tcp", Transport::Tcp, Port::DNS)];
    let behind = |address: &IpAddr| {
        let endpoint = |port: &ServicePort| Endpoint {
            address: *address,
            name: port.name.clone(),
            protocol: port.protocol,
            port: port.port,
            node: None,
        };
        ports.iter().map(endpoint).collect::<Vec<_>>()
    };
    let endpoints = dns.iter().flat_map(behind).collect();
    let service = |namespace: &str, name: &str, addresses, ports, endpoints| Service {
        namespace: namespace.into(),
        name: name.into(),
        labels: Labels::new(),
        addresses,
        ports,
        endpoints,
    };
    vec![
        service("default", "kubernetes", vec![World::api_address(&world.families)], https.into_iter().collect(), Vec::new()),
        service("kube-system", "kube-dns", dns, ports, endpoints),
    ]
}

/// Of its host network.
fn addresses(world: &World, node: &str) -> Vec<IpAddr> {
    let spot = world.spot(&Vantage::host(node));
    world.families.iter().filter_map(|family| Some(spot?.address(*family))).collect()
}
