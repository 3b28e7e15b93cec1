//! Several things in one line, with how often each came. It must not know what they are.

use std::collections::BTreeMap;

use crate::model::units::thousands;

/// Things that are told apart in words; the rest is counted.
pub(super) const TOLD: usize = 5;

/// One word alone, or each with its count, the commonest first.
pub(super) fn counted(parts: BTreeMap<String, u64>) -> String {
    let mut all: Vec<_> = parts.into_iter().collect();
    if let [(only, _)] = all.as_slice() {
        return only.clone();
    }
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = (all.len() > TOLD).then(|| format!("and {} others", all.len() - TOLD));
    let told = all.into_iter().take(TOLD).map(|(what, count)| format!("{} times {what}", thousands(count)));
    told.chain(more).collect::<Vec<_>>().join(", ")
}
