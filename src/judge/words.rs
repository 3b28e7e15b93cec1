//! The sentences of a failure. They are made here once, so that every report says the same.

use crate::model::case::{Figures, PairReport, PairState};
use crate::model::codes;
use crate::model::expect::Scope;
use crate::model::outcome::{Miss, Missed, Tally};
use crate::model::plan::PlannedCase;
use crate::model::probe::Probe;
use crate::model::retry::Retry;
use crate::model::suite::{Case, Destination};
use crate::model::target::Pair;
use crate::model::units::{counted, thousands};
use crate::model::unresolved::Unresolved;
use crate::model::verdict::{Check, CheckResult, Mismatch};

use super::PairResult;
use super::attempts::Attempts;
use super::figures::Pool;
use super::flows;
use super::{bounds, sights};

/// Pairs that are named in a headline.
const NAMED: usize = 3;

/// What an end has not, where that makes a pair fail that was not measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lacked {
    /// An address of a family.
    Family,
    /// A default gateway.
    Gateway,
    /// An address behind the name of the host.
    Address(String),
}

/// What some end has not, where nothing says otherwise.
pub(super) fn lacked(case: &Case, results: &[PairResult]) -> Lacked {
    let of = |result: &PairResult| match result {
        PairResult::NoGateway(..) => Some(Lacked::Gateway),
        PairResult::Unresolved(_) => Some(Lacked::Address(name(case).to_owned())),
        PairResult::Measured(_) | PairResult::Unmeasured(_) | PairResult::Accepted(_) | PairResult::FamilyMissing(..) => None,
    };
    results.iter().find_map(of).unwrap_or(Lacked::Family)
}

/// `shop.example has no IPv6 address: NXDOMAIN from 10.96.0.10`.
pub(super) fn unresolved(case: &Case, unresolved: &Unresolved) -> String {
    unresolved.words(name(case), case.probe.burst().family)
}

/// The name of the host that a case asks; only of such a case are there pairs whose host has no address.
fn name(case: &Case) -> &str {
    match &case.to {
        Destination::Named(named) => &named.name,
        Destination::Agents(_)
        | Destination::Nodes { .. }
        | Destination::Host(_)
        | Destination::Gateway
        | Destination::Resolver
        | Destination::Service(_) => "the host",
    }
}

/// The headline of a failed case; none if nothing failed.
pub(super) fn mismatch(planned: &PlannedCase, missed: &[&Check], (failed, lacked): (&[PairReport], Lacked)) -> Option<Mismatch> {
    let Some(check) = missed.iter().find(|check| check.bound.scope == Scope::Each).or(missed.first()) else {
        let (code, claim) = match lacked {
            Lacked::Family => ("family-missing", "wanted an address of each of expectFamilies".to_owned()),
            Lacked::Gateway => (codes::NO_GATEWAY, "wanted a default gateway to ask".to_owned()),
            Lacked::Address(name) => (codes::UNRESOLVED, format!("wanted an address of {name} to ask")),
        };
        return (!failed.is_empty()).then(|| Mismatch { code, message: of_pairs(&claim, planned, failed) });
    };
    let code = check.bound.claim.mismatch();
    let message = match check.result {
        CheckResult::Missed { pairs } | CheckResult::Unanswered { pairs } if pairs > 0 => {
            of_pairs(&format!("wanted {}", check.bound), planned, failed)
        }
        CheckResult::Missed { .. }
        | CheckResult::Unanswered { .. }
        | CheckResult::Met
        | CheckResult::Counted { .. }
        | CheckResult::Unknown(_) => {
            format!("wanted {}, measured {}", check.bound, check.measured)
        }
    };
    Some(Mismatch { code, message })
}

/// `wanted each.loss <= 10%, missed by 2 of 12 pairs: node1 → node2, node2 → node1`.
fn of_pairs(claim: &str, planned: &PlannedCase, failed: &[PairReport]) -> String {
    let who = unreached(planned, failed).unwrap_or_else(|| names(failed));
    let (count, planned) = (thousands(failed.len() as u64), thousands(planned.pairs.len() as u64));
    format!("{claim}, missed by {count} of {planned} pairs: {who}")
}

/// `2 of 6 pairs miss what is wanted of each, and overall.pairsOk >= 60% leaves room for them: node1 → node2, node2 → node1`.
pub(super) fn tolerated(room: &Check, tolerated: &[PairReport]) -> String {
    let miss = if tolerated.len() == 1 { "pair misses" } else { "pairs miss" };
    format!(
        "{} {miss} what is wanted of each, and {} leaves room for that, measured {}: {}",
        thousands(tolerated.len() as u64),
        room.bound,
        room.measured,
        names(tolerated)
    )
}

/// `node1 → node2, node2 → node1 and 3 more`.
fn names(failed: &[PairReport]) -> String {
    let names: Vec<_> = failed.iter().take(NAMED).map(|report| report.pair.to_string()).collect();
    let more = if failed.len() > NAMED { format!(" and {} more", thousands((failed.len() - NAMED) as u64)) } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// Where to look where nobody reaches the one target that there is.
pub(super) fn where_to_look(planned: &PlannedCase) -> &'static str {
    match &planned.case.to {
        Destination::Service(_) => "look at who stands behind that Service, and at the way there",
        Destination::Named(_) => "look at that host, at the way to it, and at what its name leads to",
        Destination::Host(_) | Destination::Agents(_) | Destination::Nodes { .. } | Destination::Gateway | Destination::Resolver => {
            "look at that host, and at the way to it"
        }
    }
}

/// The host that all ask, or the Service at its one address.
fn only_target(planned: &PlannedCase) -> Option<String> {
    match &planned.case.to {
        // Each source may have found another address.
        Destination::Named(named) => Some(named.to_string()),
        Destination::Host(_) | Destination::Service(_) => {
            let first = &planned.pairs.first()?.target;
            planned.pairs.iter().all(|pair| pair.target == *first).then(|| first.to_string())
        }
        Destination::Agents(_) | Destination::Nodes { .. } | Destination::Gateway | Destination::Resolver => None,
    }
}

/// `none of the 3 nodes reaches 10.0.0.10:443 (refused)`: then it is the host, or the way to it, and no node of the cluster.
pub(super) fn unreached(planned: &PlannedCase, failed: &[PairReport]) -> Option<String> {
    let target = only_target(planned)?;
    let lost = |report: &PairReport| match &report.state {
        PairState::Failed { figures, .. } if figures.sent > 0 && figures.lost == figures.sent => Some(figures.missed.clone()),
        PairState::Failed { .. } | PairState::Unmeasured(_) => None,
    };
    let missed: Vec<_> = failed.iter().map(lost).collect::<Option<_>>()?;
    if failed.len() < 2 || failed.len() < planned.pairs.len() {
        return None;
    }
    let mut ways: Vec<String> = missed.iter().flatten().map(|missed| whoever_said_it(&missed.how)).collect();
    ways.sort_unstable();
    ways.dedup();
    let how = if let [how] = ways.as_slice() { format!(" ({how})") } else { String::new() };
    Some(format!("none of the {} nodes reaches {target}{how}", thousands(failed.len() as u64)))
}

/// The same way of missing without its sender: each node has a router of its own.
fn whoever_said_it(how: &Miss) -> String {
    let nobody = match how {
        Miss::Refused { .. } => Miss::Refused { by: None },
        Miss::Unreachable { what, .. } => Miss::Unreachable { what: *what, by: None },
        // Without a sender it would be the asker's own link.
        Miss::TooBig { by: Some(_), mtu: most @ 1.. } => return format!("too big for a link of {most} bytes"),
        Miss::TooBig { mtu, .. } => Miss::TooBig { by: None, mtu: *mtu },
        Miss::TimedOut
        | Miss::Late
        | Miss::Reset
        | Miss::Altered { .. }
        | Miss::WrongPeer { .. }
        | Miss::Stalled { .. }
        | Miss::Broken { .. } => how.clone(),
    };
    nobody.to_string()
}

/// The headline of a case that has to pass on first attempts, of the pairs that passed on a later one; none if there is none.
pub(super) fn flaky(planned: &PlannedCase, flaky: &[PairReport]) -> Option<Mismatch> {
    let message = || of_pairs("wanted every pair to pass on its first attempt (`flaky: fail`)", planned, flaky);
    (!flaky.is_empty()).then(|| Mismatch { code: "flaky", message: message() })
}

/// A failed pair with a line about its first attempt, and what came of the others: `20 of 20 packets lost: timed out`,
/// `1 of 1 connections lost: refused; failed on all 3 attempts`.
pub(super) fn pair(pair: &Pair, case: &Case, attempts: &Attempts) -> PairState {
    let figures = Pool::of(attempts.first()).figures();
    let unit = case.probe.unit();
    let paths = sights::of_paths(pair, Pool::of(attempts.first()).seen());
    let why = if figures.lost == 0 && !paths.is_empty() {
        format!("all {} small {unit} answered", thousands(figures.sent))
    } else if figures.lost == 0 {
        format!("all {} {unit} answered, {}", thousands(figures.sent), latency(&figures))
    } else {
        format!("{} of {} {unit} lost: {}", thousands(figures.lost), thousands(figures.sent), ways(&figures.missed))
    };
    // What was found of a path is what the pair was asked for: the small packets before it stand behind.
    let first = attempts.first();
    let more = [flows::reused_alone(pair, case, first), oddities(&figures), strays(case, first), seen(case, first)];
    let why = paths.into_iter().chain([why]).chain(more.into_iter().flatten()).collect::<Vec<_>>().join("; ");
    let Some(retry) = &case.retry else { return PairState::Failed { figures, why, attempts: Vec::new() } };
    let why = format!("{why}; {}", outcome(case, attempts, retry));
    PairState::Failed { figures, why, attempts: attempts.iter().map(|tally| attempt(case, tally)).collect() }
}

/// `20 came twice, 3 out of order`.
fn oddities(figures: &Figures) -> Option<String> {
    let counts = [(figures.duplicates, "came twice"), (figures.reordered, "out of order")];
    let told = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", thousands(*count)));
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// `6 packets came that are no answers: changed, cut or somebody else's`: whoever answers wrongly is not silent, though nobody was answered.
fn strays(case: &Case, tally: &Tally) -> Option<String> {
    let unit = match &case.probe {
        Probe::Icmp(_) | Probe::Udp(_) | Probe::Pmtu(_) => "packet",
        Probe::Tcp(_) | Probe::Dns(_) => "message",
        // A request has one response: what is wrong with that is told as what the request was lost by.
        Probe::Http(_) | Probe::Tls(_) => return None,
    };
    let are = if tally.foreign == 1 { "is no answer" } else { "are no answers" };
    let came = || format!("{} came that {are}: changed, cut or somebody else's", counted(tally.foreign, unit));
    (tally.foreign > 0).then(came)
}

fn latency(figures: &Figures) -> String {
    figures.latency.iter().map(|(quantile, value)| format!("{} {value}", quantile.name())).collect::<Vec<_>>().join(", ")
}

/// What answers said, where that is not what is wanted: `18 by node1`.
fn seen(case: &Case, tally: &Tally) -> Option<String> {
    let said = tally.answered > 0 && !bounds::answers_fit(case, tally);
    said.then(|| sights::list(Pool::of(tally).seen())).filter(|list| !list.is_empty())
}

/// What the attempts came to in the end.
fn outcome(case: &Case, attempts: &Attempts, retry: &Retry) -> String {
    let (made, all) = (attempts.iter().count(), retry.attempts);
    if bounds::failed_before_a_pass(case, attempts).is_some() {
        format!("passed on attempt {made} of {all}")
    } else if made == all as usize {
        format!("failed on all {all} attempts")
    } else {
        format!("failed on attempt {made} of {all}, and was not asked again")
    }
}

/// What came of an attempt: `refused by 10.0.0.1`, `answered`.
pub(super) fn attempt(case: &Case, tally: &Tally) -> String {
    let lost = (tally.lost() > 0).then(|| ways(&tally.missed));
    let strays = lost.is_some().then(|| strays(case, tally)).flatten();
    let parts: Vec<_> = lost.into_iter().chain(strays).chain(seen(case, tally)).collect();
    if parts.is_empty() { "answered".to_owned() } else { parts.join("; ") }
}

/// `timed out`, or with counts where there are several ways: `18 timed out, 2 refused by 10.0.0.1`.
fn ways(missed: &[Missed]) -> String {
    match missed {
        [one] => one.how.to_string(),
        several => several.iter().map(|Missed { how, count }| format!("{count} {how}")).collect::<Vec<_>>().join(", "),
    }
}
