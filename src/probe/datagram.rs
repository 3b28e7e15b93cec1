//! A burst of datagrams to one target: the warm-up, the counted questions in their rhythm, and what comes back meanwhile.
//! It must not know how UDP and ICMP differ: their forms do.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::model::outcome::{Miss, Obstacle, Sight, Tally};
use crate::model::probe::SourcePorts;

use super::afterwards::Afterwards;
use super::altered::Alterations;
use super::errand::Errand;
use super::flow::{self, End, Fate};
use super::form::{Datagram, Form};
use super::heard::{Came, HEAR_LIMIT, Quote};
use super::pace::{Cost, Rhythm, Ticket};
use super::packet::padded::Padded;
use super::packet::{Question, Reading, printable};
use super::refusal::Refusal;
use super::socket::{Heard, Line, Sent};
use super::tally::{Ledger, WARM_UP_LIMIT};

/// Asks one target, from the warm-up to the last answer.
pub(super) async fn ask(datagram: Datagram, errand: Errand) -> Result<Tally, Obstacle> {
    if datagram == Datagram::Udp {
        flow::ready(&errand).await?;
    }
    let ticket = errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    let (socket, form) = datagram.open(errand.burst.family, &errand.peer)?;
    let to = errand.to;
    let line = datagram.tuned(Line::over(socket, errand.source, form.only(to))?)?;
    let ledger = Ledger::new(errand.burst.timeout.duration());
    let (afterwards, alterations) = (Afterwards::default(), Alterations::default());
    let mut burst = DatagramBurst { to, form, errand, line, more: false, ledger, afterwards, alterations };
    burst.warm_up(ticket).await?;
    burst.count().await?;
    burst.linger().await?;
    Ok(burst.ledger.close())
}

/// A burst in progress.
struct DatagramBurst {
    form: Form,
    errand: Errand,
    to: SocketAddr,
    line: Line,
    /// The line was left before it was empty.
    more: bool,
    ledger: Ledger,
    afterwards: Afterwards,
    alterations: Alterations,
}

impl DatagramBurst {
    async fn warm_up(&mut self, ticket: Ticket) -> Result<(), Obstacle> {
        self.send(ticket).await?;
        let until = Instant::now() + WARM_UP_LIMIT;
        while !self.ledger.is_settled() && Instant::now() < until {
            self.listen(until).await?;
        }
        self.ledger.end_warm_up();
        Ok(())
    }

    async fn count(&mut self) -> Result<(), Obstacle> {
        let (pacer, interval) = (self.errand.pacer.clone(), self.errand.burst.interval.duration());
        let last = self.errand.burst.count.get();
        let mut rhythm = Rhythm::new(tokio::time::Instant::now(), interval, self.errand.chance());
        let errand = self.errand.clone();
        let repeated = self.form.cost();
        let cost = |number: u32| if errand.ports.is_fresh(number) { Cost::Flow } else { repeated };
        let mut flows = FuturesUnordered::new();
        let mut admission = pin!(pacer.admit(rhythm.due(), cost(self.ledger.next())));
        // A question may be out of the books while its flow has not come to its end.
        while self.ledger.next() <= last || !self.ledger.is_settled() || !flows.is_empty() {
            let asking = self.ledger.next() <= last;
            let idle = Instant::now() + self.errand.burst.timeout.duration();
            tokio::select! {
                ticket = &mut admission, if asking => {
                    if errand.ports.is_fresh(self.ledger.next()) {
                        let number = self.ledger.asked(Instant::now(), None);
                        flows.push(flow::question(&errand, number, errand.burst.timeout.duration(), ticket));
                    } else {
                        self.send(ticket).await?;
                    }
                    rhythm.sent(tokio::time::Instant::now());
                    admission.set(pacer.admit(rhythm.due(), cost(self.ledger.next())));
                }
                Some(fate) = flows.next() => self.settle(fate)?,
                heard = self.listen(idle) => heard?,
            }
        }
        Ok(())
    }

    /// Listens a while longer when all is settled: the copies of the last answers count as those of the others, and an answer that
    /// comes yet is late, not lost. Nothing is outstanding meanwhile.
    async fn linger(&mut self) -> Result<(), Obstacle> {
        let until = self.errand.pacer.lingers_until(tokio::time::Instant::now(), self.ledger.lingers()).into_std();
        loop {
            self.listen(until).await?;
            if Instant::now() >= until {
                return self.afterwards.close(&self.errand, &mut self.ledger).await;
            }
        }
    }

    /// What became of a question over a port of its own.
    fn settle(&mut self, fate: Fate) -> Result<(), Obstacle> {
        self.ledger.foreign(fate.foreign);
        match fate.end {
            End::Answered(latency, sight) => {
                if self.ledger.answered_after(fate.sequence, latency)
                    && let Some(sight) = sight
                {
                    self.ledger.saw(*sight);
                }
            }
            End::TimedOut => self.ledger.give_up(fate.sequence),
            End::Missed(miss) => self.ledger.missed(fate.sequence, miss),
            End::NotAsked(obstacle) => return Err(obstacle),
        }
        match fate.flow {
            Some(flow) => self.afterwards.keep(flow, &self.errand, &mut self.ledger),
            None => Ok(()),
        }
    }

    async fn send(&mut self, ticket: Ticket) -> Result<(), Obstacle> {
        let question = self.errand.question(self.ledger.next());
        let bytes = self.form.write(&question, self.errand.burst.family);
        match self.line.send(&bytes, self.to).await? {
            Sent::At(at) => {
                self.ledger.asked(at, ticket);
            }
            Sent::Missed(at, miss) => {
                let sequence = self.ledger.asked(at, ticket);
                self.ledger.missed(sequence, miss);
            }
        }
        Ok(())
    }

    /// Waits until something comes, an answer is overdue or the moment is there; then takes in all that came.
    async fn listen(&mut self, until: Instant) -> Result<(), Obstacle> {
        let wake = self.ledger.next_expiry().map_or(until, |expiry| expiry.min(until));
        if self.more {
            tokio::task::yield_now().await;
        } else if let Ok(stirred) = tokio::time::timeout_at(wake.into(), self.line.stirred()).await {
            stirred?;
        }
        // Only what had not come by now may expire: an answer that waited in the socket is not lost.
        let (now, mut read_to) = (Instant::now(), None);
        for _ in 0..HEAR_LIMIT {
            let Some(heard) = self.line.hear()? else {
                self.more = false;
                self.ledger.expire(now);
                return Ok(());
            };
            read_to = heard.arrived().or(read_to);
            self.take(heard);
        }
        self.more = true;
        // The queue is in order: whatever had come before the last of these is read, however much comes behind it.
        if let Some(read_to) = read_to {
            self.ledger.expire(read_to.min(now));
        }
        Ok(())
    }

    fn take(&mut self, heard: Heard) {
        match heard {
            Heard::Refused(refusal) => self.refused(refusal),
            Heard::Datagram { from, bytes, arrived } => {
                let by_target = from.ip() == self.to.ip() && from.port() == self.to.port();
                match self.form.read(&bytes, self.errand.burst.family) {
                    Came::Answer(said) if by_target => match self.errand.sequence_of(&said.to) {
                        Some(sequence) => self.answered(sequence, said.name, arrived),
                        None => self.ledger.foreign(1),
                    },
                    Came::Altered { bits, payload } if by_target => self.altered(bits, payload),
                    Came::Answer(_) | Came::Altered { .. } | Came::Noise => self.ledger.foreign(1),
                    Came::Elsewhere => {}
                }
            }
        }
    }

    /// What came is no answer: the target has changed it, or somebody on the way.
    fn altered(&mut self, bits: u16, payload: &[u8]) {
        let Form::Icmp(_, shape) = self.form else { return };
        let sequence = match Question::read(payload) {
            // A nonce that nobody was asked with is no trace of ours.
            Reading::Whole(question, _) => self.errand.sequence_of(&question),
            Reading::Partial | Reading::Noise => self.ledger.ending_in(bits),
        };
        let Some(sequence) = sequence else { return self.ledger.foreign(1) };
        let sent = Padded { question: self.errand.question(sequence), size: shape.size };
        self.ledger.missed(sequence, self.alterations.told(&sent, payload));
    }

    fn answered(&mut self, sequence: u32, name: Option<&[u8]>, arrived: Instant) {
        if let Some(name) = name.filter(|name| self.errand.is_wrong(name)) {
            return self.ledger.missed(sequence, Miss::WrongPeer { name: printable(name) });
        }
        if self.ledger.answered(sequence, arrived) {
            if let Some(sight) = name.and_then(|name| self.errand.sight(name)) {
                self.ledger.saw(sight);
            }
            if self.errand.ports == SourcePorts::Both {
                self.ledger.saw(Sight::ReusedPort);
            }
        }
    }

    fn refused(&mut self, refusal: Refusal) {
        let sequence = match self.form.quoted(&refusal.quoted, self.errand.burst.family) {
            Quote::Whole(question) => self.errand.sequence_of(&question),
            Quote::Bits(bits) => self.ledger.ending_in(bits),
            // What left over a port of its own has a socket of its own, which hears of it.
            Quote::Cut => self.ledger.oldest_open(|sequence| !self.errand.ports.is_fresh(sequence)),
            Quote::Other => None,
            Quote::Elsewhere => return,
        };
        match sequence {
            Some(sequence) => self.ledger.missed(sequence, refusal.miss),
            None => self.ledger.foreign(1),
        }
    }
}
