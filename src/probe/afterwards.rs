//! Sockets of questions over ports of their own, kept when those are settled: what comes yet is late, or a copy. Nobody waits for it, since
//! the kernel keeps it until it is read. It must not know how a question is settled.

use std::collections::VecDeque;

use tokio::sync::OwnedSemaphorePermit;

use crate::model::outcome::Obstacle;

use super::errand::Errand;
use super::flow::Flow;
use super::tally::Ledger;

/// The sockets that a burst keeps, the oldest first.
#[derive(Default)]
pub(super) struct Afterwards(VecDeque<Kept>);

struct Kept {
    flow: Flow,
    _place: OwnedSemaphorePermit,
}

impl Afterwards {
    /// Keeps a socket; instead of its oldest one where too many are open, over which most of what may come has come.
    pub(super) fn keep(&mut self, mut flow: Flow, errand: &Errand, ledger: &mut Ledger) -> Result<(), Obstacle> {
        let place = match errand.pacer.keep() {
            Some(place) => place,
            None => match self.0.pop_front() {
                Some(Kept { flow: mut oldest, _place: place }) => {
                    oldest.hear_rest(errand, ledger)?;
                    place
                }
                None => return flow.hear_rest(errand, ledger),
            },
        };
        self.0.push_back(Kept { flow, _place: place });
        Ok(())
    }

    /// Reads and closes all.
    pub(super) async fn close(&mut self, errand: &Errand, ledger: &mut Ledger) -> Result<(), Obstacle> {
        for Kept { mut flow, .. } in self.0.drain(..) {
            flow.hear_rest(errand, ledger)?;
            // However many there are, others have their turn.
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}
