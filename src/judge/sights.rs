//! What answers said, held against what they should. Every probe whose answers say something has its arms here; that there was no
//! answer at all is no matter of this module. It must not know whose answers they are.

use std::collections::BTreeMap;

use crate::model::outcome::Sight;
use crate::model::units::thousands;
use crate::model::wish::{Subject, Wish};

/// What was seen, with how often.
type Seen = BTreeMap<Sight, u64>;

/// Things that are told apart in words; the rest is counted.
const TOLD: usize = 5;

/// Whether the answers, of which there is at least one, say what is wanted.
pub(super) fn meet(wish: &Wish, seen: &Seen) -> bool {
    match wish {
        Wish::Backends(comparison) => comparison.operator.holds(&backends(seen), &comparison.limit),
        // A lookup that found nothing at all has nothing to say, and its loss tells.
        Wish::Rcode(_) | Wish::Answers(_) | Wish::Record(_) | Wish::Queries(_) => {
            of(wish.subject(), seen).next().is_some() && wrong(wish, seen) == 0
        }
    }
}

/// Whether it is missed, and further answers could not change that.
pub(super) fn missed_for_good(wish: &Wish, seen: &Seen) -> bool {
    match wish {
        Wish::Backends(_) => false,
        // Each answer has to fit by itself.
        Wish::Rcode(_) | Wish::Answers(_) | Wish::Record(_) | Wish::Queries(_) => wrong(wish, seen) > 0,
    }
}

/// How far the answers are from what is wanted: larger is worse.
pub(super) fn badness(wish: &Wish, seen: &Seen) -> i128 {
    match wish {
        Wish::Backends(comparison) => (i128::from(comparison.limit) - i128::from(backends(seen))).abs(),
        // Nothing at all is worse than any wrong answer.
        Wish::Rcode(_) | Wish::Answers(_) | Wish::Record(_) | Wish::Queries(_) if of(wish.subject(), seen).next().is_none() => i128::MAX,
        Wish::Rcode(_) | Wish::Answers(_) | Wish::Record(_) | Wish::Queries(_) => wrong(wish, seen).into(),
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
        (Wish::Backends(_) | Wish::Rcode(_) | Wish::Answers(_) | Wish::Record(_) | Wish::Queries(_), _) => false,
    }
}

/// What is about that, and nothing else.
fn of(subject: Subject, seen: &Seen) -> impl Iterator<Item = (&Sight, &u64)> {
    seen.iter().filter(move |(sight, _)| match sight {
        Sight::Backend { .. } => subject == Subject::Backends,
        Sight::Rcode { .. } => subject == Subject::Rcode,
        Sight::Answers { .. } => subject == Subject::Answers,
        Sight::Queries { .. } => subject == Subject::Queries,
        Sight::Truncated | Sight::Size { .. } => false,
    })
}

/// What there is of it, in words.
pub(super) fn words(subject: Subject, seen: &Seen) -> String {
    match subject {
        Subject::Backends => format!("{} ({})", backends(seen), list(seen)),
        Subject::Rcode | Subject::Answers | Subject::Queries => {
            let own: Seen = of(subject, seen).map(|(sight, count)| (sight.clone(), *count)).collect();
            if own.is_empty() { "no answer to any lookup".to_owned() } else { list(&own) }
        }
    }
}

fn backends(seen: &Seen) -> u64 {
    seen.keys().filter(|sight| matches!(sight, Sight::Backend { .. })).count() as u64
}

/// `18 by node1, 2 by node2`, the commonest first.
pub(super) fn list(seen: &Seen) -> String {
    let mut all: Vec<_> = seen.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let told = all.iter().take(TOLD).map(|(what, count)| format!("{} {what}", thousands(**count)));
    let more = (all.len() > TOLD).then(|| format!("and {} others", all.len() - TOLD));
    told.chain(more).collect::<Vec<_>>().join(", ")
}
