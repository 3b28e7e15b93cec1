//! What becomes of every packet of a share in a world, told after the time that real packets would take. It must not know
//! what a question meets on its way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep_until};

use crate::model::outcome::{Obstacle, ObstacleKind, Outcome};
use crate::model::probe::Probe;
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::model::world::{AgentFault, Spot};
use crate::wire::{Peer, Share};

use super::exchange::Exchange;
use super::scene::{Scene, Silence};

/// The prober of one agent.
#[derive(Debug)]
pub(super) struct Asker {
    scene: Arc<Scene>,
    spot: Option<Spot>,
    fault: Option<AgentFault>,
    /// Outcomes that it told.
    told: AtomicU32,
}

impl Asker {
    pub(super) fn new(scene: Arc<Scene>, vantage: &Vantage) -> Self {
        let (spot, fault) = (scene.world.spot(vantage), scene.world.agents.get(vantage).cloned());
        let asker = Self { scene, spot, fault, told: AtomicU32::new(0) };
        asker.fall_silent(0);
        asker
    }

    /// Tells the outcome of every target, once it is known; what is not known at the share's deadline is told as an obstacle.
    pub(super) async fn carry_out(&self, share: Share, outcomes: mpsc::Sender<(u32, Outcome)>) {
        let (burst, began) = (share.probe.burst(), self.scene.age());
        let sending = Duration::from_micros(burst.interval.0.saturating_mul(u64::from(burst.count.get())));
        let deadline = Instant::now() + share.deadline.duration();
        let answered = Instant::now() + sending;
        sleep_until(answered.min(deadline)).await;
        for peer in &share.targets {
            let outcome = self.outcome(&share.probe, peer, began);
            let lossy = matches!(&outcome, Outcome::Measured(tally) if tally.lost() > 0);
            let known = if lossy { answered + burst.timeout.duration() } else { answered };
            sleep_until(known.min(deadline)).await;
            let outcome = if known > deadline { too_late() } else { outcome };
            if outcomes.send((peer.pair, outcome)).await.is_err() {
                return;
            }
            self.fall_silent(self.told.fetch_add(1, Ordering::Relaxed).saturating_add(1));
        }
    }

    /// After so many outcomes its fault may make it answer no more. What it says is the line's affair.
    fn fall_silent(&self, told: u32) {
        let why = match self.fault {
            Some(AgentFault::FreezesAfter(count)) if told == count => Silence::Froze,
            Some(AgentFault::DiesAfter(count)) if told == count.max(1) => Silence::Died,
            _ => return,
        };
        if let Some(spot) = self.spot {
            self.scene.silence(spot, why);
        }
    }

    fn outcome(&self, probe: &Probe, peer: &Peer, began: Micros) -> Outcome {
        if self.fault == Some(AgentFault::NoIcmp) && matches!(probe, Probe::Icmp(_)) {
            let detail = "opening an ICMP socket: Permission denied (os error 13)".to_owned();
            return Outcome::NotMeasured(Obstacle { kind: ObstacleKind::NoIcmp, detail });
        }
        let Some((from, to)) = self.spot.zip(Spot::of(peer.address)) else {
            let detail = format!("{} is no address of this world", peer.address);
            return Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Internal, detail });
        };
        let port = match probe {
            Probe::Icmp(_) | Probe::Udp(_) => peer.udp,
            Probe::Tcp(_) => peer.tcp,
        };
        let exchange = Exchange { scene: &self.scene, from, to, name: &peer.name, port, at: began };
        Outcome::Measured(exchange.tally(probe))
    }
}
fn too_late() -> Outcome {
    let detail = "the share's deadline passed before it was measured".to_owned();
    Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Deadline, detail })
}
