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
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// How many different backends answered.
    Backends,
}

impl Wish {
    /// What it is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Backends(_) => Subject::Backends,
        }
    }

    /// The stable code of missing it, of the form `NC2001`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backends(_) => codes::BACKENDS,
        }
    }
}

impl Subject {
    /// Its name in the suite language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backends => "backends",
        }
    }
}

impl fmt::Display for Wish {
    /// Operator and limit, or what else is written in a suite: `>= 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backends(comparison) => comparison.fmt(f),
        }
    }
}
