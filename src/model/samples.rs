//! How long answers took, as an agent tells it: the whole and its steps, and how much they varied. It must not know what was asked.

use serde::{Deserialize, Serialize};

use super::units::Micros;

/// Latencies, exact or in buckets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Samples {
    /// One by one, in the order of asking; at most [`Samples::RAW_LIMIT`].
    Raw(Vec<Micros>),
    /// How many there were of each value, ascending; values to three significant digits, the least and the greatest exact.
    Buckets(Vec<Bucket>),
}

/// Equal samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The latency.
    pub value: Micros,
    /// More than 0.
    pub count: u32,
}

impl Samples {
    /// From this many on, samples travel in buckets.
    pub const RAW_LIMIT: usize = 256;

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Raw(samples) => samples.len() as u64,
            Self::Buckets(buckets) => buckets.iter().map(|bucket| u64::from(bucket.count)).sum(),
        }
    }

    /// Each longer by so much.
    #[must_use]
    pub fn after(self, before: Micros) -> Self {
        let later = |value: Micros| Micros(value.0.saturating_add(before.0));
        match self {
            Self::Raw(samples) => Self::Raw(samples.into_iter().map(later).collect()),
            Self::Buckets(buckets) => {
                Self::Buckets(buckets.into_iter().map(|bucket| Bucket { value: later(bucket.value), ..bucket }).collect())
            }
        }
    }

    /// Every value with how often it was seen.
    pub fn iter(&self) -> impl Iterator<Item = (Micros, u64)> + '_ {
        let (raw, buckets): (&[Micros], &[Bucket]) = match self {
            Self::Raw(samples) => (samples, &[]),
            Self::Buckets(buckets) => (&[], buckets),
        };
        raw.iter().map(|value| (*value, 1)).chain(buckets.iter().map(|bucket| (bucket.value, u64::from(bucket.count))))
    }
}

/// A step of an answer that has several: each by itself, not from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// From the question to the end of the answer: what `samples` hold.
    Whole,
    /// From the name of a host to its address: once before all questions.
    Lookup,
    /// The TCP handshake.
    Connect,
    /// The TLS handshake.
    Tls,
    /// From the question on an open connection to the first byte of the answer.
    FirstByte,
}

impl Step {
    /// Those that have samples of their own, in the order in which they are made.
    pub const PARTS: [Self; 4] = [Self::Lookup, Self::Connect, Self::Tls, Self::FirstByte];

    /// Its name in the suite language and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Lookup => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::FirstByte => "ttfb",
        }
    }
}

/// The samples of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSamples {
    /// Which; never [`Step::Whole`].
    pub step: Step,
    /// At most as many as were asked: a step may have been made though no answer came.
    pub samples: Samples,
}

/// How much one latency differed from the one before, in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Jitter {
    /// All differences together, without their signs.
    pub sum: Micros,
    /// How many there were.
    pub count: u32,
    /// The interarrival jitter in the end (RFC 3550 6.4.1: each difference moves it by a sixteenth).
    pub rfc3550: Micros,
}

impl Jitter {
    /// Of less than two answers.
    pub const NONE: Self = Self { sum: Micros(0), count: 0, rfc3550: Micros(0) };

    /// The mean of the differences; none where there was none.
    #[must_use]
    pub fn mean(&self) -> Option<Micros> {
        (self.count > 0).then(|| Micros(self.sum.0 / u64::from(self.count.max(1))))
    }
}
