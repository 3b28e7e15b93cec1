//! How to ask: a closed set. It crosses the wire and holds no opinion about the answer.

use serde::{Deserialize, Serialize};

use super::burst::Burst;
use super::dns::DnsProbe;
use super::path_mtu::{Carrier, PmtuProbe};
use super::service::Transport;

pub use echoes::{Echoes, Splitting};
pub use http::{Auth, Credential, Header, HttpProbe, Method, TlsProbe, TlsSettings, Trust};

mod echoes;
mod http;

/// How to ask, with the parameters of asking.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Probe {
    /// ICMP echo through an unprivileged socket; the kernel of the target answers (RFC 792, RFC 4443).
    Icmp(Echoes),
    /// Datagrams to the responder of the target's agent, which answers with the nonce and its own name.
    Udp(Flows),
    /// A connection for each, to the responder of the target's agent: the clock measures the handshake; it counts as
    /// answered only if nonce and name come back.
    Tcp(Burst),
    /// Names, asked of servers of DNS.
    Dns(DnsProbe),
    /// Small questions as by UDP or ICMP, then the search after the largest packet that the path takes.
    Pmtu(PmtuProbe),
    /// Requests, each over a connection of its own: any response is an answer. An agent is asked for nonce and name.
    Http(HttpProbe),
    /// TLS handshakes, each over a connection of its own.
    Tls(TlsProbe),
}

impl Probe {
    /// Its parameters.
    #[must_use]
    pub const fn burst(&self) -> &Burst {
        match self {
            Self::Icmp(Echoes { burst, .. })
            | Self::Udp(Flows { burst, .. })
            | Self::Tcp(burst)
            | Self::Dns(DnsProbe { burst, .. })
            | Self::Pmtu(PmtuProbe { burst, .. })
            | Self::Http(HttpProbe { burst, .. })
            | Self::Tls(TlsProbe { burst, .. }) => burst,
        }
    }

    /// ICMP echo of the least size.
    #[must_use]
    pub const fn icmp(burst: Burst) -> Self {
        Self::Icmp(Echoes::plain(burst))
    }

    /// Datagrams from a single port.
    #[must_use]
    pub const fn udp(burst: Burst) -> Self {
        Self::Udp(Flows { burst, ports: SourcePorts::Reused })
    }

    /// What it asks ports of Services by; none of one that asks no Service.
    #[must_use]
    pub const fn transport(&self) -> Option<Transport> {
        match self {
            Self::Icmp(_) | Self::Dns(_) | Self::Pmtu(PmtuProbe { over: Carrier::Udp | Carrier::Icmp, .. }) => None,
            Self::Udp(_) => Some(Transport::Udp),
            Self::Tcp(_) | Self::Http(_) | Self::Tls(_) | Self::Pmtu(PmtuProbe { over: Carrier::Tcp, .. }) => Some(Transport::Tcp),
        }
    }

    /// The ports that its questions leave from.
    #[must_use]
    pub const fn ports(&self) -> SourcePorts {
        match self {
            Self::Icmp(_) | Self::Pmtu(PmtuProbe { over: Carrier::Udp | Carrier::Icmp, .. }) => SourcePorts::Reused,
            Self::Udp(flows) => flows.ports,
            Self::Tcp(_) | Self::Dns(_) | Self::Http(_) | Self::Tls(_) | Self::Pmtu(PmtuProbe { over: Carrier::Tcp, .. }) => {
                SourcePorts::Fresh
            }
        }
    }

    /// What it needs of the pod of whoever asks.
    #[must_use]
    pub fn credential(&self) -> Option<Credential> {
        let (auth, tls) = match self {
            Self::Http(http) => (http.auth.as_ref(), http.tls.as_ref()),
            Self::Tls(tls) => (None, Some(&tls.tls)),
            Self::Icmp(_) | Self::Udp(_) | Self::Tcp(_) | Self::Dns(_) | Self::Pmtu(_) => (None, None),
        };
        let trusts = tls.is_some_and(|tls| tls.trust == Trust::ClusterCa);
        match auth {
            Some(Auth::ServiceAccount) => Some(Credential::Token),
            Some(Auth::Token(_)) | None => trusts.then_some(Credential::Authority),
        }
    }

    /// The names of the secrets that it needs.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let http = if let Self::Http(http) = self { Some(http) } else { None };
        http.into_iter().flat_map(HttpProbe::secrets)
    }

    /// As suites spell it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Icmp(_) => "icmp",
            Self::Udp(_) => "udp",
            Self::Tcp(_) => "tcp",
            Self::Http(_) => "http",
            Self::Tls(_) => "tls",
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
            Self::Http(_) => "requests",
            Self::Tls(_) => "handshakes",
            Self::Dns(_) => "queries",
        }
    }

    /// The fewest and the most that one attempt of it sends, the warm-up left out.
    #[must_use]
    pub const fn sends(&self) -> (u32, u32) {
        match self {
            Self::Icmp(Echoes { burst, .. })
            | Self::Udp(Flows { burst, .. })
            | Self::Tcp(burst)
            | Self::Pmtu(PmtuProbe { burst, .. })
            | Self::Http(HttpProbe { burst, .. })
            | Self::Tls(TlsProbe { burst, .. }) => (burst.count.get(), burst.count.get()),
            Self::Dns(dns) => dns.queries(),
        }
    }

    /// Whether it asks by ICMP echo, which the kernel of the target answers.
    #[must_use]
    pub const fn is_icmp(&self) -> bool {
        match self {
            Self::Icmp(_) | Self::Pmtu(PmtuProbe { over: Carrier::Icmp, .. }) => true,
            Self::Udp(_)
            | Self::Tcp(_)
            | Self::Dns(_)
            | Self::Http(_)
            | Self::Tls(_)
            | Self::Pmtu(PmtuProbe { over: Carrier::Udp | Carrier::Tcp, .. }) => false,
        }
    }

    /// The same probe with another burst.
    #[must_use]
    pub fn with(&self, burst: Burst) -> Self {
        match self {
            Self::Icmp(echoes) => Self::Icmp(Echoes { burst, ..echoes.clone() }),
            Self::Udp(flows) => Self::Udp(Flows { burst, ..flows.clone() }),
            Self::Tcp(_) => Self::Tcp(burst),
            Self::Dns(probe) => Self::Dns(DnsProbe { burst, ..probe.clone() }),
            Self::Pmtu(probe) => Self::Pmtu(PmtuProbe { burst, ..probe.clone() }),
            Self::Http(http) => Self::Http(HttpProbe { burst, ..http.clone() }),
            Self::Tls(tls) => Self::Tls(TlsProbe { burst, ..tls.clone() }),
        }
    }
}

/// Datagrams, and the ports that they leave from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flows {
    /// Its parameters.
    #[serde(flatten)]
    pub burst: Burst,
    /// From where.
    #[serde(default)]
    pub ports: SourcePorts,
}

/// The ports that the questions to one target leave from. Connection tracking keeps what it once decided of a flow: a Service may
/// answer every new flow and yet lose all of an old one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourcePorts {
    /// All from one: they are one flow.
    #[default]
    Reused,
    /// Each from one of its own: each is a flow.
    Fresh,
    /// By turns, the first from the one port that is used again.
    Both,
}

impl SourcePorts {
    /// Whether the question of that number leaves from a port of its own; the warm-up, number 0, where none does not.
    #[must_use]
    pub const fn is_fresh(self, number: u32) -> bool {
        match self {
            Self::Reused => false,
            Self::Fresh => true,
            Self::Both => number > 0 && number.is_multiple_of(2),
        }
    }

    /// How many of so many questions leave from the one port that is used again, and how many from ports of their own.
    #[must_use]
    pub const fn parts(self, count: u64) -> (u64, u64) {
        match self {
            Self::Reused => (count, 0),
            Self::Fresh => (0, count),
            Self::Both => (count.div_ceil(2), count / 2),
        }
    }

    /// As suites write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reused => "reused",
            Self::Fresh => "fresh",
            Self::Both => "both",
        }
    }
}
