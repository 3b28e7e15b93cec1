//! The books of one burst: which questions are open, what became of the others, and the sums in the end.
//! Every question is in exactly one state, so the sums cannot contradict each other. It must not know sockets or clocks, nor whether
//! the moments are real: the simulation keeps its books here too.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::model::burst::Burst;
use crate::model::outcome::{Miss, Missed, Seen, Sight, Tally, WarmUp};
use crate::model::units::Micros;

use super::latencies::{Latencies, Spread};
use super::pace::Ticket;

/// The longest that the counted questions wait for the answer to the warm-up: past the second after which a neighbour solicitation
/// that went astray is sent again (RFC 4861 10, `RETRANS_TIMER`). On a node that has just got its first pod the first one often does.
pub(crate) const WARM_UP_LIMIT: Duration = Duration::from_millis(1_500);

/// The books of a burst. Question 0 is the warm-up, which is in no sum.
#[derive(Debug)]
pub(crate) struct Ledger {
    timeout: Duration,
    states: Vec<State>,
    open: BTreeMap<u32, Open>,
    warm_up: WarmUp,
    latencies: Latencies,
    spread: Spread,
    missed: BTreeMap<Miss, u32>,
    timed_out: u32,
    newest: u32,
    duplicates: u32,
    reordered: u32,
    foreign: u32,
    seen: BTreeMap<Sight, u32>,
    /// Of all answers in time.
    longest: Duration,
}

/// What became of a question: a byte each, since there may be 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    TimedOut,
    Settled,
}

/// A question without an answer yet. It gives its place among the outstanding back when it leaves the books.
#[derive(Debug)]
struct Open {
    sent: Instant,
    _ticket: Ticket,
}

impl Ledger {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            states: Vec::new(),
            open: BTreeMap::new(),
            warm_up: WarmUp::Unanswered,
            latencies: Latencies::Raw(Vec::new()),
            spread: Spread::default(),
            missed: BTreeMap::new(),
            timed_out: 0,
            newest: 0,
            duplicates: 0,
            reordered: 0,
            foreign: 0,
            seen: BTreeMap::new(),
            longest: Duration::ZERO,
        }
    }

    /// The next question, the first of which is the warm-up, was sent then. Its number is returned.
    pub(crate) fn asked(&mut self, sent: Instant, ticket: Ticket) -> u32 {
        let sequence = self.next();
        self.states.push(State::Open);
        self.open.insert(sequence, Open { sent, _ticket: ticket });
        sequence
    }

    /// The number of the next question.
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.states.len()).unwrap_or(u32::MAX)
    }

    /// The right answer to a question came at that moment. Returns whether it counts: the first one, in time.
    pub(crate) fn answered(&mut self, sequence: u32, arrived: Instant) -> bool {
        self.note_order(sequence);
        match self.settle(sequence) {
            None => self.foreign = self.foreign.saturating_add(1),
            // The warm-up is in no sum.
            Some((State::Settled, _)) => self.duplicates = self.duplicates.saturating_add(u32::from(sequence > 0)),
            Some((State::TimedOut, _)) => self.miss(sequence, Miss::Late),
            Some((State::Open, sent)) => {
                let latency = sent.map_or(Duration::ZERO, |sent| arrived.saturating_duration_since(sent));
                return self.measured(sequence, latency);
            }
        }
        false
    }

    /// Gives a question up.
    pub(super) fn give_up(&mut self, sequence: u32) {
        if self.open.contains_key(&sequence) {
            self.time_out(sequence);
        }
    }

    /// What an answer that counts said.
    pub(crate) fn saw(&mut self, what: Sight) {
        if self.seen.len() < Tally::SIGHTS || self.seen.contains_key(&what) {
            *self.seen.entry(what).or_insert(0) += 1;
        }
    }

    /// The right answer to a question came after this long. Returns whether it counts.
    pub(crate) fn answered_after(&mut self, sequence: u32, latency: Duration) -> bool {
        match self.settle(sequence) {
            // Nobody is counted twice.
            None | Some((State::Settled, _)) => false,
            Some((State::Open | State::TimedOut, _)) => self.measured(sequence, latency),
        }
    }

    /// What is known of a question's fate by other means than its answer. An answer that came before stands.
    pub(crate) fn missed(&mut self, sequence: u32, miss: Miss) {
        match self.settle(sequence) {
            None | Some((State::Settled, _)) => {}
            Some((State::Open | State::TimedOut, _)) => self.miss(sequence, miss),
        }
    }

    /// Something came that is not ours.
    pub(super) fn foreign(&mut self, count: u32) {
        self.foreign = self.foreign.saturating_add(count);
    }

    /// Gives up what was asked too long ago. To be called when everything that had arrived by `now` is in the books.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((sequence, open)) = self.open.first_key_value() {
            if now.saturating_duration_since(open.sent) <= self.patience(*sequence) {
                return;
            }
            self.time_out(*sequence);
        }
    }

    /// When the oldest open question will have waited too long.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.open.first_key_value().and_then(|(sequence, open)| open.sent.checked_add(self.patience(*sequence)))
    }

    /// How long a question may take: the warm-up longer than those that count.
    fn patience(&self, sequence: u32) -> Duration {
        if sequence == 0 { self.timeout.max(WARM_UP_LIMIT) } else { self.timeout }
    }

    /// The counted questions begin: the warm-up is not waited for any more.
    pub(super) fn end_warm_up(&mut self) {
        if self.open.contains_key(&0) {
            self.time_out(0);
        }
    }

    /// Whether no question is open.
    pub(super) fn is_settled(&self) -> bool {
        self.open.is_empty()
    }

    /// The oldest open question: the best guess where an error does not say which it is about.
    pub(super) fn oldest_open(&self, among: impl Fn(u32) -> bool) -> Option<u32> {
        self.open.keys().copied().find(|sequence| among(*sequence))
    }

    /// The newest question whose number ends in these 16 bits.
    pub(super) fn ending_in(&self, bits: u16) -> Option<u32> {
        let last = self.next().checked_sub(1)?;
        let back = (last & 0xffff).wrapping_sub(u32::from(bits)) & 0xffff;
        last.checked_sub(back)
    }

    /// The sums. What is still open counts as timed out.
    pub(crate) fn close(mut self) -> Tally {
        while let Some(sequence) = self.oldest_open(|_| true) {
            self.time_out(sequence);
        }
        if self.timed_out > 0 {
            self.missed.insert(Miss::TimedOut, self.timed_out);
        }
        let sent = self.next().saturating_sub(1);
        let samples = self.latencies.samples();
        Tally {
            sent,
            answered: u32::try_from(samples.count()).unwrap_or(u32::MAX),
            missed: self.missed.into_iter().map(|(how, count)| Missed { how, count }).collect(),
            duplicates: self.duplicates,
            reordered: self.reordered,
            foreign: self.foreign,
            warm_up: self.warm_up,
            samples,
            jitter: self.spread.jitter(),
            seen: self.seen.into_iter().map(|(what, count)| Seen { what, count }).collect(),
            ..Tally::empty()
        }
    }

    /// Takes a question out of the books, with its state before and the moment it was sent if it was open.
    fn settle(&mut self, sequence: u32) -> Option<(State, Option<Instant>)> {
        let state = self.states.get_mut(usize::try_from(sequence).ok()?)?;
        let before = std::mem::replace(state, State::Settled);
        if before == State::TimedOut && sequence > 0 {
            self.timed_out -= 1;
        }
        Some((before, self.open.remove(&sequence).map(|open| open.sent)))
    }

    fn time_out(&mut self, sequence: u32) {
        self.settle(sequence);
        if let Some(state) = self.states.get_mut(sequence as usize) {
            *state = State::TimedOut;
        }
        if sequence > 0 {
            self.timed_out += 1;
        }
    }

    fn miss(&mut self, sequence: u32, miss: Miss) {
        if sequence > 0 {
            *self.missed.entry(miss).or_insert(0) += 1;
        }
    }

    /// Returns whether it is an answer that counts.
    fn measured(&mut self, sequence: u32, latency: Duration) -> bool {
        let in_time = latency <= self.patience(sequence);
        match (sequence, in_time) {
            (0, true) => self.warm_up = WarmUp::Answered(Micros::of(latency)),
            (0, false) => {}
            (_, true) => {
                self.latencies.add(sequence, Micros::of(latency));
                self.spread.add(latency);
                self.longest = self.longest.max(latency);
            }
            (_, false) => self.miss(sequence, Miss::Late),
        }
        in_time && sequence > 0
    }

    /// How long something may come yet, once all is settled.
    pub(super) fn lingers(&self) -> Duration {
        if self.timed_out == 0 && self.missed.is_empty() { Burst::copies_after(self.longest) } else { Burst::LINGER }
    }

    fn note_order(&mut self, sequence: u32) {
        let first = self.states.get(sequence as usize).is_some_and(|state| *state != State::Settled);
        if first && sequence > 0 && sequence < self.newest {
            self.reordered += 1;
        }
        if first {
            self.newest = self.newest.max(sequence);
        }
    }
}

#[cfg(test)]
mod tests;
