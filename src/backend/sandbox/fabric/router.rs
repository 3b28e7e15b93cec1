//! What becomes of each packet. It reads no clock and no device: packets and times come in, and what leaves is in the queue.
//!
//! Every packet passes two routers, the one before its sender's network and the one before its target's; only the packets to
//! the first router itself pass none. World and faults lie between the two. The first router therefore answers at once, and
//! what it says meets no fault; what the second one or the target says travels back like any packet. Answers are never answered.
//!
//! A packet that is larger than the next link is cut into pieces if it allows that (IPv4 without "don't fragment"), as a router
//! does that knows its links; where the world swallows large packets silently it swallows all of them.
//! What is neither ICMP nor UDP nor TCP is lost, and so is what goes to or from anything but one host.

use std::sync::Arc;
use std::time::Duration;

use crate::model::units::Port;
use crate::model::vantage::Network;
use crate::model::world::{Manner, Packet, Protocol, Refuser, Site, Spot, Turn, World};

use super::answer::{self, Error};
use super::faults::{Fate, Faults, Journey, Pace};
use super::fragment;
use super::packet::{Carried, Header, Splitting, is_one_host, lower_ttl};
use super::queue::{Queue, Way};
use super::route::{Goal, Place, Routes};
use super::translation::{Outcome, Services, Translator, restore};

/// That every packet passes on its way from place to place.
const ROUTERS: u8 = 2;

/// All routers of a world.
#[derive(Debug)]
pub(super) struct Router {
    world: Arc<World>,
    routes: Routes,
    faults: Faults,
    translator: Translator,
    /// What leaves, and when.
    pub(super) queue: Queue,
}

/// A packet at the first router.
struct Trip<'p> {
    from: Place,
    /// As its sender sent it.
    sent: Header,
    /// As it goes on: behind the address of a Service it has other ends.
    header: Header,
    /// Whose turn it is with it, were it a datagram.
    turn: Turn,
    through: Option<Spot>,
    bytes: &'p mut [u8],
    now: Duration,
}

impl Trip<'_> {
    /// What faults look at: a Service's packets as those behind it see them. None of what is not carried.
    fn packet(&self) -> Option<Packet> {
        let behind = match self.turn {
            Turn::Question => &self.header,
            Turn::Answer => &self.sent,
        };
        behind.packet(|| self.turn == Turn::Question)
    }

    /// What is said of it, which is about what its sender sent. It goes no further.
    fn said(&mut self, say: impl FnOnce(&Header, &[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        if self.header != self.sent {
            restore(self.bytes, &self.sent);
            self.header = self.sent;
        }
        say(&self.sent, self.bytes)
    }
}

impl Router {
    pub(super) fn new(world: Arc<World>, sites: &[Option<Site>], services: Services) -> Self {
        let (routes, faults) = (Routes::new(&world, sites), Faults::new(&world));
        Self { world, routes, faults, translator: Translator::new(services), queue: Queue::default() }
    }

    /// A packet came from a port, so long after the world began.
    pub(super) fn take(&mut self, port: usize, now: Duration, bytes: &mut [u8]) {
        let Some((from, header)) = self.routes.source(port).zip(Header::read(bytes)) else { return };
        let Some(bytes) = bytes.get_mut(..header.length) else { return };
        if !is_one_host(header.source) || !is_one_host(header.target) {
            return;
        }
        let Some(mut trip) = self.translated(from, header, bytes, now) else { return };
        match self.routes.goal(trip.header.target) {
            Goal::Router(site) if site == from.site && self.is_mute(site, &header) => {}
            Goal::Router(site) if site == from.site => self.answer(from, now, answer::of_router(&header, trip.bytes)),
            _ if header.ttl <= 1 => self.complain(&mut trip, now, Error::TimeExceeded),
            Goal::Nowhere => self.complain(&mut trip, now, Error::NoRoute),
            Goal::Router(site) => self.cross(&mut trip, site, None),
            Goal::Place(place) => self.cross(&mut trip, place.site, Some(place)),
        }
    }

    /// Whether the gateway keeps quiet about what it is asked itself.
    fn is_mute(&self, before: Site, header: &Header) -> bool {
        let Site::Spot(gateway) = before else { return false };
        let packet = header.packet(|| true);
        packet.is_some_and(|packet| self.world.manner_of_gateway(gateway, packet.protocol) == Manner::Silent)
    }

    /// The packet as it goes on behind the address of a Service; none where it ends.
    fn translated<'p>(&mut self, from: Place, sent: Header, bytes: &'p mut [u8], now: Duration) -> Option<Trip<'p>> {
        let (turn, through) = match self.translator.pass(&self.world, from.site, &sent, bytes) {
            Outcome::Direct(turn) => (turn, None),
            Outcome::Question(through) => (Turn::Question, through),
            Outcome::Answer(through) => (Turn::Answer, through),
            Outcome::Lost => return None,
            Outcome::Refused => {
                let said = answer::refusal(&sent, bytes);
                self.answer(from, now, said);
                return None;
            }
        };
        Some(Trip { from, sent, header: Header::read(bytes)?, turn, through, bytes, now })
    }

    /// From the first router to the second, and on to the target if that is not the router itself.
    fn cross(&mut self, trip: &mut Trip<'_>, to: Site, target: Option<Place>) {
        let Some(packet) = trip.packet() else { return };
        let (way, header, now) = (Way { from: trip.from.site, through: trip.through, to }, trip.header, trip.now);
        let most = self.most(way);
        if packet.size.0 > most && header.splitting == Splitting::Forbidden {
            return self.complain(trip, now, too_big(most));
        }
        let (journey, said) = match self.faults.fate(way, &packet, header.splitting, now) {
            Fate::Lost => return,
            Fate::TooBig(most, journey) => return self.complain(trip, journey.at, too_big(most)),
            Fate::Refused(Refuser::Router, journey) => return self.complain(trip, journey.at, Error::Prohibited),
            Fate::Refused(Refuser::Target, journey) => (journey, trip.said(answer::refusal)),
            Fate::Passes(journey) => match target {
                Some(_) if self.manner(to, &header) == Manner::Silent => return,
                Some(_) if self.manner(to, &header) == Manner::Refuses => (journey, trip.said(answer::refusal)),
                Some(target) if header.ttl > ROUTERS => {
                    lower_ttl(trip.bytes, ROUTERS);
                    return self.leave(way, target.port, journey.over(most), trip.bytes);
                }
                Some(_) => (journey, {
                    let router = to.router(header.family());
                    trip.said(|sent, bytes| answer::error(Error::TimeExceeded, router, sent, bytes))
                }),
                None => (journey, trip.said(answer::of_router)),
            },
        };
        if let Some(said) = said {
            let turn = journey.after(self.half_way());
            let ports = packet.ports.map(|(from, to)| (to, from));
            (0..turn.copies).for_each(|_| self.travel_back((way.back(), trip.from.port), ports, turn.at, &said));
        }
    }

    /// The most that all links of a way take.
    fn most(&self, way: Way) -> u64 {
        let most = |from: Network, to: Network| self.world.mtu(from, to).0;
        let (from, to) = (way.from.network(), way.to.network());
        way.through.map_or_else(|| most(from, to), |node| most(from, node.network).min(most(node.network, to)))
    }

    /// How whoever is there takes what comes to it. Only hosts, and ports of nodes, take it otherwise than their kernels do.
    fn manner(&self, to: Site, header: &Header) -> Manner {
        let number = match to {
            Site::Host(number) => number,
            Site::Spot(spot) => return self.listener(spot, header),
            Site::Router(_) => return Manner::Answers,
        };
        let Some(host) = self.world.hosts.get(usize::from(number)) else { return Manner::Silent };
        let protocol = match header.carried {
            Carried::Echo => return host.icmp,
            Carried::Tcp(_) => Protocol::Tcp,
            Carried::Udp => Protocol::Udp,
            Carried::EchoReply | Carried::IcmpError | Carried::OtherIcmp | Carried::Other(_) => return Manner::Answers,
        };
        // A later piece has no port: its first has been judged.
        header.ports.map_or(Manner::Answers, |(_, port)| host.manner(protocol, port))
    }

    /// How a port of a node takes a connection. Only the first packet of one is looked at: an agent there may ask others from that port.
    fn listener(&self, spot: Spot, header: &Header) -> Manner {
        match header.packet(|| false) {
            Some(packet) if packet.protocol == Protocol::Tcp && packet.turn == Turn::Question => {
                let port = header.ports.map(|(_, port)| port);
                port.and_then(|port| self.world.listener(spot, Protocol::Tcp, port)).unwrap_or(Manner::Answers)
            }
            Some(_) | None => Manner::Answers,
        }
    }

    /// What was said on the far side goes back, as a packet of whoever was meant; faults see the ports of whoever says it. Nobody
    /// says anything about it.
    fn travel_back(&mut self, (way, port): (Way, usize), ports: Option<(Port, Port)>, now: Duration, bytes: &[u8]) {
        let Some((header, packet)) = Header::read(bytes).and_then(|header| Some((header, header.packet(|| false)?))) else { return };
        let packet = Packet { ports: packet.ports.and(ports), ..packet };
        match self.faults.fate(way, &packet, header.splitting, now) {
            Fate::Passes(journey) => self.leave(way, port, journey, bytes),
            Fate::Lost | Fate::Refused(..) | Fate::TooBig(..) => {}
        }
    }

    /// A packet crosses to its port: whole or in pieces, as often as it comes, before or behind the next one.
    fn leave(&mut self, way: Way, port: usize, journey: Journey, bytes: &[u8]) {
        let due = journey.after(self.half_way()).at;
        let queue = &mut self.queue;
        // Who overtakes somebody is not held back.
        let waits = journey.pace == Pace::Overtaken && !queue.holds(way);
        let mut put = |piece: &[u8]| if waits { queue.hold(way, due, port, piece) } else { queue.push(due, port, piece) };
        let most = journey.cut_to.and_then(|most| usize::try_from(most).ok()).filter(|most| bytes.len() > *most);
        for _ in 0..journey.copies {
            match most {
                None => put(bytes),
                // A link that takes no piece at all loses it.
                Some(most) => _ = fragment::split(bytes, most, &mut put),
            }
        }
        if !waits {
            self.queue.release(way, due);
        }
    }

    /// The first router says something to the sender.
    fn answer(&mut self, to: Place, at: Duration, said: Option<Vec<u8>>) {
        if let Some(said) = said {
            self.queue.push(at, to.port, &said);
        }
    }

    fn complain(&mut self, trip: &mut Trip<'_>, at: Duration, error: Error) {
        let router = trip.from.site.router(trip.header.family());
        let said = trip.said(|sent, bytes| answer::error(error, router, sent, bytes));
        self.answer(trip.from, at, said);
    }

    /// Questions and answers share the latency evenly.
    fn half_way(&self) -> Duration {
        self.world.latency.duration() / 2
    }
}

fn too_big(most: u64) -> Error {
    Error::TooBig(u32::try_from(most).unwrap_or(u32::MAX))
}
