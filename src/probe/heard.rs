//! What came out of a datagram socket, as its protocol reads it. It must not know what was asked.

use super::packet::Question;

/// What is read in one go before other work gets its turn.
pub(super) const HEAR_LIMIT: usize = 256;

/// What came out of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came<'a> {
    /// An answer, as far as its form goes.
    Answer(Said<'a>),
    /// Not the bytes of the question whose number ends in these bits, which it claims to answer.
    Altered { bits: u16, payload: &'a [u8] },
    /// It claims to be ours, and is no answer.
    Noise,
    /// It was never meant for this socket: a raw one gets a copy of what others get.
    Elsewhere,
}

/// What an answer says; the kernel answers ICMP and gives no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said<'a> {
    pub(super) to: Question,
    pub(super) name: Option<&'a [u8]>,
}

/// How much of a question an error quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Whole(Question),
    /// The low bits of its sequence number.
    Bits(u16),
    /// Too little to tell.
    Cut,
    /// Something that we did not send.
    Other,
    /// Something that was sent through another socket.
    Elsewhere,
}
