//! Packets read once more, by code that shares nothing with what it tests.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is in a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) source: IpAddr,
    pub(super) target: IpAddr,
    pub(super) ttl: u8,
    pub(super) protocol: u8,
    /// IPv4's field of flags and offset; 0 for IPv6.
    pub(super) field: u16,
    pub(super) body: Vec<u8>,
    pub(super) length: usize,
}

impl Look {
    /// Reads a packet without options and extensions, and insists on its checksums.
    pub(super) fn at(bytes: &[u8]) -> Self {
        let word = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let look = match bytes[0] {
            0x45 => {
                assert_eq!(sum(&bytes[..20]), 0xffff, "checksum of IPv4");
                assert_eq!(usize::from(word(2)), bytes.len());
                let address = |at: usize| IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(&bytes[at..at + 4]).unwrap()));
                let (source, target, body) = (address(12), address(16), bytes[20..].to_vec());
                Self { source, target, ttl: bytes[8], protocol: bytes[9], field: word(6), body, length: bytes.len() }
            }
            first => {
                assert_eq!(first >> 4, 6, "{bytes:?}");
                assert_eq!(usize::from(word(4)) + 40, bytes.len());
                let address = |at: usize| IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(&bytes[at..at + 16]).unwrap()));
                let (source, target, body) = (address(8), address(24), bytes[40..].to_vec());
                Self { source, target, ttl: bytes[7], protocol: bytes[6], field: 0, body, length: bytes.len() }
            }
        };
        if look.field.trailing_zeros() >= 14 && [1, 6, 17, 58].contains(&look.protocol) {
            let pseudo = pseudo_header(look.source, look.target, look.protocol, look.body.len());
            assert_eq!(sum(&[&pseudo[..], &look.body].concat()), 0xffff, "checksum of protocol {}", look.protocol);
        }
        look
    }

    /// Type, code and the second word of an ICMP message.
    pub(super) fn icmp(&self) -> (u8, u8, u32) {
        assert!(self.protocol == 1 || self.protocol == 58, "{self:?}");
        (self.body[0], self.body[1], u32::from_be_bytes([self.body[4], self.body[5], self.body[6], self.body[7]]))
    }

    /// What an ICMP error quotes.
    pub(super) fn quote(&self) -> &[u8] {
        &self.body[8..]
    }
}

/// The Internet checksum's sum, the slow way.
pub(super) fn sum(bytes: &[u8]) -> u16 {
    let mut sum = 0_u16;
    for pair in bytes.chunks(2) {
        let word = u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
        let (next, carried) = sum.overflowing_add(word);
        sum = next + u16::from(carried);
    }
    sum
}

/// Nothing for ICMP over IPv4.
pub(super) fn pseudo_header(source: IpAddr, target: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap().to_be_bytes();
    match (source, target) {
        _ if protocol == 1 => Vec::new(),
        (IpAddr::V4(source), IpAddr::V4(target)) => [&source.octets()[..], &target.octets(), &[0, protocol], &length[2..]].concat(),
        (IpAddr::V6(source), IpAddr::V6(target)) => [&source.octets()[..], &target.octets(), &length, &[0, 0, 0, protocol]].concat(),
        _ => panic!("two families in one packet"),
    }
}
