//! How often, how fast and how patiently one target is asked, whatever the question is. It must not know any kind of probe.

use std::num::NonZeroU32;
use std::time::Duration;

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

    /// How long packets are listened for when the last question is settled, where one of them was not answered in time: an answer that
    /// comes yet is late, and not lost.
    pub const LINGER: Duration = Duration::from_millis(250);
    /// The same at least, where all were answered. A copy comes about when its answer does: what doubles it, a bridge and a tunnel, a
    /// loop, a port that is mirrored, lets it come over another way or once more around. Without this the copies of the last answers
    /// would be missed, and those of a burst of one always.
    pub const COPIES: Duration = Duration::from_millis(50);

    /// How long that is where the longest way there and back took so long: four times as long, within these bounds.
    #[must_use]
    pub fn copies_after(longest: Duration) -> Duration {
        longest.saturating_mul(4).clamp(Self::COPIES, Self::LINGER)
    }
}
