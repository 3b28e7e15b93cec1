//! What came and was no answer is told beside what was lost: whoever answers wrongly is not silent.

use super::*;

fn burst() -> Burst {
    Burst { family: Family::V4, count: NonZeroU32::new(4).unwrap(), interval: Micros(10_000), timeout: Micros(1_000_000) }
}

fn lookups() -> Probe {
    let (name, record, transport) = ("db.".to_owned(), RecordKind::A, Transport::Udp);
    Probe::Dns(DnsProbe { burst: burst(), name, record, transport, manner: Manner::Raw })
}

/// What is said of a pair that has lost all of four, though so many came that were none of ours.
fn why(probe: Probe, foreign: u32) -> String {
    let mut planned = planned(1, vec![loss(Scope::Each, Operator::AtMost, 0)]);
    planned.case.probe = probe;
    let tally = Tally { sent: 4, missed: vec![Missed { how: Miss::TimedOut, count: 4 }], foreign, ..Tally::empty() };
    of(&planned, tally)
}

fn of(planned: &PlannedCase, tally: Tally) -> String {
    let report = judge(planned, &[PairResult::Measured(Attempts::once(tally))]);
    let [PairReport { state: PairState::Failed { why, .. }, .. }] = report.pairs.as_slice() else { panic!("{:?}", report.pairs) };
    why.clone()
}

#[test]
fn what_came_is_called_by_what_carries_it() {
    let whose = "changed, cut or somebody else's";
    for (probe, foreign, expected) in [
        (Probe::udp(burst()), 0, "4 of 4 packets lost: timed out".to_owned()),
        (Probe::udp(burst()), 1, format!("4 of 4 packets lost: timed out; 1 packet came that is no answer: {whose}")),
        (Probe::udp(burst()), 5, format!("4 of 4 packets lost: timed out; 5 packets came that are no answers: {whose}")),
        (Probe::icmp(burst()), 12_000, format!("4 of 4 packets lost: timed out; 12,000 packets came that are no answers: {whose}")),
        (lookups(), 5, format!("4 of 4 queries lost: timed out; 5 messages came that are no answers: {whose}")),
        (Probe::Tcp(burst()), 5, format!("4 of 4 connections lost: timed out; 5 messages came that are no answers: {whose}")),
    ] {
        assert_eq!(why(probe, foreign), expected);
    }
}

#[test]
fn it_is_told_where_all_was_answered_too() {
    let planned = planned(1, vec![latency(Scope::Each, Quantile::Max, 100)]);
    let samples = Samples::Raw(vec![Micros(250); COUNT as usize]);
    let why = of(&planned, Tally { sent: COUNT, answered: COUNT, samples, duplicates: 2, foreign: 3, ..Tally::empty() });
    assert!(why.ends_with("; 2 came twice; 3 packets came that are no answers: changed, cut or somebody else's"), "{why}");
}

/// An attempt that a later one makes up for leaves no other trace.
#[test]
fn it_is_told_of_each_attempt() {
    let planned = planned(1, Vec::new());
    let attempt = |foreign| Tally { sent: 1, missed: vec![Missed { how: Miss::TimedOut, count: 1 }], foreign, ..Tally::empty() };
    assert_eq!(
        words::attempt(&planned.case, &attempt(2)),
        "timed out; 2 packets came that are no answers: changed, cut or somebody else's"
    );
    assert_eq!(words::attempt(&planned.case, &attempt(0)), "timed out");
}
