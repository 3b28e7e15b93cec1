//! Names and addresses of machines as people write them. It must not know whether anybody answers there.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A machine: a DNS name, or an IPv4 or IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Host {
    /// A name of at most 253 characters without the dot at its end, each part of it 1 to 63 letters, digits, `-` and `_`
    /// (RFC 1123 2.1, RFC 2181 11); with a dot at its end it is searched for as it is.
    Name(Arc<str>),
    /// An address, without a port and without a zone.
    Address(IpAddr),
}

/// The longest name, in bytes, the dot at its end left out (RFC 1035 2.3.4 counts the lengths of the parts, too).
const LONGEST_NAME: usize = 253;

/// The longest part of a name.
const LONGEST_PART: usize = 63;

impl Host {
    /// Reads `api.example.com`, `10.0.0.1` or `2001:db8::1`; a port, a scheme or brackets are refused.
    ///
    /// # Errors
    /// In words, what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let fits = |part: &str| {
            let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=LONGEST_PART).contains(&part.len()) && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
        };
        // No top-level domain is a number: it is an address that was meant (RFC 1123 2.1).
        let number = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if name.len() <= LONGEST_NAME && name.split('.').all(fits) && !number {
            return Ok(Self::Name(Arc::from(text)));
        }
        Err(format!("expected a DNS name or an IP address, without a port, such as api.example.com or 10.0.0.1, found {text:?}"))
    }
}

/// Whether it can be the address of a single host.
#[must_use]
pub fn is_of_one(address: IpAddr) -> bool {
    let single = !address.is_unspecified() && !address.is_multicast();
    single
        && match address {
            IpAddr::V4(address) => address != Ipv4Addr::BROADCAST,
            // A link-local one is of one link alone, and each source has its own; a mapped one is an IPv4 address in disguise.
            IpAddr::V6(address) => !address.is_unicast_link_local() && address.to_ipv4_mapped().is_none(),
        }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.to_string()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// A network: its address and the length of its prefix, with no bit set behind the prefix (RFC 4632 3.1, RFC 4291 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr(IpNet);

impl Cidr {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`.
    ///
    /// # Errors
    /// In words, what was expected and what was found; an address within a network names the network.
    pub fn parse(text: &str) -> Result<Self, String> {
        let net: IpNet =
            text.parse().map_err(|_| format!("expected a network with the length of its prefix, such as 10.0.0.0/8, found {text:?}"))?;
        if net == net.trunc() { Ok(Self(net)) } else { Err(format!("{text:?} is an address within the network {}", net.trunc())) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        let long = format!("{}.example", "a".repeat(63));
        for text in
            ["a", "api.example.com", "api.example.com.", "10.0.0.1", "2001:db8::1", "1a.b2", "kube_dns.x", "xn--bcher-kva.example", &long]
        {
            assert_eq!(Host::parse(text).map(|host| host.to_string()).as_deref(), Ok(text));
        }
        let (part, name) = ("a".repeat(64), "a.".repeat(127) + "a");
        for text in [
            "",
            ".",
            "a..b",
            "-a",
            "a-",
            "a b",
            "ä.example",
            "10.0.0",
            "10.0.0.256",
            "a.1",
            "[::1]",
            "a:80",
            "https://a",
            "a/b",
            &part,
            &name,
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn networks_have_no_bit_behind_their_prefix() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/32", "::/0"] {
            assert_eq!(Cidr::parse(text).map(|cidr| cidr.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "2001:db8::/129", "a/8"] {
            assert!(Cidr::parse(text).unwrap_err().starts_with("expected a network"), "{text}");
        }
        assert_eq!(Cidr::parse("10.1.2.3/8"), Err("\"10.1.2.3/8\" is an address within the network 10.0.0.0/8".to_owned()));
    }
}
