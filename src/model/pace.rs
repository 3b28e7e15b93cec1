//! How fast the agents of a case may ask by its own words. It must not know what they ask, nor how fast they would without.

use std::num::NonZeroU32;

use super::units::Micros;

/// The most questions a second, warm-ups among them: `pace` in suites. None means that only the run's own pace limits them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaceLimit {
    /// Of each agent (1 to 1,000).
    pub per_node: Option<NonZeroU32>,
    /// Of all agents of the case together (1 to 5,000,000).
    pub total: Option<NonZeroU32>,
}

impl PaceLimit {
    /// Of all agents together towards a host that is not ours, where the suite says nothing: as many as a small server, or the
    /// firewall before it, takes from a thousand nodes without noticing.
    pub const TO_A_HOST: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);

    /// The least time from one question to the next of an agent that asks `own` of the `all` pairs of the case; 0 where nothing
    /// limits it. Each agent has a part of the total as large as its part of the pairs, so that all of them are ready at once.
    #[must_use]
    pub fn apart(self, own: u64, all: u64) -> Micros {
        let per_node = self.per_node.map_or(0, |most| SECOND.div_ceil(most.get().into()));
        let total = self.total.map_or(0, |most| {
            let part = u128::from(most.get()).saturating_mul(own.max(1).into());
            u64::try_from(u128::from(SECOND).saturating_mul(all.into()).div_ceil(part)).unwrap_or(u64::MAX)
        });
        Micros(per_node.max(total))
    }
}

/// In microseconds.
const SECOND: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check((per_node, total): (u32, u32), (own, all): (u64, u64), expected: u64) {
        let limit = PaceLimit { per_node: NonZeroU32::new(per_node), total: NonZeroU32::new(total) };
        assert_eq!(limit.apart(own, all), Micros(expected), "{limit:?}");
    }

    #[test]
    fn the_slower_one_counts() {
        check((0, 0), (2, 6), 0);
        check((100, 0), (2, 6), 10_000);
        check((0, 100), (2, 6), 30_000);
        check((100, 100), (2, 6), 30_000);
        check((10, 100), (2, 6), 100_000);
    }

    #[test]
    fn nobody_is_faster_by_rounding() {
        check((300, 0), (1, 1), 3_334);
        check((0, 5_000_000), (1, 1), 1);
        check((0, 7), (1, 3), 428_572);
    }

    #[test]
    fn all_parts_together_are_the_total() {
        let limit = PaceLimit { per_node: None, total: NonZeroU32::new(100) };
        let parts = [1_u64, 4, 5, 10].map(|own| SECOND / limit.apart(own, 20).0);
        assert_eq!((parts, parts.iter().sum()), ([5, 20, 25, 50], 100_u64));
        check((0, 1), (1, u64::MAX), u64::MAX);
        check((0, 1), (0, 0), 0);
    }
}
