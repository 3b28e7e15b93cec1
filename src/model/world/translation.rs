//! Whom a question to a Service of a world is passed on to: one function for simulation and fabric. Pure: the caller brings the
//! chance. It must not know packets.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::{Spot, World};
use crate::model::family::Family;
use crate::model::fixture::TrafficPolicy;
use crate::model::service::{Service, Transport};
use crate::model::units::Port;

/// The Services of a world, ready to be asked.
#[derive(Debug, Default, Clone)]
pub struct Table {
    /// By address of the Service and port.
    fronts: HashMap<(IpAddr, Transport, Port), Vec<Backend>>,
    /// Addresses of pods that are a Service's as well: what they are asked beside its ports is lost.
    shared: HashSet<IpAddr>,
    /// By port at the nodes, of each family.
    nodes: HashMap<(Family, Transport, Port), (Vec<Backend>, TrafficPolicy)>,
}

/// An agent behind a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backend {
    /// Where it is.
    pub spot: Spot,
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: Port,
}

/// What becomes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// No Service is asked.
    Unchanged,
    /// It goes to that agent; through that node, where its port was asked.
    To(Backend, Option<Spot>),
    /// Nobody stands there: it is refused.
    ToNobody,
    /// It is lost.
    Lost,
}

/// A question, as far as translation looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub from: Spot,
    /// Which address.
    pub address: IpAddr,
    /// Which port.
    pub port: Port,
    /// How.
    pub transport: Transport,
    /// Whether its source port was used before.
    pub reused: bool,
    /// Chooses among backends: any number.
    pub pick: u64,
}

impl Table {
    /// One Service more.
    pub fn add(&mut self, service: &Service, policy: TrafficPolicy) {
        for port in &service.ports {
            let of = |family: Family| {
                let own = service
                    .endpoints
                    .iter()
                    .flatten()
                    .filter(move |endpoint| endpoint.name == port.name && endpoint.protocol == port.protocol);
                let backend = |endpoint: &crate::model::service::Endpoint| {
                    Some(Backend { spot: Spot::of(endpoint.address)?, address: endpoint.address, port: endpoint.port })
                };
                own.filter(move |endpoint| Family::of(endpoint.address) == family).filter_map(backend).collect::<Vec<_>>()
            };
            // From within a cluster these are translated as the Service's own address (kube-proxy).
            for address in service.addresses.iter().chain(&service.balancers).chain(&service.externals) {
                if Spot::of(*address).is_some() {
                    self.shared.insert(*address);
                }
                self.fronts.insert((*address, port.protocol, port.port), of(Family::of(*address)));
            }
            for family in service.addresses.iter().map(|address| Family::of(*address)) {
                if let Some(node_port) = port.node_port {
                    self.nodes.insert((family, port.protocol, node_port), (of(family), policy));
                }
            }
        }
    }

    /// Whom a question is passed on to in that world.
    #[must_use]
    pub fn pass(&self, world: &World, asked: &Asked) -> Passed {
        let at = world.node_at(asked.address);
        let entry = match at {
            Some(node) => self.nodes.get(&(Family::of(asked.address), asked.transport, asked.port)).map(|(all, policy)| match policy {
                TrafficPolicy::Cluster => all.clone(),
                TrafficPolicy::Local => all.iter().copied().filter(|backend| backend.spot.node == node.node).collect(),
            }),
            None => self.fronts.get(&(asked.address, asked.transport, asked.port)).cloned(),
        };
        let Some(backends) = entry else {
            let is_service = super::services::is_kept(asked.address) || self.shared.contains(&asked.address);
            return if is_service { Passed::Lost } else { Passed::Unchanged };
        };
        if backends.iter().any(|backend| (backend.address, backend.port) == (asked.address, asked.port)) {
            // Who stands there is asked directly: there is nothing to translate.
            return Passed::Unchanged;
        }
        // The node translates whose port is asked, or that of the source.
        if world.is_among(&world.translation.broken, at.unwrap_or(asked.from)) {
            return Passed::Lost;
        }
        let chosen = usize::try_from(asked.pick % (backends.len().max(1) as u64)).ok().and_then(|place| backends.get(place));
        match chosen {
            None => Passed::ToNobody,
            Some(_) if asked.reused && asked.transport == Transport::Udp && world.is_among(&world.translation.stale, asked.from) => {
                Passed::Lost
            }
            Some(backend) if world.is_among(&world.translation.dead, backend.spot) => Passed::Lost,
            Some(backend) => Passed::To(*backend, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::selector::Labels;
    use crate::model::service::ServicePort;
    use crate::model::vantage::Network;
    use crate::model::world::WorldService;

    /// What becomes of a question to the cluster's DNS by UDP and by TCP, where its Service has port 53 of UDP and these are ready.
    fn asked(ready: &[&str]) -> [Passed; 2] {
        let port = ServicePort { name: None, protocol: Transport::Udp, port: Port::DNS, node_port: None };
        let service = WorldService {
            namespace: "kube-system".into(),
            name: "kube-dns".into(),
            labels: Labels::new(),
            families: Family::ALL.into(),
            headless: false,
            balanced: false,
            external: false,
            ports: vec![port],
            ready: ready.iter().map(|node| (*node).into()).collect(),
        };
        let world = World { services: vec![service], ..World::three_nodes() };
        let mut table = Table::default();
        world.described(Port::HTTPS).iter().for_each(|service| table.add(service, TrafficPolicy::Cluster));
        let (from, address) = (Spot { node: 0, network: Network::Pod }, Spot::DNS.address(Family::V6));
        [Transport::Udp, Transport::Tcp]
            .map(|transport| table.pass(&world, &Asked { from, address, port: Port::DNS, transport, reused: false, pick: 0 }))
    }

    #[test]
    fn the_dns_server_stands_behind_the_ports_of_its_service_unless_nobody_does() {
        assert_eq!(asked(&["node1", "node2", "node3"]), [Passed::Unchanged, Passed::Lost]);
        assert_eq!(asked(&[]), [Passed::ToNobody, Passed::Lost]);
    }
}
