//! Counting, as a table of what came when.

use super::*;
use crate::model::outcome::Samples;

const MS: Duration = Duration::from_millis(1);

/// What happens to a ledger whose timeout is 100 ms; each with the millisecond of its happening.
enum Happens {
    Asked,
    Answered(u32),
    Refused(u32),
    WarmedUp,
    Expired,
}

use Happens::{Answered, Asked, Expired, Refused, WarmedUp};

fn booked(events: &[(u32, Happens)]) -> Ledger {
    let start = Instant::now();
    let mut ledger = Ledger::new(MS * 100);
    for (at, event) in events {
        let now = start + MS * *at;
        match event {
            Asked => {
                ledger.asked(now, None);
            }
            Answered(sequence) => _ = ledger.answered(*sequence, now),
            Refused(sequence) => ledger.missed(*sequence, Miss::Refused { by: None }),
            WarmedUp => ledger.end_warm_up(),
            Expired => ledger.expire(now),
        }
    }
    ledger
}

fn tally(events: &[(u32, Happens)]) -> Tally {
    let tally = booked(events).close();
    assert_eq!(tally.contradiction(), None);
    tally
}

/// Copies take as long as what they are copies of; what is late may take any time.
#[test]
fn the_longest_answer_decides_how_long_copies_are_waited_for() {
    let after = |latency: u32| booked(&[(0, Asked), (0, Answered(0)), (0, Asked), (latency, Answered(1))]).lingers();
    assert_eq!([0, 12, 20, 60, 90].map(after), [50, 50, 80, 240, 250].map(|wait| MS * wait));
    let lossy: [&[(u32, Happens)]; 3] = [
        &[(0, Asked), (0, Answered(0)), (0, Asked), (1, Refused(1))],
        &[(0, Asked), (0, Answered(0)), (0, Asked), (101, Expired)],
        &[(0, Asked), (0, Answered(0)), (0, Asked), (101, Expired), (110, Answered(1))],
    ];
    for events in lossy {
        assert_eq!(booked(events).lingers(), Burst::LINGER);
    }
}

/// Events, then the tally in a line.
fn check(events: &[(u32, Happens)], expected: &str) {
    let tally = tally(events);
    let missed: Vec<String> = tally.missed.iter().map(|missed| format!(", {} {}", missed.count, missed.how)).collect();
    let missed = missed.concat();
    let samples: Vec<u64> = tally.samples.iter().map(|(value, _)| value.0 / 1_000).collect();
    let warm_up = match tally.warm_up {
        WarmUp::Answered(after) => format!("warm after {after}"),
        WarmUp::Unanswered => "cold".to_owned(),
    };
    let odd = format!("{} twice, {} reordered, {} foreign", tally.duplicates, tally.reordered, tally.foreign);
    assert_eq!(format!("{warm_up}; {} sent, {samples:?}{missed}; {odd}", tally.sent), expected);
}

#[test]
fn nothing_asked_is_nothing_sent() {
    check(&[], "cold; 0 sent, []; 0 twice, 0 reordered, 0 foreign");
}

#[test]
fn samples_come_in_the_order_of_asking() {
    check(
        &[(0, Asked), (3, Answered(0)), (10, Asked), (20, Asked), (21, Answered(2)), (30, Answered(1))],
        "warm after 3ms; 2 sent, [20, 1]; 0 twice, 1 reordered, 0 foreign",
    );
}

#[test]
fn late_is_not_lost_and_lost_is_not_late() {
    check(
        &[(0, Asked), (0, Answered(0)), (0, Asked), (10, Asked), (150, Expired), (160, Answered(1))],
        "warm after 0µs; 2 sent, [], 1 timed out, 1 answered too late; 0 twice, 0 reordered, 0 foreign",
    );
}

#[test]
fn an_answer_past_its_time_is_late_even_if_nobody_looked_meanwhile() {
    check(
        &[(0, Asked), (0, Answered(0)), (0, Asked), (101, Answered(1)), (102, Expired)],
        "warm after 0µs; 1 sent, [], 1 answered too late; 0 twice, 0 reordered, 0 foreign",
    );
    check(
        &[(0, Asked), (0, Answered(0)), (0, Asked), (100, Answered(1)), (300, Expired)],
        "warm after 0µs; 1 sent, [100]; 0 twice, 0 reordered, 0 foreign",
    );
}

#[test]
fn each_question_is_in_one_sum_whatever_comes_twice() {
    check(
        &[(0, Asked), (0, Answered(0)), (0, Asked), (1, Answered(1)), (2, Answered(1)), (3, Refused(1))],
        "warm after 0µs; 1 sent, [1]; 1 twice, 0 reordered, 0 foreign",
    );
    check(
        &[(0, Asked), (0, Answered(0)), (0, Asked), (1, Refused(1)), (2, Refused(1)), (3, Answered(1))],
        "warm after 0µs; 1 sent, [], 1 refused; 1 twice, 0 reordered, 0 foreign",
    );
    check(
        &[(0, Asked), (0, Answered(0)), (0, Asked), (101, Expired), (150, Refused(1))],
        "warm after 0µs; 1 sent, [], 1 refused; 0 twice, 0 reordered, 0 foreign",
    );
}

#[test]
fn the_warm_up_is_in_no_sum() {
    check(
        &[(0, Asked), (50, WarmedUp), (51, Asked), (52, Answered(0)), (53, Answered(1))],
        "cold; 1 sent, [2]; 0 twice, 0 reordered, 0 foreign",
    );
    check(&[(0, Asked), (1, Refused(0)), (1, WarmedUp), (500, Expired)], "cold; 0 sent, []; 0 twice, 0 reordered, 0 foreign");
}

#[test]
fn what_nobody_asked_is_foreign() {
    check(&[(0, Asked), (1, Answered(7))], "cold; 0 sent, []; 0 twice, 0 reordered, 1 foreign");
}

#[test]
fn many_samples_travel_in_buckets_of_three_digits() {
    let mut events = vec![(0, Asked), (0, Answered(0))];
    for sequence in 1..=300 {
        events.push((sequence, Asked));
        events.push((sequence + sequence % 3, Answered(sequence)));
    }
    let tally = tally(&events);
    let Samples::Buckets(buckets) = &tally.samples else { panic!("{:?}", tally.samples) };
    assert_eq!(buckets.iter().map(|bucket| (bucket.value.0 / 1_000, bucket.count)).collect::<Vec<_>>(), [(0, 100), (1, 100), (2, 100)]);
    assert_eq!(tally.answered, 300);
}

#[test]
fn a_number_is_found_by_its_low_bits() {
    let mut ledger = Ledger::new(MS);
    assert_eq!(ledger.ending_in(0), None);
    for _ in 0..0x1_0003 {
        ledger.asked(Instant::now(), None);
    }
    for (bits, expected) in [(2, 0x1_0002), (0, 0x1_0000), (3, 3), (0xffff, 0xffff)] {
        assert_eq!(ledger.ending_in(bits), Some(expected));
    }
}

#[test]
fn an_answer_to_what_an_error_has_settled_is_counted_once() {
    let mut ledger = Ledger::new(MS * 100);
    let start = Instant::now();
    for sequence in 0..=2 {
        assert_eq!(ledger.asked(start, None), sequence);
    }
    ledger.missed(1, Miss::Refused { by: None });
    assert_eq!([1, 2, 2].map(|sequence| ledger.answered_after(sequence, MS)), [false, true, false]);
    assert!(!ledger.answered_after(3, MS), "nobody asked that");
    let tally = ledger.close();
    assert_eq!((tally.contradiction(), tally.sent, tally.answered), (None, 2, 1));
}

#[test]
fn an_error_that_says_too_little_is_about_the_oldest_question_of_its_kind() {
    let mut ledger = Ledger::new(MS * 100);
    for _ in 0..4 {
        ledger.asked(Instant::now(), None);
    }
    ledger.missed(0, Miss::TimedOut);
    assert_eq!([ledger.oldest_open(|_| true), ledger.oldest_open(|number| number % 2 == 0)], [Some(1), Some(2)]);
}
