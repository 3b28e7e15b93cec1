//! Packets that are larger than a link, and how much of a packet an error quotes.

use super::*;
use crate::model::units::{Bytes, Port};

/// Sizes of what leaves to node2, or the error that comes back: type, code and what it says of the link.
#[track_caller]
fn check(faults: &[Fault], draft: &Draft, expected: Result<&[usize], (u8, u8, u32)>) {
    let left = what_leaves(world(faults.to_vec()), NODE1, &draft.bytes());
    match expected {
        Ok(sizes) => {
            assert!(left.iter().all(|left| left.port == NODE2), "{faults:?}: {left:?}");
            assert_eq!(left.iter().map(|left| left.bytes.len()).collect::<Vec<_>>(), sizes, "{faults:?}");
        }
        Err(error) => {
            let [said] = &left[..] else { panic!("{faults:?}: {left:?}") };
            assert_eq!((said.port, said.look().icmp()), (NODE1, error), "{faults:?}");
            assert_eq!((said.at, said.look().source), (0, gateway(NODE1, Family::of(draft.source))), "{faults:?}");
        }
    }
}

fn mtu(most: u64, announced: bool) -> Vec<Fault> {
    vec![fault(Scope::ALL, Effect::Mtu { most: Bytes(most), announced })]
}

#[test]
fn what_may_not_be_cut_is_too_big() {
    for (family, said) in [(Family::V4, (3, 4, 1_450)), (Family::V6, (2, 0, 1_450))] {
        check(&[], &Draft::echo(NODE1, NODE2, family, 1_450), Ok(&[1_450]));
        check(&[], &Draft::echo(NODE1, NODE2, family, 1_451), Err(said));
    }
}

#[test]
fn what_may_be_cut_is() {
    // 1,448 = 20 + 8 × 178.5: offsets count in eights, so that the first piece has 20 + 1,424 bytes.
    check(&[], &Draft::echo(NODE1, NODE2, Family::V4, 1_451).field(0), Ok(&[1_444, 27]));
    check(&mtu(600, true), &Draft::echo(NODE1, NODE2, Family::V4, 1_451).field(0), Ok(&[596, 596, 299]));
    check(&[], &Draft::echo(NODE1, NODE2, Family::V4, 1_450).field(0), Ok(&[1_450]));
}

#[test]
fn only_the_overlay_is_narrow() {
    for to in [HOST1, HOST2] {
        let echo = Draft::echo(NODE1, to, Family::V6, 1_500);
        assert_eq!(what_leaves(world(Vec::new()), NODE1, &echo.bytes())[0].port, to);
    }
    let left = what_leaves(world(Vec::new()), HOST1, &Draft::echo(HOST1, NODE2, Family::V6, 1_501).bytes());
    assert_eq!(left[0].look().icmp(), (2, 0, 1_500));
}

#[test]
fn a_narrow_link_says_so_or_swallows_everything_that_is_larger() {
    for (family, said) in [(Family::V4, (3, 4, 1_300)), (Family::V6, (2, 0, 1_300))] {
        for announced in [false, true] {
            check(&mtu(1_300, announced), &Draft::echo(NODE1, NODE2, family, 1_300), Ok(&[1_300]));
        }
        check(&mtu(1_300, true), &Draft::echo(NODE1, NODE2, family, 1_301), Err(said));
        check(&mtu(1_300, false), &Draft::echo(NODE1, NODE2, family, 1_301), Ok(&[]));
    }
    check(&mtu(1_300, false), &Draft::echo(NODE1, NODE2, Family::V4, 1_301).field(0), Ok(&[]));
}

#[test]
fn errors_quote_as_much_as_they_may() {
    // The world's links are wide, so that a large packet is found too late in its life.
    let wide = World { overlay_mtu: Bytes(9_000), ..world(Vec::new()) };
    for (family, size, expected) in [
        (Family::V4, 28, 20 + 8 + 28),
        (Family::V4, 548, 576),
        (Family::V4, 549, 576),
        (Family::V4, 9_000, 576),
        (Family::V6, 1_232, 1_280),
        (Family::V6, 1_233, 1_280),
    ] {
        let echo = Draft::echo(NODE1, NODE2, family, size).ttl(1).bytes();
        let left = what_leaves(wide.clone(), NODE1, &echo);
        assert_eq!(left[0].bytes.len(), expected, "{family} {size}");
        let quote = left[0].look().quote().to_vec();
        assert_eq!(quote, echo[..quote.len()]);
    }
}

#[test]
fn the_routers_own_words_go_before_other_traffic_and_are_never_cut() {
    let left = what_leaves(world(Vec::new()), NODE1, &Draft::echo(NODE1, NODE2, Family::V4, 84).ttl(1).bytes());
    assert_eq!((left[0].bytes[1], left[0].look().field), (0xc0, DF));
    let left = what_leaves(world(Vec::new()), NODE1, &Draft::echo(NODE1, NODE2, Family::V6, 84).ttl(1).bytes());
    assert_eq!(left[0].bytes[..2], [0x6c, 0]);
}

/// IPv6 with extension headers: read to the end of the chain, and no further than a bound.
#[test]
fn extension_headers_are_read_through() {
    let scope = Scope { port: Port::new(53), ..of(Protocol::Udp) };
    let world = || world(vec![fault(scope.clone(), Effect::Lose)]);
    let udp = |port: u16| [5_000, port, 8, 0].map(u16::to_be_bytes).concat();
    let fragment = |field: u16| {
        let [high, low] = field.to_be_bytes();
        [17, 0, high, low, 0, 0, 0, 1]
    };
    let options = [60, 0, 1, 4, 0, 0, 0, 0];
    let destination = [17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let send = |first: u8, body: Vec<u8>| {
        let bytes = Draft { protocol: first, ..Draft::new(NODE1, NODE2, Family::V6, packet::UDP, body) }.bytes();
        let mut rig = Rig::new(world());
        rig.send(NODE1, 0, &bytes);
        rig.next_due().is_some()
    };
    assert!(!send(0, [&options[..], &destination, &udp(53)].concat()), "behind two headers");
    assert!(send(0, [&options[..], &destination, &udp(54)].concat()));
    assert!(!send(44, [&fragment(1)[..], &udp(53)].concat()), "the first piece has the ports");
    assert!(send(44, [&fragment(8)[..], &udp(53)].concat()), "a later piece has none");
    assert!(!send(0, [&[0, 0, 1, 4, 0, 0, 0, 0][..]; 20].concat()), "a chain without end is no packet");
    assert!(!send(0, vec![60, 200, 1, 4, 0, 0, 0, 0]), "a header that is longer than the packet");
}
