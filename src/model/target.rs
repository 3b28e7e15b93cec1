//! Who is asked: what a suite says of it, and what that makes of the target of each pair. Every kind of target is a variant here, so
//! that whoever has to treat one differently is found by the compiler. It must not know how a target is asked.

use std::fmt;
use std::net::IpAddr;

use super::pairs::{Group, Selection};
use super::units::Port;
use super::vantage::{Network, Vantage};

/// Who is asked in a case: its `to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Agents, which answer with their names.
    Agents(Group),
    /// The nodes' own addresses, whose kernels answer ICMP by themselves.
    Nodes(Selection),
    /// A host that the suite names, whoever that is.
    Host(Endpoint),
    /// The name servers of each source's own resolv.conf.
    Resolver,
}

/// Who is asked in a pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An agent, which answers with its name.
    Agent(Vantage),
    /// The address of a node, with or without an agent there.
    Node(Vantage),
    /// A host that the suite names.
    Host(Endpoint),
    /// The name servers of the source's own resolv.conf.
    Resolver,
}

/// An address that the suite names, with the port that is asked there; none for ICMP, which has no ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// Where.
    pub address: IpAddr,
    /// Which port.
    pub port: Option<Port>,
}

impl Destination {
    /// The network of the cluster that is asked; none where that is outside of what the plan knows.
    #[must_use]
    pub const fn network(&self) -> Option<Network> {
        match self {
            Self::Agents(group) => Some(group.network),
            Self::Nodes(_) => Some(Network::Host),
            Self::Host(_) | Self::Resolver => None,
        }
    }

    /// The network in which agents have to answer, if any have to.
    #[must_use]
    pub const fn answering(&self) -> Option<Network> {
        match self {
            Self::Agents(group) => Some(group.network),
            Self::Nodes(_) | Self::Host(_) | Self::Resolver => None,
        }
    }
}

impl Target {
    /// The agent that has to answer, if one has to.
    #[must_use]
    pub const fn agent(&self) -> Option<&Vantage> {
        match self {
            Self::Agent(vantage) => Some(vantage),
            Self::Node(_) | Self::Host(_) | Self::Resolver => None,
        }
    }

    /// The place in the cluster; an agent may be there, whether it has to answer or not.
    #[must_use]
    pub const fn vantage(&self) -> Option<&Vantage> {
        match self {
            Self::Agent(vantage) | Self::Node(vantage) => Some(vantage),
            Self::Host(_) | Self::Resolver => None,
        }
    }
}

impl fmt::Display for Destination {
    /// As a suite writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agents(group) => group.fmt(f),
            Self::Nodes(only) => Group { network: Network::Host, only: only.clone() }.fmt(f),
            Self::Host(endpoint) => write!(f, "{endpoint}"),
            Self::Resolver => f.write_str("its own DNS server"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(vantage) | Self::Node(vantage) => vantage.fmt(f),
            Self::Host(endpoint) => endpoint.fmt(f),
            Self::Resolver => f.write_str("its own DNS server"),
        }
    }
}

impl fmt::Display for Endpoint {
    /// As in a URL: `10.0.0.10:443`, `[2001:db8::1]:443`; just the address where there is no port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.address) {
            (None, address) => f.pad(&address.to_string()),
            (Some(port), address) => f.pad(&std::net::SocketAddr::new(address, port.get()).to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_port_is_written_as_in_a_url() {
        for (address, port, expected) in [
            ("10.0.0.10", Some(443), "10.0.0.10:443"),
            ("2001:db8::1", Some(443), "[2001:db8::1]:443"),
            ("10.0.0.10", None, "10.0.0.10"),
            ("2001:db8::1", None, "2001:db8::1"),
        ] {
            let endpoint = Endpoint { address: address.parse().unwrap(), port: port.and_then(Port::new) };
            assert_eq!(endpoint.to_string(), expected);
        }
    }
}
