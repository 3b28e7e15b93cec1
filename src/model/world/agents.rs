//! What can be wrong with the agents of a world, and with the lines between them and the controller. It must not know of packets.

use crate::model::family::Family;
use crate::model::units::{Bytes, Micros};

/// Something wrong with an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentFault {
    /// It never starts, and the backend says this.
    NeverStarts(String),
    /// It starts and never says hello.
    NeverReady,
    /// It is gone after so many outcomes: from then on its node's kernel refuses UDP and TCP to it, and still answers ICMP.
    DiesAfter(u32),
    /// It says nothing more after so many outcomes, but its connection stays; nor does it answer, while its node's kernel still
    /// answers ICMP and completes TCP handshakes.
    FreezesAfter(u32),
    /// It speaks this version of the wire.
    Speaks(u32),
    /// It belongs to another run.
    OtherRun,
    /// The record after so many outcomes is noise, however often it is told.
    GarblesAfter(u32),
    /// The outcome after so many comes twice, under two numbers.
    DoublesAfter(u32),
    /// One outcome, after so many, is left out wherever it is told, though the end counts it.
    DropsAfter(u32),
    /// It has no ICMP socket.
    NoIcmp,
    /// Its network has no default gateway.
    NoGateway,
    /// Its default gateway answers nothing.
    MuteGateway,
    /// It has no address of that family.
    NoAddress(Family),
    /// Its connection with the controller suffers, in this order.
    Line(Vec<LineFault>),
}

/// What happens to the lines between an agent and its controller, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineFault {
    /// When the agent has said so many bytes, over all its connections.
    pub after: Bytes,
    /// What happens then.
    pub event: LineEvent,
}

/// What can happen to lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEvent {
    /// The connection breaks there, in the middle of a line perhaps.
    Cut,
    /// The connection breaks, and no other comes about for so long.
    CutOff(Micros),
    /// One byte comes as another.
    Garble,
    /// The line comes twice.
    Double,
    /// Nothing goes through for so long, then all that waited.
    Delay(Micros),
}
