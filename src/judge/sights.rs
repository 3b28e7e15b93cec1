//! What answers said, held against what they should. Every probe whose answers say something has its arms here; that there was no
//! answer at all is no matter of this module. It must not know whose answers they are.

use std::collections::BTreeMap;

use crate::model::expect::Metric;
use crate::model::outcome::Sight;
use crate::model::path_mtu::PathMtu;
use crate::model::target::Pair;
use crate::model::units::thousands;
use crate::model::verdict::Cause;
use crate::model::wish::{Behind, MtuWish, Subject, Wish};

use super::counts::TOLD;
use super::web;

/// What was seen, with how often.
type Seen = BTreeMap<Sight, u64>;

/// Whether the answers, of which there is at least one, say what is wanted.
pub(super) fn meet(wish: &Wish, seen: &Seen) -> bool {
    match wish {
        Wish::Backends(comparison) => comparison.operator.holds(&count(seen), &comparison.limit),
        // Of nobody, nobody can have answered.
        Wish::AllBackends(names) => !names.is_empty() && silent(names, seen).next().is_none() && strangers(names, seen).next().is_none(),
        // A lookup that found nothing at all has nothing to say, and its loss tells; of a path of which nothing was found, nothing is known.
        Wish::Rcode(_)
        | Wish::Answers(_)
        | Wish::Record(_)
        | Wish::Queries(_)
        | Wish::Mtu(_)
        | Wish::NoBlackHole
        | Wish::Status(_)
        | Wish::Body(_)
        | Wish::Tls(_)
        | Wish::CertExpiry(_) => of(wish.subject(), seen).next().is_some() && wrong(wish, seen) == 0,
    }
}

/// Who should have answered and did not, or the other way round.
pub(super) fn lacking(wish: &Wish, seen: &Seen) -> Option<String> {
    let Wish::AllBackends(names) = wish else { return None };
    let listed = |names: Vec<String>| match names.len() {
        0 => None,
        all if all > TOLD => Some(format!("{} and {} others", names[..TOLD].join(", "), all - TOLD)),
        _ => Some(names.join(", ")),
    };
    let silent = listed(silent(names, seen).map(|behind| behind.vantage.to_string()).collect()).map(|names| format!("none by {names}"));
    let strangers = listed(strangers(names, seen).map(str::to_owned).collect()).map(|names| format!("{names} should not stand behind it"));
    let words: Vec<String> = silent.into_iter().chain(strangers).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn silent<'w>(all: &'w [Behind], seen: &'w Seen) -> impl Iterator<Item = &'w Behind> {
    all.iter().filter(|behind| !backends(seen).any(|(other, _)| other == behind.vantage.to_string()))
}

fn strangers<'w>(all: &'w [Behind], seen: &'w Seen) -> impl Iterator<Item = &'w str> {
    backends(seen).map(|(name, _)| name).filter(|name| !all.iter().any(|own| own.vantage.to_string() == *name))
}

/// Why nobody knows whether the answers say what is wanted: all that is missing is what those would have said who were lost meanwhile.
pub(super) fn excuse(wish: &Wish, seen: &Seen) -> Option<Cause> {
    let Wish::AllBackends(all) = wish else { return None };
    if strangers(all, seen).next().is_some() || silent(all, seen).any(|behind| behind.lost.is_none()) {
        return None;
    }
    let lost = silent(all, seen).find_map(|behind| Some((behind.vantage.clone(), behind.lost.clone()?)));
    lost.map(|(vantage, why)| Cause::TargetLost { vantage, why })
}

fn paths(seen: &Seen) -> impl Iterator<Item = &PathMtu> {
    seen.keys().filter_map(|sight| if let Sight::PathMtu(path) = sight { Some(path) } else { None })
}

/// Whether it is about paths, of which a pair without an answer has none.
pub(super) const fn is_of_paths(metric: Metric) -> bool {
    matches!(metric, Metric::Seen(Subject::Mtu | Subject::BlackHole))
}

/// Whether it is missed, and further answers could not change that.
pub(super) fn missed_for_good(wish: &Wish, seen: &Seen) -> bool {
    match wish {
        Wish::Backends(_) | Wish::AllBackends(_) => false,
        // Each answer, and each direction, has to fit by itself.
        Wish::Rcode(_)
        | Wish::Answers(_)
        | Wish::Record(_)
        | Wish::Queries(_)
        | Wish::Mtu(_)
        | Wish::NoBlackHole
        | Wish::Status(_)
        | Wish::Body(_)
        | Wish::Tls(_)
        | Wish::CertExpiry(_) => wrong(wish, seen) > 0,
    }
}

/// How far the answers are from what is wanted: larger is worse.
pub(super) fn badness(wish: &Wish, seen: &Seen) -> i128 {
    match wish {
        Wish::Backends(comparison) => (i128::from(comparison.limit) - i128::from(count(seen))).abs(),
        Wish::AllBackends(names) => (silent(names, seen).count() + strangers(names, seen).count()) as i128,
        // Nothing at all is worse than any wrong answer.
        Wish::Rcode(_) | Wish::Answers(_) | Wish::Record(_) | Wish::Queries(_) if of(wish.subject(), seen).next().is_none() => i128::MAX,
        Wish::Rcode(_)
        | Wish::Answers(_)
        | Wish::Record(_)
        | Wish::Queries(_)
        | Wish::Status(_)
        | Wish::Body(_)
        | Wish::Tls(_)
        | Wish::CertExpiry(_) => wrong(wish, seen).into(),
        // The smallest first.
        Wish::Mtu(_) | Wish::NoBlackHole => {
            paths(seen).filter(|path| !takes(wish, path)).map(|path| -i128::from(path.size)).max().unwrap_or(i128::MIN)
        }
    }
}

/// Answers that say something else than each of them should.
fn wrong(wish: &Wish, seen: &Seen) -> u64 {
    of(wish.subject(), seen).filter(|(sight, _)| !fits(wish, sight)).map(|(_, count)| *count).sum()
}

fn fits(wish: &Wish, sight: &Sight) -> bool {
    match (wish, sight) {
        (Wish::Rcode(wanted), Sight::Rcode { code }) => wanted == code,
        (Wish::Answers(comparison), Sight::Answers { count, .. }) | (Wish::Queries(comparison), Sight::Queries { count }) => {
            comparison.operator.holds(&u64::from(*count), &comparison.limit)
        }
        (Wish::Record(wanted), Sight::Answers { count, records }) => *count == 1 && wanted == records,
        (Wish::Mtu(_) | Wish::NoBlackHole, Sight::PathMtu(path)) => takes(wish, path),
        (Wish::Status(_) | Wish::Body(_) | Wish::Tls(_) | Wish::CertExpiry(_), sight) => web::fits(wish, sight),
        (
            Wish::Backends(_)
            | Wish::AllBackends(_)
            | Wish::Rcode(_)
            | Wish::Answers(_)
            | Wish::Record(_)
            | Wish::Queries(_)
            | Wish::Mtu(_)
            | Wish::NoBlackHole,
            _,
        ) => false,
    }
}

/// Whether what was found in one direction is as wanted.
fn takes(wish: &Wish, path: &PathMtu) -> bool {
    match wish {
        Wish::Mtu(MtuWish::Interface) => path.size >= path.top,
        Wish::Mtu(MtuWish::Size(comparison)) => comparison.operator.holds(&u64::from(path.size), &comparison.limit),
        Wish::NoBlackHole => !path.is_black_hole(),
        Wish::Backends(_)
        | Wish::AllBackends(_)
        | Wish::Rcode(_)
        | Wish::Answers(_)
        | Wish::Record(_)
        | Wish::Queries(_)
        | Wish::Status(_)
        | Wish::Body(_)
        | Wish::Tls(_)
        | Wish::CertExpiry(_) => true,
    }
}

/// What is about that, and nothing else.
fn of(subject: Subject, seen: &Seen) -> impl Iterator<Item = (&Sight, &u64)> {
    seen.iter().filter(move |(sight, _)| match sight {
        Sight::Backend { .. } => subject == Subject::Backends,
        Sight::Rcode { .. } => subject == Subject::Rcode,
        Sight::Answers { .. } => subject == Subject::Answers,
        Sight::Queries { .. } => subject == Subject::Queries,
        Sight::PathMtu(_) => matches!(subject, Subject::Mtu | Subject::BlackHole),
        // A response over no TLS says nothing of certificates, and is wrong where something is wanted of them.
        Sight::Http(_) => matches!(subject, Subject::Status | Subject::Body | Subject::Tls | Subject::CertExpiry),
        Sight::Tls(_) => matches!(subject, Subject::Tls | Subject::CertExpiry),
        Sight::ReusedPort | Sight::Truncated | Sight::Size { .. } | Sight::NoName { .. } => false,
    })
}

/// What there is of it, in words.
pub(super) fn words(subject: Subject, seen: &Seen) -> String {
    match subject {
        // A mark of the source port is nobody's name.
        Subject::Backends => {
            let own: Seen = of(subject, seen).map(|(sight, count)| (sight.clone(), *count)).collect();
            format!("{} ({})", count(seen), list(&own))
        }
        Subject::Rcode | Subject::Answers | Subject::Queries => {
            let own: Seen = of(subject, seen).map(|(sight, count)| (sight.clone(), *count)).collect();
            if own.is_empty() { "no answer to any lookup".to_owned() } else { list(&own) }
        }
        Subject::Status | Subject::Body | Subject::Tls | Subject::CertExpiry => web::words(subject, seen),
        Subject::Mtu => sizes(seen),
        Subject::BlackHole => {
            let hole = paths(seen).filter(|path| path.is_black_hole()).map(|path| path.fails).min();
            hole.map_or_else(|| "none".to_owned(), |size| format!("packets of {size} bytes and more vanish"))
        }
    }
}

/// The sizes that were found, in words: `1450 bytes`, `1300 to 1450 bytes`.
fn sizes(seen: &Seen) -> String {
    let least = paths(seen).map(|path| path.size).min();
    let most = paths(seen).map(|path| path.size).max();
    match least.zip(most) {
        None => "nothing".to_owned(),
        Some((least, most)) if least == most => format!("{most} bytes"),
        Some((least, most)) => format!("{least} to {most} bytes"),
    }
}

/// What was found of the paths of a pair, with its ends, those that take less than they should first:
/// `node1 → node2 takes 1300 of 1450 bytes, larger packets vanish …`.
pub(super) fn of_paths(pair: &Pair, seen: &Seen) -> Vec<String> {
    let mut all: Vec<_> = paths(seen).collect();
    all.sort_by_key(|path| path.size >= path.top);
    all.into_iter().map(|path| path.between(&pair.source, &pair.target)).collect()
}

fn count(seen: &Seen) -> u64 {
    backends(seen).count() as u64
}

/// The backends that answered, with how often.
fn backends(seen: &Seen) -> impl Iterator<Item = (&str, u64)> {
    seen.iter().filter_map(|(sight, count)| if let Sight::Backend { name } = sight { Some((name.as_str(), *count)) } else { None })
}

/// `18 by node1, 2 by node2`, the commonest first.
pub(super) fn list(seen: &Seen) -> String {
    // Of paths each direction has words of its own ([`of_paths`]).
    let mut all: Vec<_> = seen.iter().filter(|(what, _)| !matches!(what, Sight::PathMtu(_))).collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let told = all.iter().take(TOLD).map(|(what, count)| format!("{} {what}", thousands(**count)));
    let more = (all.len() > TOLD).then(|| format!("and {} others", all.len() - TOLD));
    told.chain(more).collect::<Vec<_>>().join(", ")
}
