//! Messages of a size, and what is said to them: a datagram each way, or a connection with a segment each way. It must not know what
//! stands in them.

use crate::model::outcome::Miss;
use crate::model::units::Port;
use crate::model::world::{Manner, Protocol, Turn};

use super::books::Books;
use super::exchange::{Direction, Exchange, SOURCE};
use super::lane::Traveller;
use super::sizes;

/// What is said both ways.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken {
    /// The length of a question, in bytes.
    pub(super) question: usize,
    /// The length of its answer; none if nothing is said to it.
    pub(super) answer: Option<usize>,
    /// Whether a server listens there.
    pub(super) listens: bool,
    /// What an answer by TCP amounts to, if it is none.
    pub(super) spoils: Option<fn() -> Miss>,
}

impl Exchange<'_> {
    /// By UDP.
    pub(super) fn messages(&self, leaving: Vec<Traveller>, spoken: Spoken, books: &mut Books) {
        let question = sizes::datagram(books.family, (SOURCE, self.port), Turn::Question, spoken.question);
        let crossing = self.lane(Direction::There, question).cross(leaving);
        let mut refused = self.refusals(&crossing, books);
        let mut heard = Vec::new();
        for traveller in crossing.arrived {
            match self.treated(Protocol::Udp, traveller, spoken) {
                Manner::Answers => heard.push(traveller),
                Manner::Refuses => refused.push(traveller),
                Manner::Silent => {}
            }
        }
        self.refuse(refused, &question, books);
        let answer = sizes::datagram(books.family, (self.port, SOURCE), Turn::Answer, spoken.answer.unwrap_or_default());
        for traveller in self.lane(Direction::Back, answer).cross(heard).arrived {
            books.replied(traveller);
        }
    }

    /// By TCP, a connection for each.
    pub(super) fn conversations(&self, leaving: Vec<Traveller>, spoken: Spoken, books: &mut Books) {
        let (ports, back): ((Port, Port), _) = ((SOURCE, self.port), (self.port, SOURCE));
        let crossing = self.segments(Direction::There, sizes::handshake(books.family, ports, Turn::Question)).cross(leaving);
        let mut refused = self.refusals(&crossing, books);
        let mut heard = Vec::new();
        for traveller in crossing.arrived {
            match self.treated(Protocol::Tcp, traveller, Spoken { answer: Some(0), ..spoken }) {
                Manner::Answers => heard.push(traveller),
                Manner::Refuses => refused.push(traveller),
                Manner::Silent => {}
            }
        }
        self.reset(refused, &Miss::Refused { by: None }, books);
        let connected = self.segments(Direction::Back, sizes::handshake(books.family, back, Turn::Answer)).cross(heard).arrived;
        let asked = self.segments(Direction::There, sizes::segment(books.family, ports, spoken.question)).cross(connected).arrived;
        // Whoever accepts and is no server says nothing that it would be asked for.
        let Some(answer) = spoken.answer.filter(|_| spoken.listens) else { return };
        for traveller in self.segments(Direction::Back, sizes::segment(books.family, back, answer)).cross(asked).arrived {
            match spoken.spoils {
                Some(miss) => books.broke(traveller, miss()),
                None => books.replied_over(traveller),
            }
        }
    }

    /// How a question is treated. Whoever is there and no server sends it back, or says nothing: neither is an answer.
    fn treated(&self, protocol: Protocol, question: Traveller, spoken: Spoken) -> Manner {
        match (spoken.listens, spoken.answer, self.manner(protocol, question)) {
            (true, Some(_), _) => Manner::Answers,
            (true, None, _) => Manner::Silent,
            (false, _, Manner::Answers) if protocol == Protocol::Udp => Manner::Silent,
            (false, _, manner) => manner,
        }
    }
}
