//! What can be measured and judged, by the names that suites and reports have for it. It must not know any bound.

use super::samples::Step;
use super::wish::Subject;

/// What can be measured and judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// The share of what was sent and not answered in time.
    Loss,
    /// How long answers took, or a step of them, over the answers alone.
    Latency(Step, Quantile),
    /// How much one latency differs from the one before.
    Jitter(JitterKind),
    /// How often something happened that should not.
    Count(Counted),
    /// Something that answers say.
    Seen(Subject),
    /// The share of pairs that meet everything that is wanted of each.
    PairsOk,
}

impl Metric {
    /// Its name in the suite language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Latency(step, quantile) => quantile.name_of(step),
            Self::Jitter(kind) => kind.name(),
            Self::Count(counted) => counted.name(),
            Self::Seen(subject) => subject.name(),
            Self::PairsOk => "pairsOk",
        }
    }
}

/// The two figures that are called jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JitterKind {
    /// The mean of the differences between one latency and the next, without their signs.
    Mean,
    /// The interarrival jitter (RFC 3550 6.4.1); of several pairs, the largest.
    Rfc3550,
}

impl JitterKind {
    /// Its name in the suite language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "jitter",
            Self::Rfc3550 => "jitter.rfc3550",
        }
    }
}

/// What is counted beside answers and losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Answers that came more than once.
    Duplicates,
    /// Answers that came out of order.
    Reordered,
}

impl Counted {
    /// Its name in the suite language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duplicates => "duplicates",
            Self::Reordered => "reordered",
        }
    }
}

/// Which part of the distribution of latencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantile {
    /// The median.
    P50,
    /// 95 of 100 are at most this.
    P95,
    /// 99 of 100 are at most this.
    P99,
    /// The longest.
    Max,
    /// The mean.
    Avg,
}

impl Quantile {
    /// All, in the order of reports.
    pub const ALL: [Self; 5] = [Self::P50, Self::P95, Self::P99, Self::Max, Self::Avg];

    /// Its name in the suite language and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "max",
            Self::Avg => "avg",
        }
    }

    /// Its name in the suite language, of a step: `p99`, `connect.p99`.
    #[must_use]
    pub const fn name_of(self, step: Step) -> &'static str {
        match (step, self) {
            (Step::Whole, quantile) => quantile.name(),
            (Step::Lookup, Self::P50) => "dns.p50",
            (Step::Lookup, Self::P95) => "dns.p95",
            (Step::Lookup, Self::P99) => "dns.p99",
            (Step::Lookup, Self::Max) => "dns.max",
            (Step::Lookup, Self::Avg) => "dns.avg",
            (Step::Connect, Self::P50) => "connect.p50",
            (Step::Connect, Self::P95) => "connect.p95",
            (Step::Connect, Self::P99) => "connect.p99",
            (Step::Connect, Self::Max) => "connect.max",
            (Step::Connect, Self::Avg) => "connect.avg",
            (Step::Tls, Self::P50) => "tls.p50",
            (Step::Tls, Self::P95) => "tls.p95",
            (Step::Tls, Self::P99) => "tls.p99",
            (Step::Tls, Self::Max) => "tls.max",
            (Step::Tls, Self::Avg) => "tls.avg",
            (Step::FirstByte, Self::P50) => "ttfb.p50",
            (Step::FirstByte, Self::P95) => "ttfb.p95",
            (Step::FirstByte, Self::P99) => "ttfb.p99",
            (Step::FirstByte, Self::Max) => "ttfb.max",
            (Step::FirstByte, Self::Avg) => "ttfb.avg",
        }
    }

    /// The fewest answers from which it can be told: below, one sample more or less would decide it.
    #[must_use]
    pub const fn least_samples(self) -> u64 {
        match self {
            Self::P50 => 2,
            Self::P95 => 20,
            Self::P99 => 100,
            Self::Max | Self::Avg => 1,
        }
    }
}
