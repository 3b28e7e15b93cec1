//! What responses and certificates said, held against what they should. It must not know whose they are.

use std::collections::BTreeMap;

use crate::model::certificate::TlsSight;
use crate::model::outcome::Sight;
use crate::model::wish::{Subject, Wish};

use super::counts::counted;

/// Whether what one answer said is what is wanted; of what is not about it, it is not.
pub(super) fn fits(wish: &Wish, sight: &Sight) -> bool {
    match wish {
        Wish::Status(statuses) => sight.http().is_some_and(|http| statuses.contain(http.status)),
        Wish::Body(_) => sight.http().is_some_and(|http| http.found == Some(true)),
        Wish::Tls(authority) => sight.tls().is_some_and(|tls| tls.is_of(*authority)),
        Wish::CertExpiry(comparison) => {
            let left = sight.tls().and_then(TlsSight::left);
            left.is_some_and(|left| comparison.operator.holds(&left, &comparison.limit))
        }
        Wish::Backends(_)
        | Wish::AllBackends(_)
        | Wish::Rcode(_)
        | Wish::Answers(_)
        | Wish::Record(_)
        | Wish::Queries(_)
        | Wish::Mtu(_)
        | Wish::NoBlackHole => false,
    }
}

/// The part of what an answer said that this is about, in words.
fn part(subject: Subject, sight: &Sight) -> Option<String> {
    let unreadable = || "a certificate that cannot be read".to_owned();
    match subject {
        Subject::Status => sight.http().map(|http| {
            let note = if http.note.is_empty() || http.is_success() { String::new() } else { format!(" ({})", http.note) };
            format!("{}{note}", http.status)
        }),
        Subject::Body => sight.http().map(|http| match http.found {
            Some(true) => "as wanted".to_owned(),
            Some(false) | None if http.note.is_empty() => format!("without it, status {}", http.status),
            Some(false) | None => format!("without it, status {}: {}", http.status, http.note),
        }),
        Subject::Tls => sight.tls().map(|tls| tls.trusted.to_string()),
        Subject::CertExpiry => sight.tls().map(|tls| tls.certificate.as_ref().map_or_else(unreadable, ToString::to_string)),
        Subject::Backends | Subject::Rcode | Subject::Answers | Subject::Queries | Subject::Mtu | Subject::BlackHole => None,
    }
}

/// `200`, or with counts where answers differ: `19 200, 1 500 ([-]etcd failed: reason withheld)`.
pub(super) fn words(subject: Subject, seen: &BTreeMap<Sight, u64>) -> String {
    let mut parts: BTreeMap<String, u64> = BTreeMap::new();
    for (sight, count) in seen {
        let part = part(subject, sight).unwrap_or_else(|| "nothing of it".to_owned());
        *parts.entry(part).or_default() += count;
    }
    counted(parts)
}
