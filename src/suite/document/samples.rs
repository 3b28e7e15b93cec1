//! Whether the number of samples can carry what is expected of them: remarks before a packet is sent.

use super::expect::{Expectation, Wanted};
use super::settings::{AnyProbe, Ask};
use super::{search, trivial};
use crate::model::comparison::{Comparison, Operator};
use crate::model::expect::{Claim, Scope};
use crate::model::outcome::Step;
use crate::model::probe::SourcePorts;
use crate::model::suite::{Count, Destination};
use crate::model::units::{Ppm, thousands};
use crate::model::wish::Wish;
use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// What is to be said of backends that nobody can tell, and of a number that follows from nothing.
pub(super) fn of_backends(expect: &Expectation, probe: &AnyProbe, (to, place): (&Destination, Place)) -> Vec<Remark> {
    let wanted = expect.wanted.iter().find(|bound| matches!(bound.claim, Claim::Seen(Wish::Backends(_) | Wish::AllBackends(_))));
    match (wanted, to.fixture()) {
        (Some(bound), None) => {
            let message = "only the agents behind a fixture say who they are";
            let remark = Remark::error(codes::BACKENDS_OF_OTHERS, bound.at, message).label(format!("this test asks `to: {to}`"));
            vec![remark.help(["leave `backends` out, or ask `to: { fixture: NAME }`"])]
        }
        (Some(_), Some(_)) if probe.counted == Count::Auto && matches!(probe.ask, Ask::Udp(Some(SourcePorts::Reused))) => {
            let message = "`count: auto` cannot be met: a Service chooses a backend once for a source port that is used again";
            vec![
                Remark::error(codes::AUTO_FOR_NOTHING, place, message)
                    .help(["leave `ports` out, or write `ports: fresh` or `ports: both`", "or say a number: `count: 20`"]),
            ]
        }
        // It may be said by what cannot be read, or not yet.
        (None, _) if probe.counted == Count::Auto && !expect.unread => {
            let message = "`count: auto` asks as often as it takes to hear of every backend, and this test does not want to hear of them";
            vec![
                Remark::error(codes::AUTO_FOR_NOTHING, place, message)
                    .help(["write `backends: all` under `each` or `overall` of its `expect`", "or say a number: `count: 20`"]),
            ]
        }
        _ => Vec::new(),
    }
}

/// Remarks on bounds that the probe can answer. How many samples there are overall depends on the cluster, so only what is asked of each
/// pair can be told here.
pub(super) fn remarks(bounds: &[&Wanted], probe: &AnyProbe, to: &Destination) -> Vec<Remark> {
    let of_one = |bound: &&Wanted| {
        let of_a_pair = if bound.scope == Scope::Each { of_a_pair(bound, probe) } else { None };
        let others = [undifferent(bound, probe), trivial::remark(bound, probe, to), trivial::overlong(bound, probe, to)];
        of_a_pair.into_iter().chain(others.into_iter().flatten()).collect::<Vec<_>>()
    };
    bounds.iter().flat_map(of_one).collect()
}

/// What is to be said if no bound limits the loss. `place` is that of the `expect`, or of the test.
pub(super) fn loss_unjudged(bounds: &[&Wanted], probe: &AnyProbe, place: Place) -> Option<Remark> {
    // Without any bound there is an error already, and so is there for pairs that are counted without one; a bound that any loss
    // meets has its own remark. A pair of whose path nothing is found misses each bound on paths, those on all of them too.
    let limits = |bound: &&Wanted| {
        search::is_of_paths(&bound.claim) || limits_loss(bound) || trivial::is_any_loss(bound) || takes_an_answer(bound, probe)
    };
    let counts_pairs = |bound: &&Wanted| matches!(bound.claim, Claim::PairsOk(_));
    (!bounds.iter().all(counts_pairs) && !bounds.iter().any(limits)).then(|| {
        let remark = Remark::warning(codes::LOSS_UNJUDGED, place, "lost packets do not fail this test");
        remark.label("no bound limits the loss").help(["add one, such as `loss: 0%`"])
    })
}

/// Whether a pair misses it that loses all it is asked: one question.
fn takes_an_answer(bound: &Wanted, probe: &AnyProbe) -> bool {
    probe.count.get() == 1 && bound.scope == Scope::Each && matches!(bound.claim, Claim::Seen(_))
}

fn of_a_pair(bound: &Wanted, probe: &AnyProbe) -> Option<Remark> {
    let count = probe.count.get();
    match &bound.claim {
        Claim::Latency(Step::Lookup, quantile, _) => {
            let need = quantile.least_samples();
            (need > 1).then(|| looked_up_once(bound, need))
        }
        Claim::Loss(comparison) => comparison.unresolved_by(count.into()).map(|need| acts_as_zero(bound, need, probe)),
        Claim::Latency(_, quantile, _) => {
            let need = quantile.least_samples();
            (u64::from(count) < need).then(|| never_judged(bound, need, count))
        }
        Claim::Jitter(..) | Claim::Count(..) | Claim::Seen(_) | Claim::PairsOk(_) => None,
    }
}

fn acts_as_zero(bound: &Wanted, need: u64, probe: &AnyProbe) -> Remark {
    let (count, need) = (probe.count.get(), thousands(need));
    let message = format!("with {} {} to each target `loss {}` acts as `0%`", thousands(count.into()), probe.unit(), bound.claim.wanted());
    Remark::warning(codes::COARSE, bound.at, message)
        .label(format!("losing one of them is already {}", Ppm::of(1, count.into())))
        .help([format!("raise `count` to {need}, or write `0%`, or judge it `overall`")])
}

/// Jitter is made of differences within a pair, also that of all of them.
fn undifferent(bound: &Wanted, probe: &AnyProbe) -> Option<Remark> {
    (matches!(bound.claim, Claim::Jitter(..)) && probe.count.get() < 2).then(|| {
        let message = format!("`{}` could never be judged: it takes 2 answers of a pair, and each is asked once", bound.claim.metric());
        Remark::error(codes::NEVER_JUDGED, bound.at, message).help(["raise `count` to 2 or more"])
    })
}

fn never_judged(bound: &Wanted, need: u64, count: u32) -> Remark {
    let metric = bound.claim.metric();
    let message = format!("`{metric}` of a pair could never be judged: it takes {need} answers, and each pair is asked {count} times");
    Remark::error(codes::NEVER_JUDGED, bound.at, message)
        .help([format!("raise `count` to {need} or more, or judge `{metric}` under `overall`")])
}

fn looked_up_once(bound: &Wanted, need: u64) -> Remark {
    let metric = bound.claim.metric();
    let message = format!("`{metric}` of a pair could never be judged: it takes {need} lookups, and each source looks the name up once");
    Remark::error(codes::NEVER_JUDGED, bound.at, message).help([format!("judge `{metric}` under `overall`, or write `dns.max`")])
}

fn limits_loss(bound: &Wanted) -> bool {
    match &bound.claim {
        Claim::Loss(Comparison { operator, limit }) => match operator {
            Operator::AtMost => *limit < Ppm::WHOLE,
            Operator::Below | Operator::Equal => true,
            Operator::AtLeast | Operator::Above => false,
        },
        Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) | Claim::Seen(_) | Claim::PairsOk(_) => false,
    }
}
