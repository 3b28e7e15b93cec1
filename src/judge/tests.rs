//! Tables and properties of verdicts.

mod attempts;
mod flows;
mod pairs;
mod strays;

use std::num::NonZeroU32;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::burst::Burst;
use crate::model::case_id::CaseId;
use crate::model::comparison::Comparison;
use crate::model::dns::{DnsProbe, Manner, RecordKind, Transport};
use crate::model::expect::{Bound, Metric, Quantile, Unjudged};
use crate::model::family::Family;
use crate::model::outcome::{Jitter, Miss, Missed, Samples, Seen, Sight, Step, Tally, WarmUp};
use crate::model::path_mtu::{Direction, Larger, PathMtu};
use crate::model::plan::Ends;
use crate::model::probe::Probe;
use crate::model::retry::{Flaky, MissKind, Retry};
use crate::model::source::Span;
use crate::model::suite::{Destination, Group, PairStrategy, SameNode};
use crate::model::target::Target;
use crate::model::units::Ppm;
use crate::model::unresolved::{Unfound, Unresolved};
use crate::model::vantage::Vantage;
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
        from: crate::model::suite::Source::Group(Group::PODS),
        to: Destination::Agents(Group::PODS),
        pairs: PairStrategy::DEFAULT,
        same_node: SameNode::Exclude,
        probe: Probe::udp(burst),
        count: crate::model::suite::Count::Fixed,
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
        left_out: None,
        too_few: None,
        acts_as_zero: None,
        skip: None,
        no_pairs: None,
        refuted: None,
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
    check(none(), &[lost(0), unresolved()], ("failed", "NC2026"));
    check(none(), &[unresolved(), gap()], ("failed", "NC2026"));
    check(none(), &[unresolved(), PairResult::Accepted(Cause::Deadline)], ("failed", "NC2026"));
    // Whoever wants everything to be lost wants it to be lost on its way.
    check(vec![loss(Scope::Each, Operator::AtLeast, 100)], &[unresolved()], ("failed", "NC2026"));
    check(vec![loss(Scope::Overall, Operator::AtLeast, 100)], &[lost(COUNT), unresolved()], ("failed", "NC2026"));
}

fn unresolved() -> PairResult {
    PairResult::Unresolved(Unresolved { why: Unfound::NoAnswer, by: Vec::new() })
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
        1 => Just(unresolved()),
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
        let missing = results.iter().any(|result| matches!(result, PairResult::FamilyMissing(..) | PairResult::Unresolved(_)));
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

/// A lookup may take many queries: half of those of one pair are little beside what those of another could have been.
#[test]
fn lookups_that_nobody_made_could_have_taken_many_queries() {
    let overall = || vec![loss(Scope::Overall, Operator::AtMost, 10)];
    let results = [lost(COUNT / 2), gap()];
    check(overall(), &results, ("failed", "loss"));
    let mut names = planned(2, overall());
    let (name, record, transport) = ("db".to_owned(), RecordKind::A, Transport::Udp);
    names.case.probe = Probe::Dns(DnsProbe { burst: names.case.probe.burst().clone(), name, record, transport, manner: Manner::Resolver });
    assert_eq!(judge(&names, &results).verdict.word(), "errored");
}
