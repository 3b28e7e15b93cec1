//! Attempts, and what answers say.

use super::*;
use crate::model::wish::Behind;

/// A case of single connections that is asked again, with what came of each pair's attempts: whether each was answered.
fn asked_again(flaky: Flaky, pairs: &[&[bool]]) -> CaseReport {
    let mut planned = planned(pairs.len(), vec![loss(Scope::Each, Operator::AtMost, 0)]);
    planned.case.retry = Some(Retry { attempts: 3, backoff: Retry::BACKOFF, only: Vec::new(), flaky });
    let tally = |answered: &bool| match lost(if *answered { 0 } else { COUNT }) {
        PairResult::Measured(attempts) => attempts.first().clone(),
        other => panic!("{other:?}"),
    };
    let result = |attempts: &&[bool]| {
        let tallies: Vec<Tally> = attempts.iter().map(tally).collect();
        let (last, before) = tallies.split_last().unwrap();
        PairResult::Measured(Attempts::after(last.clone(), before))
    };
    judge(&planned, &pairs.iter().map(result).collect::<Vec<_>>())
}

#[test]
fn a_later_attempt_rescues_a_pair_and_no_figure() {
    let (yes, no) = (true, false);
    let check = |flaky: Flaky, pairs: &[&[bool]], expected: (&str, &str, Option<Flaky>), (failed, rescued): (u64, u64)| {
        let report = asked_again(flaky, pairs);
        let retries = report.retries.as_ref().unwrap();
        assert_eq!((report.verdict.word(), report.verdict.code(), report.flaky()), expected, "{flaky:?} {pairs:?}");
        assert_eq!((report.pairs_failed, retries.pairs_rescued), (failed, rescued), "{flaky:?} {pairs:?}");
        let first_lost = pairs.iter().filter(|attempts| !attempts[0]).count() as u64;
        assert_eq!(report.figures.lost, first_lost * u64::from(COUNT), "later attempts are in no figure");
        assert_eq!(report.figures.sent, pairs.len() as u64 * u64::from(COUNT));
    };
    for flaky in [Flaky::Passes, Flaky::Warns] {
        check(flaky, &[&[yes], &[no, yes]], ("passed", "", Some(flaky)), (0, 1));
        check(flaky, &[&[yes], &[yes]], ("passed", "", None), (0, 0));
        check(flaky, &[&[no, yes], &[no, no, no]], ("failed", "loss", None), (1, 1));
    }
    check(Flaky::Fails, &[&[yes], &[no, no, yes]], ("failed", "flaky", None), (1, 1));
    check(Flaky::Fails, &[&[yes], &[yes]], ("passed", "", None), (0, 0));
    check(Flaky::Fails, &[&[no, yes], &[no, no, no]], ("failed", "loss", None), (2, 1));
}

#[test]
fn what_came_of_the_attempts_is_said() {
    let report = asked_again(Flaky::Fails, &[&[false, false, false], &[false, false], &[false, true]]);
    let why = |report: &PairReport| match &report.state {
        PairState::Failed { why, .. } => why.split_once("; ").unwrap().1.to_owned(),
        PairState::Unmeasured(cause) => panic!("{cause}"),
    };
    let said: Vec<String> = report.pairs.iter().map(why).collect();
    assert_eq!(said, ["failed on all 3 attempts", "failed on attempt 2 of 3, and was not asked again", "passed on attempt 2 of 3"]);
}

/// All answered, each by another of so many backends.
fn backends(answered: u32, names: u32) -> PairResult {
    let samples = Samples::Raw((0..answered).map(|number| Micros(100 + u64::from(number))).collect());
    let missed = if answered < COUNT { vec![Missed { how: Miss::TimedOut, count: COUNT - answered }] } else { Vec::new() };
    let seen = (0..names).map(|number| Seen { what: Sight::Backend { name: format!("node{number}") }, count: 1 }).collect();
    PairResult::Measured(Attempts::once(Tally { sent: COUNT, answered, missed, samples, seen, ..Tally::empty() }))
}

fn at_least(scope: Scope, limit: u64) -> Vec<(Scope, Claim)> {
    vec![(scope, Claim::Seen(Wish::Backends(Comparison { operator: Operator::AtLeast, limit })))]
}

#[test]
fn what_nobody_answered_meets_no_wish() {
    let none = vec![(Scope::Each, Claim::Seen(Wish::Backends(Comparison { operator: Operator::AtMost, limit: 3 })))];
    check(none.clone(), &[backends(0, 0)], ("failed", "backends"));
    check(none, &[backends(20, 3)], ("passed", ""));
    check(at_least(Scope::Each, 2), &[backends(20, 2), backends(20, 1)], ("failed", "backends"));
    check(at_least(Scope::Overall, 2), &[backends(20, 2), backends(20, 1)], ("passed", ""));
    check(at_least(Scope::Overall, 3), &[backends(20, 2), gap()], ("errored", "deadline"));
}

/// Whoever is behind a Service, and was lost meanwhile: `false`.
fn all_of(scope: Scope, behind: &[(&str, bool)]) -> Vec<(Scope, Claim)> {
    let lost = || "it was evicted".to_owned();
    let behind = behind.iter().map(|(name, there)| Behind { vantage: Vantage::pod(name), lost: (!there).then(lost) });
    vec![(scope, Claim::Seen(Wish::AllBackends(behind.collect())))]
}

#[test]
fn a_backend_that_was_lost_is_held_against_nobody_and_passes_nothing() {
    for scope in [Scope::Each, Scope::Overall] {
        for (behind, expected) in [
            ([("node0", true), ("node1", true)], ("passed", "")),
            // It had answered before.
            ([("node0", true), ("node1", false)], ("passed", "")),
            ([("node0", true), ("node2", true)], ("failed", "backends")),
        ] {
            check(all_of(scope, &behind), &[backends(20, 2)], expected);
        }
        let behind = |last| [("node0", true), ("node1", true), ("node2", last)];
        check(all_of(scope, &behind(true)), &[backends(20, 2)], ("failed", "backends"));
        check(all_of(scope, &behind(false)), &[backends(20, 2)], ("errored", "target-agent-lost"));
        check(all_of(scope, &behind(false)), &[backends(20, 1)], ("failed", "backends"));
        // Somebody else answered.
        check(all_of(scope, &behind(false)), &[backends(20, 4)], ("failed", "backends"));
        check(all_of(scope, &behind(false)), &[backends(0, 0)], ("failed", "backends"));
    }
}

#[test]
fn a_wrong_answer_is_asked_again_and_told() {
    let retry = Retry { attempts: 2, backoff: Micros(0), only: Vec::new(), flaky: Flaky::Warns };
    let mut planned = planned(1, at_least(Scope::Each, 2));
    planned.case.retry = Some(retry.clone());
    let tally = |result| if let PairResult::Measured(attempts) = result { attempts.first().clone() } else { Tally::empty() };
    let (wrong, right) = (tally(backends(20, 1)), tally(backends(20, 2)));
    assert!(follows(&planned.case, &retry, &wrong) && !follows(&planned.case, &retry, &right));
    assert!(!follows(&planned.case, &Retry { only: vec![MissKind::Timeout], ..retry }, &wrong), "a wrong answer is no timeout");
    let report = judge(&planned, &[PairResult::Measured(Attempts::after(right, std::slice::from_ref(&wrong)))]);
    assert_eq!((report.verdict.word(), report.retries.map(|retries| retries.pairs_rescued)), ("passed", Some(1)));
    let report = judge(&planned, &[PairResult::Measured(Attempts::after(wrong.clone(), &[wrong]))]);
    assert_eq!((report.verdict.word(), report.retries.map(|retries| retries.pairs_rescued)), ("failed", Some(0)));
}

#[test]
fn the_mean_and_the_jitter_are_pooled_over_pairs() {
    let of = |latencies: &[u64], sum, count, rfc3550| {
        let samples = Samples::Raw(latencies.iter().copied().map(Micros).collect());
        let jitter = Jitter { sum: Micros(sum), count, rfc3550: Micros(rfc3550) };
        let (sent, answered) = (2, 2);
        PairResult::Measured(Attempts::once(Tally { sent, answered, samples, jitter, ..Tally::empty() }))
    };
    let report = judge(&planned(2, Vec::new()), &[of(&[100, 300], 200, 1, 12), of(&[10, 11], 1, 1, 3)]);
    assert_eq!(report.figures.quantile(Quantile::Avg), Some(Micros(105)));
    assert_eq!(report.figures.jitter, Some((Micros(100), Micros(12))));
}

#[test]
fn percentiles_are_those_of_the_sorted_list() {
    let mut random = fastrand::Rng::with_seed(7);
    for length in [1_usize, 2, 19, 20, 99, 100, 101, 256] {
        let mut latencies: Vec<u64> = (0..length).map(|_| random.u64(1..500)).collect();
        let samples = Samples::Raw(latencies.iter().copied().map(Micros).collect());
        let answered = u32::try_from(length).unwrap();
        let tally = Tally { sent: answered, answered, samples, ..Tally::empty() };
        let report = judge(&planned(1, Vec::new()), &[PairResult::Measured(Attempts::once(tally))]);
        latencies.sort_unstable();
        for (quantile, percent) in [(Quantile::P50, 50), (Quantile::P95, 95), (Quantile::P99, 99), (Quantile::Max, 100)] {
            let exact = latencies[(length * percent).div_ceil(100) - 1];
            let told = (length as u64 >= quantile.least_samples()).then_some(Micros(exact));
            assert_eq!(report.figures.quantile(quantile), told, "{quantile:?} of {length}");
        }
    }
}

/// Half of the queries are lost, and the lookup found what it should all the same.
fn half_lost(names: u32) -> Tally {
    let PairResult::Measured(attempts) = backends(COUNT / 2, names) else { return Tally::empty() };
    attempts.first().clone()
}

#[test]
fn an_attempt_that_meets_all_that_is_wanted_is_a_pass_whatever_it_lost_on_the_way() {
    let retry = Retry { attempts: 2, backoff: Micros(0), only: Vec::new(), flaky: Flaky::Fails };
    let mut planned = planned(1, at_least(Scope::Each, 2));
    planned.case.retry = Some(retry.clone());
    assert!(!follows(&planned.case, &retry, &half_lost(2)), "nothing is to be mended");
    assert!(follows(&planned.case, &retry, &half_lost(1)));
    let result = PairResult::Measured(Attempts::after(half_lost(2), &[half_lost(1)]));
    let report = judge(&planned, &[result]);
    assert_eq!((report.verdict.word(), report.verdict.code()), ("failed", "flaky"), "a rescue is one though a query was lost");
}

#[test]
fn a_path_of_which_nothing_is_found_is_none_of_all_paths_that_are_well() {
    let path = |answered| {
        let top = 1450;
        let found = PathMtu { direction: Direction::There, size: top, top, fails: 0, larger: Larger::Unsent };
        let seen = if answered == 0 { Vec::new() } else { vec![Seen { what: Sight::PathMtu(found), count: 1 }] };
        let PairResult::Measured(attempts) = lost(COUNT - answered) else { return lost(COUNT) };
        PairResult::Measured(Attempts::once(Tally { seen, ..attempts.first().clone() }))
    };
    for wish in [Wish::Mtu(MtuWish::Interface), Wish::NoBlackHole] {
        let overall = vec![(Scope::Overall, Claim::Seen(wish.clone()))];
        check(overall.clone(), &[path(COUNT), path(COUNT)], ("passed", ""));
        check(overall, &[path(COUNT), path(0)], ("failed", wish.subject().name()));
    }
}
