//! What was lost over the one source port that is used again, beside what was lost over ports of their own. It must not know any bound.

use crate::model::outcome::{Sight, Tally};
use crate::model::suite::Case;

/// Where only the first has lost anything, in words: what connection tracking remembers of a flow may be all that is wrong.
pub(super) fn reused_alone(case: &Case, tally: &Tally) -> Option<String> {
    let (reused, fresh) = case.probe.ports().parts(tally.sent.into());
    if reused == 0 || fresh == 0 {
        return None;
    }
    let over_reused = tally.seen.iter().find(|seen| seen.what == Sight::ReusedPort).map_or(0, |seen| u64::from(seen.count));
    let lost_reused = reused.saturating_sub(over_reused);
    let lost_fresh = fresh.saturating_sub(u64::from(tally.answered).saturating_sub(over_reused));
    (lost_reused > 0 && lost_fresh == 0).then(|| {
        format!(
            "{lost_reused} of {reused} over the source port that is used again, 0 of {fresh} over fresh ones: stale connection tracking \
             looks like that, an entry for a backend that is gone"
        )
    })
}
