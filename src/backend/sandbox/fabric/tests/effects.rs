//! What each fault does to packets, in which order, and when.

use super::*;
use crate::model::units::{Bytes, Port};
use crate::model::world::{During, End, Refuser, Way};

fn all(effect: Effect) -> Fault {
    fault(Scope::ALL, effect)
}

fn echo(size: usize) -> Vec<u8> {
    Draft::echo(NODE1, NODE2, Family::V4, size).bytes()
}

/// When packets that are sent 10 µs apart leave, as (number of the packet, microseconds). Their sizes tell them apart.
fn leaving(faults: Vec<Fault>, packets: usize) -> Vec<(usize, u64)> {
    let mut rig = Rig::new(world(faults));
    for number in 0..packets {
        rig.send(NODE1, number as u64 * 10, &echo(100 + number));
    }
    rig.left().into_iter().map(|left| (left.bytes.len() - 100, left.at)).collect()
}

#[track_caller]
fn check(faults: &[Fault], packets: usize, expected: &[(usize, u64)]) {
    assert_eq!(leaving(faults.to_vec(), packets), expected, "{faults:?}");
}

#[test]
fn packets_that_meet_no_fault_take_half_of_the_latency() {
    check(&[], 3, &[(0, 100), (1, 110), (2, 120)]);
}

#[test]
fn delays_add_up() {
    let delay = |micros| all(Effect::Delay(Micros(micros)));
    check(&[delay(1_000), delay(500)], 2, &[(0, 1_600), (1, 1_610)]);
    let mut rig = Rig::new(world(vec![delay(u64::MAX), delay(u64::MAX)]));
    rig.send(NODE1, 0, &echo(100));
    assert!(rig.next_due().unwrap() > Duration::from_micros(u64::MAX), "later than ever, and no harm");
}

#[test]
fn a_duplicate_comes_at_the_same_time() {
    check(&[all(Effect::Duplicate)], 2, &[(0, 100), (0, 100), (1, 110), (1, 110)]);
    check(&[all(Effect::Duplicate), all(Effect::Duplicate)], 1, &[(0, 100); 4]);
    check(&vec![all(Effect::Duplicate); 200], 1, &[(0, 100); 16]);
    check(&[all(Effect::Duplicate), all(Effect::Lose)], 1, &[]);
}

#[test]
fn packets_are_reordered_in_pairs() {
    check(&[all(Effect::Reorder)], 4, &[(1, 110), (0, 110), (3, 130), (2, 130)]);
    let late = |number: u64| number * 10 + HALF_WAY + Effect::OVERTAKEN_WITHIN.0;
    check(&[all(Effect::Reorder)], 3, &[(1, 110), (0, 110), (2, late(2))]);
    check(&[all(Effect::Reorder), all(Effect::Duplicate)], 2, &[(1, 110), (1, 110), (0, 110), (0, 110)]);
    check(&[all(Effect::Reorder), all(Effect::Delay(Micros(1_000)))], 2, &[(1, 1_110), (0, 1_110)]);
}

#[test]
fn only_the_next_on_the_same_way_overtakes() {
    let mut rig = Rig::new(world(vec![fault(Scope { larger_than: Some(Bytes(150)), ..Scope::ALL }, Effect::Reorder)]));
    rig.send(NODE1, 0, &echo(200));
    rig.send(NODE1, 1, &Draft::echo(NODE1, HOST2, Family::V4, 100).bytes());
    rig.send(NODE2, 2, &Draft::echo(NODE2, NODE1, Family::V4, 100).bytes());
    rig.send(NODE1, 3, &Draft::udp(NODE1, NODE2, Family::V6, (1, 2), 110).bytes());
    let found: Vec<_> = rig.left().iter().map(|left| (left.port, left.bytes.len(), left.at)).collect();
    assert_eq!(found, [(HOST2, 100, 101), (NODE1, 100, 102), (NODE2, 110, 103), (NODE2, 200, 103)]);
}

#[test]
fn a_packet_that_waited_in_vain_is_overtaken_by_nobody() {
    let mut rig = Rig::new(world(vec![all(Effect::Reorder)]));
    rig.send(NODE1, 0, &echo(100));
    assert_eq!(rig.left().len(), 1);
    rig.send(NODE1, 200_000, &echo(101));
    rig.send(NODE1, 200_010, &echo(102));
    assert_eq!(rig.left().iter().map(|left| left.bytes.len()).collect::<Vec<_>>(), [102, 101]);
}

#[test]
fn faults_act_in_the_order_of_the_file() {
    let refuse = || all(Effect::Refuse(Refuser::Target));
    let said = |faults| what_leaves(world(faults), NODE1, &echo(100)).len();
    assert_eq!(said(vec![all(Effect::Lose), refuse()]), 0);
    // Lost is only what gets as far as that.
    let directed = Way::Directed { from: Some(End::Node("node1".into())), to: None };
    let lose = || fault(Scope { way: directed.clone(), ..Scope::ALL }, Effect::Lose);
    assert_eq!(said(vec![refuse(), lose()]), 1);
    assert_eq!(said(vec![lose(), refuse()]), 0);
}

#[test]
fn a_window_opens_and_closes() {
    let during = During { from: Micros(15), until: Some(Micros(30)) };
    check(&[fault(Scope { during, ..Scope::ALL }, Effect::Lose)], 5, &[(0, 100), (1, 110), (3, 130), (4, 140)]);
}

#[test]
fn a_node_that_is_gone_neither_hears_nor_speaks() {
    let mut world = world(Vec::new());
    world.nodes[1].gone_after = Some(Micros(50));
    let mut rig = Rig::new(world);
    for (at, left) in [(0, 1), (49, 1), (50, 0), (1_000_000, 0)] {
        for (from, to) in [(NODE1, NODE2), (NODE1, HOST2), (NODE2, NODE1), (HOST2, HOST1)] {
            rig.send(from, at, &Draft::udp(from, to, Family::V6, (1, 2), 100).bytes());
            assert_eq!(rig.left().len(), left, "from port {from} to port {to} at {at} µs");
        }
    }
}

#[test]
fn faults_are_of_one_direction_family_protocol_port_and_size() {
    let node = |name: &str| Some(End::Node(name.into()));
    let scope = Scope {
        way: Way::Directed { from: node("node1"), to: node("node2") },
        family: Some(Family::V4),
        port: Port::new(53),
        larger_than: Some(Bytes(100)),
        ..of(Protocol::Udp)
    };
    let lost = |from, to, family, ports, size| {
        let draft = Draft::udp(from, to, family, ports, size);
        what_leaves(world(vec![fault(scope.clone(), Effect::Lose)]), from, &draft.bytes()).is_empty()
    };
    assert!(lost(NODE1, NODE2, Family::V4, (9, 53), 101));
    assert!(lost(HOST1, HOST2, Family::V4, (53, 9), 101));
    assert!(!lost(NODE2, NODE1, Family::V4, (9, 53), 101));
    assert!(!lost(NODE1, NODE2, Family::V6, (9, 53), 101));
    assert!(!lost(NODE1, NODE2, Family::V4, (9, 54), 101));
    assert!(!lost(NODE1, NODE2, Family::V4, (9, 53), 100));
    let tcp = Draft::tcp(NODE1, NODE2, Family::V4, (packet::ACK, (1, 1)), 99);
    let of_its_port = Scope { port: Port::new(80), ..scope };
    assert_eq!(what_leaves(world(vec![fault(of_its_port.clone(), Effect::Lose)]), NODE1, &tcp.bytes()).len(), 1);
    let of_tcp = Scope { protocol: Some(Protocol::Tcp), ..of_its_port };
    assert_eq!(what_leaves(world(vec![fault(of_tcp, Effect::Lose)]), NODE1, &tcp.bytes()).len(), 0);
}
