//! What this machine's kernel says of one of its own connections: by `sock_diag(7)` what a segment may be, and by the error queue that
//! one was acknowledged, with how it was sent (`SOF_TIMESTAMPING_TX_ACK` and `…_OPT_STATS`, Documentation/networking/timestamping).
//! It must not know why anybody asks.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{
    self, AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrStorage, TimestampingFlag, recvmsg,
    setsockopt, sockopt,
};

/// What is settled for a connection when its handshake is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// Bytes of the TCP header of each segment, its options with it.
    pub(super) header: u32,
    /// The most bytes that a segment carries behind it.
    pub(super) most: u32,
    /// What the kernel believes that the way takes, in bytes of the whole IP packet.
    pub(super) path: u32,
}

/// How bytes were sent that are all acknowledged now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    /// In how many segments, those with it that were sent again.
    pub(super) segments: u64,
    /// How many bytes these had together; none where the kernel does not say so (before 4.19).
    pub(super) bytes: Option<u64>,
}

impl Account {
    /// Whether so many bytes never went but in one piece.
    pub(super) fn is_whole(self, length: usize) -> bool {
        match self.bytes {
            Some(bytes) => self.segments > 0 && bytes == self.segments.saturating_mul(length as u64),
            None => self.segments == 1,
        }
    }
}

/// Has the kernel tell when everything that was handed over in a call is acknowledged.
pub(super) fn tell_acknowledged(socket: &impl std::os::fd::AsFd) -> nix::Result<()> {
    // From linux/net_tstamp.h; nix knows but some of them.
    const TX_ACK: u32 = 1 << 9;
    const OPT_STATS: u32 = 1 << 12;
    let more = TimestampingFlag::from_bits_retain(TX_ACK | OPT_STATS);
    let flags = TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE | TimestampingFlag::SOF_TIMESTAMPING_OPT_TSONLY | more;
    setsockopt(socket, sockopt::Timestamping, &flags)
}

/// Reads the error queue to its end: how what was sent was sent, if it is acknowledged. Never waits.
pub(super) fn acknowledged(socket: &impl AsRawFd) -> nix::Result<Option<Account>> {
    let mut last = None;
    loop {
        let mut room = [0; 64];
        let mut control = nix::cmsg_space!([u8; 1_024]);
        let mut parts = [IoSliceMut::new(&mut room)];
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        match recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags) {
            Ok(message) => last = message.cmsgs()?.find_map(account).or(last),
            Err(Errno::EAGAIN) => return Ok(last),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Only acknowledgements are asked for, so these are the numbers of one.
fn account(control: ControlMessageOwned) -> Option<Account> {
    // From asm-generic/socket.h: `SCM_TIMESTAMPING_OPT_STATS`.
    const STATS: i32 = 54;
    match control {
        ControlMessageOwned::Unknown(unknown) if unknown.cmsg_header.cmsg_type == STATS => read_account(&unknown.data_bytes),
        _ => None,
    }
}

fn read_account(bytes: &[u8]) -> Option<Account> {
    // From linux/tcp.h: `TCP_NLA_DATA_SEGS_OUT` and `TCP_NLA_BYTES_SENT`.
    let number = |wanted: u16| attributes(bytes).find(|(kind, _)| *kind == wanted).and_then(|(_, value)| u64_at(value, 0));
    Some(Account { segments: number(4)?, bytes: number(18) })
}

/// What the kernel says of the connection between these; none if it is over.
///
/// # Errors
/// It does not answer such questions.
pub(super) fn terms(local: SocketAddr, peer: SocketAddr) -> io::Result<Option<Terms>> {
    let kernel = socket::socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkSockDiag)?;
    // The kernel answers before the call that asks returns, so this waits for nobody.
    socket::send(kernel.as_raw_fd(), &question(local, peer), MsgFlags::empty())?;
    let mut answer = [0; 4_096];
    let length = socket::recv(kernel.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
    read_terms(answer.get(..length).unwrap_or_default())
}

/// A header of netlink(7), and a `struct inet_diag_req_v2` (`sock_diag(7)`).
fn question(local: SocketAddr, peer: SocketAddr) -> Vec<u8> {
    const LENGTH: u32 = 16 + 56;
    let kind: u16 = 20; // SOCK_DIAG_BY_FAMILY
    let request: u16 = 1; // NLM_F_REQUEST
    let (family, scope) = match peer {
        SocketAddr::V4(_) => (nix::libc::AF_INET, 0),
        SocketAddr::V6(peer) => (nix::libc::AF_INET6, peer.scope_id()),
    };
    let info: u8 = 1 << 1; // 1 << (INET_DIAG_INFO - 1)
    let tcp: u8 = 6;
    let mut bytes = Vec::with_capacity(LENGTH as usize);
    bytes.extend(LENGTH.to_ne_bytes());
    bytes.extend([kind.to_ne_bytes(), request.to_ne_bytes()].concat());
    bytes.extend([0; 8]);
    bytes.extend([u8::try_from(family).unwrap_or(0), tcp, info, 0]);
    bytes.extend(u32::MAX.to_ne_bytes());
    bytes.extend([local.port().to_be_bytes(), peer.port().to_be_bytes()].concat());
    bytes.extend([place(local.ip()), place(peer.ip())].concat());
    bytes.extend(scope.to_ne_bytes());
    // Whatever its cookie is.
    bytes.extend([u8::MAX; 8]);
    bytes
}

fn place(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V6(address) => address.octets(),
        IpAddr::V4(address) => {
            let mut place = [0; 16];
            place[..4].copy_from_slice(&address.octets());
            place
        }
    }
}

fn read_terms(answer: &[u8]) -> io::Result<Option<Terms>> {
    // A header of netlink, and a `struct inet_diag_msg`.
    const HEAD: usize = 16 + 72;
    let odd = || io::Error::other("sock_diag answers in a form that is not known");
    let kind = answer.get(4..6).map(|kind| u16::from_ne_bytes([kind[0], kind[1]])).ok_or_else(odd)?;
    if kind == 2 {
        let error = u32_at(answer, 16).ok_or_else(odd)?.cast_signed().saturating_neg();
        return if error == Errno::ENOENT as i32 { Ok(None) } else { Err(io::Error::from_raw_os_error(error)) };
    }
    let info = attributes(answer.get(HEAD..).ok_or_else(odd)?).find(|(kind, _)| *kind == 2).map(|(_, info)| info);
    // Without it the connection is over, and only its remains are there.
    info.map(|info| terms_of(info).ok_or_else(odd)).transpose()
}

/// A `struct tcp_info` (linux/tcp.h), which grows at its end alone.
fn terms_of(info: &[u8]) -> Option<Terms> {
    let time_stamps = info.get(5)? & 1 != 0;
    let header = if time_stamps { 20 + 12 } else { 20 };
    Some(Terms { header, most: u32_at(info, 16)?, path: u32_at(info, 60)? })
}

/// Attributes of netlink(7), as far as they are whole.
fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let head = bytes.get(..4)?;
        let (length, kind) = (usize::from(u16::from_ne_bytes([head[0], head[1]])), u16::from_ne_bytes([head[2], head[3]]));
        let value = bytes.get(4..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

/// Of 8 bytes, or of 4 where there are no more.
fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_ne_bytes);
    eight.or_else(|| u32_at(bytes, at).map(u64::from))
}

#[cfg(test)]
mod tests;
