//! A world with a Service, whom it is asked by, and what is sent. It must not know what becomes of it.

use std::net::SocketAddr;

use super::super::*;
use crate::model::fixture::TrafficPolicy;
use crate::model::service::{ServicePort, Transport};
use crate::model::units::Port;
use crate::model::world::{End, Table, Way, WorldService};

pub(super) const NODE3: usize = 4;
pub(super) const SYN: u8 = packet::SYN;
pub(super) const RST: u8 = packet::RST;
pub(super) const ACK: u8 = packet::ACK;

pub(super) const CLIENT: u16 = 40_000;
pub(super) const AGENT: u16 = 7_411;
pub(super) const FRONT: u16 = 53;
pub(super) const AT_NODES: u16 = 30_053;

/// A world in which the agent of node3 stands behind a Service, alone.
pub(super) fn rig(faults: Vec<Fault>) -> Rig {
    let port = |protocol| ServicePort { name: None, protocol, port: number(FRONT), node_port: Some(number(AT_NODES)) };
    let service = WorldService {
        namespace: "shop".into(),
        name: "cart".into(),
        labels: crate::model::selector::Labels::new(),
        families: Family::ALL.to_vec(),
        headless: false,
        balanced: false,
        external: false,
        ports: vec![port(Transport::Udp), port(Transport::Tcp)],
        ready: vec!["node3".into()],
    };
    let world = World { services: vec![service], ..world(faults) };
    let mut table = Table::default();
    for service in world.described(number(AGENT)) {
        table.add(&service, TrafficPolicy::Cluster);
    }
    let services = Arc::new(std::sync::RwLock::new(table));
    Rig { router: Router::new(Arc::new(world), &spots().map(|spot| Some(spot.into())), services) }
}

pub(super) fn number(port: u16) -> Port {
    Port::new(port).unwrap()
}

pub(super) fn front(family: Family) -> SocketAddr {
    let address = match family {
        Family::V4 => "10.248.0.1",
        Family::V6 => "fd48::1",
    };
    SocketAddr::new(address.parse().unwrap(), FRONT)
}

/// The port at node2.
pub(super) fn door(family: Family) -> SocketAddr {
    SocketAddr::new(address(HOST2, family), AT_NODES)
}

/// How somebody asks: with a datagram or with the segment that begins a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Datagram,
    Connection,
}

pub(super) const KINDS: [Kind; 2] = [Kind::Datagram, Kind::Connection];

pub(super) fn packet_of(kind: Kind, (from, source): (usize, u16), to: SocketAddr, flags: u8) -> Draft {
    let family = Family::of(to.ip());
    let mut draft = match kind {
        Kind::Datagram => Draft::udp(from, from, family, (source, to.port()), 100),
        Kind::Connection => Draft::tcp(from, from, family, (flags, (7, 8)), 10),
    };
    draft.body[..4].copy_from_slice(&[source, to.port()].map(u16::to_be_bytes).concat());
    draft.to(to.ip())
}

/// What node1 asks.
pub(super) fn question(kind: Kind, to: SocketAddr) -> Draft {
    packet_of(kind, (NODE1, CLIENT), to, SYN)
}

/// What the agent behind the Service answers.
pub(super) fn answer(kind: Kind, family: Family) -> Draft {
    packet_of(kind, (NODE3, AGENT), SocketAddr::new(address(NODE1, family), CLIENT), SYN | ACK)
}

pub(super) fn source_port(left: &Left) -> u16 {
    let body = left.look().body;
    u16::from_be_bytes([body[0], body[1]])
}

pub(super) fn on(from: &str, to: &str, effect: Effect) -> Fault {
    let end = |name: &str| {
        let (node, network) = name.split_once('/').unwrap();
        Some(End::Vantage(if network == "pod" { Vantage::pod(node) } else { Vantage::host(node) }))
    };
    fault(Scope { way: Way::Directed { from: end(from), to: end(to) }, ..Scope::ALL }, effect)
}
