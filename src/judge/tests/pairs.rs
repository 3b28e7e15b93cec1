//! Pairs that are counted: one that misses what is wanted of each fails nothing by itself.

use super::*;
use crate::model::comparison::AtLeast;

fn enough(percent: u32) -> Vec<(Scope, Claim)> {
    vec![loss(Scope::Each, Operator::AtMost, 0), (Scope::Overall, Claim::PairsOk(AtLeast(Ppm(percent * 10_000))))]
}

#[test]
fn as_many_pairs_as_are_wanted_are_well_or_the_case_fails() {
    check(enough(50), &[lost(0), lost(1)], ("passed", ""));
    check(enough(51), &[lost(0), lost(1)], ("failed", "pairs-ok"));
    check(enough(50), &[lost(COUNT), lost(COUNT)], ("failed", "pairs-ok"));
    check(enough(100), &[lost(0), lost(0)], ("passed", ""));
}

#[test]
fn a_pair_of_which_nothing_is_known_is_neither_well_nor_ill() {
    check(enough(50), &[lost(0), gap()], ("errored", "deadline"));
    check(enough(50), &[lost(1), gap()], ("errored", "deadline"));
    check(enough(50), &[lost(1), lost(1), gap()], ("failed", "pairs-ok"));
    check(enough(50), &[lost(0), PairResult::Accepted(Cause::Deadline)], ("passed", ""));
    check(enough(50), &[lost(1), PairResult::Accepted(Cause::Deadline)], ("failed", "pairs-ok"));
    check(enough(50), &[PairResult::Accepted(Cause::Deadline)], ("errored", "deadline"));
    check(enough(1), &[lost(0), unresolved()], ("failed", "NC2026"));
    let told = |percent| vec![latency(Scope::Each, Quantile::P95, 1_000), enough(percent).remove(1)];
    check(told(50), &[lost(0), lost(1)], ("errored", "too-few-samples"));
    check(told(51), &[lost(0), lost(1)], ("errored", "too-few-samples"));
    // Ill by one bound, it is no matter that another cannot be told.
    let both = |percent| [enough(percent), vec![latency(Scope::Each, Quantile::P95, 1_000)]].concat();
    check(both(50), &[lost(0), lost(COUNT)], ("passed", ""));
    check(both(51), &[lost(0), lost(COUNT)], ("failed", "pairs-ok"));
}

#[test]
fn pairs_that_miss_what_is_wanted_of_each_are_told_whatever_becomes_of_the_case() {
    for (percent, word) in [(50, "passed"), (90, "failed")] {
        let report = judge(&planned(4, enough(percent)), &[lost(0), lost(1), lost(0), lost(7)]);
        let named: Vec<_> = report.pairs.iter().map(|report| report.pair.source.node()).collect();
        assert_eq!((report.verdict.word(), report.pairs_failed, named), (word, 2, vec!["a3", "a1"]));
        assert_eq!(report.checks[0].result, CheckResult::Counted { pairs: 2 });
        assert_eq!(report.checks[1].measured, "50% (2 of 4 pairs)");
        assert_eq!(report.power, [], "a loss is found at no pair by itself");
    }
}

#[test]
fn other_bounds_on_the_whole_are_judged_as_ever() {
    let bounds = || [enough(50), vec![loss(Scope::Overall, Operator::AtMost, 1)]].concat();
    check(bounds(), &[lost(0), lost(20)], ("failed", "loss"));
    let report = judge(&planned(2, bounds()), &[lost(0), lost(20)]);
    assert_eq!((report.pairs_failed, report.pairs.len()), (1, 1));
}

#[test]
fn a_share_is_never_shown_as_more_than_it_is() {
    let mut results = vec![lost(0); 9_999];
    results.push(lost(1));
    let bounds = vec![loss(Scope::Each, Operator::AtMost, 0), (Scope::Overall, Claim::PairsOk(AtLeast(Ppm(999_950))))];
    let report = judge(&planned(results.len(), bounds), &results);
    assert_eq!(report.verdict.reason(), "wanted overall.pairsOk >= 99.995%, measured 99.99% (9,999 of 10,000 pairs)");
}

proptest! {
    /// A pass means that so many of the measured pairs, or more, lost nothing.
    #[test]
    fn a_pass_is_counted(results in proptest::collection::vec(any_result(), 0..8), percent in 1..=100_u32) {
        let report = judge(&planned(results.len(), enough(percent)), &results);
        let measured = |result: &&PairResult| matches!(result, PairResult::Measured(_));
        let well = |result: &&PairResult| matches!(result, PairResult::Measured(attempts) if attempts.first().lost() == 0);
        let (measured, well) = (results.iter().filter(measured).count(), results.iter().filter(well).count());
        let refuted = results.iter().any(|result| matches!(result, PairResult::FamilyMissing(..) | PairResult::Unresolved(_)));
        let missing = results.iter().filter_map(PairResult::unmeasured).count();
        let enough = measured > 0 && well * 100 >= percent as usize * measured;
        prop_assert_eq!(report.verdict.word() == "passed", enough && missing == 0 && !refuted, "{:?}", report.verdict);
    }
}
