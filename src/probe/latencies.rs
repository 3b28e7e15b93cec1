//! Latencies as they come, and in the form in which they travel. It must not know whose they are.

use hdrhistogram::Histogram;

use crate::model::outcome::{Bucket, Samples};
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
