//! What an agent has to tell and nobody has confirmed yet, numbered without a gap. Pure.

use std::collections::VecDeque;

use crate::wire::FromAgent;

/// The records that wait for their acknowledgement.
#[derive(Debug)]
pub(super) struct Outbox {
    /// The number of the next record.
    next: u64,
    /// The newest records, the last of which has the number before `next`.
    kept: VecDeque<FromAgent>,
}

impl Outbox {
    pub(super) const fn new() -> Self {
        Self { next: 1, kept: VecDeque::new() }
    }

    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// One more record, which is given its number.
    pub(super) fn push(&mut self, record: impl FnOnce(u64) -> FromAgent) {
        self.kept.push_back(record(self.next));
        self.next += 1;
    }

    /// The first kept record with this number or a higher one, and its number.
    pub(super) fn from(&self, number: u64) -> Option<(u64, &FromAgent)> {
        let number = number.max(self.first());
        let index = usize::try_from(number - self.first()).ok()?;
        self.kept.get(index).map(|record| (number, record))
    }

    /// Everything up to this number has arrived.
    pub(super) fn acknowledge(&mut self, number: u64) {
        while self.first() <= number && self.kept.pop_front().is_some() {}
    }

    fn first(&self) -> u64 {
        self.next - self.kept.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::Micros;
    use crate::wire::EndRecord;

    fn outbox(records: u32) -> Outbox {
        let mut outbox = Outbox::new();
        for share in 0..records {
            outbox.push(|sequence| FromAgent::End(EndRecord { sequence, share, outcomes: 0, took: Micros(0) }));
        }
        outbox
    }

    fn check(acknowledged: u64, from: u64, expected: Option<u64>) {
        let mut outbox = outbox(5);
        outbox.acknowledge(acknowledged);
        let found = outbox.from(from);
        assert_eq!(found.map(|(number, _)| number), expected);
        assert_eq!(found.and_then(|(_, record)| record.sequence()), expected);
        assert_eq!(outbox.next(), 6);
    }

    #[test]
    fn records_stay_until_they_are_acknowledged() {
        check(0, 0, Some(1));
        check(0, 1, Some(1));
        check(0, 3, Some(3));
        check(0, 6, None);
        check(0, u64::MAX, None);
        check(2, 1, Some(3));
        check(2, 5, Some(5));
        check(5, 1, None);
        check(u64::MAX, 1, None);
    }

    #[test]
    fn numbers_go_on_after_an_acknowledgement() {
        let mut outbox = outbox(2);
        outbox.acknowledge(u64::MAX);
        outbox.push(|sequence| FromAgent::End(EndRecord { sequence, share: 9, outcomes: 0, took: Micros(0) }));
        assert_eq!(outbox.from(1).map(|(number, _)| number), Some(3));
        assert_eq!(outbox.len(), 1);
    }
}
