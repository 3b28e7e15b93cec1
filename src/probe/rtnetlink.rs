//! One message to the kernel's routing and the answer to it (rtnetlink(7)). Of the hundred kinds that `netlink-packet-route` knows, only
//! those are linked into the agent that somebody sends or reads. It must not know what is asked.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use netlink_packet_core::{
    Emitable, NLM_F_REQUEST, NetlinkDeserializable, NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use nix::sys::socket::{self, MsgFlags, SockFlag, SockProtocol, SockType};

/// Room for an answer: one route, or the question and an error.
const ANSWER_LIMIT: usize = 4_096;

/// What a message is about, by its number in `linux/rtnetlink.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Kind {
    /// `RTM_SETLINK`
    SetLink = 19,
    /// `RTM_NEWADDR`
    NewAddress = 20,
    /// `RTM_NEWROUTE`
    NewRoute = 24,
    /// `RTM_GETROUTE`
    GetRoute = 26,
    /// `RTM_NEWRULE`
    NewRule = 32,
    /// `RTM_DELRULE`
    DeleteRule = 33,
}

/// A question.
#[derive(Debug)]
struct Question<M> {
    kind: Kind,
    body: M,
}

impl<M: Emitable> NetlinkSerializable for Question<M> {
    fn message_type(&self) -> u16 {
        self.kind as u16
    }

    fn buffer_len(&self) -> usize {
        self.body.buffer_len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        self.body.emit(buffer);
    }
}

/// What comes back, if it is no error.
#[derive(Debug)]
pub(crate) struct Answer {
    kind: u16,
    body: Vec<u8>,
}

impl Answer {
    /// Its body, if it is about that.
    pub(crate) fn of(&self, kind: Kind) -> Option<&[u8]> {
        (self.kind == kind as u16).then_some(&*self.body)
    }
}

impl NetlinkDeserializable for Answer {
    type Error = Infallible;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, Infallible> {
        Ok(Self { kind: header.message_type, body: payload.to_vec() })
    }
}

/// A connection with the kernel of one network namespace.
#[derive(Debug)]
pub(crate) struct Rtnetlink {
    socket: OwnedFd,
}

impl Rtnetlink {
    /// In the namespace of the calling thread; it stays with that one.
    ///
    /// # Errors
    /// What the kernel says.
    pub(crate) fn open() -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC;
        Ok(Self { socket: socket::socket(socket::AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)? })
    }

    /// Sends it and takes the first answer; none where the kernel acknowledges. It answers before the call that asks returns, so this
    /// waits for nobody.
    ///
    /// # Errors
    /// What the kernel says.
    pub(crate) fn ask(&self, kind: Kind, body: impl Emitable, flags: u16) -> io::Result<Option<Answer>> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        let mut question = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(Question { kind, body }));
        question.finalize();
        let mut bytes = vec![0; question.buffer_len()];
        question.serialize(&mut bytes);
        socket::send(self.socket.as_raw_fd(), &bytes, MsgFlags::empty())?;
        let mut answer = vec![0; ANSWER_LIMIT];
        let length = socket::recv(self.socket.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
        let answer = answer.get(..length).unwrap_or_default();
        match NetlinkMessage::<Answer>::deserialize(answer).map_err(io::Error::other)?.payload {
            NetlinkPayload::InnerMessage(answer) => Ok(Some(answer)),
            NetlinkPayload::Error(error) if error.code.is_none() => Ok(None),
            NetlinkPayload::Error(error) => Err(error.to_io()),
            _ => Err(io::Error::other("the kernel answers with a message of no kind that was asked for")),
        }
    }
}
