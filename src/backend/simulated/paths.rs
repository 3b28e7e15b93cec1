//! The search after the largest packet of a path in a world: the prober's own ladder, whose packets cross the lanes of their sizes.
//! It must not know which sizes are worth trying.

use std::net::IpAddr;

use crate::model::outcome::{Obstacle, Outcome, Tally};
use crate::model::path_mtu::{Carrier, Direction, PmtuProbe};
use crate::model::probe::Probe;
use crate::model::units::{Bytes, Micros};
use crate::model::vantage::Network;
use crate::model::world::{Manner, Packet, Site, Turn};
use crate::probe::pmtu::{self, Ladder, Step};

use super::books::Books;
use super::exchange::{self, Exchange, SOURCE};
use super::lane::{Stop, Traveller};
use super::sizes;

/// A packet of a ladder that leaves.
#[derive(Debug, Clone, Copy)]
struct Rung<'p> {
    probe: &'p PmtuProbe,
    step: Step,
    /// When, since the world began.
    left: Micros,
}

impl Exchange<'_> {
    /// What a probe comes to: the sums of its burst, and what was found of the path.
    pub(super) fn outcome(&self, probe: &Probe) -> Outcome {
        let tally = self.tally(probe);
        match probe {
            Probe::Pmtu(search) if tally.answered > 0 => self.search(search, tally).map_or_else(Outcome::NotMeasured, Outcome::Measured),
            Probe::Pmtu(_) | Probe::Icmp(_) | Probe::Udp(_) | Probe::Tcp(_) | Probe::Dns(_) | Probe::Http(_) | Probe::Tls(_) => {
                Outcome::Measured(tally)
            }
        }
    }

    fn search(&self, probe: &PmtuProbe, tally: Tally) -> Result<Tally, Obstacle> {
        let own = bytes(self.interface(Site::Spot(self.from)));
        let mut ladder = Ladder::new(pmtu::outset(probe, &tally, Some(own)));
        let asked = probe.burst.interval.0.saturating_mul(u64::from(probe.burst.count.get()));
        let mut at = Micros(self.at.0.saturating_add(asked));
        loop {
            let burst = ladder.next_burst();
            if burst.is_empty() {
                let to = self.name.map_or_else(|| self.address.to_string(), str::to_owned);
                return pmtu::with(tally, &ladder, &to);
            }
            for step in burst {
                self.climb(Rung { probe, step, left: at }, &mut ladder);
            }
            at = Micros(at.0.saturating_add(self.scene.world.latency.0));
        }
    }

    /// One packet of the ladder, there and back.
    fn climb(&self, rung: Rung<'_>, ladder: &mut Ladder) {
        let Rung { probe, step, left } = rung;
        let traveller = Traveller { number: step.number.saturating_add(1), at: left, copies: 1 };
        let (question, answer) = self.packets(probe, step);
        if probe.over == Carrier::Tcp && question.size.0 > self.interface(self.to) {
            // Its own interface is what a host announces in its MSS.
            return ladder.capped(step.number, bytes(self.interface(self.to)));
        }
        let by = self.from.router(probe.burst.family);
        let mut refused = |most: u64| match probe.over {
            Carrier::Udp | Carrier::Icmp => ladder.refused(step.number, Some(by), bytes(most)),
            Carrier::Tcp => ladder.lowered(step.number, bytes(most)),
        };
        let most = self.between();
        if question.size.0 > most {
            return refused(most);
        }
        let crossing = self.lane(exchange::Direction::There, question).cross([traveller]);
        if let Some((_, Stop::TooBig(most))) = crossing.stopped.first() {
            return refused(*most);
        }
        for heard in crossing.arrived.into_iter().filter(|heard| self.manner(question.protocol, *heard) == Manner::Answers) {
            self.come_back(rung, answer, heard, ladder);
        }
    }

    /// The answer to a packet that arrived.
    fn come_back(&self, rung: Rung<'_>, answer: Packet, heard: Traveller, ladder: &mut Ladder) {
        let Rung { probe, step, left } = rung;
        let refused = self.refused_on_the_way_back(rung, &answer, heard);
        let returning = match refused {
            None => answer,
            // A notice takes its place.
            Some(_) => sizes::answer_datagram(probe.burst.family, (self.port, SOURCE), ""),
        };
        let mut lane = self.lane(exchange::Direction::Back, returning);
        if probe.over != Carrier::Udp {
            // Echo replies may be cut: who answers is a kernel, which lets routers do so or does it itself when it is told. That goes for
            // acknowledgements, too, which are as small as packets come.
            lane.rules.retain(|rule| !rule.is_announced());
        }
        let back = lane.cross([heard]).arrived.into_iter().any(|back| back.at.0.saturating_sub(left.0) <= probe.burst.timeout.0);
        match refused {
            _ if !back => {}
            None => ladder.arrived(step.number),
            Some((by, most)) => ladder.refused(step.number, by, bytes(most)),
        }
    }

    /// Who says that an answer is too big, and what the link takes; none as who is the interface of whoever answers.
    fn refused_on_the_way_back(&self, rung: Rung<'_>, answer: &Packet, heard: Traveller) -> Option<(Option<IpAddr>, u64)> {
        let Site::Spot(spot) = self.to else { return None };
        if rung.step.direction != Direction::Back {
            return None;
        }
        let by = Some(spot.router(rung.probe.burst.family));
        let (own, most) = (self.interface(self.to), self.scene.world.mtu(spot.network, self.from.network).0);
        if answer.size.0 > own {
            return Some((None, own));
        }
        if answer.size.0 > most {
            return Some((by, most));
        }
        match self.lane(exchange::Direction::Back, *answer).cross([heard]).stopped.first() {
            Some((_, Stop::TooBig(most))) => Some((by, *most)),
            Some((_, Stop::Lost | Stop::Refused(_))) | None => None,
        }
    }

    fn packets(&self, probe: &PmtuProbe, step: Step) -> (Packet, Packet) {
        let (family, ports, back) = (probe.burst.family, (SOURCE, self.port), (self.port, SOURCE));
        let sized = |packet: Packet| Packet { size: Bytes(u64::from(step.size).max(packet.size.0)), ..packet };
        match (probe.over, step.direction) {
            (Carrier::Icmp, _) => (sized(sizes::echo(family, Turn::Question)), sized(sizes::echo(family, Turn::Answer))),
            (Carrier::Tcp, _) => (sized(sizes::question_segment(family, ports)), sizes::segment(family, back, 0)),
            (Carrier::Udp, Direction::Back) => {
                (sizes::question_datagram(family, ports), sized(sizes::answer_datagram(family, back, self.name.unwrap_or_default())))
            }
            (Carrier::Udp, Direction::There | Direction::Round) => {
                (sized(sizes::question_datagram(family, ports)), sizes::answer_datagram(family, back, self.name.unwrap_or_default()))
            }
        }
    }

    /// Connections, over each of which a small segment has to be acknowledged: kernels do, whoever listens.
    pub(super) fn acknowledged(&self, leaving: Vec<Traveller>, books: &mut Books) {
        let (ports, back) = ((SOURCE, self.port), (self.port, SOURCE));
        let connected = self.connected(leaving, books);
        let complete = exchange::ends_of(&connected);
        let small = Packet { size: Bytes(pmtu::SMALL.into()), ..sizes::question_segment(books.family, ports) };
        let heard = self.segments(exchange::Direction::There, small).cross(connected).arrived;
        for traveller in self.segments(exchange::Direction::Back, sizes::segment(books.family, back, 0)).cross(heard).arrived {
            books.answered_over(traveller, complete.get(&traveller.number).copied().unwrap_or(traveller.at));
        }
    }

    /// What the way to the target takes, in bytes.
    pub(super) fn between(&self) -> u64 {
        match self.to {
            Site::Spot(_) | Site::Host(_) => self.scene.world.mtu(self.from.network, network(self.to)).0,
            Site::Router(_) => self.interface(self.to),
        }
    }

    /// What the interface there takes, in bytes.
    pub(super) fn interface(&self, site: Site) -> u64 {
        let network = network(site);
        self.scene.world.mtu(network, network).0
    }
}

const fn network(site: Site) -> Network {
    match site {
        Site::Spot(spot) | Site::Router(spot) => spot.network,
        Site::Host(_) => Network::Host,
    }
}

fn bytes(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
