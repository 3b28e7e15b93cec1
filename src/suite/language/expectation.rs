//! The part of the language that says what should be true: metrics, operators, limits.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::Words;
use crate::model::dns::Rcode;
use crate::model::expect::{Counted, JitterKind, Metric, Quantile, Scope};
use crate::model::outcome::Step;
use crate::model::wish::Subject;
use crate::suite::remarks::any_of;

/// All metrics, by their keys.
pub(crate) const METRICS: [(&str, Metric); 46] = [
    ("loss", Metric::Loss),
    ("p50", Metric::Latency(Step::Whole, Quantile::P50)),
    ("p95", Metric::Latency(Step::Whole, Quantile::P95)),
    ("p99", Metric::Latency(Step::Whole, Quantile::P99)),
    ("max", Metric::Latency(Step::Whole, Quantile::Max)),
    ("avg", Metric::Latency(Step::Whole, Quantile::Avg)),
    ("rtt.p50", Metric::Latency(Step::Whole, Quantile::P50)),
    ("rtt.p95", Metric::Latency(Step::Whole, Quantile::P95)),
    ("rtt.p99", Metric::Latency(Step::Whole, Quantile::P99)),
    ("rtt.max", Metric::Latency(Step::Whole, Quantile::Max)),
    ("rtt.avg", Metric::Latency(Step::Whole, Quantile::Avg)),
    ("jitter", Metric::Jitter(JitterKind::Mean)),
    ("jitter.rfc3550", Metric::Jitter(JitterKind::Rfc3550)),
    ("duplicates", Metric::Count(Counted::Duplicates)),
    ("reordered", Metric::Count(Counted::Reordered)),
    ("dns.p50", Metric::Latency(Step::Lookup, Quantile::P50)),
    ("dns.p95", Metric::Latency(Step::Lookup, Quantile::P95)),
    ("dns.p99", Metric::Latency(Step::Lookup, Quantile::P99)),
    ("dns.max", Metric::Latency(Step::Lookup, Quantile::Max)),
    ("dns.avg", Metric::Latency(Step::Lookup, Quantile::Avg)),
    ("connect.p50", Metric::Latency(Step::Connect, Quantile::P50)),
    ("connect.p95", Metric::Latency(Step::Connect, Quantile::P95)),
    ("connect.p99", Metric::Latency(Step::Connect, Quantile::P99)),
    ("connect.max", Metric::Latency(Step::Connect, Quantile::Max)),
    ("connect.avg", Metric::Latency(Step::Connect, Quantile::Avg)),
    ("tls.p50", Metric::Latency(Step::Tls, Quantile::P50)),
    ("tls.p95", Metric::Latency(Step::Tls, Quantile::P95)),
    ("tls.p99", Metric::Latency(Step::Tls, Quantile::P99)),
    ("tls.max", Metric::Latency(Step::Tls, Quantile::Max)),
    ("tls.avg", Metric::Latency(Step::Tls, Quantile::Avg)),
    ("ttfb.p50", Metric::Latency(Step::FirstByte, Quantile::P50)),
    ("ttfb.p95", Metric::Latency(Step::FirstByte, Quantile::P95)),
    ("ttfb.p99", Metric::Latency(Step::FirstByte, Quantile::P99)),
    ("ttfb.max", Metric::Latency(Step::FirstByte, Quantile::Max)),
    ("ttfb.avg", Metric::Latency(Step::FirstByte, Quantile::Avg)),
    ("status", Metric::Seen(Subject::Status)),
    ("body", Metric::Seen(Subject::Body)),
    ("tls", Metric::Seen(Subject::Tls)),
    ("certExpiry", Metric::Seen(Subject::CertExpiry)),
    ("backends", Metric::Seen(Subject::Backends)),
    ("rcode", Metric::Seen(Subject::Rcode)),
    ("answers", Metric::Seen(Subject::Answers)),
    ("queriesPerLookup", Metric::Seen(Subject::Queries)),
    // A black hole is the graver news of a path.
    ("blackhole", Metric::Seen(Subject::BlackHole)),
    ("mtu", Metric::Seen(Subject::Mtu)),
    ("pairsOk", Metric::PairsOk),
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
            metric("rtt.p50", "Another name of `p50` by icmp and udp: `<= 2ms`.", Metric::Latency(Step::Whole, Quantile::P50)),
            metric("rtt.p95", "Another name of `p95` by icmp and udp: `<= 5ms`.", Metric::Latency(Step::Whole, Quantile::P95)),
            metric("rtt.p99", "Another name of `p99` by icmp and udp: `<= 10ms`.", Metric::Latency(Step::Whole, Quantile::P99)),
            metric("rtt.max", "Another name of `max` by icmp and udp: `<= 50ms`.", Metric::Latency(Step::Whole, Quantile::Max)),
            metric("rtt.avg", "Another name of `avg` by icmp and udp: `<= 2ms`.", Metric::Latency(Step::Whole, Quantile::Avg)),
            metric("jitter", "The mean of the differences between one answer's time and the next: `<= 1ms`. It takes 2 answers.", Metric::Jitter(JitterKind::Mean)),
            metric("jitter.rfc3550", "The interarrival jitter of RFC 3550; overall, of the worst pair: `<= 1ms`. It takes 2 answers.", Metric::Jitter(JitterKind::Rfc3550)),
            metric("duplicates", "Answers that came more than once: `0`.", Metric::Count(Counted::Duplicates)),
            metric("reordered", "Answers that came after the answer to a later question: `0`.", Metric::Count(Counted::Reordered)),
            metric("dns.p50", "From the name of a host to its address, by any probe that asks one by its name; the median: `<= 20ms`. Each source has one, so it takes 2 sources.", Metric::Latency(Step::Lookup, Quantile::P50)),
            metric("dns.p95", "From the name of a host to its address, by any probe that asks one by its name; 95 of 100 take at most this: `<= 20ms`. Each source has one, so it takes 20 sources.", Metric::Latency(Step::Lookup, Quantile::P95)),
            metric("dns.p99", "From the name of a host to its address, by any probe that asks one by its name; 99 of 100 take at most this: `<= 20ms`. Each source has one, so it takes 100 sources.", Metric::Latency(Step::Lookup, Quantile::P99)),
            metric("dns.max", "From the name of a host to its address, by any probe that asks one by its name; the longest: `<= 20ms`.", Metric::Latency(Step::Lookup, Quantile::Max)),
            metric("dns.avg", "From the name of a host to its address, by any probe that asks one by its name; the mean: `<= 20ms`.", Metric::Latency(Step::Lookup, Quantile::Avg)),
            metric("connect.p50", "The TCP handshake alone, by TCP, HTTP and TLS; the median: `<= 5ms`.", Metric::Latency(Step::Connect, Quantile::P50)),
            metric("connect.p95", "The TCP handshake alone, by TCP, HTTP and TLS; 95 of 100 take at most this: `<= 5ms`.", Metric::Latency(Step::Connect, Quantile::P95)),
            metric("connect.p99", "The TCP handshake alone, by TCP, HTTP and TLS; 99 of 100 take at most this: `<= 5ms`.", Metric::Latency(Step::Connect, Quantile::P99)),
            metric("connect.max", "The TCP handshake alone, by TCP, HTTP and TLS; the longest: `<= 5ms`.", Metric::Latency(Step::Connect, Quantile::Max)),
            metric("connect.avg", "The TCP handshake alone, by TCP, HTTP and TLS; the mean: `<= 5ms`.", Metric::Latency(Step::Connect, Quantile::Avg)),
            metric("tls.p50", "The TLS handshake alone, by HTTP and TLS; the median: `<= 5ms`.", Metric::Latency(Step::Tls, Quantile::P50)),
            metric("tls.p95", "The TLS handshake alone, by HTTP and TLS; 95 of 100 take at most this: `<= 5ms`.", Metric::Latency(Step::Tls, Quantile::P95)),
            metric("tls.p99", "The TLS handshake alone, by HTTP and TLS; 99 of 100 take at most this: `<= 5ms`.", Metric::Latency(Step::Tls, Quantile::P99)),
            metric("tls.max", "The TLS handshake alone, by HTTP and TLS; the longest: `<= 5ms`.", Metric::Latency(Step::Tls, Quantile::Max)),
            metric("tls.avg", "The TLS handshake alone, by HTTP and TLS; the mean: `<= 5ms`.", Metric::Latency(Step::Tls, Quantile::Avg)),
            metric("ttfb.p50", "From a request on an open connection to the first byte of its response, by HTTP and TLS; the median: `<= 5ms`.", Metric::Latency(Step::FirstByte, Quantile::P50)),
            metric("ttfb.p95", "From a request on an open connection to the first byte of its response, by HTTP and TLS; 95 of 100 take at most this: `<= 5ms`.", Metric::Latency(Step::FirstByte, Quantile::P95)),
            metric("ttfb.p99", "From a request on an open connection to the first byte of its response, by HTTP and TLS; 99 of 100 take at most this: `<= 5ms`.", Metric::Latency(Step::FirstByte, Quantile::P99)),
            metric("ttfb.max", "From a request on an open connection to the first byte of its response, by HTTP and TLS; the longest: `<= 5ms`.", Metric::Latency(Step::FirstByte, Quantile::Max)),
            metric("ttfb.avg", "From a request on an open connection to the first byte of its response, by HTTP and TLS; the mean: `<= 5ms`.", Metric::Latency(Step::FirstByte, Quantile::Avg)),
            Key::optional("status", "The status of every response: `200`, `2xx`, or a list of them.", STATUS),
            metric("body", "What every response has in its body, of which 65,536 bytes are searched.", Metric::Seen(Subject::Body)),
            metric("tls", "Whose the certificates are: `clusterCA`, `ca` or `none`. It is to be said wherever there is TLS; `ca` where the probe has one.", Metric::Seen(Subject::Tls)),
            metric("certExpiry", "How long every certificate is valid: `>= 14d`.", Metric::Seen(Subject::CertExpiry)),
            metric("backends", "How many of the agents behind a fixture answered: `all`, `>= 3`, or `3` for exactly three.", Metric::Seen(Subject::Backends)),
            metric("rcode", "What a server of DNS says of each question: `NOERROR`, `NXDOMAIN`, `SERVFAIL`.", Metric::Seen(Subject::Rcode)),
            metric("answers", "The records of each answer of DNS: how many (`>= 1`, or `2` for exactly two), or the one that it must be (`== 10.96.0.1`).", Metric::Seen(Subject::Answers)),
            metric("queriesPerLookup", "Queries that each lookup of DNS takes: `<= 4`.", Metric::Seen(Subject::Queries)),
            metric("blackhole", "`false`: no large packet disappears without a word. With `pmtu` alone.", Metric::Seen(Subject::BlackHole)),
            metric("mtu", "The largest packet that the path takes, in bytes, in each direction: `interface` (what the sender's interface takes), `1450` (that and no other) or `>= 1450`. With `pmtu` alone.", Metric::Seen(Subject::Mtu)),
            Key::later("backendShare"),
        ]
    };
}

const STATUS: Shape = Shape::Either(&[
    Shape::Scalar(Leaf::Bound(Metric::Seen(Subject::Status))),
    Shape::List("a status", &Shape::Scalar(Leaf::Bound(Metric::Seen(Subject::Status)))),
]);

static EACH: &[Key] = and_metrics!();

static OVERALL: &[Key] = and_metrics![metric(
    "pairsOk",
    "The least share of pairs that meet every bound on `each`: `>= 99%`. It decides in their place: pairs that miss them are listed.",
    Metric::PairsOk
)];

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
    Key::optional("each", "What every pair by itself must meet.", Shape::Keys(EACH)),
    Key::optional("overall", "What all samples of the case together must meet.", Shape::Keys(OVERALL)),
    Key::later("outcome"),
    Key::later("how")
];

/// An `expect`.
pub(super) const EXPECT: Shape = Shape::Either(&[Shape::Scalar(Leaf::Word(&SHORT)), Shape::Keys(LONG)]);

impl Metric {
    /// The native types in which a bound on it can be written.
    pub(super) const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Loss
            | Self::PairsOk
            | Self::Latency(..)
            | Self::Jitter(_)
            | Self::Seen(Subject::Rcode | Subject::Body | Subject::Tls | Subject::CertExpiry) => &["string"],
            Self::Seen(Subject::BlackHole) => &["boolean"],
            Self::Count(_) | Self::Seen(Subject::Backends | Subject::Answers | Subject::Queries | Subject::Mtu | Subject::Status) => {
                &["integer", "string"]
            }
        }
    }

    /// How a bound on it begins, as a regular expression.
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Seen(Subject::Rcode) => "^\\s*(==)?\\s*[A-Z]",
            Self::Seen(Subject::Answers) => "^\\s*(<=|<|==|>=|>)?\\s*[0-9A-Za-z_:]",
            Self::Seen(Subject::Backends) => "^\\s*(all\\s*$|(<=|<|==|>=|>)?\\s*[0-9])",
            Self::Seen(Subject::Mtu) => "^\\s*(interface|(<=|<|==|>=|>)?\\s*[0-9])",
            Self::Seen(Subject::Status) => "^\\s*[1-5]([0-9][0-9]|xx)\\s*$",
            Self::Seen(Subject::Body) => "",
            Self::Seen(Subject::Tls) => "^(clusterCA|ca|none)$",
            Self::PairsOk => "^\\s*(>=)?\\s*[0-9]",
            Self::Loss
            | Self::Latency(..)
            | Self::Jitter(_)
            | Self::Count(_)
            | Self::Seen(Subject::Queries | Subject::BlackHole | Subject::CertExpiry) => "^\\s*(<=|<|==|>=|>)?\\s*[0-9]",
        }
    }

    /// In words, for "expected …".
    pub(super) fn expected(self) -> String {
        match self {
            Self::Loss => "a percentage, perhaps with an operator, such as 0% or <= 1%".to_owned(),
            Self::Latency(..) | Self::Jitter(_) => "a duration with its unit, perhaps with an operator, such as <= 10ms".to_owned(),
            Self::Seen(Subject::Backends) => "all, or a whole number, perhaps with an operator, such as >= 3".to_owned(),
            Self::Seen(Subject::Rcode) => format!("{}, perhaps with == before it", any_of(Rcode::NAMES.into_iter().map(|(name, _)| name))),
            Self::Seen(Subject::Answers) => {
                "a whole number, perhaps with an operator, such as >= 1, or the one record, such as == 10.96.0.1".to_owned()
            }
            Self::Seen(Subject::BlackHole) => "false".to_owned(),
            Self::PairsOk => "a percentage above 0%, perhaps with >= before it, such as >= 99%".to_owned(),
            Self::Seen(Subject::Mtu) => "interface, or a number of bytes, perhaps with an operator, such as 1450 or >= 1450".to_owned(),
            Self::Count(_) | Self::Seen(Subject::Queries) => "a whole number, perhaps with an operator, such as 0 or <= 5".to_owned(),
            Self::Seen(Subject::Status) => "a status from 100 to 599, or a class of them such as 2xx".to_owned(),
            Self::Seen(Subject::Body) => "a text of 1 to 200 characters".to_owned(),
            Self::Seen(Subject::Tls) => {
                "`clusterCA` for a certificate of the cluster's authority, `ca` for one of those that the probe gives, or `none`".to_owned()
            }
            Self::Seen(Subject::CertExpiry) => "a time in days or hours with an operator, such as >= 14d or >= 36h".to_owned(),
        }
    }
}
