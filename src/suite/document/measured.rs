//! Bounds of which the probe does not try what would decide them: refused, since they would be met or missed whatever the network does.
//! It must not know which metrics a probe shows at all (`misfit`).

use super::expect::{Expectation, Wanted};
use super::settings::{AnyProbe, Ask};
use crate::model::comparison::{Comparison, Operator};
use crate::model::expect::{Claim, Scope};
use crate::model::wish::{MtuWish, Wish};
use crate::suite::codes;
use crate::suite::language::PACKET_SIZE;
use crate::suite::remarks::Remark;

/// What is wrong with bounds that the probe does not decide.
pub(super) fn remarks(expect: &Expectation, probe: &AnyProbe) -> Vec<Remark> {
    let untried = expect.wanted.iter().filter_map(|wanted| untried(wanted, probe));
    untried.chain(uncounted_pairs(expect)).collect()
}

/// What counts pairs by what is wanted of each, where nothing is.
fn uncounted_pairs(expect: &Expectation) -> Option<Remark> {
    let counts = expect.wanted.iter().find(|wanted| matches!(wanted.claim, Claim::PairsOk(_)))?;
    let judged = expect.wanted.iter().any(|wanted| wanted.scope == Scope::Each);
    // Of a bound that cannot be read, that has been said.
    (!judged && !expect.unread).then(|| {
        let message = "`pairsOk` counts the pairs that meet every bound on `each`, and no such bound has a value";
        Remark::error(codes::EXPECTS_NOTHING, counts.at, message).help(["add one, such as `each: { loss: 0% }`"])
    })
}

/// Sizes by which a bound would be decided, and which are not tried.
fn untried(bound: &Wanted, probe: &AnyProbe) -> Option<Remark> {
    let (Claim::Seen(Wish::Mtu(MtuWish::Size(comparison))), Ask::Pmtu { floor, ceiling, .. }) = (&bound.claim, &probe.ask) else {
        return None;
    };
    let tried = u64::from(*floor)..=u64::from(*ceiling);
    let size = deciding(comparison).into_iter().find(|size| !tried.contains(size))?;
    let below = size < *tried.start();
    let (end, key) = if below { (floor, "floor") } else { (ceiling, "ceiling") };
    let side = if below { "smaller" } else { "larger" };
    let message = format!("`mtu {comparison}` asks whether packets of {size} bytes arrive, and the probe tries none of that size");
    let can_be = u32::try_from(size).is_ok_and(|size| (PACKET_SIZE.least..=PACKET_SIZE.most).contains(&size));
    let other = within(comparison, *end, below);
    let help = if can_be { format!("write `{key}: {size}` in the probe, or {other}") } else { format!("write {other}") };
    let remark = Remark::error(codes::UNTRIED, bound.at, message);
    Some(remark.label(format!("nothing {side} than {end} bytes is tried, its `{key}`")).help([help]))
}

/// The sizes of which a bound says whether they should arrive.
fn deciding(Comparison { operator, limit }: &Comparison<u64>) -> Vec<u64> {
    let next = limit.saturating_add(1);
    match operator {
        Operator::AtLeast | Operator::Below => vec![*limit],
        Operator::Above | Operator::AtMost => vec![next],
        Operator::Equal => vec![*limit, next],
    }
}

/// A bound of that kind at the end of what is tried.
fn within(comparison: &Comparison<u64>, end: u32, below: bool) -> String {
    let kind = match comparison.operator {
        Operator::AtLeast | Operator::Above => ">=",
        Operator::Below | Operator::AtMost => "<",
        // A path that takes all that is tried may take more.
        Operator::Equal => {
            if below {
                "<"
            } else {
                ">="
            }
        }
    };
    format!("a bound that it can decide, such as `mtu: \"{kind} {end}\"`")
}
