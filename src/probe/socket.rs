//! A datagram socket with true times: what leaves and what comes in is stamped by the kernel, and the error queue is read beside it.
//! It must not know the questions. UDP sockets and those of ICMP, unprivileged ("ping") and raw, are used alike.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery};
use rustix::net::sockopt::{set_ip_mtu_discover, set_ipv6_mtu_discover};
use socket2::{SockRef, Socket};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::model::family::Family;
use crate::model::outcome::{Miss, Obstacle};

use super::errand::socket_trouble;
use super::packet::ANSWER_LIMIT;
use super::refusal::{self, Queued, Refusal, socket_address};
use super::stamps::{self, Clocks, Stamp};

/// What a socket has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// A datagram; cut to the room of the line, which no answer reaches.
    Datagram { from: SocketAddr, bytes: Vec<u8>, arrived: Instant },
    /// An error came back for something that was sent.
    Refused(Refusal),
}

/// Longer than any answer, and than a question behind an ICMP header and the longest IP header (60 bytes).
const RECEIVE_LIMIT: usize = ANSWER_LIMIT + 16;

/// Room for what arrives while this process does not run; the kernel cuts it to `net.core.rmem_max`. With the default
/// of 208 KiB a burst of a few hundred small packets is lost, and would look like the network's loss.
pub(super) const RECEIVE_BUFFER: usize = 1 << 20;

/// How often a send is tried again after an error that came for an earlier packet.
const SEND_TRIES: usize = 16;

/// A socket for questions to one target.
#[derive(Debug)]
pub(super) struct Line {
    socket: UdpSocket,
    source: IpAddr,
    /// Room for a datagram.
    room: Vec<u8>,
    /// Errors that came up while something was sent, and are still to be heard.
    held: VecDeque<Refusal>,
    /// Everything that arrived before this moment has been read.
    empty_at: Instant,
}

/// How a send ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// Handed to a device at this moment, by the kernel's own stamp; or, where it has none at once, to the kernel.
    At(Instant),
    /// This machine itself knows that there is no way.
    Missed(Instant, Miss),
}

impl Heard {
    /// When it came; an error of the queue does not say.
    pub(super) const fn arrived(&self) -> Option<Instant> {
        match self {
            Self::Refused(_) => None,
            Self::Datagram { arrived, .. } => Some(*arrived),
        }
    }
}

impl Line {
    /// Makes a line of a new socket: bound to `source`, so that the answers come to the address that the target was asked from.
    /// With `only`, the kernel keeps out what comes from others, as far as it can.
    pub(super) fn over(socket: Socket, source: IpAddr, only: Option<SocketAddr>) -> Result<Self, Obstacle> {
        tune(&socket, source).map_err(|error| socket_trouble(&format!("binding a socket to {source}"), &error))?;
        if let Some(only) = only {
            keep_to(&socket, only)?;
        }
        let socket = UdpSocket::from_std(socket.into()).map_err(|error| socket_trouble("registering a socket", &error))?;
        Ok(Self { socket, source, room: vec![0; RECEIVE_LIMIT], held: VecDeque::new(), empty_at: Instant::now() })
    }

    /// Reads datagrams of so many bytes whole.
    pub(super) fn with_room(self, room: usize) -> Self {
        Self { room: vec![0; room], ..self }
    }

    /// Sends whole packets or none, of any size that the interface takes, whatever the kernel believes of the path; and has room
    /// for answers of so many bytes.
    pub(super) fn unsplit(mut self, largest: usize) -> Result<Self, Obstacle> {
        forbid_splitting(&self.socket, Family::of(self.source))
            .map_err(|error| socket_trouble("having a socket send whole packets only", &error))?;
        self.room = vec![0; largest.max(RECEIVE_LIMIT) + 1];
        Ok(self)
    }

    /// Sends packets of any size, and reads answers of so many bytes whole.
    pub(super) fn split(self, room: usize) -> Result<Self, Obstacle> {
        allow_splitting(&self.socket, Family::of(self.source))
            .map_err(|error| socket_trouble("letting packets of a socket be cut", &error))?;
        Ok(self.with_room(room.max(RECEIVE_LIMIT)))
    }

    /// Waits until there may be something to hear.
    pub(super) async fn stirred(&self) -> Result<(), Obstacle> {
        if !self.held.is_empty() {
            return Ok(());
        }
        let ready = self.socket.ready(Interest::READABLE | Interest::ERROR).await;
        ready.map_err(|error| socket_trouble("waiting for a socket", &error))?;
        // Marked as empty before it is read to the end: what comes meanwhile stirs it again. Reading itself goes past the
        // runtime, which would hide what came since it last looked.
        for interest in [Interest::READABLE, Interest::ERROR] {
            let _ = self.socket.try_io(interest, || io::Result::<()>::Err(io::ErrorKind::WouldBlock.into()));
        }
        Ok(())
    }

    /// The next that is there; none if there is nothing now. Never waits.
    pub(super) fn hear(&mut self) -> Result<Option<Heard>, Obstacle> {
        if let Some(refusal) = self.held.pop_front() {
            return Ok(Some(Heard::Refused(refusal)));
        }
        // An error shows twice: once in the queue, with its sender, and once as the result of the next call.
        for _ in 0..SEND_TRIES {
            let before = Instant::now();
            match self.receive() {
                Ok(datagram) => return Ok(Some(datagram)),
                Err(Errno::EAGAIN) => {
                    let refusal = self.refusal()?;
                    if refusal.is_none() {
                        self.empty_at = before;
                    }
                    return Ok(refusal.map(Heard::Refused));
                }
                Err(Errno::EINTR) => {}
                Err(error) => match (self.refusal()?, io::Error::from(error)) {
                    (Some(refusal), _) => return Ok(Some(Heard::Refused(refusal))),
                    (None, error) if refusal::local(&error, 0).is_some() || refusal::is_no_loss(&error) => {}
                    (None, error) => return Err(socket_trouble("receiving", &error)),
                },
            }
        }
        Ok(None)
    }

    /// Sends. Errors that come up meanwhile are heard later.
    pub(super) async fn send(&mut self, bytes: &[u8], to: SocketAddr) -> Result<Sent, Obstacle> {
        let mut last = io::Error::from(Errno::EAGAIN);
        for _ in 0..SEND_TRIES {
            let now = Instant::now();
            match SockRef::from(&self.socket).send_to(bytes, &to.into()) {
                Ok(_) => return Ok(Sent::At(self.departure(now)?)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(error) => match (self.refusal()?, refusal::local(&error, 0)) {
                    // Larger than the interface takes: every further try would end so.
                    (Some(Refusal { miss: miss @ Miss::TooBig { by: None, .. }, .. }), _) | (None, Some(miss)) => {
                        return Ok(Sent::Missed(now, miss));
                    }
                    // Not sent: the call gave back what came for an earlier packet.
                    (Some(refusal), _) => self.held.push_back(refusal),
                    (None, None) if refusal::is_no_loss(&error) => {}
                    (None, None) => return Err(socket_trouble(&format!("sending to {}", to.ip()), &error)),
                },
            }
            last = io::Error::from(Errno::ENOBUFS);
        }
        Err(socket_trouble(&format!("sending to {} after {SEND_TRIES} tries", to.ip()), &last))
    }

    /// When what was handed over after that moment left. Devices stamp while they take a packet over, so most stamps are there at once;
    /// one that comes later, from a queue, is let go.
    fn departure(&mut self, handed_over: Instant) -> Result<Instant, Obstacle> {
        let mut left = None;
        while let Some(queued) = self.queued()? {
            match queued {
                Queued::Refused(refusal) => self.held.push_back(refusal),
                // The first of several devices on the way; an earlier stamp is of what was sent before.
                Queued::Left(stamp) => left = left.or(Clocks::read().moment(stamp).filter(|moment| *moment >= handed_over)),
            }
        }
        Ok(left.unwrap_or(handed_over))
    }

    fn queued(&self) -> Result<Option<Queued>, Obstacle> {
        refusal::next(&self.socket, self.source).map_err(|error| socket_trouble("reading a socket's error queue", &error))
    }

    fn refusal(&self) -> Result<Option<Refusal>, Obstacle> {
        refusal::take(&self.socket, self.source).map_err(|error| socket_trouble("reading a socket's error queue", &error))
    }

    fn receive(&mut self) -> nix::Result<Heard> {
        let mut control = nix::cmsg_space!([TimeSpec; 3]);
        let mut parts = [IoSliceMut::new(&mut self.room)];
        let message = recvmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_DONTWAIT)?;
        let clocks = Clocks::read();
        let stamp = message.cmsgs()?.find_map(|control| Stamp::of(&control));
        let from = message.address.as_ref().and_then(socket_address).ok_or(Errno::EAFNOSUPPORT)?;
        let (length, arrived) = (message.bytes.min(self.room.len()), self.arrival(stamp, clocks));
        Ok(Heard::Datagram { from, bytes: self.room[..length].to_vec(), arrived })
    }

    /// When a datagram arrived. The kernel stamps it by the wall clock, which may be set meanwhile: the stamp is believed
    /// no further back than the moment when the socket was last seen empty.
    fn arrival(&self, stamp: Option<Stamp>, clocks: Clocks) -> Instant {
        stamp.and_then(|stamp| clocks.moment(stamp)).unwrap_or(clocks.now).max(self.empty_at)
    }
}

fn tune(socket: &Socket, source: IpAddr) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    stamps::ask_for(socket)?;
    keep_errors(socket, Family::of(source))?;
    socket.bind(&SocketAddr::new(source, 0).into())
}

/// Connects. Where there is no way to the target, every send says so as well, and what comes is looked at all the same.
fn keep_to(socket: &Socket, only: SocketAddr) -> Result<(), Obstacle> {
    match socket.connect(&only.into()) {
        Err(error) if refusal::local(&error, 0).is_none() => Err(socket_trouble(&format!("keeping a socket to {}", only.ip()), &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Lets the kernel queue the ICMP errors that come for what the socket sends.
pub(crate) fn keep_errors(socket: &Socket, family: Family) -> io::Result<()> {
    match family {
        Family::V4 => setsockopt(socket, sockopt::Ipv4RecvErr, &true)?,
        Family::V6 => setsockopt(socket, sockopt::Ipv6RecvErr, &true)?,
    }
    Ok(())
}

/// Has the kernel cut what is larger than the path takes, and let routers do so: "don't fragment" is never set. IPv6 has no such flag,
/// and there the kernel cuts by what it has learnt of the path.
fn allow_splitting(socket: impl AsFd, family: Family) -> io::Result<()> {
    match family {
        Family::V4 => Ok(set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::DONT)?),
        Family::V6 => Ok(()),
    }
}

/// Has the kernel set "don't fragment", never cut a packet itself, and ignore what it has learnt of the path (ip(7), ipv6(7)).
pub(crate) fn forbid_splitting(socket: impl AsFd, family: Family) -> io::Result<()> {
    match family {
        Family::V4 => set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::PROBE)?,
        Family::V6 => {
            set_ipv6_mtu_discover(&socket, Ipv6PathMtuDiscovery::PROBE)?;
            setsockopt(&socket, sockopt::Ipv6DontFrag, &true)?;
        }
    }
    Ok(())
}
