//! Bounds that every measurement meets, whatever the network does: a test of them could not fail.

use super::expect::Wanted;
use super::settings::AnyProbe;
use crate::model::expect::{Claim, Comparison, Operator};
use crate::model::units::Ppm;
use crate::suite::codes;
use crate::suite::remarks::Remark;

/// What is to be said of a bound that nothing can miss.
pub(super) fn remark(bound: &Wanted, probe: &AnyProbe) -> Option<Remark> {
    let (why, help) = reason(bound, probe)?;
    let message = format!("nothing can miss `{} {}`", bound.claim.metric(), bound.claim.wanted());
    Some(Remark::warning(codes::NEVER_MISSED, bound.at, message).label(why).help([help]))
}

/// Whether it is one of loss, which then limits nothing.
pub(super) fn is_any_loss(bound: &Wanted) -> bool {
    matches!(&bound.claim, Claim::Loss(comparison) if any_loss(comparison))
}

const fn any_loss(comparison: &Comparison<Ppm>) -> bool {
    match comparison.operator {
        Operator::AtMost => comparison.limit.0 >= Ppm::WHOLE.0,
        Operator::AtLeast => comparison.limit.0 == 0,
        Operator::Below | Operator::Equal | Operator::Above => false,
    }
}

/// Why nothing can miss it, and what to do.
fn reason(bound: &Wanted, probe: &AnyProbe) -> Option<(String, String)> {
    match &bound.claim {
        Claim::Loss(comparison) => {
            any_loss(comparison).then(|| ("any loss meets it".to_owned(), "write the limit that is meant, such as `0%`".to_owned()))
        }
        Claim::Latency(_, _, Comparison { operator: Operator::AtLeast, limit })
        | Claim::Jitter(_, Comparison { operator: Operator::AtLeast, limit })
            if limit.0 == 0 =>
        {
            Some(("any time meets it".to_owned(), "write the limit that is meant, such as `<= 10ms`".to_owned()))
        }
        // A later answer is a lost one: it counts in `loss` and in no latency.
        Claim::Latency(_, _, Comparison { operator: Operator::AtMost, limit }) if *limit >= probe.timeout => {
            let why = format!("what takes longer than the timeout, {}, counts as lost", probe.timeout);
            Some((why, "write a limit below the timeout, or a longer `timeout`".to_owned()))
        }
        Claim::Count(_, Comparison { operator: Operator::AtLeast, limit: 0 }) => {
            Some(("any number meets it".to_owned(), "write the limit that is meant, such as `0`".to_owned()))
        }
        Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) | Claim::Seen(_) => None,
    }
}
