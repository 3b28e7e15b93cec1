//! The loop with real descriptors: pairs of sockets that keep packets apart stand for devices. Where a device is needed,
//! `tests/sandbox` has it.

use std::os::fd::OwnedFd;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::unistd;

use super::super::queue::Queue;
use super::super::{Fabric, Port, start};
use super::*;

/// The far end of a port: what the kernel's network stack is to a device.
struct Cable(OwnedFd);

impl Cable {
    fn new() -> (Self, OwnedFd) {
        let (near, far) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).unwrap();
        // A bound for what never comes.
        nix::sys::socket::setsockopt(&near, nix::sys::socket::sockopt::ReceiveTimeout, &TimeVal::seconds(20)).unwrap();
        (Self(near), far)
    }

    fn send(&self, bytes: &[u8]) {
        assert_eq!(unistd::write(&self.0, bytes), Ok(bytes.len()));
    }

    fn receive(&self) -> Vec<u8> {
        let mut bytes = vec![0; 65_536];
        let length = unistd::read(&self.0, &mut bytes).unwrap();
        bytes.truncate(length);
        bytes
    }
}

fn running(world: World) -> (Fabric, Cable, Cable) {
    let (one, device1) = Cable::new();
    let (two, device2) = Cable::new();
    let port = |node, device| Port { site: Some(Spot { node, network: Network::Pod }.into()), device };
    let fabric = start(Arc::new(world), vec![port(0, device1), port(1, device2)], super::super::Services::default()).unwrap();
    (fabric, one, two)
}

#[test]
fn packets_go_both_ways_in_their_order() {
    let (fabric, one, two) = running(world(Vec::new()));
    for number in 0..100 {
        one.send(&Draft::echo(NODE1, NODE2, Family::V4, 100 + number).bytes());
        two.send(&Draft::echo(NODE2, NODE1, Family::V6, 200 + number).bytes());
    }
    for number in 0..100 {
        assert_eq!(two.receive(), Draft::echo(NODE1, NODE2, Family::V4, 100 + number).ttl(62).bytes());
        assert_eq!(one.receive(), Draft::echo(NODE2, NODE1, Family::V6, 200 + number).ttl(62).bytes());
    }
    assert_eq!(fabric.trouble(), None);
}

#[test]
fn a_packet_is_not_early() {
    let (_fabric, one, two) = running(world(vec![fault(Scope::ALL, Effect::Delay(Micros(50_000)))]));
    let began = std::time::Instant::now();
    one.send(&Draft::echo(NODE1, NODE2, Family::V4, 100).bytes());
    two.receive();
    assert!(began.elapsed() >= Duration::from_micros(50_000 + HALF_WAY));
}

#[test]
fn a_device_that_goes_takes_no_other_along() {
    let (_fabric, one, two) = running(world(Vec::new()));
    drop(two);
    // Neither its end nor what is sent to it stops the others.
    one.send(&Draft::echo(NODE1, NODE2, Family::V4, 100).bytes());
    one.send(&Draft::echo(NODE1, NODE2, Family::V4, 100).to(gateway(NODE1, Family::V4)).bytes());
    assert_eq!(one.receive()[20], 0);
}

#[test]
fn dropping_it_closes_the_devices() {
    let (fabric, one, _two) = running(world(Vec::new()));
    drop(fabric);
    assert!(one.receive().is_empty(), "the other end is closed");
}

#[test]
fn too_much_that_waits_is_lost_and_told() {
    let mut queue = Queue::default();
    let packet = vec![0; 60_000];
    for _ in 0..3_000 {
        queue.push(Duration::from_secs(1), 0, &packet);
    }
    let waiting = 3_000 - queue.overflow();
    assert_eq!(waiting, (128 << 20) / (60_000 + 256));
    let mut left = 0;
    queue.drain(Duration::from_secs(1), |_, _| left += 1);
    assert_eq!(left, waiting);
    queue.push(Duration::from_secs(2), 0, &packet);
    assert_eq!(queue.overflow(), 3_000 - waiting, "there is room again");
}
