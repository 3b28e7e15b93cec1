//! What proves that a packet arrived, as a table of answers that are shorter than they were to be.

use super::*;
use crate::probe::packet::RunTag;

const SIZE: u32 = 1_400;

/// What comes out of the socket when an echo of these bytes comes back with so many of them missing at its end.
fn echoed(form: Form, sent: &[u8], missing: usize, family: Family) -> Vec<u8> {
    let mut came = sent[..sent.len() - missing].to_vec();
    came[0] = if family == Family::V4 { 0 } else { 129 };
    match (form, family) {
        // With 20 bytes of IP header.
        (Form::Icmp(Echo::Raw { .. }), Family::V4) => [&[0x45][..], &[0; 19], &came].concat(),
        _ => came,
    }
}

/// Whether such an answer counts as the way there and back.
#[track_caller]
fn arrives(form: Form, family: Family, missing: usize) -> bool {
    let question = Question { run: RunTag::of("r1"), share: 2, pair: 3, sequence: 4, nonce: 5 };
    let step = Step { number: 0, direction: Direction::Round, size: SIZE };
    let came = echoed(form, &form.write(question, step, family), missing, family);
    match form.read(&came, family) {
        Told::Answer { to, bytes, .. } => {
            assert_eq!(to, question);
            proves(step, bytes, family)
        }
        other => panic!("{missing} bytes missing: {other:?}"),
    }
}

#[test]
fn an_echo_that_comes_back_shorter_than_it_went_proves_nothing() {
    let all = SIZE as usize;
    for form in [Form::Icmp(Echo::Datagram), Form::Icmp(Echo::Raw { id: 7 })] {
        for family in Family::ALL {
            assert!(arrives(form, family, 0), "{form:?} {family}");
            for missing in [1, 20, 28, 40, 500, all - base(family) as usize - 2] {
                assert!(!arrives(form, family, missing), "{form:?} {family} without {missing} bytes");
            }
        }
    }
}

#[test]
fn a_small_answer_proves_the_way_there_and_only_a_large_one_the_way_back() {
    for family in Family::ALL {
        let there = Step { number: 0, direction: Direction::There, size: SIZE };
        let back = Step { direction: Direction::Back, ..there };
        assert!(proves(there, 43, family));
        let whole = payload(SIZE, family);
        assert!(proves(back, whole, family) && !proves(back, whole - 1, family));
    }
}
