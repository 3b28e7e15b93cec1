//! Answers to datagrams. It must not know connections, nor who asks.
//!
//! A question may want a large answer, or be large itself: so the way there and the way back are told apart. Its answer leaves in
//! one piece or not at all; where somebody says that it is too big, whoever asked is told so by a notice, since the error itself comes
//! here. That this makes nobody a weapon: only questions with the tag of this run are answered, an answer has at most
//! [`SIZED_LIMIT`] bytes, and one packet makes one packet.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::socket::{SockaddrStorage, recvfrom};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use crate::model::outcome::Miss;
use crate::probe::packet::Question;
use crate::probe::packet::sized::{Notice, SIZED_LIMIT, SizedQuestion, quoted_answer};
use crate::probe::{Refusal, socket_address, take_refusal};

use super::{CONNECTION_LIMIT, ERRORS, PAUSE, Responder};

/// What is read in one go before other work gets its turn.
const HEAR_LIMIT: usize = 256;

/// How often a send is tried again after an error that came for an earlier packet.
const SEND_TRIES: usize = 16;

/// The last large answers that are remembered: an error may quote too little to tell which one it is about.
const REMEMBERED: usize = 256;

/// A socket with what was said over it.
pub(super) struct Desk {
    socket: UdpSocket,
    responder: Arc<Responder>,
    room: Vec<u8>,
    large: VecDeque<(SocketAddr, Question)>,
    errors: u32,
}

/// What an answer is to.
#[derive(Debug, Clone, Copy)]
enum To {
    /// A question of any probe.
    Any,
    /// One that wants a size.
    Sized(Question),
}

impl Desk {
    pub(super) fn new(socket: UdpSocket, responder: Arc<Responder>) -> Self {
        Self { socket, responder, room: vec![0; SIZED_LIMIT + 1], large: VecDeque::new(), errors: 0 }
    }

    /// Answers for ever.
    pub(super) async fn answer(mut self) {
        loop {
            if self.socket.ready(Interest::READABLE | Interest::ERROR).await.is_err() {
                sleep(PAUSE).await;
            }
            // Marked as empty before it is read to the end: what comes meanwhile stirs it again.
            for interest in [Interest::READABLE, Interest::ERROR] {
                let _ = self.socket.try_io(interest, || io::Result::<()>::Err(io::ErrorKind::WouldBlock.into()));
            }
            while !self.take_all().await {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Takes in what is there; whether that was all.
    async fn take_all(&mut self) -> bool {
        for _ in 0..HEAR_LIMIT {
            match self.receive() {
                Ok((length, from)) => {
                    self.errors = 0;
                    self.reply(length, from).await;
                }
                Err(Errno::EAGAIN) => return !self.pass_on_all().await,
                Err(_) => {
                    // Mostly it belongs to an answer sent before. If errors do not end, they are the socket's own.
                    self.pass_on_all().await;
                    self.errors = self.errors.saturating_add(1);
                    if self.errors > ERRORS {
                        sleep(PAUSE).await;
                    }
                }
            }
        }
        false
    }

    fn receive(&mut self) -> nix::Result<(usize, SocketAddr)> {
        let (length, from) = recvfrom::<SockaddrStorage>(self.socket.as_raw_fd(), &mut self.room)?;
        let from = from.as_ref().and_then(socket_address).ok_or(Errno::EAFNOSUPPORT)?;
        Ok((length, from))
    }

    async fn reply(&mut self, length: usize, from: SocketAddr) {
        let bytes = self.room.get(..length).unwrap_or(&[]);
        let (answer, to) = match SizedQuestion::read(bytes) {
            Some(sized) if sized.question.run == self.responder.run => (sized.answered_by(&self.responder.name), To::Sized(sized.question)),
            Some(_) => return,
            None => match self.responder.answer(bytes) {
                Some(answer) => (answer, To::Any),
                None => return,
            },
        };
        if let To::Sized(question) = to {
            self.large.truncate(REMEMBERED - 1);
            self.large.push_front((from, question));
        }
        self.send(&answer, from, to).await;
    }

    /// Sends; an error may belong to an answer sent before.
    async fn send(&mut self, answer: &[u8], target: SocketAddr, to: To) {
        for _ in 0..SEND_TRIES {
            match timeout(CONNECTION_LIMIT, self.socket.send_to(answer, target)).await {
                Ok(Ok(_)) | Err(_) => return,
                Ok(Err(_)) => match (self.own_limit().await, to) {
                    // Larger than the interface takes: every further try would end so.
                    (Some(mtu), To::Sized(question)) => return self.notify(Notice { to: question, by: None, mtu }, target).await,
                    (Some(_), To::Any) => return,
                    (None, _) => {}
                },
            }
        }
    }

    /// Empties the error queue; what the own interface takes, if that is in it.
    async fn own_limit(&mut self) -> Option<u32> {
        let mut own = None;
        for _ in 0..HEAR_LIMIT {
            match self.refusal() {
                Some(Refusal { miss: Miss::TooBig { by: None, mtu }, .. }) => own = Some(mtu),
                Some(refusal) => self.pass_on(&refusal).await,
                None => break,
            }
        }
        own
    }

    /// Tells those who asked what was said of the answers; whether anything was.
    async fn pass_on_all(&mut self) -> bool {
        let mut any = false;
        for _ in 0..HEAR_LIMIT {
            let Some(refusal) = self.refusal() else { return any };
            self.pass_on(&refusal).await;
            any = true;
        }
        any
    }

    async fn pass_on(&self, refusal: &Refusal) {
        let (Miss::TooBig { by: Some(by), mtu }, Some(target)) = (&refusal.miss, refusal.to) else { return };
        let remembered = || self.large.iter().find(|(to, _)| *to == target).map(|(_, question)| *question);
        let quoted = quoted_answer(&refusal.quoted).filter(|question| question.run == self.responder.run);
        if let Some(to) = quoted.or_else(remembered) {
            self.notify(Notice { to, by: Some(*by), mtu: *mtu }, target).await;
        }
    }

    /// A notice that does not get through is a large packet that vanished, and is tried again like one.
    async fn notify(&self, notice: Notice, target: SocketAddr) {
        let _ = timeout(CONNECTION_LIMIT, self.socket.send_to(&notice.bytes(), target)).await;
    }

    fn refusal(&self) -> Option<Refusal> {
        let own = self.socket.local_addr().ok()?.ip();
        take_refusal(&self.socket, own).ok().flatten()
    }
}
