//! Hosts of a world that are no nodes of it, and the ports of those and of nodes: what answers there, and how. It must not know who asks.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::{ApiServer, Protocol, Shows, Site, World};
use crate::model::family::Family;
use crate::model::units::Port;
use crate::model::vantage::{Network, Vantage};

/// A host beside the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldHost {
    /// Its name, for faults.
    pub name: Arc<str>,
    /// Where it is: none of them among the addresses of nodes, and none twice in a world.
    pub addresses: Vec<IpAddr>,
    /// How it treats echo requests.
    pub icmp: Manner,
    /// Its ports.
    pub ports: Ports,
    /// It is an API server, too.
    pub serves: Option<ApiServer>,
}

/// What listens on a host, or in the host network of a node beside agents; as any kernel it refuses on ports that are not named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ports {
    /// TCP ports; where a connection is accepted, nothing more is said over it.
    pub tcp: BTreeMap<Port, Manner>,
    /// UDP ports; one that answers sends every datagram back as it came.
    pub udp: BTreeMap<Port, Manner>,
}

impl Ports {
    /// How a port is described, if it is.
    #[must_use]
    pub fn manner(&self, protocol: Protocol, port: Port) -> Option<Manner> {
        match protocol {
            Protocol::Icmp => None,
            Protocol::Udp => self.udp.get(&port).copied(),
            Protocol::Tcp => self.tcp.get(&port).copied(),
        }
    }

    /// Whether none is described.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty()
    }
}

/// How a host treats questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It answers.
    Answers,
    /// It says that nobody listens: TCP reset, ICMP port unreachable.
    Refuses,
    /// It says nothing.
    Silent,
}

impl WorldHost {
    /// The name of the API server of a world that describes none.
    pub const API: &str = "api";

    /// That one, with nothing wrong: at the address of the Service `kubernetes`, and so behind it too.
    #[must_use]
    pub fn api_server(families: &[Family]) -> Self {
        let serves = ApiServer { port: Port::HTTPS, shows: Shows::default(), failing: Vec::new() };
        Self {
            name: Self::API.into(),
            addresses: vec![World::api_address(families)],
            icmp: Manner::Answers,
            ports: Ports { tcp: BTreeMap::from([(serves.port, Manner::Answers)]), udp: BTreeMap::new() },
            serves: Some(serves),
        }
    }

    /// How it treats a question; as any kernel it refuses on ports that are not named.
    #[must_use]
    pub fn manner(&self, protocol: Protocol, port: Port) -> Manner {
        match protocol {
            Protocol::Icmp => self.icmp,
            Protocol::Udp | Protocol::Tcp => self.ports.manner(protocol, port).unwrap_or(Manner::Refuses),
        }
    }
}

impl World {
    /// How whatever listens there treats questions, if the world says anything of that port: on a host network of a node.
    #[must_use]
    pub fn listener(&self, spot: super::Spot, protocol: Protocol, port: Port) -> Option<Manner> {
        let node = self.nodes.get(usize::from(spot.node)).filter(|_| spot.network == Network::Host)?;
        node.ports.manner(protocol, port)
    }

    /// How the router before a network treats what that network asks it. Of its ports nobody listens on any.
    #[must_use]
    pub fn manner_of_gateway(&self, spot: super::Spot, protocol: Protocol) -> Manner {
        let node = self.nodes.get(usize::from(spot.node)).map(|node| Vantage::of(spot.network, &node.name));
        match protocol {
            _ if node.is_some_and(|vantage| self.agents.get(&vantage) == Some(&super::AgentFault::MuteGateway)) => Manner::Silent,
            Protocol::Icmp => Manner::Answers,
            Protocol::Udp | Protocol::Tcp => Manner::Refuses,
        }
    }

    /// Who has that address in this world: a host, a network of a node, at its own address or an external one, or the DNS server; nobody
    /// otherwise.
    #[must_use]
    pub fn site(&self, address: IpAddr) -> Option<Site> {
        let host = self.hosts.iter().position(|host| host.addresses.contains(&address));
        let host = host.and_then(|number| u16::try_from(number).ok()).map(Site::Host);
        let is_there = |spot: &super::Spot| usize::from(spot.node) < self.nodes.len() || *spot == super::Spot::DNS;
        let family = Family::of(address);
        let spot = || super::Spot::of(address).filter(is_there).filter(|_| self.families.contains(&family));
        host.or_else(|| spot().or_else(|| self.node_outside(address)).map(Site::Spot))
    }
}
