//! Which addresses the nodes of a world have: one plan for simulation, sandbox and fabric. It must not know what uses them.
//!
//! Node i of the file (from 0) has the number n = i + 1, which stands in the last 16 bits of all its addresses:
//!
//! | | IPv4 | IPv6 |
//! |---|---|---|
//! | its pod network | `10.244.n` | `fd44::n` |
//! | its host network | `10.245.n` | `fd45::n` |
//! | the router that its pod network has as gateway | `10.246.n` | `fd46::n` |
//! | the router that its host network has as gateway | `10.247.n` | `fd47::n` |
//!
//! Hosts beside the cluster have addresses of their own; host i (from 0) has the router `10.247.n` and `fd47::n` with n = 61441 + i.
//!
//! So all of them are in `10.244.0.0/14` and `fd44::/14`, and each stands by itself (`/32`, `/128`), behind its router.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::family::Family;
use crate::model::vantage::{Network, Vantage};

use super::World;

/// One network of one node, by the node's place in the world (from 0): what a [`Vantage`] is by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Which node of [`World::nodes`], from 0.
    pub node: u16,
    /// Which of its networks.
    pub network: Network,
}

/// Who can be at the other end of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Site {
    /// A network of a node.
    Spot(Spot),
    /// A host, by its place in [`World::hosts`], from 0.
    Host(u16),
    /// The router before a network: no fault of a way concerns what that network asks it.
    Router(Spot),
}

impl Site {
    /// Which links lead to it: a host is reached as the hosts' networks are.
    #[must_use]
    pub const fn network(self) -> Network {
        match self {
            Self::Spot(spot) | Self::Router(spot) => spot.network,
            Self::Host(_) => Network::Host,
        }
    }

    /// The gateway of this network; those of hosts have numbers beyond all nodes.
    #[must_use]
    pub fn router(self, family: Family) -> IpAddr {
        match self {
            Self::Spot(spot) | Self::Router(spot) => spot.router(family),
            Self::Host(number) => Spot { node: FIRST_HOST.saturating_add(number), network: Network::Host }.router(family),
        }
    }
}

impl From<Spot> for Site {
    fn from(spot: Spot) -> Self {
        Self::Spot(spot)
    }
}

/// Where all addresses of nodes are, with the length of the prefix.
pub const ADDRESSES: [(IpAddr, u8); 2] =
    [(IpAddr::V4(Ipv4Addr::new(10, 244, 0, 0)), 14), (IpAddr::V6(Ipv6Addr::new(0xfd44, 0, 0, 0, 0, 0, 0, 0)), 14)];

const FIRST_V4: [u8; 2] = [10, 244];
const FIRST_V6: u16 = 0xfd44;

/// Numbers the routers before hosts, beyond the last node (`World::NODES_LIMIT`).
const FIRST_HOST: u16 = 0xf000;

/// From a network's addresses to those of the routers before it.
const ROUTERS: u8 = 2;

impl Spot {
    /// Where an agent in this network is reached.
    #[must_use]
    pub fn address(self, family: Family) -> IpAddr {
        self.numbered(family, 0)
    }

    /// The gateway of this network: who refuses and announces as a router what this network sends.
    #[must_use]
    pub fn router(self, family: Family) -> IpAddr {
        self.numbered(family, ROUTERS)
    }

    /// Whose address this is; none for routers, and for what is not in the plan. It may be of a node that the world does not have.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        let (network, number) = match address {
            IpAddr::V4(address) => {
                let [first, network, high, low] = address.octets();
                (network.checked_sub(FIRST_V4[1]).filter(|_| first == FIRST_V4[0])?, u16::from_be_bytes([high, low]))
            }
            IpAddr::V6(address) => {
                let [first, 0, 0, 0, 0, 0, 0, number] = address.segments() else { return None };
                (u8::try_from(first.checked_sub(FIRST_V6)?).ok()?, number)
            }
        };
        let network = match network {
            0 => Network::Pod,
            1 => Network::Host,
            _ => return None,
        };
        Some(Self { node: number.checked_sub(1)?, network })
    }

    /// Whether an address is kept for nodes and their routers: one of [`ADDRESSES`].
    #[must_use]
    pub const fn keeps(address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => matches!(address.octets(), [10, 244..=247, _, _]),
            IpAddr::V6(address) => matches!(address.segments(), [0xfd44..=0xfd47, ..]),
        }
    }

    fn numbered(self, family: Family, beyond: u8) -> IpAddr {
        let network = beyond
            + match self.network {
                Network::Pod => 0,
                Network::Host => 1,
            };
        // A world has fewer nodes than numbers (`World::NODES_LIMIT`).
        let number = self.node.saturating_add(1);
        let [high, low] = number.to_be_bytes();
        match family {
            Family::V4 => Ipv4Addr::new(FIRST_V4[0], FIRST_V4[1] + network, high, low).into(),
            Family::V6 => Ipv6Addr::new(FIRST_V6 + u16::from(network), 0, 0, 0, 0, 0, 0, number).into(),
        }
    }
}

impl World {
    /// Where a vantage is; none if the world has no node of that name.
    #[must_use]
    pub fn spot(&self, vantage: &Vantage) -> Option<Spot> {
        let node = self.nodes.iter().position(|node| *node.name == *vantage.node())?;
        Some(Spot { node: u16::try_from(node).ok()?, network: vantage.network() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spot: Spot, family: Family, address: &str, router: &str) {
        assert_eq!(spot.address(family).to_string(), address);
        assert_eq!(spot.router(family).to_string(), router);
        assert_eq!(Spot::of(spot.address(family)), Some(spot));
        assert_eq!(Spot::of(spot.router(family)), None);
    }

    #[test]
    fn every_network_has_its_own_address_and_router() {
        let (pod, host) = (|node| Spot { node, network: Network::Pod }, |node| Spot { node, network: Network::Host });
        check(pod(0), Family::V4, "10.244.0.1", "10.246.0.1");
        check(host(0), Family::V4, "10.245.0.1", "10.247.0.1");
        check(pod(4_999), Family::V4, "10.244.19.136", "10.246.19.136");
        check(pod(0), Family::V6, "fd44::1", "fd46::1");
        check(host(255), Family::V6, "fd45::100", "fd47::100");
    }

    #[test]
    fn what_is_not_in_the_plan_is_nobodys() {
        for address in ["10.243.0.1", "10.248.0.1", "11.244.0.1", "10.244.0.0", "fd43::1", "fd48::1", "fd44::", "fd44::1:1", "::1"] {
            assert_eq!(Spot::of(address.parse().unwrap()), None, "{address}");
        }
        for address in ["10.243.255.255", "10.248.0.0", "11.244.0.1", "fd43::1", "fd48::1", "::ffff:10.244.0.1"] {
            assert!(!Spot::keeps(address.parse().unwrap()), "{address}");
        }
        for address in ["10.244.0.0", "10.247.255.255", "fd44::1:1", "fd47::"] {
            assert!(Spot::keeps(address.parse().unwrap()), "{address}");
        }
    }
}
