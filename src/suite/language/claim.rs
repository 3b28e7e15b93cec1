//! A bound as it is written, read. It must not know where bounds stand.

use super::names::DNS_NAME;
use super::wrong::Wrong;
use crate::model::comparison::{AtLeast, Comparison, Operator};
use crate::model::dns::Rcode;
use crate::model::expect::{Claim, Metric};
use crate::model::units::{Micros, Ppm};
use crate::model::web_wish::{Authority, Hours, StatusRange, Statuses};
use crate::model::wish::{MtuWish, Subject, Wish};
use crate::suite::remarks::did_you_mean;
use crate::suite::tree::{Literal, Scalar};

/// The word for every backend, however many there are.
const ALL: &str = "all";

/// A bound as it is written: an operator, `<=` where there is none, and a limit with its unit.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_claim(scalar: &Scalar, metric: Metric) -> Result<Claim, Wrong> {
    if let Metric::Seen(subject @ (Subject::Status | Subject::Body | Subject::Tls)) = metric {
        return said(scalar, subject).map(Claim::Seen).ok_or_else(|| Wrong::value(metric.expected()));
    }
    let text = scalar.text.trim();
    let written = Operator::ALL.into_iter().find_map(|operator| text.strip_prefix(operator.symbol()).map(|limit| (operator, limit)));
    let (operator, limit) = written.unwrap_or((Operator::AtMost, text));
    // A number that stands alone is that many, and not the most: none at all would meet it.
    let exactly = |limit| Comparison { operator: written.map_or(Operator::Equal, |(operator, _)| operator), limit };
    let claim = match metric {
        // Other operators would be met where no pair is well.
        Metric::PairsOk if operator != Operator::AtLeast && written.is_some() => None,
        Metric::PairsOk => Ppm::parse(limit).ok().filter(|limit| limit.0 > 0).map(|limit| Claim::PairsOk(AtLeast(limit))),
        Metric::Loss => Ppm::parse(limit).ok().map(|limit| Claim::Loss(Comparison { operator, limit })),
        Metric::Latency(step, quantile) => {
            let limit = Micros::parse(limit).ok();
            limit.map(|limit| Claim::Latency(step, quantile, Comparison { operator, limit }))
        }
        Metric::Jitter(kind) => Micros::parse(limit).ok().map(|limit| Claim::Jitter(kind, Comparison { operator, limit })),
        Metric::Count(counted) => whole(limit).map(|limit| Claim::Count(counted, Comparison { operator, limit })),
        Metric::Seen(Subject::Backends) if text == ALL => Some(Claim::Seen(Wish::AllBackends(Vec::new()))),
        Metric::Seen(Subject::Answers) => whole(limit).map(|limit| Claim::Seen(Wish::Answers(exactly(limit)))),
        Metric::Seen(Subject::Queries) => whole(limit).map(|limit| Claim::Seen(Wish::Queries(Comparison { operator, limit }))),
        Metric::Seen(Subject::Backends) => whole(limit).map(|limit| Claim::Seen(Wish::Backends(exactly(limit)))),
        // More time than that would be a strange thing to want: the operator is to be said.
        Metric::Seen(Subject::CertExpiry) if written.is_some() => {
            Hours::parse(limit).map(|limit| Claim::Seen(Wish::CertExpiry(Comparison { operator, limit })))
        }
        Metric::Seen(Subject::Rcode | Subject::CertExpiry | Subject::Status | Subject::Body | Subject::Tls) => None,
        Metric::Seen(Subject::Mtu) if text == "interface" => Some(Claim::Seen(Wish::Mtu(MtuWish::Interface))),
        Metric::Seen(Subject::Mtu) => whole(limit).map(|limit| Claim::Seen(Wish::Mtu(MtuWish::Size(exactly(limit))))),
        Metric::Seen(Subject::BlackHole) => (scalar.literal == Literal::Bool(false)).then_some(Claim::Seen(Wish::NoBlackHole)),
    };
    let claim = claim.or_else(|| {
        match metric {
            Metric::Seen(Subject::Rcode) => Some(Wish::Rcode(Rcode::named(only(limit, written)?)?)),
            Metric::Seen(Subject::Answers) => Some(Wish::Record(record(only(limit, written)?)?)),
            Metric::Loss
            | Metric::PairsOk
            | Metric::Latency(..)
            | Metric::Jitter(_)
            | Metric::Count(_)
            | Metric::Seen(
                Subject::Backends
                | Subject::Queries
                | Subject::Mtu
                | Subject::BlackHole
                | Subject::Status
                | Subject::Body
                | Subject::Tls
                | Subject::CertExpiry,
            ) => None,
        }
        .map(Claim::Seen)
    });
    let fits = |metric: Metric| match metric {
        Metric::Loss | Metric::PairsOk | Metric::Latency(..) | Metric::Jitter(_) => scalar.literal == Literal::Text,
        Metric::Seen(Subject::BlackHole) => true,
        Metric::Count(_) | Metric::Seen(_) => matches!(scalar.literal, Literal::Text | Literal::Whole(_)),
    };
    claim.filter(|_| fits(metric)).ok_or_else(|| Wrong::value(metric.expected()).help(meant(limit, metric)))
}

/// What is written without an operator.
fn said(scalar: &Scalar, subject: Subject) -> Option<Wish> {
    let text = matches!(scalar.literal, Literal::Text);
    match subject {
        Subject::Status => StatusRange::parse(&scalar.text).map(|range| Wish::Status(Statuses(vec![range]))),
        Subject::Body => (text && (1..=200).contains(&scalar.text.chars().count())).then(|| Wish::Body(scalar.text.to_string())),
        Subject::Tls => {
            let all = [Authority::Cluster, Authority::Given, Authority::Any];
            all.into_iter().find(|authority| authority.word() == &*scalar.text).map(Wish::Tls)
        }
        Subject::Backends
        | Subject::CertExpiry
        | Subject::Rcode
        | Subject::Answers
        | Subject::Queries
        | Subject::Mtu
        | Subject::BlackHole => None,
    }
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

/// How it may have been meant.
fn meant(limit: &str, metric: Metric) -> Option<String> {
    let limit = limit.trim();
    let bare = !limit.is_empty() && limit.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match metric {
        Metric::PairsOk => bare.then(|| format!("a share has its sign: {limit}%")),
        Metric::Loss => bare.then(|| format!("a loss has its sign: {limit}%")),
        Metric::Latency(..) | Metric::Jitter(_) => bare.then(|| format!("a duration has a unit: {limit}ms or {limit}s")),
        Metric::Seen(Subject::CertExpiry) => {
            let unit = if bare { "d" } else { "" };
            (!limit.is_empty()).then(|| format!("write `>= {limit}{unit}`"))
        }
        Metric::Seen(Subject::Rcode) => {
            let upper = limit.to_ascii_uppercase();
            did_you_mean(&upper, Rcode::NAMES.into_iter().map(|(name, _)| name))
        }
        Metric::Seen(Subject::BlackHole) => (limit == "true").then(|| "to allow black holes, leave it out".to_owned()),
        Metric::Count(_) | Metric::Seen(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::expect::Quantile;
    use crate::model::outcome::Step;

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

    #[test]
    fn a_number_that_stands_alone_is_exactly_that_many() {
        for subject in [Subject::Answers, Subject::Backends, Subject::Mtu] {
            check("3", Metric::Seen(subject), Some("== 3"));
            check(">= 3", Metric::Seen(subject), Some(">= 3"));
        }
    }
}
