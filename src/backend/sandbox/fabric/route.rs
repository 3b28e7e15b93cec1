//! Whose an address is: the port that packets to it leave by, or the router that it names. It must not know faults.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::probe::Family;
use crate::model::vantage::{Network, Vantage};
use crate::model::world::{Spot, World};

/// Where packets come from and go to: a device of the fabric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its index among the ports.
    pub(super) port: usize,
    pub(super) spot: Spot,
}

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Place(Place),
    /// The router before that network.
    Router(Spot),
    Nowhere,
}

/// The ports of a world by their addresses, all in tables.
#[derive(Debug)]
pub(super) struct Routes {
    /// Of each port.
    spots: Vec<Option<Spot>>,
    /// Of each node: the ports of its pod network and of its host network.
    ports: Vec<[Option<usize>; 2]>,
    routers: HashMap<IpAddr, Spot>,
    families: Vec<Family>,
}

impl Routes {
    /// Ports of vantages that the world does not have get no packets.
    pub(super) fn new(world: &World, vantages: &[Vantage]) -> Self {
        let spots: Vec<_> = vantages.iter().map(|vantage| world.spot(vantage)).collect();
        let mut ports = vec![[None; 2]; world.nodes.len()];
        let known = spots.iter().enumerate().filter_map(|(port, spot)| Some((port, (*spot)?)));
        for (port, spot) in known {
            if let Some(entry) = ports.get_mut(usize::from(spot.node)) {
                entry[column(spot.network)] = Some(port);
            }
        }
        let nodes = (0..world.nodes.len()).filter_map(|node| u16::try_from(node).ok());
        let all = nodes.flat_map(|node| [Network::Pod, Network::Host].map(|network| Spot { node, network }));
        let routers = all.flat_map(|spot| world.families.iter().map(move |family| (spot.router(*family), spot))).collect();
        Self { spots, ports, routers, families: world.families.clone() }
    }

    /// Where the packets of a port come from.
    pub(super) fn source(&self, port: usize) -> Option<Place> {
        let spot = *self.spots.get(port)?;
        spot.map(|spot| Place { port, spot })
    }

    pub(super) fn goal(&self, address: IpAddr) -> Goal {
        let port = |spot: Spot| self.ports.get(usize::from(spot.node)).and_then(|ports| ports[column(spot.network)]);
        if !self.families.contains(&Family::of(address)) {
            return Goal::Nowhere;
        }
        match Spot::of(address) {
            Some(spot) => port(spot).map_or(Goal::Nowhere, |port| Goal::Place(Place { port, spot })),
            None => self.routers.get(&address).map_or(Goal::Nowhere, |spot| Goal::Router(*spot)),
        }
    }
}

const fn column(network: Network) -> usize {
    match network {
        Network::Pod => 0,
        Network::Host => 1,
    }
}
