//! Latencies as they come, and in the form in which they travel. It must not know whose they are.

use hdrhistogram::Histogram;

use std::time::Duration;

use crate::model::outcome::{Bucket, Jitter, Samples};
use crate::model::units::Micros;

/// Latencies as they come: exact while they are few.
#[derive(Debug)]
pub(super) enum Latencies {
    Raw(Vec<(u32, Micros)>),
    Buckets(Histogram<u32>),
}

/// Significant digits of a bucket's value.
const DIGITS: u8 = 3;

impl Latencies {
    pub(super) fn add(&mut self, sequence: u32, latency: Micros) {
        match self {
            Self::Raw(raw) => {
                raw.push((sequence, latency));
                if raw.len() > Samples::RAW_LIMIT
                    && let Ok(mut buckets) = Histogram::new(DIGITS)
                {
                    for (_, latency) in raw.iter() {
                        record(&mut buckets, *latency);
                    }
                    *self = Self::Buckets(buckets);
                }
            }
            Self::Buckets(buckets) => record(buckets, latency),
        }
    }

    pub(super) fn samples(self) -> Samples {
        match self {
            Self::Raw(mut raw) => {
                raw.sort_unstable_by_key(|(sequence, _)| *sequence);
                Samples::Raw(raw.into_iter().map(|(_, latency)| latency).collect())
            }
            Self::Buckets(buckets) => Samples::Buckets(
                buckets
                    .iter_recorded()
                    .map(|step| Bucket { value: middle(&buckets, step.value_iterated_to()), count: step.count_at_value() })
                    .collect(),
            ),
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

/// The histogram grows by itself; should it not, the value goes to its end rather than out of the count.
fn record(buckets: &mut Histogram<u32>, latency: Micros) {
    if buckets.record(latency.0).is_err() {
        buckets.saturating_record(latency.0);
    }
}

/// The value that stands for a bucket: its middle, so that rounding leans to neither side.
fn middle(buckets: &Histogram<u32>, value: u64) -> Micros {
    Micros(buckets.median_equivalent(value))
}

#[cfg(test)]
mod tests {
    use super::*;

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
