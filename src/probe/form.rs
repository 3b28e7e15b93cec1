//! How questions and answers look in datagrams, by what carries them. It must not know when they are sent.

use std::net::SocketAddr;

use socket2::Socket;

use crate::model::family::Family;
use crate::model::outcome::Obstacle;
use crate::model::probe::Splitting;
use crate::wire::{Peer, Who};

use super::heard::{Came, Quote};
use super::icmp::{Echo, Shape};
use super::pace::Cost;
use super::packet::Question;
use super::socket::Line;
use super::{icmp, udp};

/// What carries a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Datagram {
    Icmp(Shape),
    Udp,
}

/// How it does, which shows when its socket is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Icmp(Echo, Shape),
    /// Answered by one of ours, with a name.
    Udp,
    /// Sent back as it came.
    UdpEcho,
}

impl Datagram {
    pub(super) fn open(self, family: Family, peer: &Peer) -> Result<(Socket, Form), Obstacle> {
        match (self, &peer.who) {
            (Self::Icmp(shape), _) => icmp::open(family).map(|(socket, echo)| (socket, Form::Icmp(echo, shape))),
            (Self::Udp, Who::Agent { .. } | Who::Backend { .. }) => udp::open(family).map(|socket| (socket, Form::Udp)),
            (Self::Udp, Who::Anyone { .. }) => udp::open(family).map(|socket| (socket, Form::UdpEcho)),
        }
    }

    /// The line as the shape of what goes over it wants it.
    pub(super) fn tuned(self, line: Line) -> Result<Line, Obstacle> {
        match self {
            Self::Udp | Self::Icmp(Shape::PLAIN) => Ok(line),
            Self::Icmp(shape) if shape.splitting == Splitting::Forbidden => line.unsplit(shape.room()),
            Self::Icmp(shape) => line.split(shape.room()),
        }
    }
}

impl Form {
    /// What a question that is no new flow costs.
    pub(super) const fn cost(self) -> Cost {
        match self {
            Self::Icmp(_, shape) => Cost::Pieces(shape.pieces),
            Self::Udp | Self::UdpEcho => Cost::Packet,
        }
    }

    /// What keeps strangers out of a socket that would get all that the host gets.
    pub(super) const fn only(self, to: SocketAddr) -> Option<SocketAddr> {
        match self {
            Self::Icmp(Echo::Raw { .. }, _) => Some(to),
            Self::Icmp(Echo::Datagram, _) | Self::Udp | Self::UdpEcho => None,
        }
    }

    pub(super) fn write(self, question: &Question, family: Family) -> Vec<u8> {
        match self {
            Self::Icmp(echo, shape) => echo.write(question, shape.size, family),
            Self::Udp | Self::UdpEcho => question.bytes().to_vec(),
        }
    }

    pub(super) fn read(self, bytes: &[u8], family: Family) -> Came<'_> {
        match self {
            Self::Icmp(echo, shape) => echo.read(bytes, shape.size, family),
            Self::Udp => udp::read(bytes),
            Self::UdpEcho => udp::read_echo(bytes),
        }
    }

    pub(super) fn quoted(self, quote: &[u8], family: Family) -> Quote {
        match self {
            Self::Icmp(echo, _) => echo.quoted(quote, family),
            Self::Udp | Self::UdpEcho => udp::quoted(quote),
        }
    }
}
