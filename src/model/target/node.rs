//! What of a node is asked where no agent has to be: which of its addresses, and which port. It must not know what nodes state.

use std::fmt;

use crate::model::family::Family;
use crate::model::pairs::{Group, Selection};
use crate::model::units::Port;
use crate::model::vantage::{Network, Vantage};

/// Which of its addresses a node is asked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeAddress {
    /// Where the other nodes reach it.
    #[default]
    Internal,
    /// Where it is reached from outside the cluster.
    External,
}

/// Which port of a node is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortOfNode {
    /// That one.
    Number(Port),
    /// That of its kubelet, as it states it. In a plan it is that of a node which states none.
    Kubelet,
}

/// What a node does not state, so that it cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unstated {
    /// An address of that family.
    Address(NodeAddress, Family),
    /// Where its kubelet listens.
    KubeletPort,
}

impl NodeAddress {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Internal, Self::External];

    /// As a suite writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
        }
    }

    /// As Kubernetes calls it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Internal => "InternalIP",
            Self::External => "ExternalIP",
        }
    }
}

impl PortOfNode {
    /// The word for that of the kubelet.
    pub const KUBELET: &str = "kubelet";
}

impl Unstated {
    /// Stable, for JUnit's `type` and for JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address(..) => "no-address",
            Self::KubeletPort => "no-kubelet-port",
        }
    }
}

impl fmt::Display for PortOfNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(port) => port.fmt(f),
            Self::Kubelet => f.write_str(Self::KUBELET),
        }
    }
}

impl fmt::Display for Unstated {
    /// Behind "states no": `internal IPv4 address (InternalIP)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address, family) => write!(f, "{} {} address ({})", address.word(), family.words(), address.kind()),
            Self::KubeletPort => f.write_str("port of its kubelet"),
        }
    }
}

/// Nodes as a suite writes them: `nodes: all, address: external, port: kubelet`.
pub(super) fn written(f: &mut fmt::Formatter<'_>, only: &Selection, (address, port): (NodeAddress, Option<PortOfNode>)) -> fmt::Result {
    let parts = match address {
        NodeAddress::Internal => String::new(),
        NodeAddress::External => format!(", address: {}", address.word()),
    };
    let parts = port.map_or(parts.clone(), |port| format!("{parts}, port: {port}"));
    match only {
        Selection::All if !parts.is_empty() => write!(f, "nodes: all{parts}"),
        _ => write!(f, "{}{parts}", Group { network: Network::Host, only: only.clone() }),
    }
}

/// `node1/host`, `node1:10250`, `node1/external`, `node1/external:10250`.
pub(super) fn asked(f: &mut fmt::Formatter<'_>, at: &Vantage, (address, port): (NodeAddress, Option<PortOfNode>)) -> fmt::Result {
    let name = match address {
        NodeAddress::Internal => at.node().to_owned(),
        NodeAddress::External => format!("{}/{}", at.node(), address.word()),
    };
    match (address, port) {
        (NodeAddress::Internal, None) => fmt::Display::fmt(at, f),
        (NodeAddress::External, None) => f.pad(&name),
        (NodeAddress::Internal | NodeAddress::External, Some(port)) => f.pad(&format!("{name}:{port}")),
    }
}
