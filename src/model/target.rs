//! Who is asked: what a suite says of it, and what that makes of the target of each pair. Every kind of target is a variant here, so
//! that whoever has to treat one differently is found by the compiler. It must not know how a target is asked.

use std::fmt;
use std::sync::Arc;

use super::address::Host;
use super::fixture::{Front, TrafficPolicy, Via};
use super::gateway::Gateway;
use super::pairs::{Group, Selection};
use super::service::PortRef;
use super::units::Port;
use super::unresolved::Resolved;
use super::vantage::{Network, Vantage};

pub use host::{Endpoint, Named};
pub use node::{NodeAddress, PortOfNode, Unstated};

mod host;
mod node;

/// Who is asked in a case: its `to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Agents, which answer with their names.
    Agents(Group),
    /// The nodes' own addresses, whoever answers there: their kernels answer ICMP, and whoever listens at a port.
    Nodes {
        /// Which.
        only: Selection,
        /// At which of their addresses.
        address: NodeAddress,
        /// Which port of each; none for ICMP, which has no ports.
        port: Option<PortOfNode>,
    },
    /// A host by its address, whoever that is.
    Host(Endpoint),
    /// A host by its name, which each source looks up by itself.
    Named(Named),
    /// The default gateway of each source's own network.
    Gateway,
    /// The name servers of each source's own resolv.conf.
    Resolver,
    /// A Service, or who stands behind it.
    Service(Offer),
}

/// What a suite says of a Service that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Offer {
    /// Which.
    pub whose: Whose,
    /// On which way.
    pub via: Via,
    /// At which nodes, where it is asked at its port there; all where it is asked on another way.
    pub nodes: Selection,
}

/// Which Service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whose {
    /// One that is there, by its name.
    Named {
        /// Its namespace.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
        /// Which of its ports; the only one that the probe fits, where none is said.
        port: Option<PortRef>,
    },
    /// One that the run makes.
    Fixture {
        /// The fixture.
        name: Arc<str>,
        /// Whom its node ports pass on what comes.
        policy: TrafficPolicy,
    },
}

impl Offer {
    /// The Service of the fixture that is asked; none where it is no fixture's.
    #[must_use]
    pub const fn front(&self) -> Option<Front> {
        match (&self.whose, self.via) {
            (Whose::Named { .. }, _) => None,
            (Whose::Fixture { policy, .. }, Via::NodePort) => Some(Front::NodePort(*policy)),
            (Whose::Fixture { .. }, Via::Endpoints) => Some(Front::Headless),
            (Whose::Fixture { .. }, Via::ClusterIp | Via::LoadBalancer | Via::ExternalIps) => Some(Front::ClusterIp),
        }
    }
}

/// Who is asked in a pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An agent, which answers with its name.
    Agent(Vantage),
    /// The address of a node, with or without an agent there.
    Node {
        /// The node's own network.
        at: Vantage,
        /// At which of its addresses.
        address: NodeAddress,
        /// Which port; none for ICMP.
        port: Option<PortOfNode>,
    },
    /// A host by its address.
    Host(Endpoint),
    /// A host by its name; what that leads to is known once its source has looked it up.
    Named(Arc<Named>, Option<Resolved>),
    /// The default gateway of the source's own network; which that is, is known once its agent has said so.
    Gateway(Option<Arc<Gateway>>),
    /// The name servers of the source's own resolv.conf.
    Resolver,
    /// A Service, at one of its addresses.
    Service(Arc<Door>),
}

/// Where a Service is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Door {
    /// The Service, as the suite calls it: `shop/cart`, `nc-echo`.
    pub service: Arc<str>,
    /// On which way.
    pub via: Via,
    /// The node whose port is asked, or on which the endpoint is; none where there is no such node, or nobody knows it.
    pub node: Option<Arc<str>>,
    /// Its address and port.
    pub at: Where,
}

/// The address and the port of a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Where {
    /// As the inventory has it.
    Known(Endpoint),
    /// Known once the fixture is there: that Service of it.
    Made(Front),
}

impl Destination {
    /// The network of the cluster that is asked; none where that is outside of what the plan knows.
    #[must_use]
    pub const fn network(&self) -> Option<Network> {
        match self {
            Self::Agents(group) => Some(group.network),
            Self::Nodes { .. } => Some(Network::Host),
            Self::Host(_) | Self::Named(_) | Self::Gateway | Self::Resolver | Self::Service(_) => None,
        }
    }

    /// The network in which agents have to answer, if any have to.
    #[must_use]
    pub const fn answering(&self) -> Option<Network> {
        match self {
            Self::Agents(group) => Some(group.network),
            Self::Service(Offer { whose: Whose::Fixture { .. }, .. }) => Some(Network::Pod),
            Self::Nodes { .. } | Self::Host(_) | Self::Named(_) | Self::Gateway | Self::Resolver | Self::Service(_) => None,
        }
    }

    /// The host that a suite names, and its port, if one is asked.
    #[must_use]
    pub fn outside(&self) -> Option<(Host, Option<Port>)> {
        match self {
            Self::Host(Endpoint { address, port }) => Some(((*address).into(), *port)),
            Self::Named(Named { name, port }) => Some((Host::Name(Arc::clone(name)), *port)),
            Self::Agents(_) | Self::Nodes { .. } | Self::Gateway | Self::Resolver | Self::Service(_) => None,
        }
    }

    /// The Service that is asked, if one is.
    #[must_use]
    pub const fn offer(&self) -> Option<&Offer> {
        match self {
            Self::Service(offer) => Some(offer),
            Self::Agents(_) | Self::Nodes { .. } | Self::Host(_) | Self::Named(_) | Self::Gateway | Self::Resolver => None,
        }
    }

    /// The fixture that is asked, if one is.
    #[must_use]
    pub const fn fixture(&self) -> Option<&Arc<str>> {
        match self {
            Self::Service(Offer { whose: Whose::Fixture { name, .. }, .. }) => Some(name),
            Self::Agents(_) | Self::Nodes { .. } | Self::Host(_) | Self::Named(_) | Self::Gateway | Self::Resolver | Self::Service(_) => {
                None
            }
        }
    }
}

impl Target {
    /// The agent that has to answer, if one has to.
    #[must_use]
    pub const fn agent(&self) -> Option<&Vantage> {
        match self {
            Self::Agent(vantage) => Some(vantage),
            Self::Node { .. } | Self::Host(_) | Self::Named(..) | Self::Gateway(_) | Self::Resolver | Self::Service(_) => None,
        }
    }

    /// The node that is asked itself, by name, and at what of its own.
    #[must_use]
    pub fn node(&self) -> Option<(&str, (NodeAddress, Option<PortOfNode>))> {
        match self {
            Self::Node { at, address, port } => Some((at.node(), (*address, *port))),
            Self::Agent(_) | Self::Host(_) | Self::Named(..) | Self::Gateway(_) | Self::Resolver | Self::Service(_) => None,
        }
    }

    /// The place in the cluster; an agent may be there, whether it has to answer or not.
    #[must_use]
    pub const fn vantage(&self) -> Option<&Vantage> {
        match self {
            Self::Agent(vantage) | Self::Node { at: vantage, .. } => Some(vantage),
            Self::Host(_) | Self::Named(..) | Self::Gateway(_) | Self::Resolver | Self::Service(_) => None,
        }
    }
}

impl fmt::Display for Destination {
    /// As a suite writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agents(group) => group.fmt(f),
            Self::Nodes { only, address, port } => node::written(f, only, (*address, *port)),
            Self::Host(endpoint) => write!(f, "{endpoint}"),
            Self::Named(named) => named.fmt(f),
            Self::Service(offer) => offer.fmt(f),
            Self::Gateway => f.write_str("its default gateway"),
            Self::Resolver => f.write_str("its own DNS server"),
        }
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.whose {
            Whose::Named { namespace, name, port } => {
                write!(f, "service: {namespace}/{name}")?;
                port.as_ref().map_or(Ok(()), |port| write!(f, ", port: {port}"))?;
            }
            Whose::Fixture { name, .. } => write!(f, "fixture: {name}")?,
        }
        write!(f, ", via: {}", self.via)?;
        if self.nodes != Selection::All {
            write!(f, ", {}", Group { network: Network::Host, only: self.nodes.clone() })?;
        }
        match &self.whose {
            Whose::Fixture { policy: TrafficPolicy::Local, .. } => f.write_str(", trafficPolicy: local"),
            Whose::Fixture { policy: TrafficPolicy::Cluster, .. } | Whose::Named { .. } => Ok(()),
        }
    }
}

impl fmt::Display for Door {
    /// `shop/cart at 10.96.0.10:80`, `nc-echo`, `nc-echo at the port of node2`, `nc-echo on node2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.via, self.at, &self.node) {
            (_, Where::Known(at), _) => format!("{} at {at}", self.service),
            (Via::NodePort, Where::Made(_), Some(node)) => format!("{} at the port of {node}", self.service),
            (_, Where::Made(_), Some(node)) => format!("{} on {node}", self.service),
            (_, Where::Made(_), None) => self.service.to_string(),
        };
        f.pad(&text)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(vantage) => vantage.fmt(f),
            Self::Node { at, address, port } => node::asked(f, at, (*address, *port)),
            Self::Host(endpoint) => endpoint.fmt(f),
            Self::Named(named, None) => named.fmt(f),
            Self::Named(named, Some(Resolved { address, of: 0 | 1 })) => f.pad(&format!("{named} ({address})")),
            Self::Named(named, Some(Resolved { address, of })) => f.pad(&format!("{named} ({address}, the lowest of {of})")),
            Self::Service(door) => door.fmt(f),
            Self::Gateway(None) => f.write_str("its default gateway"),
            Self::Gateway(Some(gateway)) => write!(f, "its default gateway {gateway}"),
            Self::Resolver => f.write_str("its own DNS server"),
        }
    }
}

/// One directed source → target of a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Who asks.
    pub source: Vantage,
    /// Who is asked.
    pub target: Target,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.source, self.target)
    }
}
