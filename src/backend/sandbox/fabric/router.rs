//! What becomes of each packet. It reads no clock and no device: packets and times come in, and what leaves goes to the queue.
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

use crate::model::vantage::Vantage;
use crate::model::world::{Effect, Refuser, Spot, World};

use super::answer::{self, Error};
use super::faults::{Ahead, Fate, Faults, Journey, Pace};
use super::flows::Flows;
use super::fragment;
use super::packet::{Header, Splitting, is_one_host, lower_ttl};
use super::queue::{Queue, Way};
use super::route::{Goal, Place, Routes};

/// That every packet passes on its way from place to place.
const ROUTERS: u8 = 2;

/// All routers of a world.
#[derive(Debug)]
pub(super) struct Router {
    world: Arc<World>,
    routes: Routes,
    faults: Faults,
    /// Who spoke first concerns refusals alone.
    flows: Option<Flows>,
}

/// A packet at the first router.
struct Trip<'p> {
    from: Place,
    header: Header,
    bytes: &'p mut [u8],
    now: Duration,
}

impl Router {
    pub(super) fn new(world: Arc<World>, vantages: &[Vantage]) -> Self {
        let refuses = world.faults.iter().any(|fault| matches!(fault.effect, Effect::Refuse(Refuser::Target | Refuser::Router)));
        let (routes, faults) = (Routes::new(&world, vantages), Faults::new(&world));
        Self { world, routes, faults, flows: refuses.then(Flows::default) }
    }

    /// A packet came from a port, so long after the world began.
    pub(super) fn take(&mut self, port: usize, now: Duration, bytes: &mut [u8], queue: &mut Queue) {
        let Some((from, header)) = self.routes.source(port).zip(Header::read(bytes)) else { return };
        let Some(bytes) = bytes.get_mut(..header.length) else { return };
        if !is_one_host(header.source) || !is_one_host(header.target) {
            return;
        }
        let trip = Trip { from, header, bytes, now };
        match self.routes.goal(header.target) {
            Goal::Router(spot) if spot == from.spot => trip.answer(Duration::ZERO, answer::of_router(&trip.header, trip.bytes), queue),
            _ if header.ttl <= 1 => trip.complain(Duration::ZERO, Error::TimeExceeded, queue),
            Goal::Nowhere => trip.complain(Duration::ZERO, Error::NoRoute, queue),
            Goal::Router(spot) => self.cross(trip, spot, None, queue),
            Goal::Place(place) => self.cross(trip, place.spot, Some(place), queue),
        }
    }

    /// From the first router to the second, and on to the target if that is not the router itself.
    fn cross(&mut self, trip: Trip<'_>, to: Spot, target: Option<Place>, queue: &mut Queue) {
        let Trip { from, header, now, .. } = trip;
        let flows = &mut self.flows;
        let Some(packet) = header.packet(|| flows.as_mut().is_none_or(|flows| flows.asks(&header))) else { return };
        let most = self.world.mtu(from.spot.network, to.network).0;
        if packet.size.0 > most && header.splitting == Splitting::Forbidden {
            return trip.complain(Duration::ZERO, too_big(most), queue);
        }
        let way = (from.spot, to);
        let fate = self.faults.fate(way, &packet, header.splitting, ahead(way, queue), now);
        let (journey, said) = match fate {
            Fate::Lost => return,
            Fate::TooBig(most, journey) => return trip.complain(journey.delay, too_big(most), queue),
            Fate::Refused(Refuser::Router, journey) => return trip.complain(journey.delay, Error::Prohibited, queue),
            Fate::Refused(Refuser::Target, journey) => (journey, answer::refusal(&header, trip.bytes)),
            Fate::Passes(journey) => match target {
                Some(target) if header.ttl > ROUTERS => {
                    lower_ttl(trip.bytes, ROUTERS);
                    let due = self.arrival(now, journey);
                    return leave(way, target.port, due, journey.over(most), trip.bytes, queue);
                }
                Some(_) => (journey, answer::error(Error::TimeExceeded, to.router(header.family()), &header, trip.bytes)),
                None => (journey, answer::of_router(&header, trip.bytes)),
            },
        };
        if let Some(said) = said {
            let turned = self.arrival(now, journey);
            (0..journey.copies).for_each(|_| self.travel_back(to, from, turned, &said, queue));
        }
    }

    /// What was said on the far side goes back, as a packet of whoever was meant. Nobody says anything about it.
    fn travel_back(&mut self, from: Spot, to: Place, now: Duration, bytes: &[u8], queue: &mut Queue) {
        let Some((header, packet)) = Header::read(bytes).and_then(|header| Some((header, header.packet(|| false)?))) else { return };
        let way = (from, to.spot);
        match self.faults.fate(way, &packet, header.splitting, ahead(way, queue), now) {
            Fate::Passes(journey) => leave(way, to.port, self.arrival(now, journey), journey, bytes, queue),
            Fate::Lost | Fate::Refused(..) | Fate::TooBig(..) => {}
        }
    }

    /// When a packet is on the far side.
    fn arrival(&self, now: Duration, journey: Journey) -> Duration {
        now.saturating_add(self.world.latency.duration() / 2).saturating_add(journey.delay)
    }
}

impl Trip<'_> {
    /// The first router says something to the sender.
    fn answer(&self, delay: Duration, said: Option<Vec<u8>>, queue: &mut Queue) {
        if let Some(said) = said {
            queue.push(self.now.saturating_add(delay), self.from.port, &said);
        }
    }

    fn complain(&self, delay: Duration, error: Error, queue: &mut Queue) {
        let router = self.from.spot.router(self.header.family());
        self.answer(delay, answer::error(error, router, &self.header, self.bytes), queue);
    }
}

fn too_big(most: u64) -> Error {
    Error::TooBig(u32::try_from(most).unwrap_or(u32::MAX))
}

fn ahead(way: Way, queue: &Queue) -> Ahead {
    if queue.holds(way) { Ahead::Waiting } else { Ahead::Nobody }
}

/// A packet goes to its port: whole or in pieces, as often as it comes, before or behind the next one.
fn leave(way: Way, port: usize, due: Duration, journey: Journey, bytes: &[u8], queue: &mut Queue) {
    let mut put = |piece: &[u8]| match journey.pace {
        Pace::Straight => queue.push(due, port, piece),
        Pace::Overtaken => queue.hold(way, due, port, piece),
    };
    let most = journey.cut_to.and_then(|most| usize::try_from(most).ok()).filter(|most| bytes.len() > *most);
    for _ in 0..journey.copies {
        match most {
            None => put(bytes),
            // Links that take no piece at all lose it.
            Some(most) => drop(fragment::split(bytes, most, &mut put)),
        }
    }
    if journey.pace == Pace::Straight {
        queue.release(way, due);
    }
}
