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

use crate::model::world::{Effect, Refuser, Spot, World};

use super::answer::{self, Error};
use super::faults::{Fate, Faults, Journey, Pace};
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
    /// What leaves, and when.
    pub(super) queue: Queue,
}

/// A packet at the first router.
struct Trip<'p> {
    from: Place,
    header: Header,
    bytes: &'p mut [u8],
    now: Duration,
}

impl Router {
    pub(super) fn new(world: Arc<World>, spots: &[Option<Spot>]) -> Self {
        let refuses = world.faults.iter().any(|fault| matches!(fault.effect, Effect::Refuse(Refuser::Target | Refuser::Router)));
        let (routes, faults) = (Routes::new(&world, spots), Faults::new(&world));
        Self { world, routes, faults, flows: refuses.then(Flows::default), queue: Queue::default() }
    }

    /// A packet came from a port, so long after the world began.
    pub(super) fn take(&mut self, port: usize, now: Duration, bytes: &mut [u8]) {
        let Some((from, header)) = self.routes.source(port).zip(Header::read(bytes)) else { return };
        let Some(bytes) = bytes.get_mut(..header.length) else { return };
        if !is_one_host(header.source) || !is_one_host(header.target) {
            return;
        }
        let mut trip = Trip { from, header, bytes, now };
        match self.routes.goal(header.target) {
            Goal::Router(spot) if spot == from.spot => self.answer(from, now, answer::of_router(&header, trip.bytes)),
            _ if header.ttl <= 1 => self.complain(&trip, now, Error::TimeExceeded),
            Goal::Nowhere => self.complain(&trip, now, Error::NoRoute),
            Goal::Router(spot) => self.cross(&mut trip, spot, None),
            Goal::Place(place) => self.cross(&mut trip, place.spot, Some(place)),
        }
    }

    /// From the first router to the second, and on to the target if that is not the router itself.
    fn cross(&mut self, trip: &mut Trip<'_>, to: Spot, target: Option<Place>) {
        let Trip { from, header, now, .. } = *trip;
        let flows = &mut self.flows;
        let Some(packet) = header.packet(|| flows.as_mut().is_none_or(|flows| flows.asks(&header))) else { return };
        let most = self.world.mtu(from.spot.network, to.network).0;
        if packet.size.0 > most && header.splitting == Splitting::Forbidden {
            return self.complain(trip, now, too_big(most));
        }
        let way = (from.spot, to);
        let (journey, said) = match self.faults.fate(way, &packet, header.splitting, now) {
            Fate::Lost => return,
            Fate::TooBig(most, journey) => return self.complain(trip, journey.at, too_big(most)),
            Fate::Refused(Refuser::Router, journey) => return self.complain(trip, journey.at, Error::Prohibited),
            Fate::Refused(Refuser::Target, journey) => (journey, answer::refusal(&header, trip.bytes)),
            Fate::Passes(journey) => match target {
                Some(target) if header.ttl > ROUTERS => {
                    lower_ttl(trip.bytes, ROUTERS);
                    return self.leave(way, target.port, journey.over(most), trip.bytes);
                }
                Some(_) => (journey, answer::error(Error::TimeExceeded, to.router(header.family()), &header, trip.bytes)),
                None => (journey, answer::of_router(&header, trip.bytes)),
            },
        };
        if let Some(said) = said {
            let turn = journey.after(self.half_way());
            (0..turn.copies).for_each(|_| self.travel_back(to, from, turn.at, &said));
        }
    }

    /// What was said on the far side goes back, as a packet of whoever was meant. Nobody says anything about it.
    fn travel_back(&mut self, from: Spot, to: Place, now: Duration, bytes: &[u8]) {
        let Some((header, packet)) = Header::read(bytes).and_then(|header| Some((header, header.packet(|| false)?))) else { return };
        let way = (from, to.spot);
        match self.faults.fate(way, &packet, header.splitting, now) {
            Fate::Passes(journey) => self.leave(way, to.port, journey, bytes),
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

    fn complain(&mut self, trip: &Trip<'_>, at: Duration, error: Error) {
        let router = trip.from.spot.router(trip.header.family());
        self.answer(trip.from, at, answer::error(error, router, &trip.header, trip.bytes));
    }

    /// Questions and answers share the latency evenly.
    fn half_way(&self) -> Duration {
        self.world.latency.duration() / 2
    }
}

fn too_big(most: u64) -> Error {
    Error::TooBig(u32::try_from(most).unwrap_or(u32::MAX))
}
