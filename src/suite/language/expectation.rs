//! The part of the language that says what should be true: metrics, operators, limits.

use super::leaf::{Leaf, Wrong};
use super::names::DNS_NAME;
use super::shape::{Key, Shape};
use super::units::Words;
use crate::model::dns::Rcode;
use crate::model::expect::{Claim, Comparison, Counted, JitterKind, Metric, Operator, Quantile, Scope};
use crate::model::outcome::Step;
use crate::model::units::{Micros, Ppm};
use crate::model::wish::{MtuWish, Subject, Wish};
use crate::suite::remarks::any_of;
use crate::suite::tree::{Literal, Scalar};

/// All metrics, by their keys.
pub(crate) const METRICS: [(&str, Metric); 15] = [
    ("loss", Metric::Loss),
    ("p50", Metric::Latency(Step::Whole, Quantile::P50)),
    ("p95", Metric::Latency(Step::Whole, Quantile::P95)),
    ("p99", Metric::Latency(Step::Whole, Quantile::P99)),
    ("max", Metric::Latency(Step::Whole, Quantile::Max)),
    ("avg", Metric::Latency(Step::Whole, Quantile::Avg)),
    ("jitter", Metric::Jitter(JitterKind::Mean)),
    ("jitter.rfc3550", Metric::Jitter(JitterKind::Rfc3550)),
    ("duplicates", Metric::Count(Counted::Duplicates)),
    ("reordered", Metric::Count(Counted::Reordered)),
    ("rcode", Metric::Seen(Subject::Rcode)),
    ("answers", Metric::Seen(Subject::Answers)),
    ("queriesPerLookup", Metric::Seen(Subject::Queries)),
    // A black hole is the graver news of a path.
    ("blackhole", Metric::Seen(Subject::BlackHole)),
    ("mtu", Metric::Seen(Subject::Mtu)),
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
            metric("p50", "The median of the answers' times: `<= 2ms`.", Metric::Latency(Step::Whole, Quantile::P50)),
            metric("p95", "95 of 100 answers take at most this: `<= 5ms`. It takes 20 answers.", Metric::Latency(Step::Whole, Quantile::P95)),
            metric("p99", "99 of 100 answers take at most this: `<= 10ms`. It takes 100 answers.", Metric::Latency(Step::Whole, Quantile::P99)),
            metric("max", "The longest answer: `<= 50ms`.", Metric::Latency(Step::Whole, Quantile::Max)),
            metric("avg", "The mean of the answers' times: `<= 2ms`.", Metric::Latency(Step::Whole, Quantile::Avg)),
            metric("jitter", "The mean of the differences between one answer's time and the next: `<= 1ms`. It takes 2 answers.", Metric::Jitter(JitterKind::Mean)),
            metric("jitter.rfc3550", "The interarrival jitter of RFC 3550; overall, of the worst pair: `<= 1ms`. It takes 2 answers.", Metric::Jitter(JitterKind::Rfc3550)),
            metric("duplicates", "Answers that came more than once: `0`.", Metric::Count(Counted::Duplicates)),
            metric("reordered", "Answers that came after the answer to a later question: `0`.", Metric::Count(Counted::Reordered)),
            metric("rcode", "What a server of DNS says of each question: `NOERROR`, `NXDOMAIN`, `SERVFAIL`.", Metric::Seen(Subject::Rcode)),
            metric("answers", "The records of each answer of DNS: how many (`>= 1`, or `2` for exactly two), or the one that it must be (`== 10.96.0.1`).", Metric::Seen(Subject::Answers)),
            metric("queriesPerLookup", "Queries that each lookup of DNS takes: `<= 4`.", Metric::Seen(Subject::Queries)),
            metric("blackhole", "`false`: no large packet disappears without a word. With `pmtu` alone.", Metric::Seen(Subject::BlackHole)),
            metric("mtu", "The largest packet that the path takes, in bytes, in each direction: `interface` (what the sender's interface takes), `1450` (that and no other) or `>= 1450`. With `pmtu` alone.", Metric::Seen(Subject::Mtu)),
            Key::later("backends"), Key::later("backendShare"), Key::later("certExpiry"), Key::later("pairsOk"),
            Key::later("status"), Key::later("tls"),
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
    now: &[(
        "reachable",
        "Every packet of every pair is answered: `each: { loss: 0% }`. With `pmtu`: `each: { loss: < 100%, blackhole: false, mtu: interface }`.",
    )],
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
    /// The native types in which a bound on it can be written.
    pub(super) const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Loss | Self::Latency(..) | Self::Jitter(_) | Self::Seen(Subject::Rcode) => &["string"],
            Self::Seen(Subject::BlackHole) => &["boolean"],
            Self::Count(_) | Self::Seen(Subject::Backends | Subject::Answers | Subject::Queries | Subject::Mtu) => &["integer", "string"],
        }
    }

    /// How a bound on it begins.
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Seen(Subject::Rcode) => "^\\s*(==)?\\s*[A-Z]",
            Self::Seen(Subject::Answers) => "^\\s*(<=|<|==|>=|>)?\\s*[0-9A-Za-z_:]",
            Self::Seen(Subject::Mtu) => "^\\s*(interface|(<=|<|==|>=|>)?\\s*[0-9])",
            Self::Loss
            | Self::Latency(..)
            | Self::Jitter(_)
            | Self::Count(_)
            | Self::Seen(Subject::Backends | Subject::Queries | Subject::BlackHole) => "^\\s*(<=|<|==|>=|>)?\\s*[0-9]",
        }
    }

    /// In words, for "expected …".
    pub(super) fn expected(self) -> String {
        match self {
            Self::Loss => "a percentage, perhaps with an operator, such as 0% or <= 1%".to_owned(),
            Self::Latency(..) | Self::Jitter(_) => "a duration with its unit, perhaps with an operator, such as <= 10ms".to_owned(),
            Self::Seen(Subject::Rcode) => format!("{}, perhaps with == before it", any_of(Rcode::NAMES.into_iter().map(|(name, _)| name))),
            Self::Seen(Subject::Answers) => {
                "a whole number, perhaps with an operator, such as >= 1, or the one record, such as == 10.96.0.1".to_owned()
            }
            Self::Seen(Subject::BlackHole) => "false".to_owned(),
            Self::Seen(Subject::Mtu) => "interface, or a number of bytes, perhaps with an operator, such as 1450 or >= 1450".to_owned(),
            Self::Count(_) | Self::Seen(Subject::Backends | Subject::Queries) => {
                "a whole number, perhaps with an operator, such as 0 or <= 5".to_owned()
            }
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
        Metric::Latency(step, quantile) => {
            let limit = Micros::parse(limit).ok();
            limit.map(|limit| Claim::Latency(step, quantile, Comparison { operator, limit }))
        }
        Metric::Jitter(kind) => Micros::parse(limit).ok().map(|limit| Claim::Jitter(kind, Comparison { operator, limit })),
        Metric::Count(counted) => whole(limit).map(|limit| Claim::Count(counted, Comparison { operator, limit })),
        Metric::Seen(Subject::Rcode) => None,
        Metric::Seen(Subject::Answers) => {
            // A number that stands alone is that many, and not the most: none at all would meet it.
            let operator = written.map_or(Operator::Equal, |(operator, _)| operator);
            whole(limit).map(|limit| Claim::Seen(Wish::Answers(Comparison { operator, limit })))
        }
        Metric::Seen(Subject::Queries) => whole(limit).map(|limit| Claim::Seen(Wish::Queries(Comparison { operator, limit }))),
        Metric::Seen(Subject::Backends) => whole(limit).map(|limit| Claim::Seen(Wish::Backends(Comparison { operator, limit }))),
        Metric::Seen(Subject::Mtu) if text == "interface" => Some(Claim::Seen(Wish::Mtu(MtuWish::Interface))),
        Metric::Seen(Subject::Mtu) => {
            // A size that stands alone is the size, and not the most that it may be.
            let operator = written.map_or(Operator::Equal, |(operator, _)| operator);
            whole(limit).map(|limit| Claim::Seen(Wish::Mtu(MtuWish::Size(Comparison { operator, limit }))))
        }
        Metric::Seen(Subject::BlackHole) => (scalar.literal == Literal::Bool(false)).then_some(Claim::Seen(Wish::NoBlackHole)),
    };
    let claim = claim.or_else(|| {
        match metric {
            Metric::Seen(Subject::Rcode) => Some(Wish::Rcode(Rcode::named(only(limit, written)?)?)),
            Metric::Seen(Subject::Answers) => Some(Wish::Record(record(only(limit, written)?)?)),
            Metric::Loss
            | Metric::Latency(..)
            | Metric::Jitter(_)
            | Metric::Count(_)
            | Metric::Seen(Subject::Backends | Subject::Queries | Subject::Mtu | Subject::BlackHole) => None,
        }
        .map(Claim::Seen)
    });
    let fits = |metric: Metric| match metric {
        Metric::Loss | Metric::Latency(..) | Metric::Jitter(_) => scalar.literal == Literal::Text,
        Metric::Seen(Subject::BlackHole) => true,
        Metric::Count(_) | Metric::Seen(_) => matches!(scalar.literal, Literal::Text | Literal::Whole(_)),
    };
    claim.filter(|_| fits(metric)).ok_or_else(|| Wrong::value(metric.expected()).help(unit_help(limit, metric)))
}

/// What something should be, without an operator or with `==`.
fn only<'t>(text: &'t str, written: Option<(Operator, &str)>) -> Option<&'t str> {
    written.is_none_or(|(operator, _)| operator == Operator::Equal).then_some(text.trim())
}

/// A record as answers write it: an address in its shortest form, names in small letters with a dot at their end.
fn record(text: &str) -> Option<String> {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Some(address.to_string());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |word: &&str| word.parse::<u16>().is_ok();
    let name = |name: &str| Some(format!("{}.", name.trim_end_matches('.').to_ascii_lowercase())).filter(|_| (DNS_NAME.fits)(name));
    match words.as_slice() {
        [only] if !only.bytes().all(|byte| byte.is_ascii_digit()) => name(only),
        [numbers @ .., target] if numbers.len() == 3 && numbers.iter().all(number) => {
            Some(format!("{} {}", numbers.join(" "), name(target)?))
        }
        _ => None,
    }
}

/// Digits alone.
fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unit_help(limit: &str, metric: Metric) -> Option<String> {
    let limit = limit.trim();
    let bare = !limit.is_empty() && limit.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match metric {
        Metric::Loss => bare.then(|| format!("a loss has its sign: {limit}%")),
        Metric::Latency(..) | Metric::Jitter(_) => bare.then(|| format!("a duration has a unit: {limit}ms or {limit}s")),
        Metric::Seen(Subject::BlackHole) => (limit == "true").then(|| "to allow black holes, leave it out".to_owned()),
        Metric::Count(_) | Metric::Seen(_) => None,
    }
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
        let p99 = Metric::Latency(Step::Whole, Quantile::P99);
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
