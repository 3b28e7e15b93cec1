//! The books of a burst of lookups, which all of its queries share: what became of each query, what the lookups found, and the sockets
//! of queries that were settled, over which something may come yet. It must not know how a query is sent.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::burst::Burst;
use crate::model::outcome::{Miss, Obstacle, Tally};

use super::lookup::Found;
use super::message::Question;
use crate::probe::errand::Errand;
use crate::probe::heard::HEAR_LIMIT;
use crate::probe::socket::{Heard, Line};
use crate::probe::tally::Ledger;

/// Where the queries of a burst are booked.
pub(super) struct Desk {
    pub(super) errand: Errand,
    books: Mutex<Books>,
}

struct Books {
    ledger: Ledger,
    found: BTreeMap<Found, u32>,
    lingering: Vec<Lingering>,
    last_miss: Option<Miss>,
}

/// The socket of a query whose fate is known, or whose time is over.
pub(super) struct Lingering {
    pub(super) line: Line,
    pub(super) query: Query,
    /// Its answer came in time: what comes now came twice. Otherwise it is late.
    pub(super) answered: bool,
    /// It is given up then.
    pub(super) until: Instant,
}

/// A query that was sent.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) sequence: u32,
    pub(super) id: u16,
    pub(super) question: Question,
}

impl Desk {
    pub(super) fn open(errand: Errand) -> Self {
        let ledger = Ledger::new(errand.burst.timeout.duration());
        Self { errand, books: Mutex::new(Books { ledger, found: BTreeMap::new(), lingering: Vec::new(), last_miss: None }) }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that nobody can know who has not seen the query.
    pub(super) fn id(&self) -> u16 {
        let next = self.books().ledger.next();
        let [a, b, ..] = self.errand.question(next).nonce.to_be_bytes();
        u16::from_be_bytes([a, b])
    }

    /// A query was sent then.
    pub(super) fn asked(&self, sent: Instant) -> u32 {
        self.books().ledger.asked(sent, None)
    }

    /// Its answer came after that time, whether in time or not.
    pub(super) fn answered(&self, sequence: u32, latency: Duration) {
        self.books().ledger.answered_after(sequence, latency);
    }

    pub(super) fn missed(&self, sequence: u32, miss: Miss) {
        let mut books = self.books();
        books.last_miss = Some(miss.clone());
        books.ledger.missed(sequence, miss);
    }

    /// What became of the last query of which that is known without waiting for its time to be over.
    pub(super) fn last_miss(&self) -> Option<Miss> {
        self.books().last_miss.clone()
    }

    /// Something came that answers nothing.
    pub(super) fn foreign(&self) {
        self.books().ledger.foreign(1);
    }

    pub(super) fn end_warm_up(&self) {
        self.books().ledger.end_warm_up();
    }

    /// A lookup is over.
    pub(super) fn found(&self, found: Found) {
        *self.books().found.entry(found).or_insert(0) += 1;
    }

    /// Something may come over this socket yet.
    pub(super) fn keep(&self, lingering: Lingering) {
        self.books().lingering.push(lingering);
    }

    /// Takes in what has come over the sockets of queries that are settled, and lets go of those whose time is over. Returns whether
    /// there may be more: no flood is read to its end in one go, and none keeps the other sockets from being read.
    pub(super) fn sweep(&self) -> Result<bool, Obstacle> {
        let mut books = self.books();
        let Books { ledger, lingering, .. } = &mut *books;
        let (now, mut read) = (Instant::now(), 0);
        let mut speaking: Vec<&mut Lingering> = lingering.iter_mut().collect();
        while !speaking.is_empty() && read < HEAR_LIMIT {
            let mut more = Vec::new();
            for kept in speaking {
                if let Some(heard) = kept.line.hear()? {
                    kept.take(heard, ledger);
                    read += 1;
                    more.push(kept);
                }
            }
            speaking = more;
        }
        let more = !speaking.is_empty();
        lingering.retain(|kept| kept.until > now);
        Ok(more)
    }

    /// Until when something may come over a socket that is kept.
    fn listens_until(&self) -> Option<Instant> {
        self.books().lingering.iter().map(|kept| kept.until).max()
    }

    /// Listens after the last queries as after the others: their copies count as well, and their answers are late, not lost.
    async fn listen(&self) -> Result<(), Obstacle> {
        let limit = self.errand.pacer.lingers_until(tokio::time::Instant::now(), Burst::LINGER).into_std();
        loop {
            let more = self.sweep()?;
            let Some(until) = self.listens_until().map(|until| until.min(limit)).filter(|until| *until > Instant::now()) else {
                return Ok(());
            };
            if more {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep_until(until.into()).await;
            }
        }
    }

    /// The sums, and what the lookups found, with how often. Queries that nothing is known of have timed out.
    pub(super) async fn close(self) -> Result<(Tally, BTreeMap<Found, u32>), Obstacle> {
        self.listen().await?;
        let Books { ledger, found, .. } = self.books.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((ledger.close(), found))
    }
}

impl Lingering {
    fn take(&mut self, heard: Heard, ledger: &mut Ledger) {
        match heard {
            // An error after an answer says nothing of the query.
            Heard::Refused(refusal) if !self.answered => ledger.missed(self.query.sequence, refusal.miss),
            Heard::Refused(_) => {}
            Heard::Datagram { bytes, .. } if self.query.question.read(self.query.id, &bytes).is_none() => ledger.foreign(1),
            Heard::Datagram { arrived, .. } if self.answered => {
                // A second answer, which the books count as one.
                ledger.answered(self.query.sequence, arrived);
            }
            Heard::Datagram { .. } => {
                ledger.missed(self.query.sequence, Miss::Late);
                self.answered = true;
            }
        }
    }
}
