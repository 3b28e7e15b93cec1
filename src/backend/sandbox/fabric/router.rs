//! What becomes of each packet. It reads no clock and no device: packets and times come in, and what leaves goes to the queue.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::model::vantage::{Network, Vantage};
use crate::model::world::World;

use super::queue::Queue;

/// The routes of a world.
#[derive(Debug)]
pub(super) struct Router {
    routes: HashMap<IpAddr, usize>,
    half_way: Duration,
}

impl Router {
    pub(super) fn new(world: &World, ports: &[Vantage]) -> Self {
        let mut routes = HashMap::new();
        for (index, vantage) in ports.iter().enumerate() {
            let Some(node) = world.nodes.iter().position(|node| *node.name == *vantage.node()) else { continue };
            let node = u16::try_from(node + 1).unwrap_or(u16::MAX);
            let [high, low] = node.to_be_bytes();
            let (net, net6) = match vantage.network() {
                Network::Pod => (244, 0xfd44),
                Network::Host => (77, 0xfd77),
            };
            routes.insert(Ipv4Addr::new(10, net, high, low).into(), index);
            routes.insert(Ipv6Addr::new(net6, 0, 0, 0, 0, 0, 0, node).into(), index);
        }
        Self { routes, half_way: world.latency.duration() / 2 }
    }

    /// A packet came from a port.
    pub(super) fn take(&mut self, _port: usize, now: Duration, packet: &mut [u8], queue: &mut Queue) {
        let target: Option<IpAddr> = match packet.first().map(|byte| byte >> 4) {
            Some(4) => packet.get(16..20).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(Into::into),
            Some(6) => packet.get(24..40).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(Into::into),
            _ => None,
        };
        if let Some(port) = target.and_then(|target| self.routes.get(&target)) {
            queue.push(now + self.half_way, *port, packet);
        }
    }
}
