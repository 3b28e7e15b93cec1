//! A part of the cases, for pipelines that share them among jobs. It must not know which cases are in it.

use std::fmt;
use std::sync::Arc;

use super::suite::Suite;

/// One of so many shards: `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    of: u32,
}

impl Shard {
    /// The most shards: as many as a suite may have cases.
    pub const MOST: u32 = 10_000;

    /// The shard with that number, from 1, of so many; none if there is no such shard.
    #[must_use]
    pub const fn new(index: u32, of: u32) -> Option<Self> {
        if index >= 1 && index <= of && of <= Self::MOST { Some(Self { index, of }) } else { None }
    }

    /// From 1.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// What a run that is one shard of several knows of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharding {
    /// Which one it is.
    pub shard: Shard,
    /// The suites with the cases of all other shards.
    pub elsewhere: Vec<Arc<Suite>>,
}
