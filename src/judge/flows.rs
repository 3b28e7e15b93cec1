//! What was lost over the one source port that is used again, beside what was lost over ports of their own. It must not know any bound.

use crate::model::fixture::Via;
use crate::model::outcome::{Sight, Tally};
use crate::model::suite::Case;
use crate::model::target::{Pair, Target};

/// So seldom may chance alone make what is blamed on connection tracking. Without it a single lost packet would do, which is over the
/// reused port as often as not: whoever reads the sentence would look for a stale entry that is not there.
const DOUBT: f64 = 0.001;

/// Where a Service has lost packets over the first alone, in words: what connection tracking remembers of a flow may be all that is wrong.
pub(super) fn reused_alone(pair: &Pair, case: &Case, tally: &Tally) -> Option<String> {
    let (reused, fresh) = case.probe.ports().parts(tally.sent.into());
    let over_reused = tally.seen.iter().find(|seen| seen.what == Sight::ReusedPort).map_or(0, |seen| u64::from(seen.count));
    let lost_reused = reused.saturating_sub(over_reused);
    let lost_fresh = fresh.saturating_sub(u64::from(tally.answered).saturating_sub(over_reused));
    (is_translated(&pair.target) && lost_fresh == 0 && is_no_chance(lost_reused, reused, fresh)).then(|| {
        format!(
            "{lost_reused} of {reused} over the source port that is used again, 0 of {fresh} over fresh ones: stale connection tracking \
             looks like that, an entry for a backend that is gone"
        )
    })
}

/// Whether something on the way chooses a backend: where nothing does, nothing can remember one.
fn is_translated(target: &Target) -> bool {
    match target {
        Target::Service(door) => match door.via {
            Via::ClusterIp | Via::NodePort | Via::LoadBalancer | Via::ExternalIps => true,
            Via::Endpoints => false,
        },
        Target::Agent(_) | Target::Node { .. } | Target::Host(_) | Target::Named(..) | Target::Gateway(_) | Target::Resolver => false,
    }
}

/// Whether so many losses would hardly all be over the reused port if each packet were as likely to be lost as any other. They are with
/// a probability of `C(reused, lost) / C(reused + fresh, lost)`: one factor for each loss, of which the first few decide.
#[allow(clippy::cast_precision_loss)]
fn is_no_chance(lost: u64, reused: u64, fresh: u64) -> bool {
    let factor = |before| reused.saturating_sub(before) as f64 / (reused + fresh).saturating_sub(before) as f64;
    let mut probability = 1.0;
    (0..lost).any(|before| {
        probability *= factor(before);
        probability < DOUBT
    })
}
