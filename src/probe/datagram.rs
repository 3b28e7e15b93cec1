//! A burst of datagrams to one target: the warm-up, the counted questions in their rhythm, and what comes back meanwhile.
//! It must not know how UDP and ICMP differ beyond the few functions in [`Datagram`].

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Instant;

use socket2::Socket;

use crate::model::outcome::{Miss, Obstacle, Tally};
use crate::model::probe::Family;
use crate::wire::{Peer, Who};

use super::errand::Errand;
use super::heard::{Came, Quote};
use super::icmp::Echo;
use super::pace::{Cost, Rhythm, Ticket};
use super::packet::{Question, printable};
use super::refusal::Refusal;
use super::socket::{Heard, Line, Sent};
use super::tally::{Ledger, WARM_UP_LIMIT};
use super::{icmp, udp};

/// What carries a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Datagram {
    Icmp,
    Udp,
}

/// How it does, which shows when its socket is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Icmp(Echo),
    /// Answered by one of ours, with a name.
    Udp,
    /// Sent back as it came.
    UdpEcho,
}

impl Datagram {
    fn open(self, family: Family, peer: &Peer) -> Result<(Socket, Form), Obstacle> {
        match (self, &peer.who) {
            (Self::Icmp, _) => icmp::open(family).map(|(socket, echo)| (socket, Form::Icmp(echo))),
            (Self::Udp, Who::Agent { .. }) => udp::open(family).map(|socket| (socket, Form::Udp)),
            (Self::Udp, Who::Anyone { .. }) => udp::open(family).map(|socket| (socket, Form::UdpEcho)),
        }
    }
}

impl Form {
    /// What keeps strangers out of a socket that would get all that the host gets.
    const fn only(self, to: SocketAddr) -> Option<SocketAddr> {
        match self {
            Self::Icmp(Echo::Raw { .. }) => Some(to),
            Self::Icmp(Echo::Datagram) | Self::Udp | Self::UdpEcho => None,
        }
    }

    fn write(self, question: &Question, family: Family) -> Vec<u8> {
        match self {
            Self::Icmp(echo) => echo.write(question, family),
            Self::Udp | Self::UdpEcho => question.bytes().to_vec(),
        }
    }

    fn read(self, bytes: &[u8], family: Family) -> Came<'_> {
        match self {
            Self::Icmp(echo) => echo.read(bytes, family),
            Self::Udp => udp::read(bytes),
            Self::UdpEcho => udp::read_echo(bytes),
        }
    }

    fn quoted(self, quote: &[u8], family: Family) -> Quote {
        match self {
            Self::Icmp(echo) => echo.quoted(quote, family),
            Self::Udp | Self::UdpEcho => udp::quoted(quote),
        }
    }
}

/// What is read in one go before other work gets its turn.
const HEAR_LIMIT: usize = 256;

/// Asks one target, from the warm-up to the last answer.
pub(super) async fn ask(datagram: Datagram, errand: Errand) -> Result<Tally, Obstacle> {
    let ticket = errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    let (socket, form) = datagram.open(errand.burst.family, &errand.peer)?;
    let to = errand.to;
    let line = Line::over(socket, errand.source, form.only(to))?;
    let ledger = Ledger::new(errand.burst.timeout.duration());
    let mut burst = DatagramBurst { to, form, errand, line, more: false, ledger };
    burst.warm_up(ticket).await?;
    burst.count().await?;
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
        let mut admission = pin!(pacer.admit(rhythm.due(), Cost::Packet));
        while self.ledger.next() <= last || !self.ledger.is_settled() {
            let asking = self.ledger.next() <= last;
            let idle = Instant::now() + self.errand.burst.timeout.duration();
            tokio::select! {
                ticket = &mut admission, if asking => {
                    self.send(ticket).await?;
                    rhythm.sent(tokio::time::Instant::now());
                    admission.set(pacer.admit(rhythm.due(), Cost::Packet));
                }
                heard = self.listen(idle) => heard?,
            }
        }
        Ok(())
    }

    async fn send(&mut self, ticket: Ticket) -> Result<(), Obstacle> {
        let question = self.errand.question(self.ledger.next());
        let bytes = self.form.write(&question, self.errand.burst.family);
        let mut bounced = Vec::new();
        let sent = self.line.send(&bytes, self.to, |refusal| bounced.push(refusal)).await?;
        for refusal in bounced {
            self.refused(refusal);
        }
        match sent {
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
        let now = Instant::now();
        for _ in 0..HEAR_LIMIT {
            let Some(heard) = self.line.hear()? else {
                self.more = false;
                self.ledger.expire(now);
                return Ok(());
            };
            self.take(heard);
        }
        self.more = true;
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
                    Came::Answer(_) | Came::Noise => self.ledger.foreign(1),
                    Came::Elsewhere => {}
                }
            }
        }
    }

    fn answered(&mut self, sequence: u32, name: Option<&[u8]>, arrived: Instant) {
        let expected = self.errand.peer.name().map(str::as_bytes);
        match name.filter(|name| expected.is_some_and(|expected| *name != expected)) {
            None => self.ledger.answered(sequence, arrived),
            Some(name) => self.ledger.missed(sequence, Miss::WrongPeer { name: printable(name) }),
        }
    }

    fn refused(&mut self, refusal: Refusal) {
        let sequence = match self.form.quoted(&refusal.quoted, self.errand.burst.family) {
            Quote::Whole(question) => self.errand.sequence_of(&question),
            Quote::Bits(bits) => self.ledger.ending_in(bits),
            Quote::Cut => self.ledger.oldest_open(),
            Quote::Other => None,
            Quote::Elsewhere => return,
        };
        match sequence {
            Some(sequence) => self.ledger.missed(sequence, refusal.miss),
            None => self.ledger.foreign(1),
        }
    }
}
