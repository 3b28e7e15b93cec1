//! A burst of connections to one target: each its own, one question over each. It must not know what is asked over them.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use crate::model::family::Family;
use crate::model::outcome::{Miss, Obstacle, Seen, Sight, Step, StepSamples, Tally};
use crate::model::units::Micros;

use super::errand::{Errand, socket_trouble};
use super::kit::unfit;
use super::latencies::Latencies;
use super::pace::{Cost, Rhythm, Ticket};
use super::refusal;
use super::socket::keep_errors;
use super::tally::{Ledger, WARM_UP_LIMIT};

/// What became of a connection.
pub(super) struct Fate {
    pub(super) end: End,
    /// Answers over it that were not ours.
    pub(super) foreign: u32,
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// It is there, and so is the answer, where there should be one.
    Answered(Answered),
    /// It is not.
    Missed(Miss),
    /// It could not be tried.
    NotTried(Obstacle),
}

/// An answered connection.
#[derive(Debug)]
pub(super) struct Answered {
    /// What counts as its latency.
    pub(super) latency: Duration,
    /// Until everything was there.
    pub(super) total: Duration,
    /// How long its steps took, where there are several.
    pub(super) steps: Vec<(Step, Duration)>,
    /// What the answer said.
    pub(super) sight: Option<Box<Sight>>,
}

impl Answered {
    /// A process that was not run for a while sees its answer before its own alarm, though both are due.
    pub(super) fn within(self, limit: Duration) -> End {
        if self.total <= limit { End::Answered(self) } else { End::Missed(Miss::Late) }
    }
}

/// Asks one target, from the warm-up to the last answer: `question` makes each connection, and ends within the time that it is given.
pub(super) async fn ask<Q, F>(errand: &Errand, question: Q) -> Result<Tally, Obstacle>
where
    Q: Fn(u32, Duration) -> F,
    F: Future<Output = Fate>,
{
    let mut books = Books { ledger: Ledger::new(errand.burst.timeout.duration()), said: Said::default() };
    warm_up(errand, &question, &mut books).await?;
    count(errand, &question, &mut books).await?;
    Ok(books.said.told(books.ledger.close()))
}

async fn warm_up<F: Future<Output = Fate>>(
    errand: &Errand,
    question: impl Fn(u32, Duration) -> F,
    books: &mut Books,
) -> Result<(), Obstacle> {
    let _ticket = errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    let sequence = books.ledger.asked(Instant::now(), None);
    settle(books, sequence, question(sequence, errand.burst.timeout.duration().max(WARM_UP_LIMIT)).await)?;
    books.ledger.end_warm_up();
    Ok(())
}

async fn count<F: Future<Output = Fate>>(
    errand: &Errand,
    question: impl Fn(u32, Duration) -> F,
    books: &mut Books,
) -> Result<(), Obstacle> {
    let (last, limit) = (errand.burst.count.get(), errand.burst.timeout.duration());
    let mut rhythm = Rhythm::new(tokio::time::Instant::now(), errand.burst.interval.duration(), errand.chance());
    let mut admission = pin!(errand.pacer.admit(rhythm.due(), Cost::Flow));
    let mut connections = FuturesUnordered::new();
    let one = |sequence, ticket: Ticket| {
        let fate = question(sequence, limit);
        async move { (sequence, fate.await, ticket) }
    };
    while books.ledger.next() <= last || !connections.is_empty() {
        tokio::select! {
            ticket = &mut admission, if books.ledger.next() <= last => {
                let sequence = books.ledger.asked(Instant::now(), None);
                connections.push(one(sequence, ticket));
                rhythm.sent(tokio::time::Instant::now());
                admission.set(errand.pacer.admit(rhythm.due(), Cost::Flow));
            }
            Some((sequence, fate, _ticket)) = connections.next() => settle(books, sequence, fate)?,
        }
    }
    Ok(())
}

fn settle(books: &mut Books, sequence: u32, fate: Fate) -> Result<(), Obstacle> {
    books.ledger.foreign(fate.foreign);
    match fate.end {
        End::Answered(answered) => {
            if books.ledger.answered_after(sequence, answered.latency) {
                books.said.add(sequence, answered)?;
            }
        }
        End::Missed(miss) => books.ledger.missed(sequence, miss),
        End::NotTried(obstacle) => return Err(obstacle),
    }
    Ok(())
}

/// The books of a burst.
struct Books {
    ledger: Ledger,
    said: Said,
}

/// What the counted answers said, and how long their steps took.
#[derive(Default)]
struct Said {
    seen: BTreeMap<Sight, u32>,
    steps: BTreeMap<Step, Latencies>,
}

impl Said {
    fn add(&mut self, sequence: u32, answered: Answered) -> Result<(), Obstacle> {
        for (step, took) in answered.steps {
            self.steps.entry(step).or_insert_with(|| Latencies::Raw(Vec::new())).add(sequence, Micros::of(took));
        }
        let Some(mut sight) = answered.sight.map(|sight| *sight) else { return Ok(()) };
        if self.seen.len() >= Tally::SIGHTS / 2 && !self.seen.contains_key(&sight) {
            sight = sight.without_note();
        }
        *self.seen.entry(sight).or_default() += 1;
        // What is left out could be the one that is wrong.
        if self.seen.len() <= Tally::SIGHTS {
            Ok(())
        } else {
            Err(unfit(format!("more than {} different answers to one burst", Tally::SIGHTS)))
        }
    }

    fn told(self, mut tally: Tally) -> Tally {
        tally.steps = self.steps.into_iter().map(|(step, latencies)| StepSamples { step, samples: latencies.samples() }).collect();
        tally.seen = self.seen.into_iter().map(|(what, count)| Seen { what, count }).collect();
        tally
    }
}

/// A connection, and how long its handshake took, which is known of one that failed, too.
pub(super) async fn connect(errand: &Errand) -> (Result<TcpStream, End>, Duration) {
    let socket = match prepare(errand) {
        Ok(socket) => socket,
        Err(error) => return (Err(End::NotTried(socket_trouble("opening a TCP socket", &error))), Duration::ZERO),
    };
    let start = Instant::now();
    let connected = handshake(socket, errand.to, errand).await;
    (connected, start.elapsed())
}

/// Closes by reset: a closed connection would hold its port for a minute (`TIME_WAIT`).
pub(super) fn prepare(errand: &Errand) -> io::Result<Socket> {
    let domain = match errand.burst.family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    };
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_linger(Some(Duration::ZERO))?;
    // The port is then chosen on connecting, where only the whole four-tuple has to be free.
    setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
    keep_errors(&socket, errand.burst.family)?;
    socket.bind(&SocketAddr::new(errand.source, 0).into())?;
    Ok(socket)
}

/// The handshake alone.
pub(super) async fn handshake(socket: Socket, target: SocketAddr, errand: &Errand) -> Result<TcpStream, End> {
    match socket.connect(&target.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(Errno::EINPROGRESS as i32) => {}
        Err(error) => return Err(refused(&error, None)),
    }
    let registering = |error| End::NotTried(socket_trouble("registering a socket", &error));
    let stream = TcpStream::from_std(socket.into()).map_err(registering)?;
    stream.writable().await.map_err(registering)?;
    match stream.take_error() {
        Ok(None) => Ok(stream),
        Ok(Some(error)) | Err(error) => {
            let told = refusal::take(&stream, errand.source).ok().flatten();
            Err(refused(&error, told.map(|refusal| refusal.miss)))
        }
    }
}

/// A handshake that failed; `told` is what an ICMP error said of it, with its sender (Linux 5.8 and later).
fn refused(error: &io::Error, told: Option<Miss>) -> End {
    let miss = match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
        Errno::ETIMEDOUT => Some(Miss::TimedOut),
        Errno::ECONNRESET | Errno::EPIPE => Some(Miss::Reset),
        _ => told.or_else(|| refusal::local(error, 0)),
    };
    miss.map_or_else(|| End::NotTried(socket_trouble("connecting", error)), End::Missed)
}

/// An established connection that failed. Only the way may have broken; everything else is an end of the connection.
pub(super) fn broken(error: &io::Error) -> Miss {
    match refusal::local(error, 0) {
        Some(miss @ Miss::Unreachable { .. }) => miss,
        Some(_) | None => Miss::Reset,
    }
}
