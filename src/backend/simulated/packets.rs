//! What becomes of every packet of a share in a world, told after the time that real packets would take. It must not know
//! what a question meets on its way.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep_until};

use crate::model::address::Host;
use crate::model::burst::Burst;
use crate::model::outcome::{Obstacle, ObstacleKind, Outcome};
use crate::model::probe::Probe;
use crate::model::units::{Micros, Port};
use crate::model::vantage::Vantage;
use crate::model::world::{AgentFault, Site, Spot};
use crate::wire::{Peer, Share};

use super::exchange::{Exchange, nowhere};
use super::names::Names;
use super::scene::{Scene, Silence};
use super::services::Visit;

/// Of ICMP, which has none.
const NO_PORT: Port = Port(std::num::NonZeroU16::MAX);

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
        let (turns, began) = (Turns::of(&share), self.scene.age());
        let probe = turns.slowed(&share.probe);
        let burst = probe.burst();
        let deadline = Instant::now() + share.deadline.duration();
        let answered = Instant::now() + turns.sending(share.probe.burst());
        sleep_until(answered.min(deadline)).await;
        for (place, peer) in (0..).zip(&share.targets) {
            let (outcome, looked_up) = self.outcome(&probe, peer, turns.first(place, began));
            let lossy = matches!(&outcome, Outcome::Measured(tally) if tally.is_lossy());
            let known = looked_up.duration() + if lossy { burst.timeout.duration() } else { Duration::ZERO };
            let known = answered + known;
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

    /// What becomes of a target, and how long the lookup of its name takes.
    fn outcome(&self, probe: &Probe, peer: &Peer, began: Micros) -> (Outcome, Micros) {
        let name = match &peer.host {
            Host::Address(address) => return (self.outcome_at(*address, probe, peer, began), Micros(0)),
            Host::Name(name) => name,
        };
        let Some(from) = self.spot else { return (nowhere_in_its_world(), Micros(0)) };
        let family = probe.burst().family;
        let names = Names { scene: &self.scene, from, server: from.router(family), port: Port::DNS, at: began };
        match names.resolve(name, family) {
            Err(obstacle) => (Outcome::NotMeasured(obstacle), Micros(0)),
            Ok((Err(unresolved), took)) => (Outcome::Unresolved(unresolved), took),
            Ok((Ok(resolved), took)) => match self.outcome_at(resolved.address, probe, peer, Micros(began.0.saturating_add(took.0))) {
                Outcome::Measured(tally) => (Outcome::Measured(tally.after_lookup(probe, resolved, took)), took),
                other @ (Outcome::Unresolved(_) | Outcome::NotMeasured(_)) => (other, took),
            },
        }
    }

    fn outcome_at(&self, address: IpAddr, probe: &Probe, peer: &Peer, began: Micros) -> Outcome {
        if self.fault == Some(AgentFault::NoIcmp) && probe.is_icmp() {
            let detail = "opening an ICMP socket: Permission denied (os error 13)".to_owned();
            return Outcome::NotMeasured(Obstacle { kind: ObstacleKind::NoIcmp, detail });
        }
        let Some(from) = self.spot else { return nowhere_in_its_world() };
        if let Probe::Dns(dns) = probe {
            let (server, port) = (address, peer.port(probe).unwrap_or(Port::DNS));
            let names = Names { scene: &self.scene, from, server, port, at: began };
            return names.tally(dns).map_or_else(Outcome::NotMeasured, Outcome::Measured);
        }
        let visit = Visit { scene: &self.scene, from, peer, address, at: began };
        if let Some(outcome) = visit.search(probe) {
            return outcome;
        }
        if let Some(tally) = visit.tally(probe) {
            return Outcome::Measured(tally);
        }
        let router = (address == from.router(probe.burst().family)).then_some(Site::Router(from));
        let Some(to) = router.or_else(|| self.scene.world.site(address)) else {
            return Outcome::Measured(nowhere(probe, from, began));
        };
        let exchange = Exchange {
            scene: &self.scene,
            from,
            to,
            address,
            called: peer.looked_up(),
            name: peer.name(),
            port: peer.port(probe).unwrap_or(NO_PORT),
            through: None,
            at: began,
        };
        exchange.outcome(probe)
    }
}

/// How the targets of a share take turns where the suite limits its pace: first each has its warm-up, then each its questions, one
/// after the other. Without a limit they are all asked at once.
#[derive(Debug, Clone, Copy)]
struct Turns {
    apart: u64,
    targets: u64,
}

impl Turns {
    fn of(share: &Share) -> Self {
        Self { apart: share.pace.apart.0, targets: share.targets.len() as u64 }
    }

    /// From one turn of a target to its next.
    const fn round(self) -> u64 {
        self.apart.saturating_mul(self.targets)
    }

    /// When the target at that place is asked the first question that counts.
    const fn first(self, place: u64, began: Micros) -> Micros {
        Micros(began.0.saturating_add(self.round()).saturating_add(self.apart.saturating_mul(place)))
    }

    /// The same questions, no faster than the turns come.
    fn slowed(self, probe: &Probe) -> Probe {
        let slowed = |burst: &Burst| Burst { interval: Micros(burst.interval.0.max(self.round())), ..burst.clone() };
        probe.with(slowed(probe.burst()))
    }

    /// Until the last target has been asked the last question, and an interval more.
    fn sending(self, burst: &Burst) -> Duration {
        let last = self.first(self.targets.saturating_sub(1), Micros(0)).0;
        let others = burst.interval.0.max(self.round()).saturating_mul(u64::from(burst.count.get()) - 1);
        Duration::from_micros(last.saturating_add(others).saturating_add(burst.interval.0))
    }
}

fn nowhere_in_its_world() -> Outcome {
    let detail = "this agent is nowhere in its world".to_owned();
    Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Internal, detail })
}

fn too_late() -> Outcome {
    let detail = "the share's deadline passed before it was measured".to_owned();
    Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Deadline, detail })
}
