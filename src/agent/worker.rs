//! Does the shares, one after the other, and puts what comes of them into the outbox. Whatever the prober does, each pair
//! gets exactly one outcome and each share that is not cancelled its end. It must not know who listens.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use crate::model::outcome::{Obstacle, ObstacleKind, Outcome};
use crate::model::units::Micros;
use crate::wire::{EndRecord, FromAgent, OutcomeRecord, Share};

use super::core::Core;

/// How long after its deadline a share is given up although its prober has not told everything.
const GRACE: Duration = Duration::from_secs(5);

/// Outcomes on their way from the prober.
const QUEUE: usize = 64;

/// Works for ever.
pub(super) async fn work(core: Arc<Core>) {
    loop {
        let (share, cancelled) = core.next_duty().await;
        let (number, began) = (share.share, Instant::now());
        let outcomes = cancelled.run_until_cancelled(carry_out(&core, share)).await;
        let took = Micros::of(began.elapsed());
        core.change(|state| {
            if let (true, Some(outcomes)) = (state.duties.finish(), outcomes) {
                state.outbox.push(|sequence| FromAgent::End(EndRecord { sequence, share: number, outcomes, took }));
            }
        });
    }
}

/// Does a share, and returns how many outcomes it told.
async fn carry_out(core: &Core, share: Share) -> u32 {
    let (number, attempt) = (share.share, share.attempt);
    let mut told = 0;
    let mut tell = |pair, outcome| {
        told += 1;
        core.change(|state| {
            state.outbox.push(|sequence| FromAgent::Outcome(OutcomeRecord { sequence, share: number, pair, attempt, outcome }));
        });
    };
    let mut open: BTreeSet<u32> = share.targets.iter().map(|peer| peer.pair).collect();
    let rest = probe(core, share, |pair, outcome| {
        if open.remove(&pair) {
            tell(pair, outcome);
        }
    })
    .await;
    for pair in open {
        tell(pair, Outcome::NotMeasured(rest.clone()));
    }
    told
}

/// Lets the prober work, and returns what is to be said of the pairs that it did not mention.
async fn probe(core: &Core, share: Share, mut outcome: impl FnMut(u32, Outcome)) -> Obstacle {
    let deadline = Instant::now() + share.deadline.duration() + GRACE;
    let (sender, mut outcomes) = mpsc::channel(QUEUE);
    let prober = AbortOnDropHandle::new(tokio::spawn((core.prober)(share, sender)));
    loop {
        match timeout_at(deadline, outcomes.recv()).await {
            Ok(Some((pair, seen))) => outcome(pair, seen),
            Ok(None) => return Obstacle { kind: ObstacleKind::Internal, detail: last_words(prober.detach()).await },
            Err(_elapsed) => {
                let detail = "the share's deadline passed, and the prober did not end".to_owned();
                return Obstacle { kind: ObstacleKind::Deadline, detail };
            }
        }
    }
}

async fn last_words(prober: JoinHandle<()>) -> String {
    match timeout(GRACE, prober).await {
        Ok(Err(error)) => format!("the prober broke down (a bug in netcheck): {error}"),
        Ok(Ok(())) | Err(_) => "the prober ended without an outcome for it (a bug in netcheck)".to_owned(),
    }
}
