//! Names of DNS, as suites and worlds write them. It must not know who is asked for them.

use super::units::{NamePattern, Words};
use crate::model::dns::DnsProbe;

/// A name to be asked for: with a dot at its end it is whole, without one a resolver adds its search path.
pub(crate) const DNS_NAME: NamePattern = NamePattern {
    pattern: "^[A-Za-z0-9_*-]{1,63}(\\.[A-Za-z0-9_*-]{1,63})*\\.?$",
    words: "a name of DNS: at most 254 characters in labels of 1 to 63 letters, digits, `-` and `_`, with a dot between two of them",
    fits: is_dns_name,
};

fn is_dns_name(name: &str) -> bool {
    let byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*');
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(byte);
    name.len() <= DnsProbe::NAME_LIMIT && name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}

/// Record types.
pub(crate) static RECORDS: Words = Words {
    what: "record type",
    now: &[
        ("A", "IPv4 addresses."),
        ("AAAA", "IPv6 addresses."),
        ("SRV", "Servers of a service: priority, weight, port and name."),
        ("PTR", "Names of an address; `name` is then like 1.0.96.10.in-addr.arpa."),
    ],
    later: &[],
};

/// What carries a query.
pub(crate) static TRANSPORTS: Words = Words {
    what: "transport",
    now: &[
        ("udp", "Datagrams; an answer that does not fit is asked for again by TCP, which is a query more."),
        ("tcp", "A connection for each query."),
    ],
    later: &[],
};

/// Who resolves.
pub(crate) static RESOLVERS: Words = Words {
    what: "resolver",
    now: &[("pod", "As the C library does in the source's place: search path, `ndots` and name servers of its resolv.conf.")],
    later: &[],
};
