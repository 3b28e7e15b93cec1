//! How often, how fast and how patiently one target is asked, whatever the question is. It must not know any kind of probe.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::family::Family;
use super::units::Micros;

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
