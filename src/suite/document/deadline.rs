//! Whether a case can be over in the time that it is given: what asking alone takes, without any answer that is late.

use super::settings::AnyProbe;
use crate::model::pace::PaceLimit;
use crate::model::units::{Micros, thousands};
use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// A deadline that a case has to meet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    /// How long it leaves.
    pub(crate) limit: Micros,
    /// Where it was written.
    pub(crate) at: Place,
    /// What has to be over by then.
    pub(crate) of: &'static str,
}

/// What is to be said of a deadline that nothing can meet: from the first question of a pair to its last, everything takes longer.
pub(super) fn remark(deadline: Deadline, pace: PaceLimit, probe: &AnyProbe) -> Option<Remark> {
    let Deadline { limit, at, of } = deadline;
    let gaps = u64::from(probe.count.get()) - 1;
    // An agent may have more than one pair to ask, and share the total with others: that only takes longer.
    let paced = pace.apart(1, 1);
    let gap = probe.interval.max(paced);
    let asking = Micros(gap.0.saturating_mul(gaps));
    if asking < limit {
        return None;
    }
    let message = format!("{of} cannot be over in {limit}: it asks for {asking}");
    let count = thousands(probe.count.get().into());
    let (because, faster) = if paced > probe.interval { (" by its `pace`", "a faster `pace`") } else { ("", "a shorter `interval`") };
    let why = format!("{count} {} to each target, one every {gap}{because}", probe.unit());
    let help = format!("give it a longer `deadline`, a lower `count` or {faster}");
    Some(Remark::warning(codes::NEVER_IN_TIME, at, message).label(why).help([help]))
}
