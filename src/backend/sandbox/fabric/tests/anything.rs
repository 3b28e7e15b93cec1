//! Bytes of any kind: they never harm the fabric, and never leave it as what they were not.

use proptest::prelude::*;

use super::*;
use crate::model::units::{Bytes, Ppm};
use crate::model::world::Refuser;

/// A world in which everything happens now and then.
fn wild() -> World {
    let now_and_then = |effect| fault(Scope { share: Ppm(300_000), ..Scope::ALL }, effect);
    let refuse = |refuser| now_and_then(Effect::Refuse(refuser));
    let mtu = |most, announced| now_and_then(Effect::Mtu { most: Bytes(most), announced });
    world(vec![
        now_and_then(Effect::Reorder),
        now_and_then(Effect::Duplicate),
        now_and_then(Effect::Jitter(Micros(1_000))),
        mtu(30, true),
        mtu(100, true),
        mtu(1_000, false),
        refuse(Refuser::Target),
        refuse(Refuser::Router),
        now_and_then(Effect::Lose),
    ])
}

/// A packet of one kind or another that is right, but for the bytes that are changed and cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let kinds = (0..3_u8, any::<bool>(), 0..6_usize, 0..200_usize, any::<u16>(), any::<u8>());
    let whole = kinds.prop_map(|(kind, is_v4, to, data, field, ttl)| {
        let family = if is_v4 { Family::V4 } else { Family::V6 };
        let draft = match kind {
            0 => Draft::echo(NODE1, to, family, head(family) + 8 + data),
            1 => Draft::udp(NODE1, to, family, (1, 2), head(family) + 8 + data),
            _ => Draft::tcp(NODE1, to, family, (packet::SYN, (1, 2)), data),
        };
        draft.field(field).ttl(ttl).bytes()
    });
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (whole, changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(mut bytes, changes, end, cut)| {
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        bytes
    })
}

fn drained(rig: &mut Rig) -> Vec<(usize, Vec<u8>)> {
    let mut left = Vec::new();
    while let Some(due) = rig.next_due() {
        rig.router.queue.drain(due, |port, bytes| left.push((port, bytes.to_vec())));
    }
    left
}

/// Whether these bytes are one IP packet, as long as it says. Of what it carries a first piece need not hold the whole header (RFC 791 3.2).
fn is_packet(bytes: &[u8]) -> bool {
    let stated = |at: usize| bytes.get(at..at + 2).map(|length| usize::from(u16::from_be_bytes([length[0], length[1]])));
    match bytes.first() {
        Some(first @ 0x45..=0x4f) => stated(2) == Some(bytes.len()) && usize::from(first & 15) * 4 <= bytes.len(),
        Some(0x60..=0x6f) => stated(4).is_some_and(|length| 40 + length == bytes.len()),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn noise_does_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), port in 0..8_usize) {
        let mut rig = Rig::new(wild());
        rig.send(port, 0, &bytes);
        drained(&mut rig);
    }

    #[test]
    fn damaged_packets_do_no_harm_and_what_leaves_is_a_packet(packets in proptest::collection::vec(damaged(), 1..20)) {
        let mut rig = Rig::new(wild());
        for (packet, at) in packets.iter().zip(0..) {
            rig.send(NODE1, at, packet);
        }
        for (port, bytes) in drained(&mut rig) {
            prop_assert!(port < 6);
            prop_assert!(is_packet(&bytes), "{bytes:?}");
        }
    }
}
