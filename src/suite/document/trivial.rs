//! Bounds that every measurement meets, whatever the network does: a test of them could not fail.

use super::expect::Wanted;
use super::settings::{AnyProbe, Ask};
use crate::model::comparison::{Comparison, Operator};
use crate::model::expect::{Claim, Counted, Scope};
use crate::model::outcome::Step;
use crate::model::suite::Destination;
use crate::model::units::{Micros, Ppm, thousands};
use crate::model::unresolved::Unresolved;
use crate::model::web_wish::Statuses;
use crate::model::wish::Wish;
use crate::suite::codes;
use crate::suite::remarks::Remark;

/// What is to be said of a bound that nothing can miss.
pub(super) fn remark(bound: &Wanted, probe: &AnyProbe, to: &Destination) -> Option<Remark> {
    let (why, help) = reason(bound, probe, to)?;
    // That nobody answers at all misses it, as it misses every bound on answers.
    let who = if matches!(bound.claim, Claim::Seen(_)) { "no answer" } else { "nothing" };
    let message = format!("{who} can miss `{} {}`", bound.claim.metric(), bound.claim.wanted());
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
fn reason(bound: &Wanted, probe: &AnyProbe, to: &Destination) -> Option<(String, String)> {
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
        Claim::Latency(step, _, comparison) => too_late(*step, comparison, probe, to),
        // It is made of differences of latencies.
        Claim::Jitter(_, comparison) if never_above(comparison, probe.timeout) => {
            let why = format!("no two answers within the timeout, {}, are further apart", probe.timeout);
            Some((why, "write a limit below the timeout, or a longer `timeout`".to_owned()))
        }
        Claim::Count(_, Comparison { operator: Operator::AtLeast, limit: 0 }) => {
            Some(("any number meets it".to_owned(), "write the limit that is meant, such as `0`".to_owned()))
        }
        // The first answer of a pair is behind no other. Of duplicates there may be any number.
        Claim::Count(Counted::Reordered, comparison)
            if bound.scope == Scope::Each && never_above(comparison, u64::from(probe.count.get()) - 1) =>
        {
            let why = format!("of {} of a pair at most {} can come behind a later one", answers(probe), probe.count.get() - 1);
            Some((why, "write the limit that is meant, such as `0`, or raise `count`".to_owned()))
        }
        Claim::Seen(wish) => of_answers(wish, probe),
        Claim::Jitter(..) | Claim::Count(..) | Claim::PairsOk(_) => None,
    }
}

/// A later answer is a lost one: it counts in `loss` and in no latency. A host's name is looked up before that, and for longer; only
/// who waits for a response has waited for the name.
fn longest(step: Step, probe: &AnyProbe, to: &Destination) -> (Micros, String) {
    let lookup = Micros::of(Unresolved::AFTER);
    let waits = matches!(probe.ask, Ask::Http(_) | Ask::Tls(_));
    match (step, to) {
        (Step::Lookup, _) => (lookup, format!("a lookup that takes longer than {lookup} finds nothing")),
        (Step::Whole, Destination::Named(_)) if waits => {
            let longest = Micros(lookup.0.saturating_add(probe.timeout.0));
            (longest, format!("what takes longer than {longest}, of which {lookup} are the lookup's, counts as lost"))
        }
        (Step::Whole | Step::Connect | Step::Tls | Step::FirstByte, _) => {
            (probe.timeout, format!("what takes longer than the timeout, {}, counts as lost", probe.timeout))
        }
    }
}

fn too_late(step: Step, comparison: &Comparison<Micros>, probe: &AnyProbe, to: &Destination) -> Option<(String, String)> {
    let (longest, why) = longest(step, probe, to);
    let help = if longest == probe.timeout { "write a limit below the timeout, or a longer `timeout`" } else { "write a limit below that" };
    never_above(comparison, longest).then(|| (why, help.to_owned()))
}

/// What is to be said of a bound that takes longer than anybody waits: every answer misses it.
pub(super) fn overlong(bound: &Wanted, probe: &AnyProbe, to: &Destination) -> Option<Remark> {
    let Claim::Latency(step, _, Comparison { operator, limit }) = &bound.claim else { return None };
    let (longest, why) = longest(*step, probe, to);
    let never = match operator {
        Operator::AtLeast | Operator::Equal => *limit > longest,
        Operator::Above => *limit >= longest,
        Operator::AtMost | Operator::Below => false,
    };
    never.then(|| {
        let message = format!("no measurement can meet `{} {}`", bound.claim.metric(), bound.claim.wanted());
        Remark::error(codes::NEVER_MET, bound.at, message).label(why)
    })
}

/// Whether it is met by everything up to the most that there can be.
fn never_above<T: Ord + Copy>(Comparison { operator, limit }: &Comparison<T>, most: T) -> bool {
    match operator {
        Operator::AtMost => most <= *limit,
        Operator::Below => most < *limit,
        Operator::Equal | Operator::AtLeast | Operator::Above => false,
    }
}

fn answers(probe: &AnyProbe) -> String {
    let count = u64::from(probe.count.get());
    if count == 1 { "one answer".to_owned() } else { format!("{} answers", thousands(count)) }
}

/// Why every answer meets it, and what to do.
fn of_answers(wish: &Wish, probe: &AnyProbe) -> Option<(String, String)> {
    match wish {
        Wish::Answers(comparison) if always(comparison, (0, u64::MAX)) => {
            Some(("any number of records meets it".to_owned(), "write the number that is meant, such as `>= 1`".to_owned()))
        }
        Wish::Backends(comparison) if always(comparison, (1, u64::MAX)) => {
            Some(("whoever answers is one".to_owned(), "write the number that is meant, such as `all` or `>= 2`".to_owned()))
        }
        Wish::Queries(comparison) => {
            let Ask::Dns(dns) = &probe.ask else { return None };
            let (least, most) = dns.queries();
            always(comparison, (least.into(), most.into())).then(|| {
                let why = if least == most { format!("a lookup takes {least}") } else { format!("a lookup takes {least} to {most}") };
                (
                    format!("{why}, whatever happens"),
                    "leave it out, or write the limit that is meant, such as `<= 4` with `resolver: pod`".to_owned(),
                )
            })
        }
        Wish::Status(statuses) if any_status(statuses) => {
            Some(("every status is one of these".to_owned(), "write the statuses that are meant, such as `2xx`".to_owned()))
        }
        Wish::Answers(_)
        | Wish::Backends(_)
        | Wish::Status(_)
        | Wish::AllBackends(_)
        | Wish::Rcode(_)
        | Wish::Record(_)
        | Wish::Mtu(_)
        | Wish::NoBlackHole
        | Wish::Body(_)
        | Wish::Tls(_)
        | Wish::CertExpiry(_) => None,
    }
}

/// Whether every number meets it from the least to the most that there can be.
const fn always(Comparison { operator, limit }: &Comparison<u64>, (least, most): (u64, u64)) -> bool {
    match operator {
        Operator::AtMost => most <= *limit,
        Operator::Below => most < *limit,
        Operator::Equal => least == *limit && most == *limit,
        Operator::AtLeast => least >= *limit,
        Operator::Above => least > *limit,
    }
}

/// A status of the first class comes before a response, and is none of its own.
fn any_status(statuses: &Statuses) -> bool {
    (200..=599).all(|status| statuses.contain(status))
}
