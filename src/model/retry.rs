//! Asking again, and what a pass on a later attempt means. It must not know who asks, nor when.
//!
//! Loss and latency are a sample: asked again until it fits, it would say what one wants to hear. A further attempt therefore
//! rescues only what is asked once, and whatever is counted is counted on first attempts.

use super::outcome::{Miss, Tally};
use super::probe::Probe;
use super::units::Micros;

/// How often a pair is asked that fails, of a case in which something is asked once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// All of them, the first too: 2 to [`Retry::MOST`].
    pub attempts: u32,
    /// At least so long after it is known who failed, they are asked again.
    pub backoff: Micros,
    /// Attempts that failed in one of these ways are followed by another; in any way where there is none. Sorted.
    pub only: Vec<MissKind>,
    /// What a pass on a later attempt means.
    pub flaky: Flaky,
}

/// What a pass on a later attempt means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flaky {
    /// A pass like any other, which reports tell all the same.
    Passes,
    /// A pass with a warning.
    #[default]
    Warns,
    /// A failure of the case.
    Fails,
}

/// The kinds of ways of not being answered that are told apart where it is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissKind {
    /// No answer in time.
    Timeout,
    /// Nobody listens there.
    Refused,
    /// A connection that ended before the answer.
    Reset,
    /// There is no way there, or it is closed.
    Unreachable,
    /// Larger than a link takes.
    TooBig,
    /// Somebody else answered.
    WrongPeer,
    /// TLS or HTTP failed.
    Broken,
}

/// Whether a probe asks each pair once for what it is expected to be, so that another attempt may rescue it. More than one
/// question is a sample.
#[must_use]
pub const fn asks_once(probe: &Probe) -> bool {
    match probe {
        Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_) | Probe::Dns(_) => probe.burst().count.get() == 1,
        Probe::Icmp(_) | Probe::Udp(_) | Probe::Pmtu(_) => false,
    }
}

impl Retry {
    /// The most attempts.
    pub const MOST: u32 = 10;
    /// `backoff`, where nobody says it.
    pub const BACKOFF: Micros = Micros(1_000_000);

    /// Whether an attempt that came to this is followed by another, if there is one left.
    #[must_use]
    pub fn follows(&self, tally: &Tally) -> bool {
        let wanted = |how: &Miss| self.only.is_empty() || self.only.contains(&MissKind::of(how));
        tally.missed.iter().any(|missed| wanted(&missed.how))
    }
}

impl Flaky {
    /// As the language and the reports call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passes => "pass",
            Self::Warns => "warn",
            Self::Fails => "fail",
        }
    }
}

impl MissKind {
    /// All of them, in the order of the language.
    pub const ALL: [Self; 7] = [Self::Timeout, Self::Refused, Self::Reset, Self::Unreachable, Self::TooBig, Self::WrongPeer, Self::Broken];

    /// Of that way.
    #[must_use]
    pub const fn of(how: &Miss) -> Self {
        match how {
            Miss::TimedOut | Miss::Late | Miss::Stalled { .. } => Self::Timeout,
            Miss::Refused { .. } => Self::Refused,
            Miss::Reset => Self::Reset,
            Miss::Unreachable { .. } => Self::Unreachable,
            Miss::TooBig { .. } => Self::TooBig,
            Miss::WrongPeer { .. } => Self::WrongPeer,
            Miss::Altered { .. } | Miss::Broken { .. } => Self::Broken,
        }
    }

    /// As the language calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Unreachable => "unreachable",
            Self::TooBig => "tooBig",
            Self::WrongPeer => "wrongPeer",
            Self::Broken => "broken",
        }
    }
}
