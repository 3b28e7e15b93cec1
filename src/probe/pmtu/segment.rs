//! One segment of a wanted size over a connection of its own, and whether it was acknowledged. It must not know which sizes are worth
//! trying, nor what is made of what it finds.
//!
//! What counts is the kernel's account of what it sent: it cuts a packet that somebody refused, and sends the pieces, which then are
//! acknowledged like a whole one.

use std::io;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery};
use rustix::net::sockopt::{ip_mtu, ipv6_mtu, set_ip_mtu_discover, set_ipv6_mtu_discover};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::model::family::Family;
use crate::model::outcome::{Obstacle, ObstacleKind};

use super::super::errand::{Errand, socket_trouble};
use super::super::packet::sized::SizedQuestion;
use super::kernel::{self, Terms};

/// Of the packets that go before the ladder, in bytes of the whole IP packet: small enough for every way.
pub(crate) const SMALL: u32 = 128;

/// What became of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is acknowledged, and was never cut.
    Arrived,
    /// Nothing is known of it when the time is over.
    Lost,
    /// Somebody told our kernel that the way takes no more than that: then, or up to 10 minutes before.
    Lowered(u32),
    /// TCP sends no larger packets than that to whoever answers, though the way may take them.
    Capped(u32),
    /// The connection ended before anything was known.
    Ended,
}

/// A segment, and the time that its acknowledgement may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) sequence: u32,
    /// Of the whole IP packet, in bytes.
    pub(super) size: u32,
    pub(super) patience: Duration,
}

/// Sends it over a connection that nothing was sent over yet.
pub(super) async fn send(errand: &Errand, stream: &TcpStream, segment: Segment) -> Result<Fate, Obstacle> {
    let family = errand.burst.family;
    let Some(terms) = prepare(stream, errand)? else { return Ok(Fate::Ended) };
    let headers = terms.header + ip_header(family);
    let length = segment.size.saturating_sub(headers);
    if terms.path < segment.size {
        return Ok(Fate::Lowered(terms.path));
    }
    if length > terms.most {
        return Ok(Fate::Capped(terms.most + headers));
    }
    let question = SizedQuestion { question: errand.question(segment.sequence), answer: 0 };
    let mut bytes = question.bytes(length as usize);
    bytes.truncate(length as usize);
    match SockRef::from(stream).send(&bytes) {
        Ok(sent) if sent == bytes.len() => {}
        // Of a part of it the kernel makes a smaller packet.
        Ok(_) => return Ok(Fate::Ended),
        Err(error) if is_end(&error) => return Ok(Fate::Ended),
        Err(error) => return Err(socket_trouble("sending over a connection", &error)),
    }
    let fate = acknowledged(stream, bytes.len(), segment.patience).await?;
    // Who is told that a packet is too big sends smaller ones at once, and says nothing of it.
    Ok(match believed(stream, family) {
        Some(mtu) if fate == Fate::Lost && mtu < segment.size => Fate::Lowered(mtu),
        Some(_) | None => fate,
    })
}

/// Never has a packet cut on its way, and has the kernel tell what becomes of it. `IP_PMTUDISC_PROBE` would let routers cut what TCP
/// sends: only for datagrams does it set "don't fragment".
fn prepare(stream: &TcpStream, errand: &Errand) -> Result<Option<Terms>, Obstacle> {
    let whole = match errand.burst.family {
        Family::V4 => set_ip_mtu_discover(stream, Ipv4PathMtuDiscovery::DO),
        Family::V6 => set_ipv6_mtu_discover(stream, Ipv6PathMtuDiscovery::DO),
    };
    whole.map_err(|error| socket_trouble("having a connection send whole packets only", &error.into()))?;
    let unknown = |what: &str, error: &io::Error| Obstacle {
        kind: ObstacleKind::Inconclusive,
        detail: format!("this machine's kernel does not say {what} ({error}), and without that nobody can search over TCP"),
    };
    kernel::tell_acknowledged(stream).map_err(|error| unknown("what is acknowledged", &error.into()))?;
    let Ok(local) = stream.local_addr() else { return Ok(None) };
    kernel::terms(local, errand.to).map_err(|error| unknown("how large the segments of a connection are (sock_diag)", &error))
}

/// Waits until everything is acknowledged, the connection is over or the time is.
async fn acknowledged(stream: &TcpStream, length: usize, patience: Duration) -> Result<Fate, Obstacle> {
    let end = Instant::now() + patience;
    loop {
        let stirred = tokio::time::timeout_at(end.into(), stream.ready(Interest::ERROR)).await;
        // Marked as quiet before it is read to the end: what comes meanwhile stirs it again.
        let _ = stream.try_io(Interest::ERROR, || io::Result::<()>::Err(io::ErrorKind::WouldBlock.into()));
        let account = kernel::acknowledged(stream).map_err(|error| socket_trouble("reading a connection's error queue", &error.into()))?;
        if let Some(account) = account {
            return Ok(if account.is_whole(length) { Fate::Arrived } else { Fate::Lost });
        }
        let error = stream.take_error();
        if let Ok(Some(error)) | Err(error) = &error
            && is_end(error)
        {
            return Ok(Fate::Ended);
        }
        match stirred {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(socket_trouble("waiting for a connection", &error)),
            Err(_elapsed) => return Ok(Fate::Lost),
        }
    }
}

/// What the kernel believes now that the way takes.
fn believed(stream: &TcpStream, family: Family) -> Option<u32> {
    match family {
        Family::V4 => ip_mtu(stream),
        Family::V6 => ipv6_mtu(stream),
    }
    .ok()
}

/// Who resets a connection says nothing of what came over it.
fn is_end(error: &io::Error) -> bool {
    matches!(Errno::from_raw(error.raw_os_error().unwrap_or(0)), Errno::ECONNRESET | Errno::EPIPE | Errno::ENOTCONN)
}

const fn ip_header(family: Family) -> u32 {
    match family {
        Family::V4 => 20,
        Family::V6 => 40,
    }
}
