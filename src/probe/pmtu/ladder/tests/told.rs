//! The ladder where somebody tells it of sizes: the sender's kernel (lowered), whoever answers (capped), and what was taken back.

use super::*;

#[test]
fn what_somebody_told_the_senders_kernel_is_believed_and_tried() {
    let mut tried = Vec::new();
    let found = climbed(|ladder, step| {
        tried.push(step.size);
        if step.size <= 1_300 { ladder.arrived(step.number) } else { ladder.lowered(step.number, 1_300) }
    });
    assert_eq!(words(&found), "1300 bytes there, somebody on the way refuses larger ones (\"at most 1300\")");
    assert_eq!(tried, [1_450, 1_300, 1_300, 1_300]);
    // It was told too much: what it sends then vanishes.
    let found = climbed(|ladder, step| match step.size {
        ..=1_290 => ladder.arrived(step.number),
        1_291..=1_300 => {}
        _ => ladder.lowered(step.number, 1_300),
    });
    assert_eq!(words(&found), "1290 bytes there, larger ones vanish");
}

#[test]
fn what_whoever_answers_does_not_take_is_not_known_and_no_number() {
    let capped = |takes: u32| {
        climbed(move |ladder, step| match step.size {
            size if size > 1_400 => ladder.capped(step.number, 1_400),
            size if size <= takes => ladder.arrived(step.number),
            _ => {}
        })
    };
    let why = capped(1_450).unwrap_err();
    assert!(why.starts_with("all packets of 1400 bytes there arrive, and TCP sends no larger ones"), "{why}");
    assert!(why.ends_with("write `ceiling: 1400` to ask for no more"), "{why}");
    // Below it everything is measured.
    let found = capped(1_333).unwrap();
    assert_eq!((found[0].size, found[0].top, found[0].fails), (1_333, 1_400, 1_334));
    assert_eq!(found[0].larger, Larger::Vanished);
}

#[test]
fn what_was_taken_back_says_nothing_of_its_size() {
    let mut turns = 0;
    let found = climbed(|ladder, step| {
        turns += 1;
        // Of the first of every two nothing is known.
        if turns % 2 == 1 {
            ladder.withdrawn(step.number);
        } else if step.size <= 1_333 {
            ladder.arrived(step.number);
        }
    });
    assert_eq!(words(&found), "1333 bytes there, larger ones vanish");
    let mut ladder = Ladder::new(Outset { directions: &[Direction::There], base: 64, floor: 1_280, top: 1_450, sent: 20, lost: 0 });
    let first = ladder.next_burst();
    ladder.withdrawn(first[0].number);
    assert!(ladder.is_settled());
    ladder.arrived(first[0].number);
    assert!(ladder.next_burst().iter().any(|step| step.size == 1_450));
}
