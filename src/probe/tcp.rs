//! A burst of connections to one target: each its own, timed from the start of the handshake to its end. One of our own has
//! answered only if nonce and name come back over it; to somebody else nothing is sent, and the connection is the answer.
//! It must not know how shares are put together.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::model::outcome::{Miss, Obstacle, Tally};
use crate::model::probe::Family;

use super::errand::{Errand, socket_trouble};
use super::pace::{Cost, Rhythm, Ticket};
use super::packet::{ANSWER_LIMIT, Answer, Reading, printable};
use super::refusal;
use super::socket::keep_errors;
use super::tally::{Ledger, WARM_UP_LIMIT};

/// What became of a connection.
struct Fate {
    sequence: u32,
    end: End,
    /// Answers over it that were not ours.
    foreign: u32,
    _ticket: Ticket,
}

/// How a connection ended.
pub(super) enum End {
    /// It is there, and nonce and name came back where they should; the handshake took this long.
    Answered(Duration),
    /// They did not.
    Missed(Miss),
    /// It could not be tried.
    NotTried(Obstacle),
}

/// Asks one target, from the warm-up to the last answer.
pub(super) async fn ask(errand: Errand) -> Result<Tally, Obstacle> {
    let mut ledger = Ledger::new(errand.burst.timeout.duration());
    warm_up(&errand, &mut ledger).await?;
    count(&errand, &mut ledger).await?;
    Ok(ledger.close())
}

async fn warm_up(errand: &Errand, ledger: &mut Ledger) -> Result<(), Obstacle> {
    let ticket = errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    let sequence = ledger.asked(Instant::now(), None);
    settle(ledger, question(errand, sequence, WARM_UP_LIMIT, ticket).await)?;
    ledger.end_warm_up();
    Ok(())
}

async fn count(errand: &Errand, ledger: &mut Ledger) -> Result<(), Obstacle> {
    let (last, limit) = (errand.burst.count.get(), errand.burst.timeout.duration());
    let mut rhythm = Rhythm::new(tokio::time::Instant::now(), errand.burst.interval.duration(), errand.chance());
    let mut admission = pin!(errand.pacer.admit(rhythm.due(), Cost::Flow));
    let mut connections = FuturesUnordered::new();
    while ledger.next() <= last || !connections.is_empty() {
        tokio::select! {
            ticket = &mut admission, if ledger.next() <= last => {
                let sequence = ledger.asked(Instant::now(), None);
                connections.push(question(errand, sequence, limit, ticket));
                rhythm.sent(tokio::time::Instant::now());
                admission.set(errand.pacer.admit(rhythm.due(), Cost::Flow));
            }
            Some(fate) = connections.next() => settle(ledger, fate)?,
        }
    }
    Ok(())
}

fn settle(ledger: &mut Ledger, fate: Fate) -> Result<(), Obstacle> {
    ledger.foreign(fate.foreign);
    match fate.end {
        End::Answered(handshake) => ledger.answered_after(fate.sequence, handshake),
        End::Missed(miss) => ledger.missed(fate.sequence, miss),
        End::NotTried(obstacle) => return Err(obstacle),
    }
    Ok(())
}

/// One connection, from its first packet to nonce and name, or until it is there.
async fn question(errand: &Errand, sequence: u32, limit: Duration, ticket: Ticket) -> Fate {
    let mut foreign = 0;
    let end = match tokio::time::timeout(limit, exchange(errand, sequence, &mut foreign)).await {
        Ok(Ok(answered)) => answered.within(limit),
        Ok(Err(end)) => end,
        Err(_elapsed) => End::Missed(Miss::TimedOut),
    };
    Fate { sequence, end, foreign, _ticket: ticket }
}

/// The times of an answered connection.
struct Answered {
    handshake: Duration,
    total: Duration,
}

impl Answered {
    /// A process that was not run for a while sees its answer before its own alarm, though both are due.
    fn within(self, limit: Duration) -> End {
        if self.total <= limit { End::Answered(self.handshake) } else { End::Missed(Miss::Late) }
    }
}

async fn exchange(errand: &Errand, sequence: u32, foreign: &mut u32) -> Result<Answered, End> {
    let socket = prepare(errand).map_err(|error| End::NotTried(socket_trouble("opening a TCP socket", &error)))?;
    let start = Instant::now();
    let connected = connect(socket, errand.to, errand).await;
    let handshake = start.elapsed();
    let Some(name) = errand.peer.name() else { return accepted(connected, handshake) };
    let mut stream = connected?;
    stream.write_all(&errand.question(sequence).bytes()).await.map_err(|error| broken(&error))?;
    hear((errand, name), sequence, &mut stream, foreign).await?;
    Ok(Answered { handshake, total: start.elapsed() })
}

/// Whether there was a connection. A reset says so as well: a SYN is refused, and what is reset was there; it depends on chance
/// whether it comes before we look.
fn accepted(connected: Result<TcpStream, End>, handshake: Duration) -> Result<Answered, End> {
    match connected {
        Ok(_) | Err(End::Missed(Miss::Reset)) => Ok(Answered { handshake, total: handshake }),
        Err(end) => Err(end),
    }
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

pub(super) async fn connect(socket: Socket, target: SocketAddr, errand: &Errand) -> Result<TcpStream, End> {
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
pub(super) fn broken(error: &io::Error) -> End {
    match refusal::local(error, 0) {
        Some(miss @ Miss::Unreachable { .. }) => End::Missed(miss),
        Some(_) | None => End::Missed(Miss::Reset),
    }
}

/// Reads until the right nonce comes with a name.
async fn hear((errand, expected): (&Errand, &str), sequence: u32, stream: &mut TcpStream, foreign: &mut u32) -> Result<(), End> {
    let mut bytes = [0; 2 * ANSWER_LIMIT];
    let mut have = 0;
    loop {
        let more = stream.read(&mut bytes[have..]).await.map_err(|error| broken(&error))?;
        if more == 0 {
            return Err(End::Missed(Miss::Reset));
        }
        have += more;
        while have > 0 {
            match Answer::read(&bytes[..have]) {
                Reading::Partial => break,
                Reading::Noise => return Err(End::Missed(Miss::WrongPeer { name: printable(&bytes[..have]) })),
                Reading::Whole(answer, _) if answer.to == errand.question(sequence) => return named(expected, answer.name),
                Reading::Whole(_, end) => {
                    *foreign += 1;
                    bytes.copy_within(end..have, 0);
                    have -= end;
                }
            }
        }
    }
}

fn named(expected: &str, name: &[u8]) -> Result<(), End> {
    if name == expected.as_bytes() { Ok(()) } else { Err(End::Missed(Miss::WrongPeer { name: printable(name) })) }
}
