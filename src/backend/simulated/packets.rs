//! What becomes of every packet of a share in a world. The question goes from source to target and the answer back, and each
//! of both meets the faults of its direction.

use std::net::IpAddr;

use tokio::sync::mpsc;
use tokio::time::{Duration, sleep};

use crate::model::outcome::{Miss, Outcome, Samples, Tally, WarmUp, count_misses};
use crate::model::probe::{Burst, Probe};
use crate::model::units::{Micros, Ppm};
use crate::model::vantage::Vantage;
use crate::model::world::{Effect, End, Fault, Protocol, Way, World};
use crate::model::{outcome::Obstacle, outcome::ObstacleKind, world::AgentFault};
use crate::wire::{Peer, Share};

/// Tells the outcome of every target, after the time that real packets would take.
pub(super) async fn carry_out(world: &World, source: &Vantage, share: Share, outcomes: mpsc::Sender<(u32, Outcome)>) {
    let burst = share.probe.burst();
    let sending = Duration::from_micros(burst.interval.0.saturating_mul(u64::from(burst.count.get())));
    sleep(sending).await;
    let mut waited = false;
    for peer in &share.targets {
        let outcome = outcome(world, source, &share.probe, peer);
        let lossy = matches!(&outcome, Outcome::Measured(tally) if tally.lost() > 0);
        if lossy && !waited {
            sleep(burst.timeout.duration()).await;
            waited = true;
        }
        if outcomes.send((peer.pair, outcome)).await.is_err() {
            return;
        }
    }
}

fn outcome(world: &World, source: &Vantage, probe: &Probe, peer: &Peer) -> Outcome {
    let no_icmp = world.agents.get(source) == Some(&AgentFault::NoIcmp);
    if no_icmp && matches!(probe, Probe::Icmp(_)) {
        let detail = "opening an ICMP socket: Permission denied (os error 13)".to_owned();
        return Outcome::NotMeasured(Obstacle { kind: ObstacleKind::NoIcmp, detail });
    }
    let target = peer.name.parse().unwrap_or_else(|_| Vantage::pod(&peer.name));
    let way = |from: &Vantage, to: &Vantage| -> Vec<&Fault> { world.faults.iter().filter(|fault| fits(fault, from, to, probe)).collect() };
    let (there, back) = (way(source, &target), way(&target, source));
    // A refusal meets questions; nobody refuses an answer.
    let refused = there.iter().any(|fault| matches!(fault.effect, Effect::Refuse(_)));
    let faults: Vec<&Fault> = there.into_iter().chain(back).collect();
    Outcome::Measured(tally(world.latency, probe.burst(), &faults, refused.then_some(peer.address)))
}

fn fits(fault: &Fault, from: &Vantage, to: &Vantage, probe: &Probe) -> bool {
    let protocol = match probe {
        Probe::Icmp(_) => Protocol::Icmp,
        Probe::Udp(_) => Protocol::Udp,
        Probe::Tcp(_) => Protocol::Tcp,
    };
    let Way::Directed { from: wanted_from, to: wanted_to } = &fault.scope.way else { return false };
    let is = |end: &Option<End>, place: &Vantage| {
        end.as_ref().is_none_or(|end| match end {
            End::Node(node) => **node == *place.node(),
            End::Vantage(vantage) => vantage == place,
            End::Network(network) => *network == place.network(),
            End::Zone(_) => false,
        })
    };
    is(wanted_from, from)
        && is(wanted_to, to)
        && fault.scope.protocol.is_none_or(|wanted| wanted == protocol)
        && fault.scope.family.is_none_or(|family| family == probe.burst().family)
}

fn tally(latency: Micros, burst: &Burst, faults: &[&Fault], refused_by: Option<IpAddr>) -> Tally {
    let delay: u64 = faults.iter().map(|fault| if let Effect::Delay(delay) = fault.effect { delay.0 } else { 0 }).sum();
    let latency = Micros(latency.0.saturating_add(delay));
    let fate = |number: u32| -> Option<Miss> {
        if faults.iter().filter(|fault| fault.effect == Effect::Lose).any(|fault| is_lost(fault.scope.share, number)) {
            Some(Miss::TimedOut)
        } else if refused_by.is_some() {
            Some(Miss::Refused { by: refused_by })
        } else {
            (latency > burst.timeout).then_some(Miss::Late)
        }
    };
    let sent = burst.count.get();
    let missed = count_misses((1..=sent).filter_map(fate));
    let answered = sent - missed.iter().map(|missed| missed.count).sum::<u32>();
    let samples = if answered as usize > Samples::RAW_LIMIT {
        Samples::Buckets(vec![crate::model::outcome::Bucket { value: latency, count: answered }])
    } else {
        Samples::Raw(vec![latency; answered as usize])
    };
    let warm_up = if answered > 0 { WarmUp::Answered(latency) } else { WarmUp::Unanswered };
    Tally { sent, answered, missed, duplicates: 0, reordered: 0, foreign: 0, warm_up, samples }
}

/// Evenly spread: of the first n packets, ⌊n × share⌋ are lost.
fn is_lost(Ppm(share): Ppm, number: u32) -> bool {
    let lost = |packets: u64| packets * u64::from(share) / 1_000_000;
    lost(u64::from(number)) > lost(u64::from(number) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_spread_evenly() {
        for (percent, expected) in [(0, vec![]), (100, vec![1, 2, 3, 4]), (50, vec![2, 4]), (25, vec![4])] {
            let lost: Vec<u32> = (1..=4).filter(|number| is_lost(Ppm(percent * 10_000), *number)).collect();
            assert_eq!(lost, expected, "{percent} %");
        }
    }
}
