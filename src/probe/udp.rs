//! Questions by UDP to the responder of the target's agent. It must not know when they are asked.

use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

use crate::model::outcome::Obstacle;
use crate::model::probe::Family;
use crate::wire::Peer;

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

pub(super) const fn destination(peer: &Peer) -> SocketAddr {
    SocketAddr::new(peer.address, peer.udp.get())
}

/// A whole answer, or something else.
pub(super) fn read(bytes: &[u8]) -> Came<'_> {
    match Answer::read(bytes) {
        Reading::Whole(answer, end) if end == bytes.len() => Came::Answer(Said { to: answer.to, name: Some(answer.name) }),
        Reading::Whole(..) | Reading::Partial | Reading::Noise => Came::Noise,
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
