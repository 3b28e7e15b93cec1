//! Services of a world: those that are there, and how each of its nodes translates their addresses. It must not know who asks.
//!
//! Service i of a world (from 0) has the number n = i + 1, those that a run makes have the numbers behind, and the addresses
//! `10.248.n` and `fd48::n`. Its load balancer, if it has one, has them with the number n + 32768.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::{Spot, World, WorldDns};
use crate::model::family::Family;
use crate::model::fixture::{Front, Stand};
use crate::model::selector::Labels;
use crate::model::service::{Endpoint, Service, ServicePort, Transport};
use crate::model::units::Port;
use crate::model::vantage::Vantage;

/// A Service with agents behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldService {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its labels.
    pub labels: Labels,
    /// The families that it has an address of.
    pub families: Vec<Family>,
    /// Whether it has none at all.
    pub headless: bool,
    /// Whether a load balancer has given it an address of each family.
    pub balanced: bool,
    /// Whether it has an external address of each family.
    pub external: bool,
    /// Where it listens.
    pub ports: Vec<ServicePort>,
    /// The nodes whose agents in the pod network are ready behind it; behind that of the cluster's DNS is the DNS server, unless no
    /// node is named.
    pub ready: Vec<Arc<str>>,
}

impl WorldService {
    /// Whether it is that of the cluster's DNS.
    #[must_use]
    pub fn is_dns(&self) -> bool {
        (&*self.namespace, &*self.name) == WorldDns::SERVICE
    }
}

/// What is wrong with the translation of Services' addresses, by the names of nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translation {
    /// Nothing that is asked there of a Service arrives anywhere.
    pub broken: BTreeSet<Arc<str>>,
    /// What is translated to an agent there is lost: it counts as ready, and is not.
    pub dead: BTreeSet<Arc<str>>,
    /// What is asked there over a port that was used before goes to somebody who is gone.
    pub stale: BTreeSet<Arc<str>>,
}

/// Where all addresses of Services are, with the length of the prefix.
pub const SERVICE_ADDRESSES: [(IpAddr, u8); 2] =
    [(IpAddr::V4(Ipv4Addr::new(10, 248, 0, 0)), 16), (IpAddr::V6(Ipv6Addr::new(0xfd48, 0, 0, 0, 0, 0, 0, 0)), 16)];

/// The first node port of those that a run makes.
const NODE_PORTS: u16 = 31_000;

/// Whether an address is kept for Services.
#[must_use]
pub const fn is_kept(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => matches!(address.octets(), [10, 248, _, _]),
        IpAddr::V6(address) => address.segments()[0] == 0xfd48,
    }
}

fn address(number: u16, family: Family) -> IpAddr {
    let [high, low] = number.to_be_bytes();
    match family {
        Family::V4 => Ipv4Addr::new(10, 248, high, low).into(),
        Family::V6 => Ipv6Addr::new(0xfd48, 0, 0, 0, 0, 0, 0, number).into(),
    }
}

/// Added to a Service's number, that of its load balancer: there are not so many Services.
const BALANCERS: u16 = 0x8000;

/// The same for its external addresses.
const EXTERNALS: u16 = 0x4000;

fn number(place: usize) -> u16 {
    u16::try_from(place.saturating_add(1)).unwrap_or(u16::MAX)
}

impl World {
    /// The most Services of a world.
    pub const SERVICES_LIMIT: usize = 1_000;

    /// The Services that are there, by namespace and name. Agents answer on that port.
    #[must_use]
    pub fn described(&self, agents: Port) -> Vec<Service> {
        let mut all: Vec<Service> = self.services.iter().enumerate().map(|(place, service)| self.one(place, service, agents)).collect();
        all.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
        all
    }

    fn one(&self, place: usize, service: &WorldService, agents: Port) -> Service {
        let has = |family: &Family| self.families.contains(family) && service.families.contains(family);
        let families: Vec<Family> = Family::ALL.into_iter().filter(has).collect();
        let numbered = |number: u16, has: bool| families.iter().filter(|_| has).map(|family| address(number, *family)).collect();
        let (addresses, endpoints) = if service.is_dns() {
            (self.dns_addresses(), if service.ready.is_empty() { Vec::new() } else { self.behind_dns(&service.ports) })
        } else {
            (numbered(number(place), !service.headless), self.behind(&service.ports, &service.ready, &families, agents))
        };
        Service {
            namespace: service.namespace.clone(),
            name: service.name.clone(),
            labels: service.labels.clone(),
            addresses,
            ports: service.ports.clone(),
            balancers: numbered(number(place) | BALANCERS, service.balanced),
            externals: numbered(number(place) | EXTERNALS, service.external),
            endpoints: Some(endpoints),
        }
    }

    /// The Services that a run makes, with these agents behind them, in the order of the stands.
    #[must_use]
    pub fn made(&self, stands: &[Stand], backends: &[Vantage], agents: Port) -> Vec<Service> {
        let nodes: Vec<Arc<str>> = backends.iter().map(|vantage| vantage.node().into()).collect();
        let made = |(place, stand): (usize, &Stand)| {
            let first = NODE_PORTS.saturating_add(number(place).saturating_mul(4));
            let port = |(step, transport): (u16, &Transport)| ServicePort {
                name: Some(transport.word().to_lowercase()),
                protocol: *transport,
                port: Port::new(Stand::PORT).unwrap_or(agents),
                node_port: Port::new(first.saturating_add(step)).filter(|_| matches!(stand.front, Front::NodePort(_))),
            };
            let ports: Vec<ServicePort> = (0..).zip(&stand.serve).map(port).collect();
            let own = self.families.iter().filter(|_| stand.front != Front::Headless);
            Service {
                namespace: "netcheck".into(),
                name: stand.name().into(),
                labels: Labels::new(),
                addresses: own.map(|family| address(number(self.services.len().saturating_add(place)), *family)).collect(),
                endpoints: Some(self.behind(&ports, &nodes, &self.families, agents)),
                ports,
                balancers: Vec::new(),
                externals: Vec::new(),
            }
        };
        stands.iter().enumerate().map(made).collect()
    }

    /// The Service of the cluster's DNS, unless the world says otherwise.
    #[must_use]
    pub fn usual_dns(&self) -> Service {
        let port = |name: &str, protocol| ServicePort { name: Some(name.to_owned()), protocol, port: Port::DNS, node_port: None };
        let ports = vec![port("dns", Transport::Udp), port("dns-tcp", Transport::Tcp)];
        let (namespace, name) = WorldDns::SERVICE;
        Service {
            namespace: namespace.into(),
            name: name.into(),
            labels: Labels::new(),
            addresses: self.dns_addresses(),
            endpoints: Some(self.behind_dns(&ports)),
            ports,
            balancers: Vec::new(),
            externals: Vec::new(),
        }
    }

    /// The DNS server has one address of each family, before the Service and behind it.
    fn dns_addresses(&self) -> Vec<IpAddr> {
        self.families.iter().map(|family| Spot::DNS.address(*family)).collect()
    }

    fn behind_dns(&self, ports: &[ServicePort]) -> Vec<Endpoint> {
        let endpoint = |address, port: &ServicePort| Endpoint {
            address,
            name: port.name.clone(),
            protocol: port.protocol,
            port: port.port,
            node: None,
        };
        self.dns_addresses().into_iter().flat_map(|address| ports.iter().map(move |port| endpoint(address, port))).collect()
    }

    fn behind(&self, ports: &[ServicePort], nodes: &[Arc<str>], families: &[Family], agents: Port) -> Vec<Endpoint> {
        let spot = |node: &Arc<str>| self.spot(&Vantage::pod(node));
        let each = nodes.iter().filter_map(|node| Some((node, spot(node)?)));
        each.flat_map(|(node, spot)| families.iter().map(move |family| (node, spot.address(*family))))
            .flat_map(|(node, address)| {
                ports.iter().map(move |port| Endpoint {
                    address,
                    name: port.name.clone(),
                    protocol: port.protocol,
                    port: agents,
                    node: Some(node.clone()),
                })
            })
            .collect()
    }

    /// Whether the node there is one of these.
    #[must_use]
    pub fn is_among(&self, nodes: &BTreeSet<Arc<str>>, spot: Spot) -> bool {
        self.nodes.get(usize::from(spot.node)).is_some_and(|node| nodes.contains(&node.name))
    }
}
