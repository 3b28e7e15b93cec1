//! What agents say, believed or not: hellos, records in their sequence, signs of life. It must not know what a record is evidence of.

use crate::model::event::Event;
use crate::model::vantage::Vantage;
use crate::wire::{AgentHello, EndRecord, FromAgent, OutcomeRecord};

use super::agents::{Greeted, Loss};
use super::dispatcher::Dispatcher;

/// Records are acknowledged after so many, and at the end of every share.
const ACKNOWLEDGE_EVERY: u64 = 32;

impl Dispatcher<'_> {
    pub(super) fn message(&mut self, vantage: &Vantage, message: FromAgent) {
        match message {
            FromAgent::Hello(hello) => self.hello(vantage, hello),
            FromAgent::Outcome(record) => {
                if self.is_due(vantage, Some(record.sequence)) {
                    let booked = self.outcome(vantage, record);
                    self.believe(vantage, booked);
                }
            }
            FromAgent::End(record) => {
                if self.is_due(vantage, Some(record.sequence)) {
                    let booked = self.end(vantage, &record);
                    self.believe(vantage, booked);
                }
            }
            FromAgent::Beat(beat) => {
                if self.is_due(vantage, None)
                    && let Some(live) = self.roster.live_mut(vantage)
                {
                    live.beat(&beat);
                }
            }
        }
    }

    fn hello(&mut self, vantage: &Vantage, hello: AgentHello) {
        match self.roster.greet(vantage, hello) {
            Ok(Greeted::First) => {
                self.phases.attached();
                let (ready, expected) = (self.roster.all_live().count(), self.roster.len());
                self.narrator.tell(Event::VantageReady { vantage: vantage.clone(), ready, expected });
                self.resumed(vantage, None);
            }
            Ok(Greeted::Again(mended)) => self.resumed(vantage, mended),
            Ok(Greeted::Ignored) => {}
            Err(why) if self.roster.live(vantage).is_some() => self.lose(vantage, Loss::Incredible(why)),
            Err(why) => {
                let help = vec!["give the image that belongs to this netcheck (--image); `netcheck image export` writes it".to_owned()];
                self.give_up(vantage, why, help);
            }
        }
    }

    /// Whether what was said over the present connection is to be booked: not what came over one that was given up, not what
    /// was sent again, nor what should not come yet. A number stands for a record.
    fn is_due(&mut self, vantage: &Vantage, sequence: Option<u64>) -> bool {
        if self.roster.link_mut(vantage).is_some_and(|link| link.greets()) {
            self.doubt(vantage, "it spoke before its hello");
            return false;
        }
        let Some(live) = self.roster.live_mut(vantage).filter(|live| live.link.is_open()) else { return false };
        live.link.heard();
        match sequence.map_or(Ok(true), |sequence| live.in_sequence(sequence)) {
            Ok(due) => due,
            Err(why) => {
                self.doubt(vantage, &why);
                false
            }
        }
    }

    fn believe(&mut self, vantage: &Vantage, booked: Result<(), String>) {
        if let Err(why) = booked {
            self.lose(vantage, Loss::Incredible(why));
        }
    }

    fn outcome(&mut self, vantage: &Vantage, record: OutcomeRecord) -> Result<(), String> {
        let case = self.ledger.outcome(vantage, record)?;
        self.narrator.tell(Event::PairFinished { case, finished: self.ledger.finished, planned: self.planned });
        self.acknowledge(vantage, ACKNOWLEDGE_EVERY);
        Ok(())
    }

    fn end(&mut self, vantage: &Vantage, record: &EndRecord) -> Result<(), String> {
        self.ledger.end(vantage, record)?;
        self.phases.probed();
        self.acknowledge(vantage, 1);
        Ok(())
    }

    fn acknowledge(&mut self, vantage: &Vantage, every: u64) {
        if let Some(live) = self.roster.live_mut(vantage) {
            live.acknowledge(every);
        }
    }
}
