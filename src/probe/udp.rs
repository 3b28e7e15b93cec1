//! Questions by UDP, to the responder of the target's agent or to an echo server of somebody else's. It must not know when they are asked.

use socket2::{Domain, Protocol, Socket, Type};

use crate::model::family::Family;
use crate::model::outcome::Obstacle;

use super::errand::socket_trouble;
use super::heard::{Came, Quote, Said};
use super::packet::{Answer, Question, Reading};

pub(super) fn open(family: Family) -> Result<Socket, Obstacle> {
    let domain = match family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    };
    Socket::new(domain, Type::DGRAM, Some(Protocol::UDP)).map_err(|error| socket_trouble("opening a UDP socket", &error))
}

/// A whole answer, or something else.
pub(super) fn read(bytes: &[u8]) -> Came<'_> {
    match Answer::read(bytes) {
        Reading::Whole(answer, end) if end == bytes.len() => Came::Answer(Said { to: answer.to, name: Some(answer.name) }),
        Reading::Whole(..) | Reading::Partial | Reading::Noise => Came::Noise,
    }
}

/// The question itself, sent back by whoever is there; or an answer of one of ours, whose name nobody expects.
pub(super) fn read_echo(bytes: &[u8]) -> Came<'_> {
    let answer = || match read(bytes) {
        Came::Answer(said) => Came::Answer(Said { name: None, ..said }),
        other => other,
    };
    match Question::read(bytes) {
        Reading::Whole(to, end) if end == bytes.len() => Came::Answer(Said { to, name: None }),
        Reading::Whole(..) | Reading::Partial | Reading::Noise => answer(),
    }
}

/// The question that an error quotes, unless the quote is cut too short: eight bytes behind the IP header are all that
/// RFC 792 asks for.
pub(super) fn quoted(quote: &[u8]) -> Quote {
    match Question::read(quote) {
        Reading::Whole(question, _) => Quote::Whole(question),
        Reading::Partial => Quote::Cut,
        Reading::Noise => Quote::Other,
    }
}
