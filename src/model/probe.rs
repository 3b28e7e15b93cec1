//! How to ask: a closed set. It crosses the wire and holds no opinion about the answer.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::dns::DnsProbe;
use super::path_mtu::{Carrier, PmtuProbe};
use super::units::Micros;

/// The address family of a probe: always explicit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both, in the order in which they are listed everywhere.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// For sentences: `IPv4`, `IPv6`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

impl fmt::Display for Family {
    /// As suites and case ids spell it: `v4`, `v6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "v4",
            Self::V6 => "v6",
        })
    }
}

/// How to ask, with the parameters of asking.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Probe {
    /// ICMP echo through an unprivileged socket; the kernel of the target answers (RFC 792, RFC 4443).
    Icmp(Burst),
    /// Datagrams to the responder of the target's agent, which answers with the nonce and its own name.
    Udp(Burst),
    /// A connection for each, to the responder of the target's agent: the clock measures the handshake; it counts as
    /// answered only if nonce and name come back.
    Tcp(Burst),
    /// Names, asked of servers of DNS.
    Dns(DnsProbe),
    /// Small questions as by UDP or ICMP, then the search after the largest packet that the path takes.
    Pmtu(PmtuProbe),
}

impl Probe {
    /// Its parameters.
    #[must_use]
    pub const fn burst(&self) -> &Burst {
        match self {
            Self::Icmp(burst)
            | Self::Udp(burst)
            | Self::Tcp(burst)
            | Self::Dns(DnsProbe { burst, .. })
            | Self::Pmtu(PmtuProbe { burst, .. }) => burst,
        }
    }

    /// As suites spell it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Icmp(_) => "icmp",
            Self::Udp(_) => "udp",
            Self::Tcp(_) => "tcp",
            Self::Dns(_) => "dns",
            Self::Pmtu(_) => "pmtu",
        }
    }

    /// What one attempt of it sends, in the plural: for sentences.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self {
            Self::Icmp(_) | Self::Udp(_) | Self::Pmtu(_) => "packets",
            Self::Tcp(_) => "connections",
            Self::Dns(_) => "queries",
        }
    }

    /// The fewest and the most that one attempt of it sends, the warm-up left out.
    #[must_use]
    pub const fn sends(&self) -> (u32, u32) {
        match self {
            Self::Icmp(burst) | Self::Udp(burst) | Self::Tcp(burst) | Self::Pmtu(PmtuProbe { burst, .. }) => {
                (burst.count.get(), burst.count.get())
            }
            Self::Dns(dns) => dns.queries(),
        }
    }

    /// Whether it asks by ICMP echo, which the kernel of the target answers.
    #[must_use]
    pub const fn is_icmp(&self) -> bool {
        match self {
            Self::Icmp(_) | Self::Pmtu(PmtuProbe { over: Carrier::Icmp, .. }) => true,
            Self::Udp(_) | Self::Tcp(_) | Self::Dns(_) | Self::Pmtu(PmtuProbe { over: Carrier::Udp, .. }) => false,
        }
    }

    /// The same probe with another burst.
    #[must_use]
    pub fn with(&self, burst: Burst) -> Self {
        match self {
            Self::Icmp(_) => Self::Icmp(burst),
            Self::Udp(_) => Self::Udp(burst),
            Self::Tcp(_) => Self::Tcp(burst),
            Self::Dns(probe) => Self::Dns(DnsProbe { burst, ..probe.clone() }),
            Self::Pmtu(probe) => Self::Pmtu(PmtuProbe { burst, ..probe.clone() }),
        }
    }
}

/// A number of equal questions to one target. One more goes before them as a warm-up, and is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Burst {
    /// Over which family.
    pub family: Family,
    /// How many (1 to [`Burst::MOST`]), without the warm-up.
    pub count: NonZeroU32,
    /// From one send to the next.
    pub interval: Micros,
    /// From a send until its answer is late; more than 0.
    pub timeout: Micros,
}

impl Burst {
    /// The most questions that one pair may be asked.
    pub const MOST: u32 = 100_000;
}
