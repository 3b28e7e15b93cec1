//! The prober's own books, kept for a burst that nobody sent: moments of the world become moments of the books. It must not
//! know what happened to the questions on their way.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::model::burst::Burst;
use crate::model::family::Family;
use crate::model::outcome::{Miss, Sight, Tally};
use crate::model::probe::{Probe, SourcePorts};
use crate::model::units::Micros;
use crate::probe::{Ledger, WARM_UP_LIMIT};

use super::lane::Traveller;

/// A burst whose questions have all been asked.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) family: Family,
    ledger: Ledger,
    /// When each question left, by its number, since the world began.
    asked: Vec<Micros>,
    timeout: Micros,
    /// When the answer to a question came, if it came in time.
    replies: BTreeMap<u32, Micros>,
    /// When the first question leaves.
    first: Micros,
    /// The moment of the books that stands for the first question's.
    base: Instant,
    /// What the answers to questions say, where they say something.
    says: HashMap<u32, Sight>,
    /// Where the questions leave from.
    ports: SourcePorts,
    /// Answers on their way back, which are booked in the order of their arrival.
    answers: Vec<Traveller>,
}

impl Books {
    /// The questions leave from that moment on: the warm-up and the first that counts, then one an interval.
    pub(super) fn open(probe: &Probe, first: Micros) -> Self {
        let burst = probe.burst();
        let mut books = Self { ports: probe.ports(), ..Self::empty(burst, first) };
        for number in 0..=burst.count.get() {
            let after = burst.interval.0.saturating_mul(u64::from(number.saturating_sub(1)));
            books.ask(Micros(first.0.saturating_add(after)));
        }
        books
    }

    /// No question has left yet.
    pub(super) fn empty(burst: &Burst, first: Micros) -> Self {
        Self {
            family: burst.family,
            ledger: Ledger::new(burst.timeout.duration()),
            asked: Vec::new(),
            timeout: burst.timeout,
            replies: BTreeMap::new(),
            first,
            base: Instant::now(),
            says: HashMap::new(),
            ports: SourcePorts::Reused,
            answers: Vec::new(),
        }
    }

    /// The next question leaves then. Its number is returned.
    pub(super) fn ask(&mut self, at: Micros) -> u32 {
        self.asked.push(at);
        self.ledger.asked(self.base + Duration::from_micros(at.0.saturating_sub(self.first.0)), None)
    }

    /// The answer to that question, should it come, says this.
    pub(super) fn says(&mut self, number: u32, what: Option<Sight>) {
        if let Some(what) = what {
            self.says.insert(number, what);
        }
    }

    /// An answer counts. As with agents, whoever is asked, it is noted which came over the port that is used again beside fresh ones.
    fn note(&mut self, number: u32) {
        let over_reused = self.ports == SourcePorts::Both && !self.ports.is_fresh(number);
        for what in self.says.remove(&number).into_iter().chain(over_reused.then_some(Sight::ReusedPort)) {
            self.ledger.saw(what);
        }
    }

    /// A question, as it leaves.
    pub(super) fn departure(&self, number: u32) -> Traveller {
        Traveller { number, at: self.asked.get(number as usize).copied().unwrap_or(self.first), copies: 1 }
    }

    /// All questions, as they leave.
    pub(super) fn leaving(&self) -> Vec<Traveller> {
        (0..).zip(&self.asked).map(|(number, at)| Traveller { number, at: *at, copies: 1 }).collect()
    }

    /// An answer came to a question that has a socket of its own.
    pub(super) fn replied(&mut self, answer: Traveller) {
        if self.in_time(answer) {
            self.replied_over(answer);
            for _ in 1..answer.copies {
                self.answered(answer);
            }
        } else {
            self.ledger.missed(answer.number, Miss::Late);
        }
    }

    /// An answer came over a connection, if that had not been given up by then.
    pub(super) fn replied_over(&mut self, answer: Traveller) {
        self.answered_over(answer, answer.at);
        if self.in_time(answer) {
            self.replies.insert(answer.number, answer.at);
        }
    }

    /// When the answer to a question came, if it came in time.
    pub(super) fn reply(&self, number: u32) -> Option<Micros> {
        self.replies.get(&number).copied()
    }

    /// An answer came.
    pub(super) fn answered(&mut self, answer: Traveller) {
        self.answers.push(answer);
    }

    fn book(&mut self, answer: Traveller) {
        if self.ledger.answered(answer.number, self.base + Duration::from_micros(answer.at.0.saturating_sub(self.first.0))) {
            self.note(answer.number);
        }
    }

    /// It is known by then why there is no answer.
    pub(super) fn missed(&mut self, question: Traveller, miss: Miss) {
        self.ledger.missed(question.number, miss);
    }

    /// As [`Books::missed`], if the connection had not been given up by then.
    pub(super) fn broke(&mut self, connection: Traveller, miss: Miss) {
        if self.in_time(connection) {
            self.ledger.missed(connection.number, miss);
        }
    }

    /// An answer came over a connection whose handshake was complete at that moment.
    pub(super) fn answered_over(&mut self, connection: Traveller, complete: Micros) {
        if self.in_time(connection) {
            let latency = self.since_asked(connection.number, complete).duration();
            if self.ledger.answered_after(connection.number, latency) {
                self.note(connection.number);
            }
        }
    }

    /// The sums. What was not settled has timed out.
    pub(super) fn close(mut self) -> Tally {
        let mut answers = std::mem::take(&mut self.answers);
        // A stable order: of those that arrive at one moment the first stays the first.
        answers.sort_by_key(|answer| answer.at);
        for answer in answers {
            self.book(answer);
        }
        self.ledger.close()
    }

    pub(super) fn in_time(&self, connection: Traveller) -> bool {
        let limit = if connection.number == 0 { Micros::of(WARM_UP_LIMIT) } else { self.timeout };
        self.since_asked(connection.number, connection.at) <= limit
    }

    /// When that question left.
    pub(super) fn left(&self, number: u32) -> Micros {
        self.asked.get(number as usize).copied().unwrap_or_default()
    }

    fn since_asked(&self, number: u32, at: Micros) -> Micros {
        let asked = self.asked.get(number as usize).map_or(0, |asked| asked.0);
        Micros(at.0.saturating_sub(asked))
    }
}
