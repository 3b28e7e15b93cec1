//! Services in the fabric: which ways a packet takes that is asked through a node, what is said of it, and which flows are remembered.

mod kit;

use std::net::SocketAddr;

use super::*;
use crate::model::units::Bytes;
use crate::model::world::{End, Refuser, Way};

use kit::*;

/// A way and what a fault on it strikes: of what is asked at node2's port, and of the answers.
const LEGS: [(&str, &str, bool, bool); 8] = [
    ("node1/pod", "node2/host", true, false),
    ("node2/host", "node3/pod", true, false),
    ("node1/pod", "node3/pod", false, false),
    ("node3/pod", "node2/host", false, true),
    ("node2/host", "node1/pod", false, true),
    ("node3/pod", "node1/pod", false, false),
    ("node1/pod", "node2/pod", false, false),
    ("node1/pod", "node3/host", false, false),
];

#[test]
fn what_is_asked_through_a_node_meets_the_faults_of_both_legs() {
    for (from, to, there, back) in LEGS {
        for (family, kind) in Family::ALL.into_iter().flat_map(|family| KINDS.map(|kind| (family, kind))) {
            let mut rig = rig(vec![on(from, to, Effect::Duplicate)]);
            let words = format!("{from} → {to}, {kind:?} over {family}");
            let asked = rig.answer(NODE1, &question(kind, door(family)).bytes());
            assert_eq!(asked.len(), 1 + usize::from(there), "{words}");
            assert_eq!((asked[0].port, asked[0].look().target, asked[0].at), (NODE3, address(NODE3, family), HALF_WAY), "{words}");
            let answered = rig.answer(NODE3, &answer(kind, family).bytes());
            assert_eq!(answered.len(), 1 + usize::from(back), "{words}");
            let source = SocketAddr::new(answered[0].look().source, source_port(&answered[0]));
            assert_eq!((answered[0].port, source, answered[0].at), (NODE1, door(family), HALF_WAY), "{words}");
        }
    }
}

#[test]
fn faults_of_the_legs_add_up() {
    let delay = |from, to, micros| on(from, to, Effect::Delay(Micros(micros)));
    let faults = vec![delay("node1/pod", "node2/host", 1_000), delay("node2/host", "node3/pod", 500), delay("node1/pod", "node3/pod", 9)];
    let left = rig(faults).answer(NODE1, &question(Kind::Datagram, door(Family::V4)).bytes());
    assert_eq!(left.iter().map(|left| left.at).collect::<Vec<_>>(), [HALF_WAY + 1_500]);
}

#[test]
fn packets_overtake_each_other_on_either_leg() {
    for (from, to) in [("node1/pod", "node2/host"), ("node2/host", "node3/pod")] {
        let mut rig = rig(vec![on(from, to, Effect::Reorder)]);
        rig.send(NODE1, 0, &question(Kind::Datagram, door(Family::V4)).bytes());
        // Not through that node: it is on another way, and overtakes nobody.
        rig.send(NODE1, 5, &question(Kind::Datagram, front(Family::V4)).bytes());
        rig.send(NODE1, 10, &packet_of(Kind::Datagram, (NODE1, 50_000), door(Family::V4), 0).bytes());
        let left: Vec<_> = rig.left().iter().map(|left| (source_port(left), left.at)).collect();
        assert_eq!(left, [(CLIENT, 105), (50_000, 110), (CLIENT, 110)], "{from} → {to}");
    }
}

/// What is asked, by family.
type Asked = fn(Family) -> SocketAddr;

/// A way, and what is asked over it: a Service at its address, or at a port of a node on either leg.
const REFUSED: [(&str, &str, Asked); 3] =
    [("node1/pod", "node3/pod", front), ("node1/pod", "node2/host", door), ("node2/host", "node3/pod", door)];

#[test]
fn a_refusal_comes_from_what_was_asked_and_quotes_what_was_sent() {
    for (from, to, asked) in REFUSED {
        for (family, unreachable) in [(Family::V4, (3, 3, 0)), (Family::V6, (1, 4, 0))] {
            let words = format!("{from} → {to} over {family}");
            let draft = question(Kind::Datagram, asked(family));
            let left = rig(vec![on(from, to, Effect::Refuse(Refuser::Target))]).answer(NODE1, &draft.bytes());
            let [said] = &left[..] else { panic!("{words}: {left:?}") };
            let look = said.look();
            assert_eq!((said.at, said.port, look.source, look.icmp()), (2 * HALF_WAY, NODE1, asked(family).ip(), unreachable), "{words}");
            assert_eq!(look.quote(), draft.bytes(), "{words}");

            let syn = question(Kind::Connection, asked(family));
            let left = rig(vec![on(from, to, Effect::Refuse(Refuser::Target))]).answer(NODE1, &syn.bytes());
            let [said] = &left[..] else { panic!("{words}: {left:?}") };
            let look = said.look();
            assert_eq!((said.at, said.port, look.source, look.target), (2 * HALF_WAY, NODE1, asked(family).ip(), draft.source), "{words}");
            assert_eq!(look.body[..4], [asked(family).port(), CLIENT].map(u16::to_be_bytes).concat(), "{words}");
            assert_eq!(look.body[13], RST | ACK, "{words}");
        }
    }
}

#[test]
fn a_router_says_of_either_leg_what_it_says_of_a_direct_way() {
    for (from, to, asked) in REFUSED {
        for (family, prohibited, too_big) in [(Family::V4, (3, 13, 0), (3, 4, 90)), (Family::V6, (1, 1, 0), (2, 0, 90))] {
            let narrow = Effect::Mtu { most: Bytes(90), announced: true };
            for (effect, expected) in [(Effect::Refuse(Refuser::Router), prohibited), (narrow, too_big)] {
                for kind in KINDS {
                    let draft = question(kind, asked(family));
                    let draft = Draft { body: [draft.body, vec![0; 60]].concat(), ..draft };
                    let left = rig(vec![on(from, to, effect)]).answer(NODE1, &draft.bytes());
                    let [said] = &left[..] else { panic!("{from} → {to}, {kind:?}, {effect:?}: {left:?}") };
                    assert_eq!((said.at, said.port, said.look().source), (0, NODE1, gateway(NODE1, family)), "{from} → {to} {effect:?}");
                    assert_eq!(said.look().icmp(), expected, "{from} → {to} {effect:?}");
                    assert_eq!(said.look().quote(), draft.bytes(), "{from} → {to} {effect:?}");
                }
            }
        }
    }
}

#[test]
fn an_answer_that_is_too_big_is_told_to_whoever_answered() {
    for (from, to) in [("node3/pod", "node2/host"), ("node2/host", "node1/pod")] {
        let mut rig = rig(vec![on(from, to, Effect::Mtu { most: Bytes(90), announced: true })]);
        assert_eq!(rig.answer(NODE1, &question(Kind::Datagram, door(Family::V6)).bytes()).len(), 1);
        let sent = answer(Kind::Datagram, Family::V6).bytes();
        let left = rig.answer(NODE3, &sent);
        let [said] = &left[..] else { panic!("{left:?}") };
        assert_eq!((said.port, said.look().icmp(), said.look().quote()), (NODE3, (2, 0, 90), &sent[..]), "{from} → {to}");
    }
}

#[test]
fn a_link_that_cuts_does_so_on_either_leg() {
    for (from, to) in [("node1/pod", "node2/host"), ("node2/host", "node3/pod")] {
        let narrow = on(from, to, Effect::Mtu { most: Bytes(76), announced: true });
        let left = rig(vec![narrow]).answer(NODE1, &question(Kind::Datagram, door(Family::V4)).field(0).bytes());
        assert_eq!(left.iter().map(|left| left.bytes.len()).collect::<Vec<_>>(), [76, 44], "{from} → {to}");
    }
}

#[test]
fn answers_of_a_service_are_never_refused() {
    for refuser in [Refuser::Target, Refuser::Router] {
        for (kind, asked) in KINDS.into_iter().flat_map(|kind| [(kind, front as Asked), (kind, door)]) {
            let to = Way::Directed { from: None, to: Some(End::Vantage(Vantage::pod("node1"))) };
            let mut rig = rig(vec![fault(Scope { way: to, ..Scope::ALL }, Effect::Refuse(refuser))]);
            for _ in 0..2 {
                assert_eq!(rig.answer(NODE1, &question(kind, asked(Family::V4)).bytes()).len(), 1);
                let left = rig.answer(NODE3, &answer(kind, Family::V4).bytes());
                assert_eq!(left.iter().map(|left| left.port).collect::<Vec<_>>(), [NODE1], "{kind:?} {refuser:?}");
            }
        }
    }
}

/// Faults see the ports of whoever stands behind the Service, both ways: as the simulation does.
#[test]
fn faults_of_a_port_are_of_the_agents_port() {
    let lose = |port, from: &str| {
        let way = Way::Directed { from: Some(End::Node(from.into())), to: None };
        rig(vec![fault(Scope { way, port: Some(number(port)), ..Scope::ALL }, Effect::Lose)])
    };
    for kind in KINDS {
        for (port, arrives) in [(AGENT, 0), (FRONT, 1)] {
            assert_eq!(lose(port, "node1").answer(NODE1, &question(kind, front(Family::V6)).bytes()).len(), arrives, "{kind:?} {port}");
            let mut rig = lose(port, "node3");
            assert_eq!(rig.answer(NODE1, &question(kind, front(Family::V6)).bytes()).len(), 1);
            assert_eq!(rig.answer(NODE3, &answer(kind, Family::V6).bytes()).len(), arrives, "{kind:?} {port}");
        }
        let refuse = on("node1/pod", "node3/pod", Effect::Refuse(Refuser::Target));
        let back = Way::Directed { from: Some(End::Node("node3".into())), to: None };
        let lose = fault(Scope { way: back, port: Some(number(AGENT)), ..of(Protocol::Tcp) }, Effect::Lose);
        let left = rig(vec![refuse, lose]).answer(NODE1, &question(kind, front(Family::V6)).bytes());
        assert_eq!(left.len(), usize::from(kind == Kind::Datagram), "a reset has ports");
    }
}

/// From where node1 hears the agent now.
fn heard_from(rig: &mut Rig, kind: Kind, family: Family) -> SocketAddr {
    let left = rig.answer(NODE3, &answer(kind, family).bytes());
    let [heard] = &left[..] else { panic!("{left:?}") };
    SocketAddr::new(heard.look().source, source_port(heard))
}

#[test]
fn who_asks_an_agent_directly_hears_that_agent() {
    for (family, kind) in Family::ALL.into_iter().flat_map(|family| KINDS.map(|kind| (family, kind))) {
        let (mut rig, agent) = (rig(Vec::new()), SocketAddr::new(address(NODE3, family), AGENT));
        for asked in [front(family), agent, door(family), agent, agent, front(family), door(family)] {
            assert_eq!(rig.answer(NODE1, &question(kind, asked).bytes()).len(), 1);
            assert_eq!(heard_from(&mut rig, kind, family), asked, "{kind:?}");
        }
    }
}

#[test]
fn flows_of_both_generations_are_forgotten_when_they_are_over() {
    let (mut rig, agent) = (rig(Vec::new()), SocketAddr::new(address(NODE3, Family::V4), AGENT));
    rig.send(NODE1, 0, &question(Kind::Datagram, front(Family::V4)).bytes());
    // More others than one generation has: that one is old now, as long as nobody hears of it.
    for other in 0..66_000_u32 {
        let (from, port) = if other < 33_000 { (NODE1, other) } else { (NODE2, other - 33_000) };
        rig.send(from, 0, &packet_of(Kind::Datagram, (from, u16::try_from(port + 1).unwrap()), front(Family::V4), 0).bytes());
    }
    rig.left();
    rig.send(NODE1, 0, &question(Kind::Datagram, agent).bytes());
    rig.left();
    assert_eq!(heard_from(&mut rig, Kind::Datagram, Family::V4), agent);
}

/// The agent asked first, from the port at which it answers: what it is answered ends no flow of the Service's.
#[test]
fn a_direct_answer_takes_no_flow_away() {
    for kind in KINDS {
        let (mut rig, agent) = (rig(Vec::new()), SocketAddr::new(address(NODE3, Family::V4), AGENT));
        rig.answer(NODE3, &packet_of(kind, (NODE3, AGENT), SocketAddr::new(address(NODE1, Family::V4), CLIENT), SYN).bytes());
        rig.answer(NODE1, &question(kind, front(Family::V4)).bytes());
        rig.answer(NODE1, &packet_of(kind, (NODE1, CLIENT), agent, SYN | ACK).bytes());
        assert_eq!(heard_from(&mut rig, kind, Family::V4), front(Family::V4), "{kind:?}");
    }
}
