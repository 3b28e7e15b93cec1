//! The fabric without devices: packets go in at a port at a time, and what comes out is read again, by code of its own.

mod anything;
mod chance;
mod effects;
mod forwarding;
mod look;
mod pumped;
mod refusals;
mod services;
mod sizes;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::packet;
use super::router::Router;
use crate::model::family::Family;
use crate::model::units::Micros;
use crate::model::vantage::{Network, Vantage};
use crate::model::world::{Effect, Fault, Protocol, Scope, Spot, World};

use look::Look;

/// Ports in the order of [`spots`].
const NODE1: usize = 0;
const HOST1: usize = 1;
const NODE2: usize = 2;
const HOST2: usize = 3;

fn spots() -> [Spot; 6] {
    let pod = |node| Spot { node, network: Network::Pod };
    let host = |node| Spot { node, network: Network::Host };
    [pod(0), host(0), pod(1), host(1), pod(2), host(2)]
}

fn address(port: usize, family: Family) -> IpAddr {
    spots()[port].address(family)
}

fn gateway(port: usize, family: Family) -> IpAddr {
    spots()[port].router(family)
}

fn fault(scope: Scope, effect: Effect) -> Fault {
    Fault { scope, effect }
}

/// Three nodes with these faults; a way takes 100 µs, and links take as much as they do by default.
fn world(faults: Vec<Fault>) -> World {
    World { faults, latency: Micros(200), ..World::three_nodes() }
}

const HALF_WAY: u64 = 100;

/// What came out: when, in microseconds, by which port, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Left {
    at: u64,
    port: usize,
    bytes: Vec<u8>,
}

impl Left {
    fn look(&self) -> Look {
        Look::at(&self.bytes)
    }
}

struct Rig {
    router: Router,
}

impl Rig {
    fn new(world: World) -> Self {
        Self { router: Router::new(Arc::new(world), &spots().map(|spot| Some(spot.into())), super::Services::default()) }
    }

    /// A packet comes from a port, so many microseconds after the beginning.
    fn send(&mut self, port: usize, at: u64, bytes: &[u8]) {
        self.router.take(port, Duration::from_micros(at), &mut bytes.to_vec());
    }

    /// When the next packet leaves.
    fn next_due(&self) -> Option<Duration> {
        self.router.queue.next_due()
    }

    /// Everything that ever leaves, in its order. Whatever it is, its checksums are right.
    fn left(&mut self) -> Vec<Left> {
        let mut left = Vec::new();
        while let Some(due) = self.next_due() {
            let at = u64::try_from(due.as_micros()).unwrap();
            self.router.queue.drain(due, |port, bytes| left.push(Left { at, port, bytes: bytes.to_vec() }));
        }
        for left in &left {
            drop(left.look());
        }
        left
    }

    fn answer(&mut self, port: usize, bytes: &[u8]) -> Vec<Left> {
        self.send(port, 0, bytes);
        self.left()
    }
}

/// What one packet makes leave in a fresh world.
fn what_leaves(world: World, port: usize, bytes: &[u8]) -> Vec<Left> {
    Rig::new(world).answer(port, bytes)
}

/// A packet to be sent: built by hand, so that nothing of what is tested is trusted.
#[derive(Debug, Clone)]
struct Draft {
    source: IpAddr,
    target: IpAddr,
    ttl: u8,
    /// IPv4's field of flags and offset.
    field: u16,
    protocol: u8,
    body: Vec<u8>,
}

const DF: u16 = 0x4000;

impl Draft {
    fn new(from: usize, to: usize, family: Family, protocol: u8, body: Vec<u8>) -> Self {
        Self { source: address(from, family), target: address(to, family), ttl: 64, field: DF, protocol, body }
    }

    /// An echo request whose IP packet is that large.
    fn echo(from: usize, to: usize, family: Family, size: usize) -> Self {
        let (protocol, kind) = match family {
            Family::V4 => (packet::ICMP, 8),
            Family::V6 => (packet::ICMP6, 128),
        };
        let body = [&[kind, 0, 0, 0, 0x12, 0x34, 0, 1][..], &filling(size - head(family) - 8)].concat();
        Self::new(from, to, family, protocol, body)
    }

    fn udp(from: usize, to: usize, family: Family, ports: (u16, u16), size: usize) -> Self {
        let length = u16::try_from(size - head(family)).unwrap();
        let head_of_udp = [ports.0, ports.1, length, 0].map(u16::to_be_bytes).concat();
        Self::new(from, to, family, packet::UDP, [&head_of_udp[..], &filling(usize::from(length) - 8)].concat())
    }

    fn tcp(from: usize, to: usize, family: Family, (flags, numbers): (u8, (u32, u32)), data: usize) -> Self {
        let mut body = [40_000_u16, 80].map(u16::to_be_bytes).concat();
        body.extend(numbers.0.to_be_bytes().into_iter().chain(numbers.1.to_be_bytes()));
        // Four bytes of options, so that the header's length counts.
        body.extend([0x60, flags, 0xff, 0xff, 0, 0, 0, 0, 1, 1, 1, 0]);
        body.extend(filling(data));
        Self::new(from, to, family, packet::TCP, body)
    }

    fn to(self, target: IpAddr) -> Self {
        Self { target, ..self }
    }

    fn ttl(self, ttl: u8) -> Self {
        Self { ttl, ..self }
    }

    fn field(self, field: u16) -> Self {
        Self { field, ..self }
    }

    /// The packet, with its checksums.
    fn bytes(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        let later = self.field & 0x1fff != 0;
        let at = match self.protocol {
            packet::TCP => Some(16),
            packet::UDP => Some(6),
            packet::ICMP | packet::ICMP6 => Some(2),
            _ => None,
        };
        if let Some(at) = at.filter(|_| !later) {
            let pseudo = look::pseudo_header(self.source, self.target, self.protocol, body.len());
            let checksum = !look::sum(&[&pseudo[..], &body].concat());
            body[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
        }
        match (self.source, self.target) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                let [high, low] = u16::try_from(20 + body.len()).unwrap().to_be_bytes();
                let [flags, offset] = self.field.to_be_bytes();
                let mut header = vec![0x45, 0, high, low, 0xab, 0xcd, flags, offset, self.ttl, self.protocol, 0, 0];
                header.extend(source.octets().into_iter().chain(target.octets()));
                let checksum = !look::sum(&header);
                header[10..12].copy_from_slice(&checksum.to_be_bytes());
                [header, body].concat()
            }
            (IpAddr::V6(source), IpAddr::V6(target)) => {
                let [high, low] = u16::try_from(body.len()).unwrap().to_be_bytes();
                let header = [0x60, 0, 0, 0, high, low, self.protocol, self.ttl];
                [&header[..], &source.octets(), &target.octets(), &body].concat()
            }
            _ => panic!("two families in one packet"),
        }
    }
}

/// The length of an IP header without options.
fn head(family: Family) -> usize {
    match family {
        Family::V4 => 20,
        Family::V6 => 40,
    }
}

fn filling(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect()
}

fn of(protocol: Protocol) -> Scope {
    Scope { protocol: Some(protocol), ..Scope::ALL }
}
