//! Whether a case, as it is planned, can give as many samples as its bounds on all pairs together take; of those on each pair the suite
//! tells it. It must not know what was measured.

use std::collections::HashSet;

use crate::model::expect::{Bound, Claim, Scope};
use crate::model::outcome::Step;
use crate::model::suite::Case;
use crate::model::target::Pair;
use crate::model::units::{Ppm, counted, thousands};

/// Of the first bound that could never be judged, why: `overall.p99 cannot be judged: it takes 100 answers, and … give 60 at most`.
pub(super) fn too_few(case: &Case, pairs: &[Pair]) -> Option<String> {
    let overall = case.expect.iter().filter(|bound| bound.scope == Scope::Overall && !pairs.is_empty());
    let lacks = |bound: &Bound| match &bound.claim {
        Claim::Latency(Step::Lookup, quantile, _) => lookups(pairs, quantile.least_samples()),
        Claim::Latency(_, quantile, _) => answers(case, pairs, quantile.least_samples()),
        Claim::Loss(_) | Claim::Jitter(..) | Claim::Count(..) | Claim::Seen(_) | Claim::PairsOk(_) => None,
    };
    let mut lacking = overall.filter_map(|bound| Some((bound, lacks(bound)?)));
    lacking.next().map(|(bound, why)| format!("{}.{} cannot be judged: it takes {why}", bound.scope, bound.claim.metric()))
}

/// Of the first bound on the loss of all pairs together that one lost packet exceeds, though it allows some:
/// `overall.loss <= 1% acts as 0%: …`.
pub(super) fn acts_as_zero(case: &Case, pairs: &[Pair]) -> Option<String> {
    let (count, (_, of_a_pair)) = (pairs.len() as u64, case.probe.sends());
    let sent = count * u64::from(of_a_pair);
    let enough = |bound: &Bound| match (&bound.claim, bound.scope) {
        (Claim::Loss(comparison), Scope::Overall) => comparison.unresolved_by(sent),
        _ => None,
    };
    let (bound, enough) = case.expect.iter().find_map(|bound| Some((bound, enough(bound)?))).filter(|_| sent > 0)?;
    let unit = case.probe.unit();
    Some(format!(
        "overall.loss {} acts as `0%`: {} with {of_a_pair} {unit} each are {}, and losing one of them is already {}; raise `count` to {}",
        bound.claim.wanted(),
        counted(count, "pair"),
        thousands(sent),
        Ppm::of(1, sent),
        thousands(enough.div_ceil(count))
    ))
}

fn lookups(pairs: &[Pair], need: u64) -> Option<String> {
    let sources = pairs.iter().map(|pair| &pair.source).collect::<HashSet<_>>().len() as u64;
    (sources < need).then(|| format!("{} lookups, and each of {} looks the name up once", thousands(need), counted(sources, "source")))
}

fn answers(case: &Case, pairs: &[Pair], need: u64) -> Option<String> {
    let (pairs, (_, of_a_pair)) = (pairs.len() as u64, case.probe.sends());
    let most = pairs * u64::from(of_a_pair);
    let (all, unit, count) = (counted(pairs, "pair"), case.probe.unit(), need.div_ceil(pairs));
    let each = if of_a_pair == 1 { "one question each".to_owned() } else { format!("{of_a_pair} {unit} each") };
    (most < need).then(|| {
        let (need, most) = (thousands(need), thousands(most));
        format!("{need} answers, and {all} with {each} give {most} at most; raise `count` to {count}")
    })
}
