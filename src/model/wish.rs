//! What answers should say. Every probe whose answers say something has its variants here, beside those of what is seen.
//! It must not know how it is held against them.

use std::fmt;

use super::codes;
use super::expect::Comparison;

/// What is wanted of what answers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// How many different backends answered.
    Backends(Comparison<u64>),
    /// The largest packet that the path takes, in each direction that was searched.
    Mtu(MtuWish),
    /// That no large packet disappears without a word.
    NoBlackHole,
}

/// What the largest packet of a path should be, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MtuWish {
    /// Whatever the sender's own interface takes.
    Interface,
    /// That.
    Size(Comparison<u64>),
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// How many different backends answered.
    Backends,
    /// The largest packet that the path takes.
    Mtu,
    /// Whether large packets disappear without a word.
    BlackHole,
}

impl Wish {
    /// What it is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Backends(_) => Subject::Backends,
            Self::Mtu(_) => Subject::Mtu,
            Self::NoBlackHole => Subject::BlackHole,
        }
    }

    /// The stable code of missing it, of the form `NC2001`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backends(_) => codes::BACKENDS,
            Self::Mtu(_) => codes::MTU,
            Self::NoBlackHole => codes::BLACK_HOLE,
        }
    }
}

impl Subject {
    /// Its name in the suite language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backends => "backends",
            Self::Mtu => "mtu",
            Self::BlackHole => "blackhole",
        }
    }
}

impl fmt::Display for Wish {
    /// Operator and limit, or what else is written in a suite: `>= 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backends(comparison) | Self::Mtu(MtuWish::Size(comparison)) => comparison.fmt(f),
            Self::Mtu(MtuWish::Interface) => f.write_str("interface"),
            Self::NoBlackHole => f.write_str("false"),
        }
    }
}
