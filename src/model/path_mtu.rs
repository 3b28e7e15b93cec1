//! The largest packet that a path takes: how it is searched, and what was found in one direction. It holds no opinion and crosses
//! the wire.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::burst::Burst;

/// How the largest packet of a path is searched.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PmtuProbe {
    /// Small questions that go first: whether anybody is there, how long an answer takes, and how many get lost whatever their size.
    pub burst: Burst,
    /// Smaller packets are not tried, in bytes of the whole IP packet.
    pub floor: u32,
    /// Larger packets are not tried; at most [`PmtuProbe::MOST`].
    pub ceiling: u32,
    /// What carries them.
    pub over: Carrier,
}

impl PmtuProbe {
    /// The largest packet that any probe sends: the largest that links between machines are known to take.
    pub const MOST: u32 = 9_216;

    /// The smallest `floor`: what every IPv4 host takes (RFC 791).
    pub const LEAST: u32 = 576;
}

/// What carries the packets of such a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// Datagrams to another agent, which answers a large one by a small one and a small one by a large one: each direction by itself.
    Udp,
    /// Echoes, which the kernel of any target answers: both directions at once.
    Icmp,
    /// Segments of connections, which the kernel of whoever answers there acknowledges: the way there alone.
    Tcp,
}

impl Carrier {
    /// The directions that are searched by it.
    #[must_use]
    pub const fn directions(self) -> &'static [Direction] {
        match self {
            Self::Udp => &[Direction::There, Direction::Back],
            Self::Icmp => &[Direction::Round],
            Self::Tcp => &[Direction::There],
        }
    }
}

/// What was found in one direction of a pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathMtu {
    /// Which way.
    pub direction: Direction,
    /// The largest packet that arrived, in bytes, its IP header with it.
    pub size: u32,
    /// The largest that was to arrive: what the sender's interface takes, but no more than the one's who asks, nor than the ceiling.
    pub top: u32,
    /// The smallest that was tried and did not arrive; one more than what arrived, unless smaller ones were not to be tried. 0 where none
    /// was too large.
    pub fails: u32,
    /// What became of larger ones.
    pub larger: Larger,
}

/// A direction of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// From the source to the target.
    There,
    /// From the target to the source.
    Back,
    /// There and back: an echo, of which nobody can tell on which half it was lost.
    Round,
}

/// What became of packets that are larger than the largest that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "as")]
pub enum Larger {
    /// None was sent: no larger one can be.
    Unsent,
    /// Somebody on the way said that they are too big.
    Refused {
        /// Who; none where the sender's kernel keeps that to itself, as it does for TCP.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<IpAddr>,
        /// What the next link takes, in bytes; 0 where it is not said.
        mtu: u32,
    },
    /// Nobody said anything: a black hole.
    Vanished,
}

impl PathMtu {
    /// Whether larger packets disappear without a word.
    #[must_use]
    pub const fn is_black_hole(&self) -> bool {
        matches!(self.larger, Larger::Vanished)
    }

    /// What was found between two ends: `node1 → node2 takes 1300 bytes, larger packets vanish without a word (a black hole)`.
    #[must_use]
    pub fn between(&self, source: &dyn fmt::Display, target: &dyn fmt::Display) -> String {
        let way = match self.direction {
            Direction::There => format!("{source} → {target}"),
            Direction::Back => format!("{target} → {source}"),
            Direction::Round => format!("{source} → {target} and back"),
        };
        let (size, top) = (self.sizes(), self.top);
        match self.larger {
            Larger::Unsent => format!("{way} takes all {size} bytes"),
            Larger::Refused { by, mtu: 0 } => format!("{way} takes {size} of {top} bytes, {} refuses larger packets", whoever(by)),
            Larger::Refused { by, mtu } => {
                format!("{way} takes {size} of {top} bytes, {} refuses larger packets (\"at most {mtu}\")", whoever(by))
            }
            Larger::Vanished => format!("{way} takes {size} of {top} bytes, larger packets vanish without a word (a black hole)"),
        }
    }

    /// What arrives: `1333`, or `less than 1280` where the search began there.
    fn sizes(&self) -> String {
        if self.fails > self.size + 1 { format!("less than {}", self.fails) } else { self.size.to_string() }
    }

    /// What does not add up, if anything: an agent's arithmetic is checked before it is believed.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        let whole = self.size >= self.top;
        let unsent = self.larger == Larger::Unsent;
        let fails = if unsent { self.fails == 0 } else { self.fails > self.size };
        (whole != unsent || self.size == 0 || !fails).then(|| format!("{self}, of {} bytes that were to arrive", self.top))
    }
}

/// Who refuses, as far as that is known.
fn whoever(by: Option<IpAddr>) -> String {
    by.map_or_else(|| "somebody on the way".to_owned(), |by| by.to_string())
}

impl fmt::Display for PathMtu {
    /// For a report: `1300 bytes there, larger ones vanish`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes {}", self.sizes(), self.direction)?;
        match self.larger {
            Larger::Unsent => Ok(()),
            Larger::Refused { by, mtu: 0 } => write!(f, ", {} refuses larger ones", whoever(by)),
            Larger::Refused { by, mtu } => write!(f, ", {} refuses larger ones (\"at most {mtu}\")", whoever(by)),
            Larger::Vanished => f.write_str(", larger ones vanish"),
        }
    }
}

impl fmt::Display for Direction {
    /// Behind a size: `there`, `back`, `there and back`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::There => "there",
            Self::Back => "back",
            Self::Round => "there and back",
        })
    }
}
