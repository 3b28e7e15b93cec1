//! The ways in which a question is not answered. It must not know how often each came about.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The ways of not being answered; they stay apart up to the report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "as")]
pub enum Miss {
    /// Nothing came back.
    TimedOut,
    /// The answer came, after the timeout.
    Late,
    /// "Nobody listens there": TCP reset of a SYN, ICMP port unreachable.
    Refused {
        /// Who said so, where the kernel tells: the target itself, or a router on the way.
        by: Option<IpAddr>,
    },
    /// An established connection was reset or closed before the answer.
    Reset,
    /// "There is no way there".
    Unreachable {
        /// Which way of it.
        what: Unreachable,
        /// Who said so; none when this machine itself had no route.
        by: Option<IpAddr>,
    },
    /// "Larger than the next link takes" (RFC 1191, RFC 8201).
    TooBig {
        /// Who said so.
        by: Option<IpAddr>,
        /// What that link takes, in bytes; 0 where it is not said.
        mtu: u32,
    },
    /// The target sent back something else than it was asked with.
    Altered {
        /// What came.
        what: Alteration,
    },
    /// Somebody else answered: the address belongs to another agent, or to no agent at all.
    WrongPeer {
        /// The name it gave; cut to [`Miss::NAME_LIMIT`].
        name: String,
    },
    /// There is a connection, and then nothing more came.
    Stalled {
        /// How far it was.
        at: Stage,
    },
    /// What came over a connection is not what is spoken over it.
    Broken {
        /// Where.
        what: Layer,
        /// What is wrong; cut to [`Miss::NAME_LIMIT`].
        why: String,
    },
}

/// How an answer by ICMP differs from its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum Alteration {
    /// As long, with other bytes.
    Content,
    /// Of another length; both without the ICMP header.
    Length {
        /// In bytes.
        came: u32,
        /// In bytes.
        sent: u32,
    },
    /// Of other lengths, of which there were too many to tell each.
    Lengths,
}

/// How far an answer over a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// The TLS handshake is not over.
    Tls,
    /// The question is sent, and the head of the response is not there.
    Head,
    /// The head is there, and the body is not.
    Body,
}

/// What is spoken over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layer {
    /// TLS.
    Tls,
    /// HTTP.
    Http,
    /// DNS.
    Dns,
}

/// Why there is no way (RFC 1812 5.2.7.1 and 5.3.1, RFC 4443 3.1 and 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unreachable {
    /// No route to the network.
    Network,
    /// The host does not answer on its link.
    Host,
    /// The host does not know the protocol.
    Protocol,
    /// Forbidden by an administrator.
    Prohibited,
    /// It was passed on as often as a packet may be: mostly in a circle.
    HopLimit,
    /// Not all of its fragments came to where they are put together; of IPv4 Linux keeps that to itself.
    Reassembly,
    /// Any other reason of its kind.
    Other,
}

impl Miss {
    /// The most characters of a name: as many as the longest name of a vantage has.
    pub const NAME_LIMIT: usize = 258;

    /// What came is not what is spoken; the reason is cut.
    #[must_use]
    pub fn broken(what: Layer, why: &str) -> Self {
        let plain = why.chars().map(|character| if character.is_control() { ' ' } else { character });
        Self::Broken { what, why: plain.take(Self::NAME_LIMIT).collect() }
    }
}

impl fmt::Display for Miss {
    /// For a report: `timed out`, `refused by 10.0.0.1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("timed out"),
            Self::Late => f.write_str("answered too late"),
            Self::Refused { by } => write!(f, "refused{}", By(*by)),
            Self::Reset => f.write_str("connection reset"),
            Self::Unreachable { what, by } => write!(f, "{what}{}", By(*by)),
            Self::TooBig { by, mtu: 0 } => write!(f, "too big{}", By(*by)),
            Self::TooBig { by: None, mtu } => write!(f, "too big for the sender's own link of {mtu} bytes"),
            Self::TooBig { by, mtu } => write!(f, "too big for a link of {mtu} bytes{}", By(*by)),
            Self::Altered { what } => write!(f, "answered with {what}"),
            Self::WrongPeer { name } => write!(f, "answered by {name:?} instead"),
            Self::Stalled { at } => write!(f, "timed out {at}"),
            Self::Broken { what: Layer::Tls, why } => write!(f, "TLS failed: {why}"),
            Self::Broken { what: Layer::Http, why } => write!(f, "HTTP failed: {why}"),
            Self::Broken { what: Layer::Dns, why } => write!(f, "DNS failed: {why}"),
        }
    }
}

impl fmt::Display for Alteration {
    /// After "answered with".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("other bytes than were sent"),
            Self::Length { came, sent } => write!(f, "{came} of {sent} bytes"),
            Self::Lengths => f.write_str("more or fewer bytes than were sent"),
        }
    }
}

impl fmt::Display for Stage {
    /// After "timed out".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "in the TLS handshake",
            Self::Head => "before the response",
            Self::Body => "in the body of the response",
        })
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "network unreachable",
            Self::Host => "host unreachable",
            Self::Protocol => "protocol unreachable",
            Self::Prohibited => "administratively prohibited",
            Self::HopLimit => "time exceeded (hop limit: a routing loop, or too long a way)",
            Self::Reassembly => "time exceeded (a fragment was lost)",
            Self::Other => "unreachable",
        })
    }
}

/// " by ADDRESS", where it is known.
struct By(Option<IpAddr>);

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => write!(f, " by {address}"),
            None => Ok(()),
        }
    }
}
