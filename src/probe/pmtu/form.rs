//! How the packets of a ladder look by UDP and by ICMP: of what size, and what comes back. It must not know sockets, nor when
//! anything is sent.

use socket2::Socket;

use crate::model::family::Family;
use crate::model::outcome::Obstacle;
use crate::model::path_mtu::Direction;

use super::super::form::Datagram;
use super::super::heard::{Came, Quote};
use super::super::icmp::{self, Echo};
use super::super::packet::sized::{Notice, SizedQuestion, read_answer};
use super::super::packet::{QUESTION_LENGTH, Question, Reading};
use super::super::udp;
use super::ladder::Step;

/// What carries the packets, which shows when its socket is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Icmp(Echo),
    Udp,
}

/// What came out of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// The answer to a question, with so many bytes behind the 8 of UDP or ICMP; by that name, if it is an agent's.
    Answer { to: Question, name: Option<&'a [u8]>, bytes: usize },
    /// The answer was too big for the way back.
    Notice(Notice),
    /// Something else.
    Nothing,
}

impl Form {
    pub(super) fn open(datagram: Datagram, family: Family) -> Result<(Socket, Self), Obstacle> {
        match datagram {
            Datagram::Icmp(_) => icmp::open(family).map(|(socket, echo)| (socket, Self::Icmp(echo))),
            Datagram::Udp => udp::open(family).map(|socket| (socket, Self::Udp)),
        }
    }

    /// The bytes that are handed to the socket.
    pub(super) fn write(self, question: Question, step: Step, family: Family) -> Vec<u8> {
        let length = payload(step.size, family);
        let sized = |answer: usize| SizedQuestion { question, answer: u16::try_from(answer).unwrap_or(u16::MAX) };
        match (self, step.direction) {
            (Self::Udp, Direction::Back) => sized(length).bytes(0),
            (Self::Udp, Direction::There | Direction::Round) => sized(0).bytes(length),
            (Self::Icmp(echo), _) => echo.write_around(question.sequence, &sized(0).bytes(length), family),
        }
    }

    pub(super) fn read(self, bytes: &[u8], family: Family) -> Told<'_> {
        match self {
            Self::Udp => match (read_answer(bytes), Notice::read(bytes)) {
                (Some(answer), _) => Told::Answer { to: answer.to, name: Some(answer.name), bytes: bytes.len() },
                (None, Some(notice)) => Told::Notice(notice),
                (None, None) => Told::Nothing,
            },
            Self::Icmp(echo) => {
                // A raw socket hands over headers, too, which prove nothing.
                let mut length = 0;
                let question = |payload: &[u8]| {
                    length = payload.len();
                    SizedQuestion::read(payload).map(|sized| sized.question)
                };
                match echo.read_around(bytes, family, question) {
                    Came::Answer(said) => Told::Answer { to: said.to, name: None, bytes: length },
                    Came::Altered { .. } | Came::Noise | Came::Elsewhere => Told::Nothing,
                }
            }
        }
    }

    pub(super) fn quoted(self, quote: &[u8], family: Family) -> Quote {
        match self {
            Self::Icmp(echo) => echo.quoted_around(quote, family, SizedQuestion::quoted),
            Self::Udp => match SizedQuestion::quoted(quote) {
                Reading::Whole(question, _) => Quote::Whole(question),
                Reading::Partial => Quote::Cut,
                Reading::Noise => Quote::Other,
            },
        }
    }
}

/// Whether an answer of so many bytes proves that the packet arrived: what was to come back large has to be large, and an echo comes back
/// as it went.
pub(super) fn proves(step: Step, bytes: usize, family: Family) -> bool {
    match step.direction {
        Direction::There => true,
        Direction::Back | Direction::Round => bytes >= payload(step.size, family),
    }
}

/// What a packet of that size has behind the IP header and the 8 bytes of UDP or ICMP.
pub(super) fn payload(size: u32, family: Family) -> usize {
    usize::try_from(size.saturating_sub(headers(family))).unwrap_or(0)
}

/// The size of the packets that go before the ladder.
pub(crate) fn base(family: Family) -> u32 {
    headers(family) + u32::try_from(QUESTION_LENGTH).unwrap_or(0)
}

const fn headers(family: Family) -> u32 {
    match family {
        Family::V4 => 20 + 8,
        Family::V6 => 40 + 8,
    }
}

#[cfg(test)]
mod tests;
