//! Whose an address is: the port that packets to it leave by, or the router that it names. It must not know faults.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::family::Family;
use crate::model::vantage::Network;
use crate::model::world::{Site, Spot, World};

/// Where packets come from and go to: a device of the fabric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its index among the ports.
    pub(super) port: usize,
    pub(super) site: Site,
}

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Place(Place),
    /// The router before that network.
    Router(Site),
    Nowhere,
}

/// The ports of a world by their addresses, all in tables.
#[derive(Debug)]
pub(super) struct Routes {
    /// Of each port.
    sites: Vec<Option<Site>>,
    ports: HashMap<Site, usize>,
    routers: HashMap<IpAddr, Site>,
    hosts: HashMap<IpAddr, Site>,
    families: Vec<Family>,
}

impl Routes {
    /// Ports of which nobody knows the place get no packets.
    pub(super) fn new(world: &World, sites: &[Option<Site>]) -> Self {
        let ports = sites.iter().enumerate().filter_map(|(port, site)| Some(((*site)?, port))).collect();
        let nodes = (0..world.nodes.len()).filter_map(|node| u16::try_from(node).ok());
        let spots = nodes.flat_map(|node| [Network::Pod, Network::Host].map(|network| Spot { node, network })).chain([Spot::DNS]);
        let hosts = || world.hosts.iter().zip(0..).map(|(host, number)| (host, Site::Host(number)));
        let all = spots.map(Site::Spot).chain(hosts().map(|(_, site)| site));
        let routers = all.flat_map(|site| world.families.iter().map(move |family| (site.router(*family), site))).collect();
        let hosts = hosts().flat_map(|(host, site)| host.addresses.iter().map(move |address| (*address, site))).collect();
        Self { sites: sites.to_vec(), ports, routers, hosts, families: world.families.clone() }
    }

    /// Where the packets of a port come from.
    pub(super) fn source(&self, port: usize) -> Option<Place> {
        let site = *self.sites.get(port)?;
        site.map(|site| Place { port, site })
    }

    pub(super) fn goal(&self, address: IpAddr) -> Goal {
        if !self.families.contains(&Family::of(address)) {
            return Goal::Nowhere;
        }
        match Spot::of(address).map(Site::Spot).or_else(|| self.hosts.get(&address).copied()) {
            Some(site) => self.ports.get(&site).map_or(Goal::Nowhere, |port| Goal::Place(Place { port: *port, site })),
            None => self.routers.get(&address).map_or(Goal::Nowhere, |site| Goal::Router(*site)),
        }
    }
}
