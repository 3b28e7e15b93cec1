//! Questions by ICMP echo through unprivileged datagram sockets (`net.ipv4.ping_group_range`, icmp(7)); never a raw one.
//! The kernel chooses the identifier and answers at the target, so an answer is known by the question inside it.

use std::io;
use std::net::SocketAddr;

use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::model::outcome::{Obstacle, ObstacleKind};
use crate::model::probe::Family;
use crate::wire::{IcmpMode, Peer};

use super::datagram::{Quote, Said};
use super::errand::socket_trouble;
use super::packet::{Question, Reading};

const HEADER_LENGTH: usize = 8;

/// Whether this process gets an unprivileged ICMP socket. One setting governs both families, so IPv4 is tried first, and
/// IPv6 only on a machine without IPv4 sockets.
#[must_use]
pub fn icmp_mode() -> IcmpMode {
    match open(Family::V4).or_else(|obstacle| open(Family::V6).map_err(|_| obstacle)) {
        Ok(_) => IcmpMode::Datagram,
        Err(obstacle) => IcmpMode::Unavailable(obstacle.detail),
    }
}

pub(super) fn open(family: Family) -> Result<Socket, Obstacle> {
    let (domain, protocol) = match family {
        Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
        Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
    };
    Socket::new(domain, Type::DGRAM, Some(protocol)).map_err(|error| trouble(&error))
}

fn trouble(error: &io::Error) -> Obstacle {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => socket_trouble("opening an ICMP socket", error),
        Some(_) | None => Obstacle { kind: ObstacleKind::NoIcmp, ..socket_trouble("opening an ICMP socket", error) },
    }
}

pub(super) const fn destination(peer: &Peer) -> SocketAddr {
    SocketAddr::new(peer.address, 0)
}

/// An echo request (RFC 792, RFC 4443 4.1); the kernel fills in checksum and identifier.
pub(super) fn write(question: &Question, family: Family) -> Vec<u8> {
    let kind = match family {
        Family::V4 => 8,
        Family::V6 => 128,
    };
    let [.., high, low] = question.sequence.to_be_bytes();
    let mut bytes = vec![kind, 0, 0, 0, 0, 0, high, low];
    bytes.extend_from_slice(&question.bytes());
    bytes
}

/// An echo reply with a whole question in it; anything else is not ours.
pub(super) fn read(bytes: &[u8]) -> Option<Said<'_>> {
    let (header, payload) = bytes.split_at_checked(HEADER_LENGTH)?;
    match (header[0], Question::read(payload)) {
        (0 | 129, Reading::Whole(to, end)) if end == payload.len() => Some(Said { to, name: None }),
        (_, Reading::Whole(..) | Reading::Partial | Reading::Noise) => None,
    }
}

/// The question that an error quotes: by its payload, or by the sequence number in its header.
pub(super) fn quoted(quote: &[u8]) -> Quote {
    let Some((header, payload)) = quote.split_at_checked(HEADER_LENGTH) else {
        return Quote::Cut;
    };
    match Question::read(payload) {
        Reading::Whole(question, _) => Quote::Whole(question),
        Reading::Partial => Quote::Bits(u16::from_be_bytes([header[6], header[7]])),
        Reading::Noise => Quote::Other,
    }
}
