//! The part of the language that says what should be true: metrics, operators, limits.

use super::leaf::{Leaf, Wrong};
use super::shape::{Key, Shape};
use super::units::Words;
use crate::model::expect::{Claim, Comparison, Metric, Operator, Quantile, Scope};
use crate::model::units::{Micros, Ppm};
use crate::suite::tree::{Literal, Scalar};

/// All metrics, by their keys.
pub(crate) const METRICS: [(&str, Metric); 5] = [
    ("loss", Metric::Loss),
    ("p50", Metric::Latency(Quantile::P50)),
    ("p95", Metric::Latency(Quantile::P95)),
    ("p99", Metric::Latency(Quantile::P99)),
    ("max", Metric::Latency(Quantile::Max)),
];

/// The scopes, by their keys.
pub(crate) const SCOPES: [(&str, Scope); 2] = [("each", Scope::Each), ("overall", Scope::Overall)];

const fn metric(name: &'static str, help: &'static str, metric: Metric) -> Key {
    Key::optional(name, help, Shape::Scalar(Leaf::Bound(metric)))
}

/// These keys, then those of all metrics.
macro_rules! and_metrics {
    ($($key:expr),*) => {
        &[
            $($key,)*
            metric("loss", "The share of what was sent and not answered in time: `<= 1%`.", Metric::Loss),
            metric("p50", "The median of the answers' times: `<= 2ms`.", Metric::Latency(Quantile::P50)),
            metric("p95", "95 of 100 answers take at most this: `<= 5ms`. It takes 20 answers.", Metric::Latency(Quantile::P95)),
            metric("p99", "99 of 100 answers take at most this: `<= 10ms`. It takes 100 answers.", Metric::Latency(Quantile::P99)),
            metric("max", "The longest answer: `<= 50ms`.", Metric::Latency(Quantile::Max)),
            Key::later("answers"), Key::later("avg"), Key::later("backends"), Key::later("backendShare"), Key::later("blackhole"),
            Key::later("certExpiry"), Key::later("duplicates"), Key::later("jitter"), Key::later("mtu"), Key::later("pairsOk"),
            Key::later("queriesPerLookup"), Key::later("rcode"), Key::later("reordered"), Key::later("status"), Key::later("tls"),
            Key::later("rtt.p50"), Key::later("rtt.p95"), Key::later("rtt.p99"), Key::later("rtt.max"), Key::later("rtt.avg"),
            Key::later("connect.p50"), Key::later("connect.p95"), Key::later("connect.p99"), Key::later("connect.max"),
            Key::later("connect.avg"), Key::later("ttfb.p50"), Key::later("ttfb.p95"), Key::later("ttfb.p99"),
            Key::later("ttfb.max"), Key::later("ttfb.avg"),
        ]
    };
}

static OF_A_SCOPE: &[Key] = and_metrics!();

/// What can stand for a whole `expect`.
pub(crate) static SHORT: Words = Words {
    what: "expectation",
    now: &[("reachable", "Every packet of every pair is answered: `each: { loss: 0% }`.")],
    later: &["blocked"],
};

static LONG: &[Key] = and_metrics![
    Key::optional("each", "What every pair by itself must meet.", Shape::Keys(OF_A_SCOPE)),
    Key::optional("overall", "What all samples of the case together must meet.", Shape::Keys(OF_A_SCOPE)),
    Key::later("outcome"),
    Key::later("how")
];

/// An `expect`.
pub(super) const EXPECT: Shape = Shape::Either(&[Shape::Scalar(Leaf::Word(&SHORT)), Shape::Keys(LONG)]);

impl Metric {
    /// In words, for "expected …".
    pub(super) fn expected(self) -> String {
        match self {
            Self::Loss => "a percentage, perhaps with an operator, such as 0% or <= 1%".to_owned(),
            Self::Latency(_) => "a duration with its unit, perhaps with an operator, such as <= 10ms".to_owned(),
        }
    }
}

/// A bound as it is written: an operator, `<=` where there is none, and a limit with its unit.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_claim(scalar: &Scalar, metric: Metric) -> Result<Claim, Wrong> {
    let text = scalar.text.trim();
    let written = Operator::ALL.into_iter().find_map(|operator| text.strip_prefix(operator.symbol()).map(|limit| (operator, limit)));
    let (operator, limit) = written.unwrap_or((Operator::AtMost, text));
    let claim = match metric {
        Metric::Loss => Ppm::parse(limit).ok().map(|limit| Claim::Loss(Comparison { operator, limit })),
        Metric::Latency(quantile) => {
            let limit = Micros::parse(limit).ok();
            limit.map(|limit| Claim::Latency(quantile, Comparison { operator, limit }))
        }
    };
    claim.filter(|_| scalar.literal == Literal::Text).ok_or_else(|| Wrong::value(metric.expected()).help(unit_help(limit, metric)))
}

fn unit_help(limit: &str, metric: Metric) -> Option<String> {
    let limit = limit.trim();
    let bare = !limit.is_empty() && limit.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    bare.then(|| match metric {
        Metric::Loss => format!("a loss has its sign: {limit}%"),
        Metric::Latency(_) => format!("a duration has a unit: {limit}ms or {limit}s"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, metric: Metric, expected: Option<&str>) {
        let claim = read_claim(&Scalar::new(Literal::Text, text), metric);
        assert_eq!(claim.ok().map(|claim| claim.wanted()).as_deref(), expected, "{text}");
    }

    #[test]
    fn bounds_are_read_with_their_unit() {
        let p99 = Metric::Latency(Quantile::P99);
        for (text, expected) in [("0%", "<= 0%"), ("<= 1%", "<= 1%"), ("<1%", "< 1%"), ("== 100%", "== 100%"), (" >=  5 %", ">= 5%")] {
            check(text, Metric::Loss, Some(expected));
        }
        for (text, expected) in [("10ms", "<= 10ms"), ("< 1.5s", "< 1.5s"), ("> 250us", "> 250µs")] {
            check(text, p99, Some(expected));
        }
        for text in ["", "0", "<= 1", "=< 1%", "<=", "10ms", "101%", "!= 1%", "1% 2%"] {
            check(text, Metric::Loss, None);
        }
        for text in ["", "10", "<= 10", "1%", "10 parsecs", "<= -1ms"] {
            check(text, p99, None);
        }
    }
}
