//! Echo requests of a wanted size in a world, and their replies. It must not know what was expected.

use crate::model::outcome::Miss;
use crate::model::probe::{Echoes, Probe, Splitting};
use crate::model::units::Bytes;
use crate::model::world::{Manner, Packet, Protocol, Site, Turn};

use super::books::Books;
use super::exchange::{Direction, Exchange};
use super::lane::{Lane, Traveller};
use super::sizes;

impl Exchange<'_> {
    /// The kernel of a node answers, whatever the agent does.
    pub(super) fn echoes(&self, echoes: &Echoes, leaving: Vec<Traveller>, books: &mut Books) {
        if let Some(miss) = self.too_big(echoes) {
            return leaving.into_iter().for_each(|traveller| books.missed(traveller, miss.clone()));
        }
        let question = self.echo(echoes, Turn::Question, Site::Spot(self.from));
        let crossing = self.echo_lane(echoes, Direction::There, question).cross(leaving);
        let refused = self.refusals(&crossing, books);
        self.refuse(refused, &question, books);
        let heard: Vec<_> =
            crossing.arrived.into_iter().filter(|traveller| self.manner(Protocol::Icmp, *traveller) == Manner::Answers).collect();
        let answer = self.echo(echoes, Turn::Answer, self.to);
        for traveller in self.echo_lane(echoes, Direction::Back, answer).cross(heard).arrived {
            for _ in 0..traveller.copies {
                books.answered(traveller);
            }
        }
    }

    /// Whether nothing but faults can keep its packets from the target.
    pub(super) fn fits(&self, probe: &Probe) -> bool {
        match probe {
            Probe::Icmp(echoes) => self.too_big(echoes).is_none(),
            Probe::Udp(_) | Probe::Tcp(_) | Probe::Dns(_) | Probe::Pmtu(_) | Probe::Http(_) | Probe::Tls(_) => true,
        }
    }

    /// What the sender itself says of packets that may not be cut, or the router before it.
    fn too_big(&self, echoes: &Echoes) -> Option<Miss> {
        let size = whole(echoes, Turn::Question).size.0;
        let told = |by, most: u64| Some(Miss::TooBig { by, mtu: u32::try_from(most).unwrap_or(0) });
        let (own, way) = (self.interface(Site::Spot(self.from)), self.between());
        match echoes.splitting {
            Splitting::Forbidden if size > own => told(None, own),
            Splitting::Forbidden if size > way => told(Some(self.from.router(echoes.burst.family)), way),
            Splitting::Allowed | Splitting::Forbidden => None,
        }
    }

    /// The largest piece of a packet that leaves there, which is what faults see.
    fn echo(&self, echoes: &Echoes, turn: Turn, from: Site) -> Packet {
        let whole = whole(echoes, turn);
        let most = if is_cut(echoes, turn) { self.interface(from).min(self.between()) } else { u64::MAX };
        Packet { size: Bytes(whole.size.0.min(most)), ..whole }
    }

    /// Nobody says "too big" of what may be cut. Kernels allow it for their replies.
    fn echo_lane(&self, echoes: &Echoes, direction: Direction, packet: Packet) -> Lane {
        let mut lane = self.lane(direction, packet);
        if is_cut(echoes, packet.turn) {
            lane.rules.retain(|rule| !rule.is_announced());
        }
        lane
    }
}

/// Bare questions are smaller than any link takes; that none takes them is told of them as of what may not be cut.
fn is_cut(echoes: &Echoes, turn: Turn) -> bool {
    !echoes.is_plain() && (turn == Turn::Answer || echoes.splitting == Splitting::Allowed)
}

fn whole(echoes: &Echoes, turn: Turn) -> Packet {
    sizes::sized_echo(echoes.burst.family, turn, usize::try_from(echoes.size).unwrap_or(usize::MAX))
}
