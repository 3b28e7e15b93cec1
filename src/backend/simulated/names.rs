//! A burst of lookups in a world: round after round of queries, each through the rules of its direction, until every lookup is over.
//! Queries, replies and what follows from them are those of the agent (`probe::dns`) and of the sandbox's server (`backend::dns`).
//! It must not know shares.
//!
//! As for connections elsewhere here, what is lost is not sent again. A query by TCP is its handshake and a segment each way.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::backend::dns;
use crate::model::dns::{DnsProbe, Manner, Transport};
use crate::model::family::Family;
use crate::model::outcome::{Miss, Obstacle, ObstacleKind, Tally, Unreachable};
use crate::model::resolv_conf::ResolvConf;
use crate::model::service;
use crate::model::units::{Micros, Port};
use crate::model::world::{Asked, Passed, Site, Spot};
use crate::probe::dns::{Lookup, Question, Reply, cut_by_tcp, sights};

use super::books::Books;
use super::exchange::Exchange;
use super::lane::Traveller;
use super::messages::Spoken;
use super::scene::Scene;

/// Who looks names up, and when.
pub(super) struct Names<'s> {
    pub(super) scene: &'s Scene,
    pub(super) from: Spot,
    /// Who is asked, unless resolv.conf says it.
    pub(super) server: IpAddr,
    pub(super) port: Port,
    /// When the first query leaves, since the world began.
    pub(super) at: Micros,
}

/// A lookup on its way.
struct Course {
    lookup: Lookup,
    /// When its next query leaves.
    at: Micros,
    /// The warm-up is one query, and found by nobody.
    warm_up: bool,
}

/// A query of a round.
pub(super) struct Sent {
    pub(super) course: usize,
    pub(super) server: IpAddr,
    pub(super) transport: Transport,
    pub(super) name: String,
    pub(super) question: Question,
}

impl Names<'_> {
    /// What the lookups come to.
    pub(super) fn tally(&self, probe: &DnsProbe) -> Result<Tally, Obstacle> {
        let conf = ResolvConf::parse(&self.scene.world.resolv_conf());
        let mut books = Books::empty(&probe.burst, self.at);
        let mut courses: Vec<Course> = (0..=probe.burst.count.get()).map(|number| self.course(probe, &conf, number)).collect();
        loop {
            let round = Self::round(probe, &mut courses)?;
            if round.is_empty() {
                break;
            }
            self.exchange(round, probe, (&mut books, &mut courses));
        }
        let mut found = BTreeMap::new();
        for course in courses.into_iter().filter(|course| !course.warm_up) {
            *found.entry(course.lookup.found()).or_insert(0) += 1;
        }
        Ok(Tally { seen: sights(&found), ..books.close() })
    }

    /// The warm-up, which is number 0, and the first that counts leave at once; then one an interval.
    fn course(&self, probe: &DnsProbe, conf: &ResolvConf, number: u32) -> Course {
        let lookup = match probe.manner {
            Manner::Raw => Lookup::raw(&probe.name, self.server.into(), probe.transport),
            Manner::Resolver => Lookup::of(&probe.name, conf, conf.of(probe.burst.family).cloned().collect(), probe.transport),
        };
        let after = probe.burst.interval.0.saturating_mul(u64::from(number.saturating_sub(1)));
        Course { lookup, at: Micros(self.at.0.saturating_add(after)), warm_up: number == 0 }
    }

    /// The next query of every lookup that is not over, and of the warm-up the first alone.
    fn round(probe: &DnsProbe, courses: &mut [Course]) -> Result<Vec<Sent>, Obstacle> {
        let mut round = Vec::new();
        for (number, course) in courses.iter_mut().enumerate() {
            if course.warm_up && course.lookup.queries() > 0 {
                continue;
            }
            let Some((name, server, transport)) = course.lookup.next() else { continue };
            let question = Question::new(name, probe.record).map_err(internal)?;
            let (name, server) = (name.to_owned(), server.address);
            course.lookup.asked();
            round.push(Sent { course: number, server, transport, name, question });
        }
        Ok(round)
    }

    fn exchange(&self, round: Vec<Sent>, probe: &DnsProbe, (books, courses): (&mut Books, &mut [Course])) {
        // By server, transport and name: lookups of one burst ask the same at the same time, and are answered alike.
        let mut apart: BTreeMap<(IpAddr, bool, String), Vec<(u32, Sent)>> = BTreeMap::new();
        for sent in round {
            let number = books.ask(courses[sent.course].at);
            apart.entry((sent.server, sent.transport == Transport::Tcp, sent.name.clone())).or_default().push((number, sent));
        }
        for ((server, ..), asked) in apart {
            let queries: Vec<(u32, &Sent)> = asked.iter().map(|(number, sent)| (*number, sent)).collect();
            self.ask(server, &queries, books);
            for (number, sent) in asked {
                let course = &mut courses[sent.course];
                let reply = books.reply(number).and_then(|at| Some((at, self.reply(&sent)?)));
                course.go_on(reply, course_timeout(probe, course));
            }
        }
    }

    /// What becomes of these queries, which all go to the same server by the same transport.
    pub(super) fn ask(&self, server: IpAddr, asked: &[(u32, &Sent)], books: &mut Books) {
        let leaving: Vec<Traveller> = asked.iter().map(|(number, _)| books.departure(*number)).collect();
        let Some((_, first)) = asked.first() else { return };
        let mut all_missed = |miss: &Miss| leaving.iter().for_each(|query| books.missed(*query, miss.clone()));
        let (to, port, through) = match self.passed(server, first.transport) {
            Passed::To(backend, through) => (Site::Spot(backend.spot), backend.port, through),
            Passed::Unchanged => {
                let Some(to) = self.scene.world.site(server) else {
                    let by = Some(self.from.router(Family::of(server)));
                    return all_missed(&Miss::Unreachable { what: Unreachable::Network, by });
                };
                (to, self.port, None)
            }
            // The kernel does not say who sent a reset.
            Passed::ToNobody => return all_missed(&Miss::Refused { by: (first.transport == Transport::Udp).then_some(server) }),
            Passed::Lost => return,
        };
        let exchange =
            Exchange { scene: self.scene, from: self.from, to, address: server, called: None, name: None, port, through, at: self.at };
        let question = first.question.query(0).map_or(0, |bytes| bytes.len());
        let listens = to == Site::Spot(Spot::DNS) && port == Port::DNS;
        let cut = first.transport == Transport::Tcp && self.reply(first).is_some_and(|reply| reply.truncated);
        let spoils = cut.then_some(cut_by_tcp as fn() -> Miss);
        let spoken = Spoken { question, answer: self.said(first).map(|said| said.len()).filter(|_| listens), listens, spoils };
        match first.transport {
            Transport::Udp => exchange.messages(leaving, spoken, books),
            Transport::Tcp => exchange.conversations(leaving, spoken, books),
        }
    }

    /// Whom queries reach that are sent to that server.
    fn passed(&self, server: IpAddr, transport: Transport) -> Passed {
        let transport = match transport {
            Transport::Udp => service::Transport::Udp,
            Transport::Tcp => service::Transport::Tcp,
        };
        let asked = Asked { from: self.from, address: server, port: self.port, transport, reused: false, pick: self.from.node.into() };
        self.scene.table().pass(&self.scene.world, &asked)
    }

    fn said(&self, sent: &Sent) -> Option<Vec<u8>> {
        dns::answer(&self.scene.world, &sent.question.query(0).ok()?, sent.transport)
    }

    pub(super) fn reply(&self, sent: &Sent) -> Option<Reply> {
        sent.question.read(0, &self.said(sent)?)
    }
}

/// How long a query without an answer is waited for.
fn course_timeout(probe: &DnsProbe, course: &Course) -> Micros {
    Micros(course.at.0.saturating_add(probe.burst.timeout.0))
}

impl Course {
    /// A query was answered at that moment, or it was not, which is known at the end of its time.
    fn go_on(&mut self, reply: Option<(Micros, Reply)>, given_up: Micros) {
        if let Some((at, reply)) = reply {
            self.lookup.replied(reply);
            self.at = at;
        } else {
            self.lookup.unanswered();
            self.at = given_up;
        }
    }
}

pub(super) fn internal(detail: String) -> Obstacle {
    Obstacle { kind: ObstacleKind::Internal, detail }
}
