//! Stands in for a target's kernel: hears what is asked of it, and answers what it is told to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, and their helpers too")]

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use netcheck::model::family::Family;
use socket2::{Domain, Protocol, Socket, Type};

/// Marks the forger's packets, so that a filter can drop the kernel's own answers.
pub(crate) const MARK: u32 = 7;

/// Where the identifier begins in an echo message, and the nonce of our question.
const ID: usize = 4;
const NONCE: usize = 8 + 28;

/// The types of echo requests (RFC 792, RFC 4443 4.1).
const REQUEST_V4: u8 = 8;
const REQUEST_V6: u8 = 128;

/// An error of that type and code about a question (RFC 792, RFC 4443 3), which a router could have sent: with the head of the packet.
pub(crate) fn error_about((kind, code): (u8, u8), (from, to): (IpAddr, IpAddr), message: &[u8]) -> Vec<u8> {
    let length = u8::try_from(message.len()).unwrap();
    let head = match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let fixed = [0x45, 0, 0, 20 + length, 0, 0, 0, 0, 1, 1, 0, 0];
            [fixed.as_slice(), &from.octets(), &to.octets()].concat()
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => [[0x60, 0, 0, 0, 0, length, 58, 1].as_slice(), &from.octets(), &to.octets()].concat(),
        _ => panic!("{from} and {to}"),
    };
    [[kind, code, 0, 0, 0, 0, 0, 0].as_slice(), &head, message].concat()
}

/// What is said to a question; what is an echo request itself goes back as its answer.
pub(crate) type Answers = &'static (dyn Fn(&[u8]) -> Vec<Vec<u8>> + Sync);

/// Answers in a thread of its own until it is dropped. For every question three answers go back: one that bears its identifier
/// and not its nonce, one that is right but for somebody else's identifier, and the right one.
pub(crate) struct Forger {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Forger {
    pub(crate) fn at(target: IpAddr) -> Self {
        Self::answering(target, &|message| {
            let changed = |at: usize| {
                let mut answer = message.to_vec();
                answer[at] ^= 0xff;
                answer
            };
            vec![changed(NONCE), changed(ID), message.to_vec()]
        })
    }

    /// Sends these back instead of every question.
    pub(crate) fn answering(target: IpAddr, answers: Answers) -> Self {
        Self::repeating(target, answers, None)
    }

    /// The same, and once more after that while, in which other questions are answered.
    pub(crate) fn repeating(target: IpAddr, answers: Answers, after: Option<Duration>) -> Self {
        let socket = raw(target);
        let ended = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                serve(&socket, Family::of(target), answers, after);
            }
        });
        Self { ended, thread: Some(thread) }
    }
}

impl Drop for Forger {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// As a UDP socket: the standard library's sends to and receives from any kind.
fn raw(target: IpAddr) -> UdpSocket {
    let (domain, protocol) = match Family::of(target) {
        Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
        Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
    };
    let socket = Socket::new(domain, Type::RAW, Some(protocol)).unwrap();
    socket.set_mark(MARK).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    socket.bind(&SocketAddr::new(target, 0).into()).unwrap();
    socket.into()
}

/// Answers one question, if there is one.
fn serve(socket: &UdpSocket, family: Family, answers: Answers, after: Option<Duration>) {
    let mut bytes = [0; 2_048];
    let (length, from) = match socket.recv_from(&mut bytes) {
        Ok(came) => came,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return,
        Err(error) => panic!("{error}"),
    };
    let (request, reply, message) = match family {
        Family::V4 => (REQUEST_V4, 0, &bytes[20..length]),
        Family::V6 => (REQUEST_V6, 129, &bytes[..length]),
    };
    if message[0] != request {
        return;
    }
    for mut answer in answers(message) {
        if answer[0] == request {
            answer[0] = reply;
        }
        answer[2..4].copy_from_slice(&[0, 0]);
        if family == Family::V4 {
            let sum = checksum(&answer).to_be_bytes();
            answer[2..4].copy_from_slice(&sum);
        }
        socket.send_to(&answer, from).unwrap();
        if let Some(after) = after {
            let again = socket.try_clone().unwrap();
            std::thread::spawn(move || {
                std::thread::sleep(after);
                again.send_to(&answer, from).unwrap();
            });
        }
    }
}

/// RFC 1071, written down a second time so that the one under test does not check itself.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u64 = bytes.chunks(2).map(|pair| u64::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]))).sum();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !u16::try_from(sum).unwrap()
}
