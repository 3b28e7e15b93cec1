//! Whose an address is: the port that packets to it leave by, or the router that it names. It must not know faults.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::probe::Family;
use crate::model::vantage::Network;
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
    ports: HashMap<Spot, usize>,
    routers: HashMap<IpAddr, Spot>,
    families: Vec<Family>,
}

impl Routes {
    /// Ports of which nobody knows the place get no packets.
    pub(super) fn new(world: &World, spots: &[Option<Spot>]) -> Self {
        let ports = spots.iter().enumerate().filter_map(|(port, spot)| Some(((*spot)?, port))).collect();
        let nodes = (0..world.nodes.len()).filter_map(|node| u16::try_from(node).ok());
        let all = nodes.flat_map(|node| [Network::Pod, Network::Host].map(|network| Spot { node, network })).chain([Spot::DNS]);
        let routers = all.flat_map(|spot| world.families.iter().map(move |family| (spot.router(*family), spot))).collect();
        Self { spots: spots.to_vec(), ports, routers, families: world.families.clone() }
    }

    /// Where the packets of a port come from.
    pub(super) fn source(&self, port: usize) -> Option<Place> {
        let spot = *self.spots.get(port)?;
        spot.map(|spot| Place { port, spot })
    }

    pub(super) fn goal(&self, address: IpAddr) -> Goal {
        let port = |spot: Spot| self.ports.get(&spot).copied();
        if !self.families.contains(&Family::of(address)) {
            return Goal::Nowhere;
        }
        match Spot::of(address) {
            Some(spot) => port(spot).map_or(Goal::Nowhere, |port| Goal::Place(Place { port, spot })),
            None => self.routers.get(&address).map_or(Goal::Nowhere, |spot| Goal::Router(*spot)),
        }
    }
}
