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
    }
}

/// Whether it is missed, and further answers could not change that.
pub(super) const fn missed_for_good(wish: &Wish, _seen: &Seen) -> bool {
    match wish {
        Wish::Backends(_) => false,
    }
}

/// How far the answers are from what is wanted: larger is worse.
pub(super) fn badness(wish: &Wish, seen: &Seen) -> i128 {
    match wish {
        Wish::Backends(comparison) => (i128::from(comparison.limit) - i128::from(backends(seen))).abs(),
    }
}

/// What there is of it, in words.
pub(super) fn words(subject: Subject, seen: &Seen) -> String {
    match subject {
        Subject::Backends => format!("{} ({})", backends(seen), list(seen)),
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
