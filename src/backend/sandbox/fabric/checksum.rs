//! The Internet checksum (RFC 1071), over pieces, and mended when a field changes (RFC 1624). It must not know packets.

use std::net::IpAddr;

/// The sum over what was added so far, in ones' complement.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds bytes; only the last piece may have an odd length.
    #[must_use]
    pub(super) fn add(self, bytes: &[u8]) -> Self {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let last = rest.first().map_or(0, |byte| u64::from(u16::from_be_bytes([*byte, 0])));
        Self(pairs.iter().fold(self.0 + last, |sum, pair| sum + u64::from(u16::from_be_bytes(*pair))))
    }

    /// The pseudo header of TCP, UDP and `ICMPv6` (RFC 9293 3.1, RFC 8200 8.1).
    #[must_use]
    pub(super) fn of_pseudo_header(source: IpAddr, target: IpAddr, protocol: u8, length: usize) -> Self {
        let address = |sum: Self, address| match address {
            IpAddr::V4(address) => sum.add(&address.octets()),
            IpAddr::V6(address) => sum.add(&address.octets()),
        };
        let sum = address(address(Self::default(), source), target);
        Self(sum.0 + u64::from(protocol) + length as u64)
    }

    /// What goes into the checksum's field.
    #[must_use]
    pub(super) fn finish(self) -> [u8; 2] {
        (!self.folded()).to_be_bytes()
    }

    /// Carries added until 16 bits are left.
    fn folded(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        u16::try_from(sum).unwrap_or(u16::MAX)
    }
}

/// The checksum after one 16-bit word under it has changed (RFC 1624, equation 3). It mends no checksum that was wrong.
#[must_use]
pub(super) fn after_change(checksum: [u8; 2], before: [u8; 2], after: [u8; 2]) -> [u8; 2] {
    let inverse = |word: [u8; 2]| (!u16::from_be_bytes(word)).to_be_bytes();
    Sum::default().add(&inverse(checksum)).add(&inverse(before)).add(&after).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let sum = Sum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.folded(), 0xddf2);
        assert_eq!(sum.finish(), (!0xddf2_u16).to_be_bytes());
    }

    #[test]
    fn an_odd_byte_counts_as_the_high_one() {
        assert_eq!(Sum::default().add(&[1, 2, 3]).folded(), Sum::default().add(&[1, 2, 3, 0]).folded());
    }

    #[test]
    fn the_sum_with_its_checksum_is_all_ones() {
        let bytes: Vec<u8> = (0..=255).chain(7..50).collect();
        let checksum = Sum::default().add(&bytes).finish();
        assert_eq!(Sum::default().add(&bytes).add(&[0]).folded(), Sum::default().add(&bytes).folded());
        assert_eq!(Sum::default().add(&checksum).add(&bytes).folded(), 0xffff);
    }

    #[test]
    fn mending_is_the_same_as_summing_again() {
        for (before, after) in [(0x4001_u16, 0x3f01_u16), (0, 0xffff), (0xffff, 0), (0x0100, 0x0000), (0xab01, 0xaa01)] {
            let of = |word: u16| Sum::default().add(&[0x45, 0, 0, 84]).add(&word.to_be_bytes()).add(&[10, 0, 0, 1]).finish();
            let mended = after_change(of(before), before.to_be_bytes(), after.to_be_bytes());
            assert_eq!(mended, of(after), "{before:04x} → {after:04x}");
        }
    }
}
