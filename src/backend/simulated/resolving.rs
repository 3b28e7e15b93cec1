//! The name of a host, looked up in a world as the agent looks it up: query after query, each through the rules of its direction.
//! It must not know what is asked at the address.

use std::num::NonZeroU32;

use crate::model::burst::Burst;
use crate::model::family::Family;
use crate::model::outcome::Obstacle;
use crate::model::resolv_conf::ResolvConf;
use crate::model::units::Micros;
use crate::model::unresolved::{Resolved, Unresolved};
use crate::probe::dns::{Question, Quiet, Reply, Resolution, record};

use super::books::Books;
use super::names::{Names, Sent, internal};

impl Names<'_> {
    /// What the name leads to, and how long it takes to find that out.
    pub(super) fn resolve(&self, name: &str, family: Family) -> Result<(Result<Resolved, Unresolved>, Micros), Obstacle> {
        let conf = ResolvConf::parse(&self.scene.world.resolv_conf());
        let mut resolution = Resolution::of(name, &conf, conf.nameservers.clone());
        let (mut at, timeout) = (self.at, Micros::of(conf.patience()));
        while let Some((name, server, transport)) = resolution.next() {
            if at.0.saturating_sub(self.at.0) >= Micros::of(Unresolved::AFTER).0 {
                return Ok((Err(resolution.given_up()), Micros(at.0 - self.at.0)));
            }
            let question = Question::new(name, record(family)).map_err(internal)?;
            let sent = Sent { course: 0, server: server.address, transport, name: name.to_owned(), question };
            resolution.asked();
            let reply = self.query(&sent, (at, timeout));
            match &reply {
                Ok((then, _)) => at = *then,
                Err(Quiet::Silent) => at = Micros(at.0.saturating_add(timeout.0)),
                Err(Quiet::Refused | Quiet::NoWay) => {}
            }
            resolution.heard(sent.server, reply.map(|(_, reply)| reply));
        }
        Ok((resolution.end(None), Micros(at.0.saturating_sub(self.at.0))))
    }

    /// One query that leaves then, and its reply, if one comes in time.
    fn query(&self, sent: &Sent, (at, timeout): (Micros, Micros)) -> Result<(Micros, Reply), Quiet> {
        let burst = Burst { family: Family::of(sent.server), count: NonZeroU32::MIN, interval: timeout, timeout };
        let mut books = Books::empty(&burst, at);
        // The warm-up of books is one that this query does not have.
        books.ask(at);
        let number = books.ask(at);
        self.ask(sent.server, &[(number, sent)], &mut books);
        match (books.reply(number), self.reply(sent)) {
            (Some(then), Some(reply)) => Ok((then, reply)),
            (Some(_), None) => Err(Quiet::Silent),
            (None, _) => Err(Quiet::of(books.close().missed.first().map(|missed| &missed.how))),
        }
    }
}
