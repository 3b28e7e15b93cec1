//! Questions and answers of the Domain Name System, as suites and reports speak of them. It must not know how messages are written.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::burst::Burst;

/// How a name is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsProbe {
    /// How often, over which family.
    pub burst: Burst,
    /// Which name; with a dot at its end no search path is added to it.
    pub name: String,
    /// Which of its records.
    pub record: RecordKind,
    /// What carries a query.
    pub transport: Transport,
    /// Whether one query is all, or as many as an application's resolver would send.
    pub manner: Manner,
}

/// How a question becomes queries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Manner {
    /// One query for the name as it is, to one server.
    #[default]
    Raw,
    /// As the C library resolves in the asker's place: by search path, `ndots` and name servers of its resolv.conf.
    Resolver,
}

/// Record types that are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordKind {
    /// IPv4 addresses.
    #[default]
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Servers of a service.
    Srv,
    /// Names of an address.
    Ptr,
}

impl RecordKind {
    /// As suites and reports call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Srv => "SRV",
            Self::Ptr => "PTR",
        }
    }
}

/// What carries a query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A datagram each way; an answer that does not fit is asked for again by TCP (RFC 1035 4.2.1, RFC 7766).
    #[default]
    Udp,
    /// A connection for each query.
    Tcp,
}

/// What a server says of a question (RFC 1035 4.1.1, RFC 6895 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rcode(pub u16);

impl Rcode {
    /// The question was understood; there may be records or none.
    pub const NO_ERROR: Self = Self(0);
    /// The server itself is in trouble.
    pub const SERVER_FAILURE: Self = Self(2);
    /// There is no such name.
    pub const NO_SUCH_NAME: Self = Self(3);
    /// The server does not answer such questions.
    pub const NOT_IMPLEMENTED: Self = Self(4);
    /// The server does not answer this asker.
    pub const REFUSED: Self = Self(5);

    /// Those with a name of their own, as DNS tools spell it.
    pub const NAMES: [(&'static str, u16); 11] = [
        ("NOERROR", 0),
        ("FORMERR", 1),
        ("SERVFAIL", 2),
        ("NXDOMAIN", 3),
        ("NOTIMP", 4),
        ("REFUSED", 5),
        ("YXDOMAIN", 6),
        ("YXRRSET", 7),
        ("NXRRSET", 8),
        ("NOTAUTH", 9),
        ("NOTZONE", 10),
    ];

    /// The code of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, code)| Self(code))
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.into_iter().find(|(_, code)| *code == self.0) {
            Some((name, _)) => f.pad(name),
            None => f.pad(&format!("RCODE{}", self.0)),
        }
    }
}

impl DnsProbe {
    /// The longest name, in characters: RFC 1035 allows 255 bytes on the wire, which is one less with dots and no dot at the end.
    pub const NAME_LIMIT: usize = 254;

    /// The most queries that one lookup may take, whatever resolv.conf says: so nobody can be asked for ever.
    pub const QUERIES_LIMIT: u32 = 64;

    /// The fewest and the most queries of a whole burst. A truncated answer is asked for again, and so are other names and servers.
    #[must_use]
    pub const fn queries(&self) -> (u32, u32) {
        let count = self.burst.count.get();
        (count, count.saturating_mul(Self::queries_of_a_lookup(self.manner, self.transport)))
    }

    /// The most queries of one lookup: what does not fit is asked for again by TCP, and only a resolver asks for more.
    #[must_use]
    pub const fn queries_of_a_lookup(manner: Manner, transport: Transport) -> u32 {
        match (manner, transport) {
            (Manner::Raw, Transport::Tcp) => 1,
            (Manner::Raw, Transport::Udp) => 2,
            (Manner::Resolver, _) => Self::QUERIES_LIMIT,
        }
    }
}
