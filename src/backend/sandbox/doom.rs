//! What befalls an agent's process when it has told so many outcomes: the lines are counted on their way to the controller.
//! It must not know what an outcome says.

use std::sync::{Mutex, PoisonError};

use futures::StreamExt;
use tokio::io::{AsyncRead, AsyncWriteExt, DuplexStream};
use tokio_util::codec::{FramedRead, LinesCodec};

use super::process::{Order, Orders};
use crate::model::world::AgentFault;
use crate::wire::{self, FromAgent};

/// What an agent is in for.
#[derive(Debug)]
pub(super) struct Doom {
    after: u32,
    order: Order,
    orders: Orders,
    told: Mutex<Told>,
}

/// What has passed, over all connections: after a new beginning, records are told again.
#[derive(Debug, Default)]
struct Told {
    outcomes: u32,
    sequence: u64,
}

impl Doom {
    /// Of an agent with that fault; none if nothing befalls its process.
    pub(super) fn of(fault: &AgentFault, orders: Orders) -> Option<Self> {
        let (after, order) = match fault {
            AgentFault::DiesAfter(after) => (*after, Order::Kill),
            AgentFault::FreezesAfter(after) => (*after, Order::Freeze),
            AgentFault::NeverStarts(_)
            | AgentFault::NeverReady
            | AgentFault::Speaks(_)
            | AgentFault::OtherRun
            | AgentFault::GarblesAfter(_)
            | AgentFault::DoublesAfter(_)
            | AgentFault::DropsAfter(_)
            | AgentFault::NoIcmp
            | AgentFault::NoGateway
            | AgentFault::MuteGateway
            | AgentFault::NoAddress(_)
            | AgentFault::Line(_) => return None,
        };
        Some(Self { after, order, orders, told: Mutex::default() })
    }

    /// Passes lines on until it strikes; then nothing more comes, and the connection stays as long as the process.
    pub(super) async fn pass<R: AsyncRead + Unpin>(&self, from: R, mut to: DuplexStream) {
        let mut lines = FramedRead::new(from, LinesCodec::new_with_max_length(wire::LINE_LIMIT));
        while let Some(Ok(line)) = lines.next().await {
            let strikes = self.strikes(&line);
            if strikes != Strikes::Before && to.write_all(format!("{line}\n").as_bytes()).await.is_err() {
                return;
            }
            if strikes != Strikes::NotYet {
                self.orders.give(self.order);
                return std::future::pending().await;
            }
        }
    }

    fn strikes(&self, line: &str) -> Strikes {
        let Ok(FromAgent::Outcome(record)) = wire::decode(line) else { return Strikes::NotYet };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if record.sequence <= told.sequence {
            return Strikes::NotYet;
        }
        if told.outcomes >= self.after {
            return Strikes::Before;
        }
        *told = Told { outcomes: told.outcomes + 1, sequence: record.sequence };
        if told.outcomes == self.after { Strikes::Behind } else { Strikes::NotYet }
    }
}

/// Where doom strikes, as seen from a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strikes {
    NotYet,
    Before,
    Behind,
}
