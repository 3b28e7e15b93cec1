//! Latencies as they come, and in the form in which they travel. It must not know whose they are.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::model::outcome::{Bucket, Jitter, Samples};
use crate::model::units::Micros;

/// Latencies as they come: exact while they are few.
#[derive(Debug)]
pub(super) enum Latencies {
    Raw(Vec<(u32, Micros)>),
    Buckets(Buckets),
}

/// Many, by their values; the shortest and the longest exactly, since bounds are on those too.
#[derive(Debug)]
pub(super) struct Buckets {
    histogram: Histogram<u32>,
    least: Micros,
    most: Micros,
}

/// Significant digits of a bucket's value.
const DIGITS: u8 = 3;

impl Latencies {
    pub(super) fn add(&mut self, sequence: u32, latency: Micros) {
        match self {
            Self::Raw(raw) => {
                raw.push((sequence, latency));
                if raw.len() > Samples::RAW_LIMIT
                    && let Ok(histogram) = Histogram::new(DIGITS)
                {
                    let mut buckets = Buckets { histogram, least: latency, most: latency };
                    for (_, latency) in raw.iter() {
                        buckets.add(*latency);
                    }
                    *self = Self::Buckets(buckets);
                }
            }
            Self::Buckets(buckets) => buckets.add(latency),
        }
    }

    pub(super) fn samples(self) -> Samples {
        match self {
            Self::Raw(mut raw) => {
                raw.sort_unstable_by_key(|(sequence, _)| *sequence);
                Samples::Raw(raw.into_iter().map(|(_, latency)| latency).collect())
            }
            Self::Buckets(buckets) => Samples::Buckets(buckets.told()),
        }
    }
}

/// How much one latency differs from the one before, kept up in the order of arrival.
#[derive(Debug, Default)]
pub(super) struct Spread {
    last: Option<Duration>,
    sum: Duration,
    count: u32,
    /// In nanoseconds, so that dividing by 16 again and again does not wear it down.
    rfc3550: i128,
}

impl Spread {
    pub(super) fn add(&mut self, latency: Duration) {
        if let Some(last) = self.last.replace(latency) {
            let difference = latency.abs_diff(last);
            self.sum += difference;
            self.count += 1;
            let nanos = i128::try_from(difference.as_nanos()).unwrap_or(i128::MAX / 32);
            self.rfc3550 += (nanos - self.rfc3550) / 16;
        }
    }

    pub(super) fn jitter(&self) -> Jitter {
        let rfc3550 = Duration::from_nanos(u64::try_from(self.rfc3550).unwrap_or_default());
        Jitter { sum: Micros::of(self.sum), count: self.count, rfc3550: Micros::of(rfc3550) }
    }
}

impl Buckets {
    /// The histogram grows by itself; should it not, the value goes to its end rather than out of the count.
    fn add(&mut self, latency: Micros) {
        if self.histogram.record(latency.0).is_err() {
            self.histogram.saturating_record(latency.0);
        }
        (self.least, self.most) = (self.least.min(latency), self.most.max(latency));
    }

    /// By values that stand for them: the middle of a bucket, so that rounding leans to neither side, but for the shortest and the
    /// longest, beyond which there is none.
    fn told(&self) -> Vec<Bucket> {
        let mut counts: BTreeMap<Micros, u32> = BTreeMap::new();
        for step in self.histogram.iter_recorded() {
            let middle = Micros(self.histogram.median_equivalent(step.value_iterated_to()));
            *counts.entry(middle.clamp(self.least, self.most)).or_default() += step.count_at_value();
        }
        // One of the lowest bucket is the shortest, and one of the highest the longest.
        if let Some(mut lowest) = counts.first_entry() {
            *lowest.get_mut() -= 1;
            *counts.entry(self.least).or_default() += 1;
        }
        if let Some(mut highest) = counts.last_entry() {
            *highest.get_mut() -= 1;
            *counts.entry(self.most).or_default() += 1;
        }
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(value, count)| Bucket { value, count }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(latencies: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
        let mut samples = Latencies::Raw(Vec::new());
        for (sequence, latency) in (1..).zip(latencies) {
            samples.add(sequence, Micros(latency));
        }
        samples.samples().iter().map(|(value, count)| (value.0, count)).collect()
    }

    #[test]
    fn of_many_the_shortest_and_the_longest_are_exact_and_others_within_a_thousandth() {
        // 100,000 different ones of 3,001 µs to 303 ms, in no order.
        let latency = |number: u64| 3_001 + number * 7_919 % 100_000 * 3;
        let told = told((0..100_000).map(latency));
        assert!(told.is_sorted_by(|one, other| one.0 < other.0));
        assert_eq!((told.first().unwrap().0, told.last().unwrap().0), (3_001, 3_001 + 99_999 * 3));
        assert_eq!(told.iter().map(|(_, count)| count).sum::<u64>(), 100_000);
        for percent in [50, 90, 99] {
            let mut before = 0;
            let rank = percent * 1_000;
            let reached = told.iter().find(|(_, count)| {
                before += count;
                before >= rank
            });
            let found = reached.unwrap().0;
            let truth = 3_001 + (rank - 1) * 3;
            assert!(found.abs_diff(truth) * 1_000 <= truth, "p{percent}: {found} for {truth}");
        }
    }

    #[test]
    fn the_longest_is_exact_wherever_in_its_bucket_it_is() {
        for most in 500_000..500_600 {
            let told = told((0..300).map(|number| if number % 100 == 99 { most } else { 1_000 + number }));
            assert_eq!(told.last().unwrap().0, most);
            assert_eq!(told.first().unwrap().0, 1_000);
            assert_eq!(told.iter().map(|(_, count)| count).sum::<u64>(), 300);
            assert!(told.iter().all(|(_, count)| *count > 0));
        }
        assert_eq!(told(std::iter::repeat_n(777_777, 300)), [(777_777, 300)]);
    }

    #[test]
    fn jitter_is_what_rfc_3550_computes() {
        let mut spread = Spread::default();
        assert_eq!(spread.jitter(), Jitter::NONE);
        for millis in [10, 26, 10, 10] {
            spread.add(Duration::from_millis(millis));
        }
        // J = 0 + 16/16 = 1; 1 + 15/16 = 1.9375; 1.9375 - 1.9375/16 = 1.81640625 ms.
        assert_eq!(spread.jitter(), Jitter { sum: Micros(32_000), count: 3, rfc3550: Micros(1_816) });
        assert_eq!(spread.jitter().mean(), Some(Micros(10_666)));
    }
}
