//! Who refuses what, and in which words.

use super::*;
use crate::model::units::Port;
use crate::model::world::{End, Manner, Refuser, Way};

const SYN: u8 = packet::SYN;
const RST: u8 = packet::RST;
const ACK: u8 = packet::ACK;

fn refuse(refuser: Refuser) -> Vec<Fault> {
    let to = Way::Directed { from: None, to: Some(End::Vantage(Vantage::pod("node2"))) };
    vec![fault(Scope { way: to, ..Scope::ALL }, Effect::Refuse(refuser))]
}

#[test]
fn a_target_that_refuses_sends_errors_in_its_own_name() {
    for (family, unreachable) in [(Family::V4, (3, 3, 0)), (Family::V6, (1, 4, 0))] {
        for draft in [Draft::echo(NODE1, NODE2, family, 84), Draft::udp(NODE1, NODE2, family, (5_000, 53), 84)] {
            let left = what_leaves(world(refuse(Refuser::Target)), NODE1, &draft.bytes());
            let [said] = &left[..] else { panic!("{left:?}") };
            let look = said.look();
            assert_eq!((said.at, said.port, look.source, look.icmp()), (2 * HALF_WAY, NODE1, address(NODE2, family), unreachable));
            assert_eq!(look.quote(), draft.bytes());
        }
    }
}

#[test]
fn a_target_that_refuses_connections_resets_them() {
    for family in Family::ALL {
        for (sequence, data, acknowledged) in [(7, 0, 8), (7, 10, 18), (u32::MAX, 0, 0)] {
            let syn = Draft::tcp(NODE1, NODE2, family, (SYN, (sequence, 0)), data);
            let left = what_leaves(world(refuse(Refuser::Target)), NODE1, &syn.bytes());
            let [said] = &left[..] else { panic!("{left:?}") };
            let look = said.look();
            assert_eq!((said.port, look.source, look.target), (NODE1, address(NODE2, family), address(NODE1, family)));
            let expected = [80_u16, 40_000].map(u16::to_be_bytes).concat();
            assert_eq!(look.body[..4], expected, "ports");
            assert_eq!(look.body[4..8], [0; 4], "sequence");
            assert_eq!(look.body[8..12], u32::to_be_bytes(acknowledged), "acknowledgement of {sequence} with {data} bytes");
            assert_eq!((look.body[12], look.body[13]), (0x50, RST | ACK));
        }
    }
}

#[test]
fn a_segment_in_the_middle_is_reset_at_the_number_that_it_expects() {
    let segment = Draft::tcp(NODE1, NODE2, Family::V4, (ACK, (7, 1_234)), 5).to(gateway(NODE2, Family::V4));
    let look = what_leaves(world(Vec::new()), NODE1, &segment.bytes())[0].look();
    assert_eq!((&look.body[4..8], look.body[13]), (&1_234_u32.to_be_bytes()[..], RST));
}

#[test]
fn a_router_that_refuses_prohibits_and_is_the_first_on_the_way() {
    for (family, prohibited) in [(Family::V4, (3, 13, 0)), (Family::V6, (1, 1, 0))] {
        for draft in [
            Draft::echo(NODE1, NODE2, family, 84),
            Draft::udp(NODE1, NODE2, family, (5_000, 53), 84),
            Draft::tcp(NODE1, NODE2, family, (SYN, (7, 0)), 0),
        ] {
            let left = what_leaves(world(refuse(Refuser::Router)), NODE1, &draft.bytes());
            let [said] = &left[..] else { panic!("{left:?}") };
            assert_eq!((said.at, said.port, said.look().source), (0, NODE1, gateway(NODE1, family)));
            assert_eq!(said.look().icmp(), prohibited);
        }
    }
}

/// Packets of both sides in their order, and which of them come out at the other side.
#[track_caller]
fn check(packets: &[(usize, Draft)], expected: &[bool]) {
    for refuser in [Refuser::Target, Refuser::Router] {
        let mut rig = Rig::new(world(refuse(refuser)));
        let passed = packets.iter().map(|(port, draft)| {
            let left = rig.answer(*port, &draft.bytes());
            left.iter().any(|left| left.port != *port)
        });
        assert_eq!(passed.collect::<Vec<_>>(), expected, "{refuser:?}");
    }
}

#[test]
fn answers_are_never_refused() {
    let udp = |from, to, ports| (from, Draft::udp(from, to, Family::V4, ports, 60));
    let question = udp(NODE2, NODE1, (5_000, 53));
    let answer = udp(NODE1, NODE2, (53, 5_000));
    let stranger = udp(NODE1, NODE2, (54, 5_000));
    check(&[question.clone(), answer.clone(), question, answer, stranger], &[true, true, true, true, false]);
    let mut reply = Draft::echo(NODE1, NODE2, Family::V4, 84);
    reply.body[0] = 0;
    check(&[(NODE1, reply)], &[true]);
    let tcp = |flags| (NODE1, Draft::tcp(NODE1, NODE2, Family::V6, (flags, (7, 8)), 0));
    check(&[tcp(SYN | ACK), tcp(ACK), tcp(SYN)], &[true, true, false]);
}

#[test]
fn a_refusal_of_the_target_travels_back_and_one_of_the_router_does_not() {
    let cut = |from: &str, to: &str| {
        let end = |name: &str| Some(End::Node(name.into()));
        fault(Scope { way: Way::Directed { from: end(from), to: end(to) }, ..Scope::ALL }, Effect::Lose)
    };
    let echo = Draft::echo(NODE1, NODE2, Family::V4, 84).bytes();
    for (refuser, said) in [(Refuser::Target, 0), (Refuser::Router, 1)] {
        let faults = [vec![cut("node2", "node1")], refuse(refuser)].concat();
        assert_eq!(what_leaves(world(faults), NODE1, &echo).len(), said, "{refuser:?}");
    }
    let delay = fault(of(Protocol::Icmp), Effect::Delay(Micros(1_000)));
    let left = what_leaves(world([vec![delay], refuse(Refuser::Target)].concat()), NODE1, &echo);
    assert_eq!(left[0].at, 2 * HALF_WAY + 2_000, "the question is delayed, and the answer too");
}

#[test]
fn old_flows_are_forgotten_before_new_ones() {
    use crate::backend::sandbox::fabric::flows::Flows;
    use crate::backend::sandbox::fabric::packet::Header;
    let header = |from: usize, to: usize, ports| Header::read(&Draft::udp(from, to, Family::V4, ports, 60).bytes()).unwrap();
    let mut flows = Flows::default();
    assert!(flows.asks(&header(NODE1, NODE2, (1, 2))));
    // Two generations of other flows; an old one that is still spoken in stays.
    for number in 0..140_000_u32 {
        let ports = (u16::try_from(number % 60_000 + 1).unwrap(), u16::try_from(number / 60_000 + 100).unwrap());
        assert!(flows.asks(&header(NODE1, NODE2, ports)));
        if number % 1_000 == 0 {
            assert!(!flows.asks(&header(NODE2, NODE1, (2, 1))), "{number}");
        }
    }
    assert!(flows.asks(&header(NODE2, NODE1, (100, 1))), "forgotten");
    assert!(!flows.asks(&header(NODE2, NODE1, (102, 20_000))), "young");
}

#[test]
fn a_port_of_a_node_is_silent_to_connections_and_hears_answers() {
    let with = |manner| {
        let mut world = world(Vec::new());
        world.nodes[1].ports.tcp.insert(Port::new(80).unwrap(), manner);
        world
    };
    let segment = |to, flags| Draft::tcp(NODE1, to, Family::V4, (flags, (7, 0)), 0).bytes();
    let leaves = |manner, to, flags| what_leaves(with(manner), NODE1, &segment(to, flags)).iter().map(|left| left.port).collect::<Vec<_>>();
    assert!(leaves(Manner::Silent, HOST2, SYN).is_empty());
    // The answer to somebody there who asks from that port.
    assert_eq!(leaves(Manner::Silent, HOST2, SYN | ACK), [HOST2]);
    assert_eq!(leaves(Manner::Refuses, HOST2, SYN), [NODE1]);
    assert_eq!(leaves(Manner::Answers, HOST2, SYN), [HOST2]);
    assert_eq!(leaves(Manner::Silent, NODE2, SYN), [NODE2]);
}
