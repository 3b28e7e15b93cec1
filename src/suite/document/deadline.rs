//! Whether a case can be over in the time that it is given: what asking alone takes, without any answer that is late.

use super::settings::AnyProbe;
use crate::model::suite::Conduct;
use crate::model::units::{Micros, thousands};
use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// What is to be said of a deadline that nothing can meet: from the first question of a pair to its last, everything takes longer.
pub(super) fn remark(conduct: &Conduct, probe: &AnyProbe, place: Place) -> Option<Remark> {
    let deadline = conduct.deadline?;
    let gaps = u64::from(probe.count.get()) - 1;
    let asking = Micros(probe.interval.0.saturating_mul(gaps));
    if asking < deadline {
        return None;
    }
    let message = format!("the case cannot be over in {deadline}: it asks for {asking}");
    let count = thousands(probe.count.get().into());
    let why = format!("{count} {} to each target, one every {}", probe.unit(), probe.interval);
    Some(
        Remark::warning(codes::NEVER_IN_TIME, place, message)
            .label(why)
            .help(["give it a longer `deadline`, a lower `count` or a shorter `interval`"]),
    )
}
