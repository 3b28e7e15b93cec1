//! What a router has to know of an IP packet (RFC 791, RFC 8200) and of the first bytes of what it carries. Bytes of any kind
//! come in: what is no whole packet is none. It must not know faults and routes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::family::Family;
use crate::model::units::{Bytes, Port};
use crate::model::world::{Packet, Protocol, Turn};

use super::checksum;

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMP6: u8 = 58;

/// `ICMPv4` (RFC 792).
pub(super) const ECHO: u8 = 8;
pub(super) const ECHO_REPLY: u8 = 0;
/// `ICMPv6` (RFC 4443).
pub(super) const ECHO6: u8 = 128;
pub(super) const ECHO6_REPLY: u8 = 129;

/// The flags of a TCP header (RFC 9293).
pub(super) const FIN: u8 = 1;
pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
pub(super) const ACK: u8 = 16;

/// IPv6 extension headers are followed this far.
const MOST_EXTENSIONS: usize = 8;

/// What was read of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) source: IpAddr,
    pub(super) target: IpAddr,
    /// Time to live, or hop limit.
    pub(super) ttl: u8,
    /// Of the whole packet, which may be shorter than what was read from the device.
    pub(super) length: usize,
    pub(super) carried: Carried,
    /// Where what is carried begins.
    pub(super) start: usize,
    pub(super) ports: Option<(Port, Port)>,
    pub(super) piece: Piece,
    pub(super) splitting: Splitting,
}

/// What is in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// With these flags; none if they are not in this piece.
    Tcp(u8),
    Udp,
    Echo,
    EchoReply,
    IcmpError,
    OtherIcmp,
    /// The protocol of that number.
    Other(u8),
}

/// Which part of what its sender sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Whole,
    First,
    /// Without the header of what is carried.
    Later,
}

/// Whether routers may cut a packet into pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Splitting {
    /// IPv4 without "don't fragment".
    Allowed,
    Forbidden,
}

impl Header {
    /// Reads the head of a packet; none if it is cut short or contradicts itself.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? >> 4 {
            4 => Self::read_v4(bytes),
            6 => Self::read_v6(bytes),
            _ => None,
        }
    }

    fn read_v4(bytes: &[u8]) -> Option<Self> {
        let (fixed, _) = bytes.split_first_chunk::<20>()?;
        let start = usize::from(fixed[0] & 15) * 4;
        let length = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
        if start < 20 || length < start || length > bytes.len() {
            return None;
        }
        let flags = u16::from_be_bytes([fixed[6], fixed[7]]);
        let piece = match (flags & 0x1fff, flags & 0x2000) {
            (0, 0) => Piece::Whole,
            (0, _) => Piece::First,
            (_, _) => Piece::Later,
        };
        let splitting = if flags & 0x4000 == 0 { Splitting::Allowed } else { Splitting::Forbidden };
        let (carried, ports) = carried(fixed[9], piece, bytes.get(start..length)?)?;
        let source = Ipv4Addr::new(fixed[12], fixed[13], fixed[14], fixed[15]).into();
        let target = Ipv4Addr::new(fixed[16], fixed[17], fixed[18], fixed[19]).into();
        Some(Self { source, target, ttl: fixed[8], length, carried, start, ports, piece, splitting })
    }

    fn read_v6(bytes: &[u8]) -> Option<Self> {
        let (fixed, _) = bytes.split_first_chunk::<40>()?;
        let length = 40 + usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
        let bytes = bytes.get(..length)?;
        let (protocol, start, piece) = behind_extensions(bytes, fixed[6])?;
        // Only ICMPv6 belongs to IPv6; ICMP's own number would mean another protocol here.
        let (carried, ports) = if protocol == ICMP { (Carried::Other(ICMP), None) } else { carried(protocol, piece, bytes.get(start..)?)? };
        let address = |from: usize| bytes.get(from..from + 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(Ipv6Addr::from);
        let (source, target) = (address(8)?.into(), address(24)?.into());
        Some(Self { source, target, ttl: fixed[7], length, carried, start, ports, piece, splitting: Splitting::Forbidden })
    }

    pub(super) fn family(&self) -> Family {
        Family::of(self.target)
    }

    /// What faults may ask about it; none for protocols that the fabric does not carry. `first` says whether nobody spoke
    /// before the other way, as far as that makes a difference.
    pub(super) fn packet(&self, first: impl FnOnce() -> bool) -> Option<Packet> {
        let (protocol, is_question) = match self.carried {
            Carried::Tcp(flags) => (Protocol::Tcp, flags & (SYN | ACK) == SYN),
            Carried::Udp => (Protocol::Udp, self.piece != Piece::Later && first()),
            Carried::Echo => (Protocol::Icmp, true),
            Carried::EchoReply | Carried::IcmpError | Carried::OtherIcmp => (Protocol::Icmp, false),
            Carried::Other(_) => return None,
        };
        let turn = if is_question { Turn::Question } else { Turn::Answer };
        Some(Packet { family: self.family(), protocol, ports: self.ports, size: Bytes(self.length as u64), turn })
    }

    /// Whether an ICMP error may be sent about it (RFC 1812 4.3.2.7, RFC 4443 2.4 e).
    pub(super) fn may_be_refused(&self) -> bool {
        let is_error = match self.carried {
            Carried::IcmpError => true,
            Carried::Tcp(_) | Carried::Udp | Carried::Echo | Carried::EchoReply | Carried::OtherIcmp | Carried::Other(_) => false,
        };
        !is_error && self.piece != Piece::Later && is_one_host(self.source) && is_one_host(self.target)
    }
}

/// Whether an address is that of one host which a router may speak with.
pub(super) fn is_one_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !(address.octets()[0] == 0 || address.is_loopback() || address.octets()[0] >= 224),
        IpAddr::V6(address) => {
            !(address.is_unspecified() || address.is_loopback() || address.is_multicast() || address.is_unicast_link_local())
        }
    }
}

/// The protocol behind the extension headers (RFC 8200 4), where it begins, and which piece this is.
fn behind_extensions(bytes: &[u8], first: u8) -> Option<(u8, usize, Piece)> {
    let (mut protocol, mut at, mut piece) = (first, 40, Piece::Whole);
    for _ in 0..=MOST_EXTENSIONS {
        let units = |from: usize, size: usize| bytes.get(at + 1).map(|length| (usize::from(*length) + from) * size);
        let length = match protocol {
            // Hop-by-hop options, routing, destination options.
            0 | 43 | 60 => units(1, 8)?,
            // The fragment header.
            44 => {
                let offset = u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]);
                piece = match (offset & 0xfff8, offset & 1) {
                    (0, 0) => Piece::Whole,
                    (0, _) => Piece::First,
                    (_, _) => Piece::Later,
                };
                8
            }
            // Authentication (RFC 4302) counts in other units.
            51 => units(2, 4)?,
            _ => return Some((protocol, at, piece)),
        };
        protocol = *bytes.get(at)?;
        at += length;
        if piece == Piece::Later {
            return (at <= bytes.len()).then_some((protocol, at, piece));
        }
    }
    None
}

/// What is carried, and its ports; none if its first header is cut short.
fn carried(protocol: u8, piece: Piece, bytes: &[u8]) -> Option<(Carried, Option<(Port, Port)>)> {
    if piece == Piece::Later {
        let carried = match protocol {
            TCP => Carried::Tcp(0),
            UDP => Carried::Udp,
            ICMP | ICMP6 => Carried::OtherIcmp,
            other => Carried::Other(other),
        };
        return Some((carried, None));
    }
    let ports = || -> Option<(Port, Port)> {
        let (ports, _) = bytes.split_first_chunk::<4>()?;
        Some((Port::new(u16::from_be_bytes([ports[0], ports[1]]))?, Port::new(u16::from_be_bytes([ports[2], ports[3]]))?))
    };
    Some(match protocol {
        TCP => (Carried::Tcp(bytes.first_chunk::<20>()?[13]), ports()),
        UDP => (bytes.first_chunk::<8>().map(|_| Carried::Udp)?, ports()),
        ICMP => (icmp(bytes.first_chunk::<8>()?[0]), None),
        ICMP6 => (icmp6(bytes.first_chunk::<8>()?[0]), None),
        other => (Carried::Other(other), None),
    })
}

fn icmp(kind: u8) -> Carried {
    match kind {
        ECHO => Carried::Echo,
        ECHO_REPLY => Carried::EchoReply,
        // Unreachable, source quench, redirect, time exceeded, parameter problem (RFC 1122 3.2.2).
        3 | 4 | 5 | 11 | 12 => Carried::IcmpError,
        _ => Carried::OtherIcmp,
    }
}

fn icmp6(kind: u8) -> Carried {
    match kind {
        ECHO6 => Carried::Echo,
        ECHO6_REPLY => Carried::EchoReply,
        // Types below 128 are errors (RFC 4443 2.1); a redirect (RFC 4861) must not be answered with one either.
        0..128 | 137 => Carried::IcmpError,
        _ => Carried::OtherIcmp,
    }
}

/// Takes so many hops off, and mends IPv4's checksum.
pub(super) fn lower_ttl(packet: &mut [u8], hops: u8) {
    let is_v4 = packet.first().is_some_and(|byte| byte >> 4 == 4);
    match packet {
        [_, _, _, _, _, _, _, _, ttl, protocol, high, low, ..] if is_v4 => {
            let lower = ttl.saturating_sub(hops);
            [*high, *low] = checksum::after_change([*high, *low], [*ttl, *protocol], [lower, *protocol]);
            *ttl = lower;
        }
        [_, _, _, _, _, _, _, limit, ..] => *limit = limit.saturating_sub(hops),
        _ => {}
    }
}
