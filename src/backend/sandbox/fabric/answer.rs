//! What a router or a target says to a packet: ICMP errors (RFC 792, RFC 4443), TCP resets (RFC 9293), echo replies. Every
//! function writes one packet, or none where the standards want silence. It must not know when these are due.

use std::net::IpAddr;

use super::checksum::{Sum, after_change};
use super::packet::{ACK, Carried, ECHO_REPLY, ECHO6_REPLY, FIN, Header, ICMP, ICMP6, Piece, RST, SYN, TCP};

/// What is said of a packet that goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    NoRoute,
    Prohibited,
    PortUnreachable,
    ProtocolUnreachable,
    TimeExceeded,
    /// The next link takes no more than so many bytes.
    TooBig(u32),
}

/// An error quotes as much as leaves it this small (RFC 1812 4.3.2.3, RFC 4443 3.1).
const MOST_V4: usize = 576;
const MOST_V6: usize = 1_280;
/// Time to live of what is written here.
const TTL: u8 = 64;
/// Errors go before other traffic: internetwork control (RFC 1812 4.3.2.5).
const PRECEDENCE: u8 = 0xc0;
const DONT_FRAGMENT: [u8; 2] = [0x40, 0];

/// An ICMP error of `speaker` about a packet. Nothing if none may be sent about it.
pub(super) fn error(error: Error, speaker: IpAddr, header: &Header, packet: &[u8]) -> Option<Vec<u8>> {
    if !header.may_be_refused() {
        return None;
    }
    let ((kind, code, rest), most) = match speaker {
        IpAddr::V4(_) => (error.v4(), MOST_V4 - 20),
        IpAddr::V6(_) => (error.v6(), MOST_V6 - 40),
    };
    let quote = packet.get(..header.length.min(most - 8))?;
    let [a, b, c, d] = rest.to_be_bytes();
    let message = [&[kind, code, 0, 0, a, b, c, d], quote].concat();
    ip(speaker, header.source, PRECEDENCE, icmp_of(speaker), &message)
}

impl Error {
    /// Type, code, and the second word of the header.
    fn v4(self) -> (u8, u8, u32) {
        match self {
            Self::NoRoute => (3, 0, 0),
            Self::Prohibited => (3, 13, 0),
            Self::PortUnreachable => (3, 3, 0),
            Self::ProtocolUnreachable => (3, 2, 0),
            Self::TimeExceeded => (11, 0, 0),
            // RFC 1191: 16 bits.
            Self::TooBig(mtu) => (3, 4, mtu.min(0xffff)),
        }
    }

    fn v6(self) -> (u8, u8, u32) {
        match self {
            Self::NoRoute => (1, 0, 0),
            Self::Prohibited => (1, 1, 0),
            Self::PortUnreachable => (1, 4, 0),
            // An unrecognised next header; the pointer is to the fixed header's.
            Self::ProtocolUnreachable => (4, 1, 6),
            Self::TimeExceeded => (3, 0, 0),
            Self::TooBig(mtu) => (2, 0, mtu),
        }
    }
}

/// What a target says where nobody listens: a reset, or an ICMP error of its own.
pub(super) fn refusal(header: &Header, packet: &[u8]) -> Option<Vec<u8>> {
    match header.carried {
        Carried::Tcp(_) => reset(header, packet),
        Carried::Udp | Carried::Echo => error(Error::PortUnreachable, header.target, header, packet),
        Carried::Other(_) => error(Error::ProtocolUnreachable, header.target, header, packet),
        Carried::EchoReply | Carried::IcmpError | Carried::OtherIcmp => None,
    }
}

/// What a router says that is itself the target. It puts no pieces together.
pub(super) fn of_router(header: &Header, packet: &[u8]) -> Option<Vec<u8>> {
    match header.carried {
        Carried::Echo if header.piece == Piece::Whole => echo_reply(header, packet),
        Carried::Echo => None,
        Carried::Tcp(_) | Carried::Udp | Carried::EchoReply | Carried::IcmpError | Carried::OtherIcmp | Carried::Other(_) => {
            refusal(header, packet)
        }
    }
}

/// RFC 9293 3.10.7.1: what a closed port answers to a segment; nothing to a reset.
fn reset(header: &Header, packet: &[u8]) -> Option<Vec<u8>> {
    let segment = packet.get(header.start..header.length)?;
    let (tcp, _) = segment.split_first_chunk::<20>()?;
    let flags = tcp[13];
    if header.piece == Piece::Later || flags & RST != 0 {
        return None;
    }
    let word = |at: usize| u32::from_be_bytes([tcp[at], tcp[at + 1], tcp[at + 2], tcp[at + 3]]);
    let (sequence, acknowledged, answer) = if flags & ACK == 0 {
        let data = segment.len().saturating_sub(usize::from(tcp[12] >> 4) * 4);
        let length = u32::try_from(data).unwrap_or(0) + u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        (0, word(4).wrapping_add(length), RST | ACK)
    } else {
        (word(8), 0, RST)
    };
    let mut message = Vec::with_capacity(20);
    message.extend_from_slice(&[tcp[2], tcp[3], tcp[0], tcp[1]]);
    message.extend_from_slice(&sequence.to_be_bytes());
    message.extend_from_slice(&acknowledged.to_be_bytes());
    message.extend_from_slice(&[0x50, answer, 0, 0, 0, 0, 0, 0]);
    ip(header.target, header.source, 0, TCP, &message)
}

/// The same message back, with the other type. A checksum that was wrong stays wrong.
fn echo_reply(header: &Header, packet: &[u8]) -> Option<Vec<u8>> {
    let mut message = packet.get(header.start..header.length)?.to_vec();
    let reply = match header.target {
        IpAddr::V4(_) => ECHO_REPLY,
        IpAddr::V6(_) => ECHO6_REPLY,
    };
    let [kind, code, high, low, ..] = message.as_mut_slice() else { return None };
    [*high, *low] = after_change([*high, *low], [*kind, *code], [reply, *code]);
    *kind = reply;
    ip_around(header.target, header.source, 0, icmp_of(header.target), &message)
}

const fn icmp_of(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => ICMP,
        IpAddr::V6(_) => ICMP6,
    }
}

/// An IP packet around a message, whose checksum is made right; its field must be 0.
fn ip(source: IpAddr, target: IpAddr, precedence: u8, protocol: u8, message: &[u8]) -> Option<Vec<u8>> {
    let at = if protocol == TCP { 16 } else { 2 };
    let sum = match (protocol, source) {
        // The one without a pseudo header.
        (ICMP, _) => Sum::default(),
        (_, source) => Sum::of_pseudo_header(source, target, protocol, message.len()),
    };
    let mut packet = ip_around(source, target, precedence, protocol, message)?;
    let field = packet.len() - message.len() + at;
    packet.get_mut(field..field + 2)?.copy_from_slice(&sum.add(message).finish());
    Some(packet)
}

/// An IP packet around a message that is complete; none if it is too large for one, or the addresses are not of one family.
fn ip_around(source: IpAddr, target: IpAddr, precedence: u8, protocol: u8, message: &[u8]) -> Option<Vec<u8>> {
    match (source, target) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            let [high, low] = u16::try_from(20 + message.len()).ok()?.to_be_bytes();
            let [df, offset] = DONT_FRAGMENT;
            let mut header = vec![0x45, precedence, high, low, 0, 0, df, offset, TTL, protocol, 0, 0];
            header.extend_from_slice(&source.octets());
            header.extend_from_slice(&target.octets());
            let checksum = Sum::default().add(&header).finish();
            header[10..12].copy_from_slice(&checksum);
            Some([&header, message].concat())
        }
        (IpAddr::V6(source), IpAddr::V6(target)) => {
            let [high, low] = u16::try_from(message.len()).ok()?.to_be_bytes();
            let fixed = [0x60 | precedence >> 4, precedence << 4, 0, 0, high, low, protocol, TTL];
            Some([&fixed[..], &source.octets(), &target.octets(), message].concat())
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
    }
}
