//! One burst in a world: every question goes from source to target and its answer back, each through the rules of its
//! direction. It must not know shares.
//!
//! A TCP connection is its handshake and a segment each way. What is lost is not sent again here, as a kernel would after
//! 200 ms at the earliest, and after 1 s for a SYN (RFC 6298).

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::outcome::{Bucket, Jitter, Miss, Samples, Seen, Sight, Tally, Unreachable, WarmUp};
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::{Echoes, Probe, SourcePorts};
use crate::model::units::{Micros, Port};
use crate::model::vantage::Network;
use crate::model::world::{Manner, Packet, Protocol, Refuser, Site, Spot, Turn};

use super::books::Books;
use super::lane::{Crossing, Lane, Stop, Traveller};
use super::scene::{Scene, Silence};
use super::sizes;

/// Who asks whom, and when.
#[derive(Debug)]
pub(super) struct Exchange<'s> {
    pub(super) scene: &'s Scene,
    pub(super) from: Spot,
    pub(super) to: Site,
    /// Where the target is.
    pub(super) address: IpAddr,
    /// The name by which it was looked up, if it was.
    pub(super) called: Option<&'s str>,
    /// The name that the target answers with, if it is an agent.
    pub(super) name: Option<&'s str>,
    /// Which port is asked.
    pub(super) port: Port,
    /// The node through which it is asked, where that is another.
    pub(super) through: Option<Spot>,
    /// When the first question leaves, since the world began.
    pub(super) at: Micros,
}

/// Where questions come from: any port that no responder has.
pub(super) const SOURCE: Port = Port(std::num::NonZeroU16::MAX);

/// The directions of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    There,
    Back,
}

impl Exchange<'_> {
    /// What the burst comes to.
    pub(super) fn tally(&self, probe: &Probe) -> Tally {
        if self.is_undisturbed(probe) && self.said(probe).is_none() {
            return all_well(self.scene.world.latency, probe);
        }
        let mut books = Books::open(probe, self.at);
        if let Some(said) = self.said(probe) {
            let steps = self.requests(&said, books.leaving(), &mut books);
            return said.add(books.close(), steps);
        }
        self.carry_out(probe, books.leaving(), &mut books);
        books.close()
    }

    /// What becomes of these questions.
    pub(super) fn carry_out(&self, probe: &Probe, leaving: Vec<Traveller>, books: &mut Books) {
        match probe {
            Probe::Icmp(echoes) => self.echoes(echoes, leaving, books),
            Probe::Pmtu(PmtuProbe { over: Carrier::Icmp, burst, .. }) => self.echoes(&Echoes::plain(burst.clone()), leaving, books),
            Probe::Udp(_) | Probe::Pmtu(PmtuProbe { over: Carrier::Udp, .. }) => self.datagrams(leaving, books),
            Probe::Pmtu(PmtuProbe { over: Carrier::Tcp, .. }) => self.acknowledged(leaving, books),
            Probe::Tcp(_) => self.connections(leaving, books),
            // Behind a Service are agents, which answer nothing but questions of their run: no step has an end.
            Probe::Http(_) | Probe::Tls(_) => drop(self.said(probe).map(|said| self.requests(&said, leaving, books))),
            // Who looks names up asks several servers perhaps, and is no exchange with one: `names`.
            Probe::Dns(_) => {}
        }
    }

    /// Whether every answer is there in time: most pairs of a world are so, and then there is nothing to work out.
    fn is_undisturbed(&self, probe: &Probe) -> bool {
        let rules = &self.scene.rules;
        // A connection takes two round trips.
        let in_time = self.scene.world.latency.0.saturating_mul(2) <= probe.burst().timeout.0;
        let agent = matches!(self.to, Site::Spot(spot) if self.scene.silence_of(spot, Micros(u64::MAX)).is_none());
        let ours = agent && (self.name.is_some() || probe.is_icmp());
        in_time && ours && self.fits(probe) && rules.between(self.from, self.to).is_empty() && rules.between(self.to, self.from).is_empty()
    }

    fn datagrams(&self, leaving: Vec<Traveller>, books: &mut Books) {
        let question = sizes::question_datagram(books.family, (SOURCE, self.port));
        let crossing = self.lane(Direction::There, question).cross(leaving);
        let mut refused = self.refusals(&crossing, books);
        let mut heard = Vec::new();
        for traveller in crossing.arrived {
            match self.manner(Protocol::Udp, traveller) {
                Manner::Answers => heard.push(traveller),
                Manner::Refuses => refused.push(traveller),
                Manner::Silent => {}
            }
        }
        self.refuse(refused, &question, books);
        let back = (self.port, SOURCE);
        let echo = || Packet { turn: Turn::Answer, ..sizes::question_datagram(books.family, back) };
        self.answer(heard, self.name.map_or_else(echo, |name| sizes::answer_datagram(books.family, back, name)), books);
    }

    /// Notes what routers say of questions that did not arrive, and returns those that the target refused.
    pub(super) fn refusals(&self, crossing: &Crossing, books: &mut Books) -> Vec<Traveller> {
        let by = Some(self.from.router(books.family));
        let mut refused = Vec::new();
        for (traveller, stop) in &crossing.stopped {
            match *stop {
                Stop::Lost => {}
                Stop::Refused(Refuser::Target) => refused.push(*traveller),
                Stop::Refused(Refuser::Router) => books.missed(*traveller, Miss::Unreachable { what: Unreachable::Prohibited, by }),
                Stop::TooBig(most) => books.missed(*traveller, Miss::TooBig { by, mtu: u32::try_from(most).unwrap_or(0) }),
            }
        }
        refused
    }

    /// The target's ICMP errors about these go back.
    pub(super) fn refuse(&self, refused: Vec<Traveller>, question: &Packet, books: &mut Books) {
        let by = Some(self.address);
        for traveller in self.lane(Direction::Back, sizes::error_about(question)).cross(refused).arrived {
            books.missed(traveller, Miss::Refused { by });
        }
    }

    /// The answers to these go back.
    fn answer(&self, heard: Vec<Traveller>, answer: Packet, books: &mut Books) {
        for traveller in self.lane(Direction::Back, answer).cross(heard).arrived {
            for _ in 0..traveller.copies {
                books.answered(traveller);
            }
        }
    }

    /// What is settled nowhere here was not answered in time: the prober gives a connection up at its timeout.
    fn connections(&self, leaving: Vec<Traveller>, books: &mut Books) {
        let connected = self.connected(leaving, books);
        match self.name {
            Some(_) => self.over_connections(connected, books),
            // Nothing is sent over it: it is there, and that was the question.
            None => connected.into_iter().for_each(|traveller| books.answered_over(traveller, traveller.at)),
        }
    }

    /// There and back over each of these connections.
    pub(super) fn round(&self, connected: Vec<Traveller>, books: &mut Books) -> Vec<Traveller> {
        let asked = self.segments(Direction::There, sizes::question_segment(books.family, (SOURCE, self.port))).cross(connected);
        let (mut heard, mut broken) = (Vec::new(), Vec::new());
        for traveller in asked.arrived {
            match self.silence(traveller) {
                None => heard.push(traveller),
                Some(Silence::Died) => broken.push(traveller),
                Some(Silence::Froze) => {}
            }
        }
        self.reset(broken, &Miss::Reset, books);
        let answer = sizes::answer_segment(books.family, (self.port, SOURCE), self.name.unwrap_or_default());
        self.segments(Direction::Back, answer).cross(heard).arrived
    }

    /// Those whose handshake was completed.
    pub(super) fn connected(&self, leaving: Vec<Traveller>, books: &mut Books) -> Vec<Traveller> {
        let ports = (SOURCE, self.port);
        let crossing = self.segments(Direction::There, sizes::handshake(books.family, ports, Turn::Question)).cross(leaving);
        let mut refused = self.refusals(&crossing, books);
        let mut heard = Vec::new();
        for traveller in crossing.arrived {
            match self.manner(Protocol::Tcp, traveller) {
                Manner::Answers => heard.push(traveller),
                Manner::Refuses => refused.push(traveller),
                Manner::Silent => {}
            }
        }
        self.reset(refused, &Miss::Refused { by: None }, books);
        self.segments(Direction::Back, sizes::handshake(books.family, (self.port, SOURCE), Turn::Answer)).cross(heard).arrived
    }

    /// A question and its answer over each of these connections.
    fn over_connections(&self, connected: Vec<Traveller>, books: &mut Books) {
        let complete = ends_of(&connected);
        for traveller in self.round(connected, books) {
            books.answered_over(traveller, complete.get(&traveller.number).copied().unwrap_or(traveller.at));
        }
    }

    /// Resets go back to these; the kernel does not say who sent one.
    pub(super) fn reset(&self, refused: Vec<Traveller>, miss: &Miss, books: &mut Books) {
        for traveller in self.segments(Direction::Back, sizes::reset(books.family, (self.port, SOURCE))).cross(refused).arrived {
            books.broke(traveller, miss.clone());
        }
    }

    pub(super) fn lane(&self, direction: Direction, packet: Packet) -> Lane {
        let latency = self.scene.world.latency.0;
        let (rules, latency) = match direction {
            Direction::There => (self.scene.rules.along(self.from.into(), self.through, self.to), latency / 2),
            Direction::Back => (self.scene.rules.along(self.to, self.through, self.from.into()), latency - latency / 2),
        };
        Lane { rules, packet, latency: Micros(latency) }
    }

    /// As [`Exchange::lane`], but told that its segments are too big, TCP makes smaller ones.
    pub(super) fn segments(&self, direction: Direction, packet: Packet) -> Lane {
        let mut lane = self.lane(direction, packet);
        lane.rules.retain(|rule| !rule.is_announced());
        lane
    }

    /// Why the target's agent does not answer this, if it does not.
    pub(super) fn silence(&self, question: Traveller) -> Option<Silence> {
        match self.to {
            Site::Spot(spot) => self.scene.silence_of(spot, question.at),
            Site::Host(_) | Site::Router(_) => None,
        }
    }

    /// How the target treats a question that arrives. Of an agent that stands still, the kernel still completes handshakes.
    pub(super) fn manner(&self, protocol: Protocol, question: Traveller) -> Manner {
        match (self.to, self.name) {
            (Site::Host(number), _) => {
                let host = self.scene.world.hosts.get(usize::from(number));
                host.map_or(Manner::Silent, |host| host.manner(protocol, self.port))
            }
            (Site::Router(spot), _) => self.scene.world.manner_of_gateway(spot, protocol),
            (Site::Spot(_), _) if protocol == Protocol::Icmp => Manner::Answers,
            // What is no query gets no answer.
            (Site::Spot(Spot::DNS), _) if self.port == Port::DNS && protocol == Protocol::Udp => Manner::Silent,
            (Site::Spot(Spot::DNS), _) if self.port == Port::DNS => Manner::Answers,
            // In a host network agents answer at ports that nobody is told beforehand.
            (Site::Spot(spot), None) if self.port != super::PORT || spot.network == Network::Host => {
                self.scene.world.listener(spot, protocol, self.port).unwrap_or(Manner::Refuses)
            }
            (Site::Spot(_), _) => match self.silence(question) {
                None => Manner::Answers,
                Some(Silence::Died) => Manner::Refuses,
                Some(Silence::Froze) if protocol == Protocol::Tcp => Manner::Answers,
                Some(Silence::Froze) => Manner::Silent,
            },
        }
    }
}

/// When each of these arrived.
pub(super) fn ends_of(travellers: &[Traveller]) -> HashMap<u32, Micros> {
    travellers.iter().map(|traveller| (traveller.number, traveller.at)).collect()
}

/// Nobody has the address: the router before the sender says so to every question.
pub(super) fn nowhere(probe: &Probe, from: Spot, at: Micros) -> Tally {
    let mut books = Books::open(probe, at);
    for question in books.leaving() {
        books.missed(question, Miss::Unreachable { what: Unreachable::Network, by: Some(from.router(books.family)) });
    }
    books.close()
}

/// All answers after the same time.
fn all_well(latency: Micros, probe: &Probe) -> Tally {
    let (count, ports) = (probe.burst().count.get(), probe.ports());
    let samples = if count as usize > Samples::RAW_LIMIT {
        Samples::Buckets(vec![Bucket { value: latency, count }])
    } else {
        Samples::Raw(vec![latency; count as usize])
    };
    let warm_up = WarmUp::Answered(latency);
    let jitter = Jitter { count: count.saturating_sub(1), ..Jitter::default() };
    let (reused, _) = ports.parts(count.into());
    let reused = Seen { what: Sight::ReusedPort, count: u32::try_from(reused).unwrap_or(count) };
    let seen = if ports == SourcePorts::Both { vec![reused] } else { Vec::new() };
    Tally { sent: count, answered: count, warm_up, samples, jitter, seen, ..Tally::empty() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::burst::Burst;
    use crate::model::family::Family;
    use crate::model::probe::Flows;
    use crate::model::units::{Bytes, Ppm};
    use crate::model::world::{During, Effect, End, Fault, Protocol, Scope, Way, World};
    use std::num::NonZeroU32;
    use std::sync::Arc;

    const MS: u64 = 1_000;

    const KINDS: [fn(Burst) -> Probe; 3] = [Probe::icmp, Probe::udp, Probe::Tcp];

    fn tally(kind: fn(Burst) -> Probe, faults: &[(Scope, Effect)], silence: Option<Silence>) -> Tally {
        let faults = faults.iter().map(|(scope, effect)| Fault { scope: scope.clone(), effect: *effect }).collect();
        let scene = Scene::new(Arc::new(World { latency: Micros(MS), faults, ..World::three_nodes() }));
        let spot = |node| Spot { node, network: Network::Pod };
        if let Some(why) = silence {
            scene.silence(spot(1), why);
        }
        let burst = Burst { family: Family::V4, count: NonZeroU32::new(4).unwrap(), interval: Micros(10 * MS), timeout: Micros(100 * MS) };
        let (port, address) = (Port::new(7411).unwrap(), spot(1).address(Family::V4));
        let exchange = Exchange {
            scene: &scene,
            from: spot(0),
            to: spot(1).into(),
            address,
            called: None,
            name: Some("node2"),
            port,
            through: None,
            at: Micros(1_000 * MS),
        };
        let tally = exchange.tally(&kind(burst));
        assert_eq!(tally.contradiction(), None);
        tally
    }

    fn words(tally: &Tally) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(tally.samples.iter().map(|(value, _)| (value.0 / MS).to_string()));
        words.extend(tally.missed.iter().map(|missed| format!("{} {}", missed.count, missed.how)));
        words.extend((tally.duplicates > 0).then(|| format!("{} twice", tally.duplicates)));
        words.extend((tally.reordered > 0).then(|| format!("{} reordered", tally.reordered)));
        words.extend((tally.warm_up == WarmUp::Unanswered).then(|| "cold".to_owned()));
        words.join(", ")
    }

    /// What the faults make of four questions by ICMP, UDP and TCP: milliseconds of the answers, then misses.
    #[track_caller]
    fn check(faults: &[(Scope, Effect)], expected: [&str; 3]) {
        let found = KINDS.map(|kind| words(&tally(kind, faults, None)));
        assert_eq!(found, expected, "{faults:?}");
    }

    fn there() -> Scope {
        Scope { way: Way::Directed { from: Some(End::Node("node1".into())), to: Some(End::Node("node2".into())) }, ..Scope::ALL }
    }

    fn back() -> Scope {
        Scope { way: Way::Directed { from: Some(End::Node("node2".into())), to: Some(End::Node("node1".into())) }, ..Scope::ALL }
    }

    fn half(scope: Scope) -> Scope {
        Scope { share: Ppm(500_000), ..scope }
    }

    #[test]
    fn what_is_lost_there_or_back_has_no_answer() {
        check(&[], ["1, 1, 1, 1"; 3]);
        check(&[(half(there()), Effect::Lose)], ["1, 1, 2 timed out"; 3]);
        check(&[(half(back()), Effect::Lose)], ["1, 1, 2 timed out"; 3]);
        check(&[(there(), Effect::Lose)], ["4 timed out, cold"; 3]);
        check(&[(Scope { protocol: Some(Protocol::Udp), ..back() }, Effect::Lose)], ["1, 1, 1, 1", "4 timed out, cold", "1, 1, 1, 1"]);
        check(&[(Scope { port: Port::new(7411), ..back() }, Effect::Lose)], ["1, 1, 1, 1", "4 timed out, cold", "4 timed out, cold"]);
        check(&[(Scope { family: Some(Family::V6), ..Scope::ALL }, Effect::Lose)], ["1, 1, 1, 1"; 3]);
    }

    #[test]
    fn delays_of_both_directions_add_up_until_an_answer_is_late() {
        let delay = |milliseconds| Effect::Delay(Micros(milliseconds * MS));
        check(&[(there(), delay(20)), (back(), delay(7))], ["28, 28, 28, 28"; 3]);
        check(&[(half(there()), delay(20))], ["1, 21, 1, 21, 1 reordered", "1, 21, 1, 21, 1 reordered", "1, 21, 1, 21"]);
        // A connection needs a second round trip within the timeout.
        check(&[(there(), delay(60))], ["61, 61, 61, 61", "61, 61, 61, 61", "4 timed out"]);
        check(&[(there(), delay(200))], ["4 answered too late", "4 answered too late", "4 timed out"]);
        check(&[(there(), delay(2_000))], ["4 answered too late, cold", "4 answered too late, cold", "4 timed out, cold"]);
    }

    /// As agents tell it, of whomever they ask: else all that was answered would be lost over the reused port.
    #[test]
    fn what_came_over_the_reused_port_is_told_of_every_target() {
        let over_reused = |kind, faults: &[(Scope, Effect)]| {
            let tally = tally(kind, faults, None);
            (tally.answered, tally.seen.iter().map(|seen| (seen.what.to_string(), seen.count)).collect::<Vec<_>>())
        };
        let both = |burst| Probe::Udp(Flows { burst, ports: SourcePorts::Both });
        let told = |count| vec![("over the reused source port".to_owned(), count)];
        assert_eq!(over_reused(both, &[]), (4, told(2)));
        assert_eq!(over_reused(both, &[(there(), Effect::Delay(Micros(MS)))]), (4, told(2)));
        assert_eq!(over_reused(both, &[(there(), Effect::Lose)]), (0, Vec::new()));
        assert_eq!(over_reused(Probe::udp, &[(there(), Effect::Delay(Micros(MS)))]), (4, Vec::new()));
    }

    #[test]
    fn copies_and_overtaking_show_in_datagrams_alone() {
        check(&[(half(there()), Effect::Duplicate)], ["1, 1, 1, 1, 2 twice", "1, 1, 1, 1, 2 twice", "1, 1, 1, 1"]);
        // The last one waits in vain, for as long as the questions here may take.
        let overtaken = "1, 11, 1, 1 answered too late, 1 reordered";
        check(&[(half(there()), Effect::Reorder)], [overtaken, overtaken, "1, 1, 2 timed out"]);
    }

    #[test]
    fn refusals_name_who_refused() {
        let by_router = "4 administratively prohibited by 10.246.0.1, cold";
        check(&[(there(), Effect::Refuse(Refuser::Router))], [by_router; 3]);
        let by_target = "4 refused by 10.244.0.2, cold";
        check(&[(there(), Effect::Refuse(Refuser::Target))], [by_target, by_target, "4 refused, cold"]);
        check(&[(back(), Effect::Refuse(Refuser::Target))], ["1, 1, 1, 1"; 3]);
        let no_errors = (Scope { protocol: Some(Protocol::Icmp), ..back() }, Effect::Lose);
        check(&[(there(), Effect::Refuse(Refuser::Target)), no_errors], ["4 timed out, cold", "4 timed out, cold", "4 refused, cold"]);
    }

    #[test]
    fn links_take_what_fits() {
        let most = |most, announced| Effect::Mtu { most: Bytes(most), announced };
        check(&[(there(), most(88, true))], ["1, 1, 1, 1"; 3]);
        check(&[(there(), most(87, false))], ["1, 1, 1, 1", "1, 1, 1, 1", "4 timed out, cold"]);
        check(&[(there(), most(87, true))], ["1, 1, 1, 1"; 3]);
        let too_big = "4 too big for a link of 63 bytes by 10.246.0.1, cold";
        check(&[(there(), most(63, true))], [too_big, too_big, "1, 1, 1, 1"]);
        check(&[(there(), most(63, false))], ["4 timed out, cold"; 3]);
        check(
            &[(Scope { larger_than: Some(Bytes(64)), ..back() }, Effect::Lose)],
            ["1, 1, 1, 1", "4 timed out, cold", "4 timed out, cold"],
        );
    }

    #[test]
    fn windows_are_those_of_the_world() {
        let during = |from, until| Scope { during: During { from: Micros(from * MS), until: Some(Micros(until * MS)) }, ..Scope::ALL };
        check(&[(during(1_010, 1_020), Effect::Lose)], ["1, 1, 1, 1 timed out"; 3]);
        check(&[(during(0, 1_000), Effect::Lose)], ["1, 1, 1, 1"; 3]);
    }

    #[test]
    fn agents_that_fell_silent_leave_their_kernels() {
        let words = |silence| KINDS.map(|kind| words(&tally(kind, &[], Some(silence))));
        assert_eq!(words(Silence::Froze), ["1, 1, 1, 1", "4 timed out, cold", "4 timed out, cold"]);
        assert_eq!(words(Silence::Died), ["1, 1, 1, 1", "4 refused by 10.244.0.2, cold", "4 refused, cold"]);
    }
}
