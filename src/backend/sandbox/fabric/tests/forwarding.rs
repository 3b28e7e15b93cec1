//! Where packets go in a world without faults, and what routers say of those that go no further.

use super::*;

#[test]
fn a_packet_comes_out_at_its_target_two_hops_later() {
    for family in Family::ALL {
        for (from, to) in [(NODE1, NODE2), (NODE1, HOST2), (HOST1, NODE2), (HOST1, HOST2), (NODE1, HOST1), (HOST2, NODE2)] {
            let draft = Draft::udp(from, to, family, (5_000, 53), 100);
            let left = what_leaves(world(Vec::new()), from, &draft.bytes());
            let expected = Left { at: HALF_WAY, port: to, bytes: draft.ttl(62).bytes() };
            assert_eq!(left, [expected], "{family} from port {from} to port {to}");
        }
    }
}

#[test]
fn what_is_behind_a_packet_does_not_travel() {
    let bytes = Draft::echo(NODE1, NODE2, Family::V4, 84).bytes();
    let left = what_leaves(world(Vec::new()), NODE1, &[&bytes[..], &[1, 2, 3]].concat());
    assert_eq!(left[0].bytes.len(), 84);
}

/// Who says what of a packet from node1 to node2, and when; a passing packet has the target's address and no type.
#[track_caller]
fn check(draft: &Draft, speaker: IpAddr, kind: Option<(u8, u8)>, at: u64) {
    let left = what_leaves(world(Vec::new()), NODE1, &draft.bytes());
    let [said] = &left[..] else { panic!("{draft:?}: {left:?}") };
    let look = said.look();
    let Some(kind) = kind else {
        return assert_eq!((said.port, look.source), (NODE2, draft.source), "{draft:?}");
    };
    let (found, code, _) = look.icmp();
    assert_eq!((said.port, said.at, look.source, look.target), (NODE1, at, speaker, draft.source), "{draft:?}");
    assert_eq!((found, code), kind, "{draft:?}");
    assert_eq!(look.ttl, 64);
    if ![0, 129].contains(&found) {
        assert_eq!(look.quote(), draft.bytes(), "as it was sent, with its own time to live");
    }
}

#[test]
fn time_ends_at_the_router_that_it_ends_at() {
    for (family, exceeded) in [(Family::V4, (11, 0)), (Family::V6, (3, 0))] {
        let echo = Draft::echo(NODE1, NODE2, family, 84);
        check(&echo.clone().ttl(0), gateway(NODE1, family), Some(exceeded), 0);
        check(&echo.clone().ttl(1), gateway(NODE1, family), Some(exceeded), 0);
        check(&echo.clone().ttl(2), gateway(NODE2, family), Some(exceeded), 2 * HALF_WAY);
        check(&echo.ttl(3), address(NODE2, family), None, HALF_WAY);
    }
}

#[test]
fn nowhere_is_unreachable() {
    for target in ["10.244.0.4", "10.246.0.9", "192.0.2.1"] {
        let echo = Draft::echo(NODE1, NODE2, Family::V4, 84).to(target.parse().unwrap());
        check(&echo, gateway(NODE1, Family::V4), Some((3, 0)), 0);
    }
    for target in ["fd44::4", "2001:db8::1"] {
        let echo = Draft::echo(NODE1, NODE2, Family::V6, 84).to(target.parse().unwrap());
        check(&echo, gateway(NODE1, Family::V6), Some((1, 0)), 0);
    }
}

#[test]
fn a_family_that_the_world_does_not_have_leads_nowhere() {
    let world = World { families: vec![Family::V4], ..world(Vec::new()) };
    let left = what_leaves(world, NODE1, &Draft::echo(NODE1, NODE2, Family::V6, 84).bytes());
    assert_eq!(left[0].look().icmp(), (1, 0, 0));
}

#[test]
fn routers_answer_echo_requests_themselves() {
    for (family, reply) in [(Family::V4, 0), (Family::V6, 129)] {
        let echo = Draft::echo(NODE1, NODE2, family, 84);
        for (router, at) in [(NODE1, 0), (HOST1, 2 * HALF_WAY), (NODE2, 2 * HALF_WAY), (HOST2, 2 * HALF_WAY)] {
            let draft = echo.clone().to(gateway(router, family)).ttl(2);
            let left = what_leaves(world(Vec::new()), NODE1, &draft.bytes());
            let [said] = &left[..] else { panic!("{left:?}") };
            let look = said.look();
            assert_eq!((said.at, said.port, look.source, look.body[0]), (at, NODE1, gateway(router, family), reply));
            assert_eq!(look.body[4..], draft.body[4..], "identifier, number and data come back");
        }
        // The own router is no hop away, the other one is.
        check(&echo.clone().to(gateway(NODE1, family)).ttl(1), gateway(NODE1, family), Some((reply, 0)), 0);
    }
}

#[test]
fn routers_have_no_open_ports() {
    let udp = Draft::udp(NODE1, NODE2, Family::V4, (5_000, 53), 60).to(gateway(NODE2, Family::V4));
    check(&udp, gateway(NODE2, Family::V4), Some((3, 3)), 2 * HALF_WAY);
    let tcp = Draft::tcp(NODE1, NODE2, Family::V6, (packet::SYN, (7, 0)), 0).to(gateway(NODE1, Family::V6));
    let left = what_leaves(world(Vec::new()), NODE1, &tcp.bytes());
    assert_eq!(left[0].look().body[13], packet::RST | packet::ACK);
}

/// A packet of which nobody says anything, and which comes out nowhere.
#[track_caller]
fn check_silence(draft: &Draft) {
    assert_eq!(what_leaves(world(Vec::new()), NODE1, &draft.bytes()), [], "{draft:?}");
}

#[test]
fn errors_are_never_sent_about_some_packets() {
    let nowhere: IpAddr = "192.0.2.1".parse().unwrap();
    for (family, kinds) in [(Family::V4, vec![3, 4, 5, 11, 12]), (Family::V6, vec![1, 2, 3, 4, 100, 127, 137])] {
        for kind in kinds {
            let mut error = Draft::echo(NODE1, NODE2, family, 100).ttl(1);
            error.body[0] = kind;
            check_silence(&error);
        }
    }
    // A piece behind the first.
    check_silence(&Draft::udp(NODE1, NODE2, Family::V4, (1, 2), 100).field(3).to(nowhere));
    for target in ["224.0.0.1", "255.255.255.255", "127.0.0.1", "0.0.0.0"] {
        check_silence(&Draft::udp(NODE1, NODE2, Family::V4, (1, 2), 100).to(target.parse().unwrap()));
    }
    for target in ["ff02::2", "fe80::1", "::1", "::"] {
        check_silence(&Draft::udp(NODE1, NODE2, Family::V6, (1, 2), 100).to(target.parse().unwrap()));
    }
    for source in ["0.0.0.0", "127.0.0.1", "239.1.1.1"] {
        let draft = Draft::udp(NODE1, NODE2, Family::V4, (1, 2), 100).to(nowhere);
        check_silence(&Draft { source: source.parse().unwrap(), ..draft });
    }
}

#[test]
fn a_reset_of_nothing_is_not_answered_with_a_reset() {
    check_silence(&Draft::tcp(NODE1, NODE2, Family::V4, (packet::RST, (7, 0)), 0).to(gateway(NODE2, Family::V4)));
}

#[test]
fn other_protocols_are_not_carried() {
    // SCTP.
    check_silence(&Draft::new(NODE1, NODE2, Family::V4, 132, filling(40)));
    check_silence(&Draft::new(NODE1, NODE2, Family::V6, 132, filling(40)));
    check_silence(&Draft::new(NODE1, NODE2, Family::V6, packet::ICMP, filling(40)));
}

#[test]
fn a_port_that_the_world_does_not_know_gets_nothing_and_sends_nothing() {
    let spots = [Some(Spot { node: 0, network: Network::Pod }.into()), None];
    let mut rig = Rig { router: Router::new(Arc::new(world(Vec::new())), &spots, super::super::Services::default()) };
    assert_eq!(rig.answer(1, &Draft::echo(NODE1, NODE2, Family::V4, 84).bytes()), []);
    // node2 has no device here.
    assert_eq!(rig.answer(0, &Draft::echo(NODE1, NODE2, Family::V4, 84).bytes())[0].look().icmp(), (3, 0, 0));
}
