//! What should be true. It never leaves the controller.

use std::fmt;

use super::codes;
use super::comparison::{AtLeast, Comparison, Operator};
pub use super::metric::{Counted, JitterKind, Metric, Quantile};
use super::samples::Step;
use super::source::Span;
use super::units::{Micros, Ppm};
use super::wish::Wish;

/// One bound on what is measured, as the suite wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Of a pair, or of all samples together.
    pub scope: Scope,
    /// What is compared with what.
    pub claim: Claim,
    /// Where it was written; for the built-in default of `expect`, the test.
    pub span: Span,
    /// Where its value came from, if it was not written in place, in words: `vars.lossMax = 1%, default at suites/overlay.yaml:6`.
    pub origin: Option<String>,
}

impl fmt::Display for Bound {
    /// As a suite would write it: `each.loss <= 10%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} {}", self.scope, self.claim.metric(), self.claim.wanted())
    }
}

/// What a bound judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Every pair by itself.
    Each,
    /// All samples of the case together.
    Overall,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Each => "each",
            Self::Overall => "overall",
        })
    }
}

/// A metric whose limit has no value: it is measured and shown, and not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// Of a pair, or of all samples together.
    pub scope: Scope,
    /// Of what.
    pub metric: Metric,
    /// Where it was written.
    pub span: Span,
    /// Why there is no limit, in words: `vars.p99Max has no value, optional at suites/overlay.yaml:6`.
    pub origin: Option<String>,
}

/// A metric, an operator and a limit of the metric's own kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The share of what was sent and not answered in time.
    Loss(Comparison<Ppm>),
    /// How long answers took, or a step of them, over the answers alone.
    Latency(Step, Quantile, Comparison<Micros>),
    /// How much one latency differs from the one before.
    Jitter(JitterKind, Comparison<Micros>),
    /// How often something happened.
    Count(Counted, Comparison<u64>),
    /// What answers say.
    Seen(Wish),
    /// The share of pairs that meet every bound on each: it decides in their place. Of all samples together alone.
    PairsOk(AtLeast<Ppm>),
}

impl Claim {
    /// The metric's name in the suite language.
    #[must_use]
    pub const fn metric(&self) -> &'static str {
        self.of().name()
    }

    /// What it is a claim about.
    #[must_use]
    pub const fn of(&self) -> Metric {
        match self {
            Self::Loss(_) => Metric::Loss,
            Self::Latency(step, quantile, _) => Metric::Latency(*step, *quantile),
            Self::Jitter(kind, _) => Metric::Jitter(*kind),
            Self::Count(counted, _) => Metric::Count(*counted),
            Self::Seen(wish) => Metric::Seen(wish.subject()),
            Self::PairsOk(_) => Metric::PairsOk,
        }
    }

    /// The stable code of missing it, of the form `NC2001`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Loss(_) => codes::LOSS,
            Self::Latency(..) | Self::Jitter(..) => codes::LATENCY,
            Self::Count(..) => codes::COUNT,
            Self::Seen(wish) => wish.code(),
            Self::PairsOk(_) => codes::PAIRS_OK,
        }
    }

    /// The word for missing it in reports: `loss`, `latency`.
    #[must_use]
    pub const fn mismatch(&self) -> &'static str {
        match self {
            Self::Loss(_) => "loss",
            Self::Latency(..) | Self::Jitter(..) => "latency",
            Self::Count(counted, _) => counted.name(),
            Self::Seen(wish) => wish.subject().name(),
            Self::PairsOk(_) => "pairs-ok",
        }
    }

    /// Operator and limit: `<= 1%`.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self {
            Self::Loss(Comparison { operator, limit }) => format!("{operator} {}", limit.exact()),
            Self::Latency(_, _, Comparison { operator, limit }) | Self::Jitter(_, Comparison { operator, limit }) => {
                format!("{operator} {}", limit.exact())
            }
            Self::Count(_, comparison) => comparison.to_string(),
            Self::Seen(wish) => wish.to_string(),
            Self::PairsOk(least) => format!("{} {}", Operator::AtLeast, least.0.exact()),
        }
    }
}
