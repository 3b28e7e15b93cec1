//! What agents say, believed or not: hellos, records in their sequence, signs of life. It must not know what a record is evidence of.

use tokio::time::Instant;

use crate::model::event::Event;
use crate::model::vantage::Vantage;
use crate::wire::{Beat, EndRecord, FromAgent, OutcomeRecord, ToAgent};

use super::agents::{Live, Loss};
use super::dispatcher::Dispatcher;

/// Records are acknowledged after so many, and at the end of every share.
const ACKNOWLEDGE_EVERY: u64 = 32;

impl Dispatcher<'_> {
    pub(super) fn message(&mut self, vantage: &Vantage, message: FromAgent) {
        let believed = match message {
            FromAgent::Hello(hello) => match self.roster.greet(vantage, hello) {
                Ok(true) => return self.greeted(vantage),
                Ok(false) => return,
                Err(why) => {
                    let help = vec!["give the image that belongs to this netcheck (--image); `netcheck image export` writes it".to_owned()];
                    return self.give_up(vantage, why, help);
                }
            },
            FromAgent::Outcome(record) => self.outcome(vantage, record),
            FromAgent::End(record) => self.end(vantage, &record),
            FromAgent::Beat(Beat { answers, stalled, .. }) => self.sign_of_life(vantage).map(|live| live.beat(answers, stalled)),
        };
        if let Err(why) = believed {
            self.lose(vantage, Loss::Incredible(why));
        }
    }

    fn greeted(&mut self, vantage: &Vantage) {
        self.phases.attached();
        let (ready, expected) = (self.roster.all_live().count(), self.roster.len());
        self.narrator.tell(Event::VantageReady { vantage: vantage.clone(), ready, expected });
    }

    fn outcome(&mut self, vantage: &Vantage, record: OutcomeRecord) -> Result<(), String> {
        if !self.in_sequence(vantage, record.sequence)? {
            return Ok(());
        }
        let case = self.ledger.outcome(vantage, record)?;
        self.narrator.tell(Event::PairFinished { case, finished: self.ledger.finished, planned: self.planned });
        self.acknowledge(vantage, ACKNOWLEDGE_EVERY);
        Ok(())
    }

    fn end(&mut self, vantage: &Vantage, record: &EndRecord) -> Result<(), String> {
        if self.in_sequence(vantage, record.sequence)? {
            self.ledger.end(vantage, record)?;
            self.phases.probed();
            self.acknowledge(vantage, 1);
        }
        Ok(())
    }

    /// Notes that the agent lives; an error if it has not said hello.
    fn sign_of_life(&mut self, vantage: &Vantage) -> Result<&mut Live, String> {
        let live = self.roster.live_mut(vantage).ok_or("it spoke before its hello, or after it was given up")?;
        live.heard = Instant::now();
        Ok(live)
    }

    /// Whether the record is new. One that was sent again is no harm; one that is missing before it is.
    fn in_sequence(&mut self, vantage: &Vantage, sequence: u64) -> Result<bool, String> {
        let live = self.sign_of_life(vantage)?;
        let expected = live.received + 1;
        if sequence > expected {
            return Err(format!("record {sequence} came where {expected} was due: something was lost on the way"));
        }
        live.received = live.received.max(sequence);
        Ok(sequence == expected)
    }

    fn acknowledge(&mut self, vantage: &Vantage, every: u64) {
        if let Some(live) = self.roster.live_mut(vantage)
            && live.received - live.acknowledged >= every
        {
            live.acknowledged = live.received;
            // If it is gone, its session says so next.
            let _ = live.orders.send(ToAgent::Ack { sequence: live.received });
        }
    }
}
