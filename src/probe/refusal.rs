//! What the kernel says went wrong: local errors of a call, and the error queue of a socket (`IP_RECVERR`, ip(7), ipv6(7)),
//! which holds the ICMP errors that came for what was sent, with their senders, and when it left. It must not know the questions.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};

use nix::errno::Errno;
use nix::libc::sock_extended_err;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage, recvmsg};

use crate::model::outcome::{Miss, Unreachable};

use super::packet::QUESTION_LENGTH;
use super::stamps::Stamp;

/// An entry of the error queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) miss: Miss,
    /// The head of what was refused: a UDP payload, or an ICMP header with its payload. May be cut anywhere, even to nothing.
    pub(crate) quoted: Vec<u8>,
    /// Where that was sent.
    pub(crate) to: Option<SocketAddr>,
}

/// What the error queue holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Queued {
    /// An error came back.
    Refused(Refusal),
    /// Something left, where the socket asks for stamps.
    Left(Stamp),
}

/// An ICMP header before a question.
const QUOTE_LIMIT: usize = 8 + QUESTION_LENGTH;

/// From linux/errqueue.h.
const ORIGIN_LOCAL: u8 = 1;
const ORIGIN_ICMP4: u8 = 2;
const ORIGIN_ICMP6: u8 = 3;
const ORIGIN_TIMESTAMPING: u8 = 4;

/// Takes the oldest refusal out of the error queue; none if there is none. Never waits.
pub(crate) fn take(socket: &impl AsRawFd, source: IpAddr) -> io::Result<Option<Refusal>> {
    loop {
        match next(socket, source)? {
            Some(Queued::Refused(refusal)) => return Ok(Some(refusal)),
            Some(Queued::Left(_)) => {}
            None => return Ok(None),
        }
    }
}

/// Takes the oldest entry out of the error queue; none if it is empty. Never waits.
pub(super) fn next(socket: &impl AsRawFd, source: IpAddr) -> io::Result<Option<Queued>> {
    loop {
        match next_of_any_kind(socket.as_raw_fd(), source) {
            Ok(Some(queued)) => return Ok(Some(queued)),
            Ok(None) | Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The oldest entry; none if it is about something else, or no packet is lost for it.
fn next_of_any_kind(socket: RawFd, source: IpAddr) -> nix::Result<Option<Queued>> {
    let mut quoted = [0; QUOTE_LIMIT];
    let mut control = nix::cmsg_space!([u8; 256]);
    let mut parts = [IoSliceMut::new(&mut quoted)];
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket, &mut parts, Some(&mut control), flags)?;
    let length = message.bytes.min(QUOTE_LIMIT);
    let (mut stamp, mut found) = (None, None);
    for control in message.cmsgs()? {
        match control {
            ControlMessageOwned::Ipv4RecvErr(error, by) => found = Some((error, by.map(|by| SockaddrIn::from(by).ip().into()))),
            ControlMessageOwned::Ipv6RecvErr(error, by) => found = Some((error, by.map(|by| SockaddrIn6::from(by).ip().into()))),
            other => stamp = Stamp::of(&other).or(stamp),
        }
    }
    let to = message.address.as_ref().and_then(socket_address);
    Ok(match found {
        Some((error, _)) if error.ee_origin == ORIGIN_TIMESTAMPING => stamp.map(Queued::Left),
        Some((error, by)) => {
            meaning(&error, by, source).map(|miss| Queued::Refused(Refusal { miss, quoted: quoted[..length].to_vec(), to }))
        }
        None => None,
    })
}

/// An entry in our words; none if the packet goes on: a router that redirects has sent it on itself (RFC 792, RFC 4861 8.2), one that
/// quenches is not to be listened to (RFC 6633), and what informs is no error (RFC 4443 2.1). What this machine itself said of a way has
/// no sender.
fn meaning(error: &sock_extended_err, by: Option<IpAddr>, source: IpAddr) -> Option<Miss> {
    const INFORMATION: u8 = 128;
    let by = by.filter(|by| !by.is_unspecified());
    let elsewhere = by.filter(|by| *by != source);
    let unreachable = |what| Miss::Unreachable { what, by: elsewhere };
    Some(match (error.ee_origin, error.ee_type, error.ee_code) {
        (ORIGIN_ICMP4, 3, 3) | (ORIGIN_ICMP6, 1, 4) => Miss::Refused { by },
        (ORIGIN_ICMP4, 3, 4) | (ORIGIN_ICMP6, 2, _) => Miss::TooBig { by: elsewhere, mtu: error.ee_info },
        (ORIGIN_ICMP4, 3, 0 | 5 | 6 | 11) | (ORIGIN_ICMP6, 1, 0) => unreachable(Unreachable::Network),
        (ORIGIN_ICMP4, 3, 1 | 7 | 8 | 12) | (ORIGIN_ICMP6, 1, 2 | 3) => unreachable(Unreachable::Host),
        (ORIGIN_ICMP4, 3, 2) | (ORIGIN_ICMP6, 4, 1) => unreachable(Unreachable::Protocol),
        (ORIGIN_ICMP4, 3, 9 | 10 | 13) | (ORIGIN_ICMP6, 1, 1 | 5 | 6) => unreachable(Unreachable::Prohibited),
        (ORIGIN_ICMP6, 3, 1) => unreachable(Unreachable::Reassembly),
        (ORIGIN_ICMP4, 11, _) | (ORIGIN_ICMP6, 3, _) => unreachable(Unreachable::HopLimit),
        (ORIGIN_ICMP4, kind, _) if !matches!(kind, 3 | 12) => return None,
        (ORIGIN_ICMP6, INFORMATION.., _) => return None,
        (ORIGIN_LOCAL, ..) => {
            let errno = Errno::from_raw(i32::try_from(error.ee_errno).unwrap_or(0));
            local(&io::Error::from(errno), error.ee_info).unwrap_or(unreachable(Unreachable::Other))
        }
        (_, _, _) => unreachable(Unreachable::Other),
    })
}

pub(crate) fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::new(v4.ip().into(), v4.port()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::new(v6.ip().into(), v6.port())))
}

/// What an error of a call says about the network as this machine knows it; none if it is our own trouble.
pub(super) fn local(error: &io::Error, mtu: u32) -> Option<Miss> {
    let unreachable = |what| Some(Miss::Unreachable { what, by: None });
    match Errno::from_raw(error.raw_os_error()?) {
        Errno::ENETUNREACH | Errno::ENETDOWN => unreachable(Unreachable::Network),
        Errno::EHOSTUNREACH | Errno::EHOSTDOWN => unreachable(Unreachable::Host),
        Errno::EPERM | Errno::EACCES => unreachable(Unreachable::Prohibited),
        Errno::EPROTO | Errno::ENOPROTOOPT => unreachable(Unreachable::Protocol),
        Errno::EMSGSIZE => Some(Miss::TooBig { by: None, mtu }),
        Errno::ECONNREFUSED => Some(Miss::Refused { by: None }),
        _ => None,
    }
}

/// Whether an error of a call is about a packet that goes on, redirected or quenched: for a ping socket Linux makes it up (`ping_err`).
pub(super) fn is_no_loss(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::EREMOTEIO as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 254));

    fn check((origin, kind, code): (u8, u8, u8), by: Option<IpAddr>, expected: &str) {
        let error = sock_extended_err {
            ee_errno: Errno::EHOSTUNREACH as u32,
            ee_origin: origin,
            ee_type: kind,
            ee_code: code,
            ee_pad: 0,
            ee_info: 1400,
            ee_data: 0,
        };
        let found = meaning(&error, by, HERE).map_or_else(|| "nothing".to_owned(), |miss| miss.to_string());
        assert_eq!(found, expected, "{origin} {kind} {code}");
    }

    #[test]
    fn each_icmp_error_has_its_own_meaning_and_its_sender() {
        for (what, expected) in [
            ((2, 3, 3), "refused by 10.0.0.254"),
            ((3, 1, 4), "refused by 10.0.0.254"),
            ((2, 3, 4), "too big for a link of 1400 bytes by 10.0.0.254"),
            ((3, 2, 0), "too big for a link of 1400 bytes by 10.0.0.254"),
            ((2, 3, 0), "network unreachable by 10.0.0.254"),
            ((3, 1, 0), "network unreachable by 10.0.0.254"),
            ((2, 3, 1), "host unreachable by 10.0.0.254"),
            ((3, 1, 3), "host unreachable by 10.0.0.254"),
            ((2, 3, 2), "protocol unreachable by 10.0.0.254"),
            ((2, 3, 13), "administratively prohibited by 10.0.0.254"),
            ((3, 1, 1), "administratively prohibited by 10.0.0.254"),
            ((2, 3, 6), "network unreachable by 10.0.0.254"),
            ((2, 3, 11), "network unreachable by 10.0.0.254"),
            ((2, 3, 7), "host unreachable by 10.0.0.254"),
            ((2, 3, 12), "host unreachable by 10.0.0.254"),
            ((3, 1, 2), "host unreachable by 10.0.0.254"),
            ((3, 4, 1), "protocol unreachable by 10.0.0.254"),
            ((2, 3, 9), "administratively prohibited by 10.0.0.254"),
            ((2, 3, 10), "administratively prohibited by 10.0.0.254"),
            ((3, 1, 5), "administratively prohibited by 10.0.0.254"),
            ((3, 1, 6), "administratively prohibited by 10.0.0.254"),
            ((2, 11, 0), "time exceeded (hop limit: a routing loop, or too long a way) by 10.0.0.254"),
            ((3, 3, 0), "time exceeded (hop limit: a routing loop, or too long a way) by 10.0.0.254"),
            ((3, 3, 1), "time exceeded (a fragment was lost) by 10.0.0.254"),
            ((2, 3, 15), "unreachable by 10.0.0.254"),
            ((2, 12, 0), "unreachable by 10.0.0.254"),
            ((3, 4, 0), "unreachable by 10.0.0.254"),
            ((3, 100, 0), "unreachable by 10.0.0.254"),
            ((2, 4, 0), "nothing"),
            ((2, 5, 1), "nothing"),
            ((3, 137, 0), "nothing"),
        ] {
            check(what, Some(ROUTER), expected);
        }
    }

    #[test]
    fn what_this_machine_says_itself_has_no_sender_unless_it_is_the_target() {
        check((2, 3, 1), Some(HERE), "host unreachable");
        check((2, 3, 3), Some(HERE), "refused by 10.0.0.1");
        check((1, 0, 0), None, "host unreachable");
    }

    #[test]
    fn our_own_trouble_is_not_the_networks() {
        for (errno, expected) in [
            (Errno::ENETUNREACH, Some("network unreachable")),
            (Errno::EPERM, Some("administratively prohibited")),
            (Errno::ECONNREFUSED, Some("refused")),
            (Errno::EMSGSIZE, Some("too big")),
            (Errno::ENOBUFS, None),
            (Errno::EMFILE, None),
            (Errno::EADDRNOTAVAIL, None),
        ] {
            assert_eq!(local(&errno.into(), 0).map(|miss| miss.to_string()).as_deref(), expected, "{errno}");
        }
    }
}
