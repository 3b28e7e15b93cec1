//! Tables and properties of verdicts.

use std::num::NonZeroU32;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::expect::{Bound, Comparison, Metric, Quantile, Unjudged};
use crate::model::outcome::{Jitter, Miss, Missed, Samples, Seen, Sight, Step, Tally, WarmUp};
use crate::model::path_mtu::{Direction, Larger, PathMtu};
use crate::model::plan::Ends;
use crate::model::probe::{Burst, Probe};
use crate::model::retry::{Flaky, MissKind, Retry};
use crate::model::source::Span;
use crate::model::suite::{CaseId, Destination, Group, PairStrategy, SameNode};
use crate::model::target::Target;
use crate::model::units::Ppm;
use crate::model::wish::{MtuWish, Wish};

const COUNT: u32 = 20;

fn loss(scope: Scope, operator: Operator, percent: u32) -> (Scope, Claim) {
    (scope, Claim::Loss(Comparison { operator, limit: Ppm(percent * 10_000) }))
}

fn latency(scope: Scope, quantile: Quantile, limit: u64) -> (Scope, Claim) {
    (scope, Claim::Latency(Step::Whole, quantile, Comparison { operator: Operator::AtMost, limit: Micros(limit) }))
}

fn planned(pairs: usize, bounds: Vec<(Scope, Claim)>) -> PlannedCase {
    let span = Span { file: "suite.yaml".into(), line: 1, column: 1, length: 1, text: "-".into() };
    let bound = |(scope, claim)| Bound { scope, claim, span: span.clone(), origin: None };
    let burst = Burst { family: Family::V4, count: NonZeroU32::new(COUNT).unwrap(), interval: Micros(10_000), timeout: Micros(1_000_000) };
    let case = Case {
        id: CaseId { suite: Arc::from("s"), test: Arc::from("t"), key: Vec::new() },
        span: span.clone(),
        tags: Vec::new(),
        about: crate::model::suite::About::default(),
        conduct: crate::model::suite::Conduct::default(),
        from: Group::PODS,
        to: Destination::Agents(Group::PODS),
        pairs: PairStrategy::DEFAULT,
        same_node: SameNode::Exclude,
        probe: Probe::Udp(burst),
        expect: bounds.into_iter().map(bound).collect(),
        unjudged: Vec::new(),
        retry: None,
        skip: None,
    };
    let pair = |number| Pair { source: Vantage::pod(&format!("a{number}")), target: Target::Agent(Vantage::pod("b")) };
    PlannedCase {
        suite: 0,
        case,
        pairs: (0..pairs).map(pair).collect(),
        total: pairs as u64,
        strategy: "circulant",
        ends: Ends::default(),
        skip: None,
        no_pairs: None,
    }
}

fn lost(count: u32) -> PairResult {
    let answered = COUNT - count;
    let missed = if count == 0 { Vec::new() } else { vec![Missed { how: Miss::TimedOut, count }] };
    let samples = Samples::Raw(vec![Micros(250); answered as usize]);
    let warm_up = WarmUp::Unanswered;
    PairResult::Measured(Attempts::once(Tally { sent: COUNT, answered, missed, warm_up, samples, ..Tally::empty() }))
}

fn gap() -> PairResult {
    PairResult::Unmeasured(Cause::Deadline)
}

fn check(bounds: Vec<(Scope, Claim)>, results: &[PairResult], expected: (&str, &str)) {
    let report = judge(&planned(results.len(), bounds), results);
    assert_eq!((report.verdict.word(), report.verdict.code()), expected, "{:?} of {results:?}", report.verdict);
}

#[test]
fn evidence_outranks_gaps_and_a_pass_needs_evidence() {
    let none = || vec![loss(Scope::Each, Operator::AtMost, 0)];
    check(none(), &[lost(0), lost(0)], ("passed", ""));
    check(none(), &[lost(0), lost(1)], ("failed", "loss"));
    check(none(), &[lost(0), gap()], ("errored", "deadline"));
    check(none(), &[lost(1), gap()], ("failed", "loss"));
    check(none(), &[gap(), gap()], ("errored", "deadline"));
    check(none(), &[], ("errored", "no-pairs"));
    check(none(), &[lost(0), PairResult::Accepted(Cause::Deadline)], ("passed", ""));
    check(none(), &[PairResult::Accepted(Cause::Deadline)], ("errored", "deadline"));
    check(none(), &[lost(0), PairResult::FamilyMissing(Vantage::pod("b"), Family::V6)], ("failed", "family-missing"));
}

#[test]
fn limits_are_exact() {
    let each = |operator, percent| vec![loss(Scope::Each, operator, percent)];
    for (operator, percent, count, word) in [
        (Operator::AtMost, 10, 2, "passed"),
        (Operator::AtMost, 10, 3, "failed"),
        (Operator::Below, 10, 2, "failed"),
        (Operator::Below, 10, 1, "passed"),
        (Operator::Equal, 100, 20, "passed"),
        (Operator::Equal, 100, 19, "failed"),
        (Operator::AtLeast, 50, 10, "passed"),
        (Operator::Above, 50, 10, "failed"),
    ] {
        let report = judge(&planned(1, each(operator, percent)), &[lost(count)]);
        assert_eq!(report.verdict.word(), word, "{count} of 20 lost, wanted {operator} {percent}%");
    }
}

#[test]
fn the_whole_is_pooled_and_names_the_pairs_that_lost() {
    let bounds = || vec![loss(Scope::Each, Operator::AtMost, 10), loss(Scope::Overall, Operator::AtMost, 1)];
    let report = judge(&planned(4, bounds()), &[lost(0), lost(1), lost(0), lost(0)]);
    assert_eq!((report.verdict.word(), report.pairs_failed), ("failed", 1));
    assert_eq!(report.pairs[0].pair.source.node(), "a1");
    let report = judge(&planned(4, bounds()), &[lost(1), lost(20), lost(0), lost(0)]);
    assert_eq!(report.pairs_failed, 1, "a bound on each is missed: the pairs that miss it");
}

#[test]
fn a_gap_in_the_whole_is_no_evidence_against_it() {
    let overall = |operator, percent| vec![loss(Scope::Overall, operator, percent)];
    check(overall(Operator::AtMost, 3), &[lost(1), gap()], ("errored", "deadline"));
    check(overall(Operator::AtMost, 2), &[lost(1), gap()], ("failed", "loss"));
    check(overall(Operator::AtLeast, 50), &[lost(0), gap()], ("errored", "deadline"));
    check(overall(Operator::AtLeast, 60), &[lost(0), gap()], ("failed", "loss"));
    check(vec![latency(Scope::Overall, Quantile::P50, 100)], &[lost(0), gap()], ("errored", "deadline"));
    check(overall(Operator::AtMost, 3), &[lost(1), PairResult::Accepted(Cause::Deadline)], ("failed", "loss"));
}

#[test]
fn the_worst_pair_stands_first_by_latency_too() {
    let slow = |micros| match lost(0) {
        PairResult::Measured(attempts) => {
            let samples = Samples::Raw(vec![Micros(micros); COUNT as usize]);
            PairResult::Measured(Attempts::once(Tally { samples, ..attempts.first().clone() }))
        }
        other => other,
    };
    let report = judge(&planned(3, vec![latency(Scope::Each, Quantile::P50, 1_000)]), &[slow(2_000), slow(80_000), slow(500)]);
    let order: Vec<_> = report.pairs.iter().map(|report| report.pair.source.node()).collect();
    assert_eq!(order, ["a1", "a0"]);
}

#[test]
fn percentiles_need_samples() {
    let p95 = || vec![latency(Scope::Each, Quantile::P95, 1_000)];
    check(p95(), &[lost(0)], ("passed", ""));
    check(p95(), &[lost(1)], ("errored", "too-few-samples"));
    check(vec![latency(Scope::Each, Quantile::Max, 249)], &[lost(0)], ("failed", "latency"));
    check(vec![latency(Scope::Overall, Quantile::P99, 1_000)], &[lost(0), lost(0)], ("errored", "too-few-samples"));
    check(vec![latency(Scope::Overall, Quantile::P50, 1_000)], &[lost(20)], ("errored", "too-few-samples"));
}

fn any_result() -> impl Strategy<Value = PairResult> {
    prop_oneof![
        6 => (0..=COUNT).prop_map(lost),
        6 => Just(lost(0)),
        1 => Just(gap()),
        1 => Just(PairResult::Accepted(Cause::Deadline)),
        1 => Just(PairResult::FamilyMissing(Vantage::pod("b"), Family::V6)),
    ]
}

proptest! {
    /// A pass means: something was measured, nothing that counts is missing, and every loss is within its limit.
    #[test]
    fn a_pass_is_evidence(results in proptest::collection::vec(any_result(), 0..8), each in 0..=100_u32, overall in 0..=100_u32) {
        let bounds = vec![loss(Scope::Each, Operator::AtMost, each), loss(Scope::Overall, Operator::AtMost, overall)];
        let report = judge(&planned(results.len(), bounds), &results);
        let tallies: Vec<&Tally> = results.iter().filter_map(|result| if let PairResult::Measured(attempts) = result { Some(attempts.first()) } else { None }).collect();
        let all_within = tallies.iter().all(|tally| tally.lost() * 100 <= each * tally.sent);
        let (lost, sent) = tallies.iter().fold((0, 0), |(lost, sent), tally| (lost + tally.lost(), sent + tally.sent));
        let missing = results.iter().any(|result| matches!(result, PairResult::FamilyMissing(..)));
        let gaps = results.iter().any(|result| matches!(result, PairResult::Unmeasured(_)));
        let missing_questions: u32 = results.iter().filter(|result| matches!(result, PairResult::Unmeasured(_))).map(|_| COUNT).sum();
        // What was not measured could have been without loss.
        let expected = if missing || !all_within || lost * 100 > overall * (sent + missing_questions) {
            "failed"
        } else if gaps || tallies.is_empty() {
            "errored"
        } else {
            "passed"
        };
        prop_assert_eq!(report.verdict.word(), expected);
        prop_assert_eq!(report.coverage.measured, tallies.len() as u64);
        prop_assert_eq!(report.figures.lost, u64::from(lost));
    }
}

#[test]
fn what_has_no_limit_is_measured_and_not_judged() {
    let mut planned = planned(2, vec![loss(Scope::Overall, Operator::AtMost, 100)]);
    let span = planned.case.span.clone();
    let open = |scope, metric| Unjudged { scope, metric, span: span.clone(), origin: None };
    planned.case.unjudged = vec![
        open(Scope::Each, Metric::Loss),
        open(Scope::Overall, Metric::Loss),
        open(Scope::Overall, Metric::Latency(Step::Whole, Quantile::P99)),
    ];
    let report = judge(&planned, &[lost(0), lost(COUNT)]);
    assert_eq!(report.verdict, Verdict::Passed);
    let shown: Vec<_> = report.shown.iter().map(|shown| shown.measured.as_str()).collect();
    assert_eq!(
        shown,
        [
            format!("100% ({COUNT} of {COUNT} packets), a1 → b"),
            format!("50% ({COUNT} of {} packets)", 2 * COUNT),
            format!("too few answers ({COUNT})")
        ]
    );
    assert_eq!(report.checks.len(), 1);
}

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
