//! Who is connected, and what is said once a connection is there: what the agent may not have got of the one before it.
//! It must not know what a record is evidence of, nor what carries a connection.

use std::time::Duration;

use crate::backend::{Heard, Session};
use crate::model::event::Event;
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::wire::{Share, ToAgent};

use super::agents::Loss;
use super::dispatcher::Dispatcher;
use super::link::{Link, Mended};
use super::turns::PLACES;

/// An agent that has shares is visited so long after its last turn: as often as it would beat.
const COLLECT_EVERY: Duration = Duration::from_secs(5);

/// Any agent is: it has to hear something within 5 minutes.
const VISIT_EVERY: Duration = Duration::from_secs(60);

impl Dispatcher<'_> {
    /// There is a way to an agent.
    pub(super) fn expect(&mut self, session: Session) {
        let Session { vantage, line, mut heard, tasks } = session;
        self.roster.expect(&vantage, line);
        self.turns.want(&vantage);
        let sender = self.heard.clone();
        let forward = tokio::spawn(async move {
            while let Some(heard) = heard.recv().await {
                if sender.send((vantage.clone(), heard)).await.is_err() {
                    return;
                }
            }
        });
        self.connections.push(tokio_util::task::AbortOnDropHandle::new(forward));
        self.connections.extend(tasks);
    }

    pub(super) fn heard(&mut self, vantage: &Vantage, heard: Heard) {
        match heard {
            Heard::Message(message) => self.message(vantage, message),
            Heard::Garbled(garbled) => self.doubt(vantage, &garbled.to_string()),
            // Whoever does not want it any more lets it go by not taking it.
            Heard::Connected(orders) => self.on_link(vantage, |link| link.connected(orders)),
            Heard::Broken(why) => self.failed(vantage, |link| link.broke(why)),
            Heard::NoWay(why) => self.failed(vantage, |link| link.no_way(why)),
            Heard::NoAnswer(why) => self.failed(vantage, |link| link.no_answer(why)),
            Heard::Resting => self.turns.has_left(vantage),
            Heard::Ended(why) => self.lose(vantage, Loss::Lost(why)),
        }
    }

    fn on_link(&mut self, vantage: &Vantage, change: impl FnOnce(&mut Link)) {
        if let Some(link) = self.roster.link_mut(vantage) {
            change(link);
        }
    }

    /// There is no connection, though there should be. While others wait, it is their turn first.
    fn failed(&mut self, vantage: &Vantage, change: impl FnOnce(&mut Link)) {
        self.on_link(vantage, change);
        if self.turns.short() > 0 && self.turns.has(vantage) {
            self.end_turn(vantage);
            self.turns.want(vantage);
        }
    }

    /// What came over the connection makes no sense: perhaps it was changed on its way, and comes right over another.
    pub(super) fn doubt(&mut self, vantage: &Vantage, why: &str) {
        if let Some(link) = self.roster.link_mut(vantage).filter(|link| link.is_open() || link.greets())
            && let Err(why) = link.doubt(why)
        {
            self.lose(vantage, Loss::Incredible(why));
        }
    }

    /// It is connected again: says what the agent may not have got.
    pub(super) fn resumed(&mut self, vantage: &Vantage, mended: Option<Mended>) {
        let known = self.roster.live(vantage).and_then(|live| live.known);
        let unknown: Vec<u32> = self.ledger.owed(vantage).filter(|share| Some(*share) > known).collect();
        for share in unknown.into_iter().filter_map(|number| self.share_again(number)) {
            self.say(vantage, ToAgent::Assign(share));
        }
        self.hasten(vantage);
        if let Some(Mended { why, away }) = mended {
            self.narrator.tell(Event::VantageResumed { vantage: vantage.clone(), why, away: Micros::of(away) });
        }
    }

    /// Gives a share to an agent, now if it is connected, or as soon as it is.
    pub(super) fn say_share(&mut self, vantage: &Vantage, share: Share) {
        self.say(vantage, ToAgent::Assign(share));
        self.turns.want(vantage);
        self.hasten(vantage);
    }

    fn say(&self, vantage: &Vantage, message: ToAgent) {
        if let Some(live) = self.roster.live(vantage) {
            live.link.say(message);
        }
    }

    /// Where there are more agents than places, whoever has got everything should be able to say so at once.
    fn hasten(&self, vantage: &Vantage) {
        if self.plan.vantages.len() > PLACES {
            self.say(vantage, ToAgent::Ask { number: 0 });
        }
    }

    /// Time has passed: ends connections that do not work, gives up whoever is lost or never finishes, and lets those want a turn who should.
    pub(super) fn pass(&mut self, gap: Duration) {
        self.roster.speak();
        for (vantage, why) in self.roster.pass() {
            self.lose(&vantage, Loss::Lost(why));
        }
        let ledger = &self.ledger;
        for (vantage, why) in self.roster.work(gap, |vantage| ledger.first_owed(vantage)) {
            self.lose(&vantage, Loss::Incredible(why));
        }
        for (vantage, _) in self.roster.all_live() {
            let owes = self.ledger.owed(vantage).next().is_some();
            let every = if owes { COLLECT_EVERY } else { VISIT_EVERY };
            if self.turns.rested(vantage).is_some_and(|rested| rested >= every) {
                self.turns.want(vantage);
            }
        }
    }

    /// Lets agents come whose turn it is, after those have left who have nothing more to say, as far as others wait.
    pub(super) fn take_turns(&mut self) {
        let mut short = self.turns.short();
        if short > 0 {
            for (vantage, is_long) in self.turns.on() {
                let is_done = self.roster.live(&vantage).is_some_and(|live| live.is_done(self.ledger.last(&vantage)));
                if short > 0 && (is_done || is_long) {
                    self.end_turn(&vantage);
                    if !is_done {
                        self.turns.want(&vantage);
                    }
                    short -= 1;
                }
            }
        }
        while let Some(vantage) = self.turns.next() {
            self.on_link(&vantage, Link::call);
        }
    }

    fn end_turn(&mut self, vantage: &Vantage) {
        self.turns.leave(vantage);
        self.on_link(vantage, Link::rest);
    }
}
