//! A whole share: all its targets at once, within its pace and its deadline, one outcome for each whatever happens.
//! It must not know how one target is asked.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use crate::model::address::Host;
use crate::model::burst::Burst;
use crate::model::dns::DnsProbe;
use crate::model::family::Family;
use crate::model::outcome::{Obstacle, ObstacleKind, Outcome, Tally};
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::{Echoes, Probe};
use crate::model::units::Port;
use crate::wire::{self, Peer, Resolver, Share};

use super::datagram;
use super::dns::{self, Asking, Patience, Sought};
use super::errand::{Makings, Nonces};
use super::form::Datagram;
use super::gateway;
use super::http;
use super::icmp::Shape;
use super::kit::{Keeper, Kit};
use super::pace::{Pacer, mix};
use super::packet::{NAME_LIMIT, RunTag};
use super::stall::{Stalls, Watched, weigh};
use super::{pmtu, tcp};

/// What a prober needs to know of the agent that it works for.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The run, whose packets are told from all others.
    pub run: String,
    /// The agent's own addresses: each question leaves from the one of its family.
    pub addresses: Vec<IpAddr>,
    /// Its token and the certificates of the cluster, if its pod has them.
    pub credentials: Keeper,
    /// Whom applications in the agent's place ask for names.
    pub resolver: Resolver,
    /// At which port the name servers of its resolv.conf are asked: [`Port::DNS`], but in tests.
    pub dns: Port,
}

/// Carries out a share: tells one outcome a target, each as soon as it is known, and ends when all are told.
/// Dropping it ends the asking at once. What is not finished at the share's deadline is told as an obstacle.
pub async fn carry_out(asker: &Asker, share: &Share, outcomes: mpsc::Sender<(u32, Outcome)>) {
    let deadline = Instant::now() + share.deadline.duration();
    if let Err(obstacle) = bounded(share, share.probe.burst()) {
        for peer in &share.targets {
            let _ = outcomes.send((peer.pair, Outcome::NotMeasured(obstacle.clone()))).await;
        }
        return;
    }
    let stalls = Watched::new(Stalls::new(std::time::Instant::now(), share.probe.burst().timeout.duration()));
    let _watch = AbortOnDropHandle::new(tokio::spawn(stalls.clone().watch()));
    let task = Task {
        probe: share.probe.clone(),
        resolver: asker.resolver.clone(),
        dns: asker.dns,
        makings: Makings {
            run: RunTag::of(&asker.run),
            share: share.share,
            ports: share.probe.ports(),
            addresses: asker.addresses.clone(),
            pacer: Arc::new(Pacer::new(share.pace).until(deadline)),
            nonces: Nonces::default(),
            seed: share.pace.seed,
        },
        kit: Kit { secrets: share.secrets.clone(), keeper: asker.credentials.clone() },
        stalls,
    };
    let task = Arc::new(task);
    // In an order of the seed's choice, so that not all agents begin with the same target.
    let mut peers = share.targets.clone();
    peers.sort_by_key(|peer| mix(share.pace.seed ^ u64::from(peer.pair)));
    let work = peers.into_iter().map(|peer| (peer.pair, Arc::clone(&task).ask(peer)));
    gather(work, deadline, outcomes).await;
}

/// What asking the targets of a share takes.
struct Task {
    probe: Probe,
    resolver: Resolver,
    dns: Port,
    makings: Makings,
    kit: Kit,
    stalls: Watched,
}

impl Task {
    async fn ask(self: Arc<Self>, peer: Peer) -> Outcome {
        let began = std::time::Instant::now();
        let outcome = match &peer.host {
            Host::Address(address) => self.ask_at(*address, peer.clone()).await.map(Outcome::Measured),
            Host::Name(name) => self.ask_named(name, &peer).await,
        };
        let outcome = self.makings.stood(self.probe.burst().family, outcome);
        outcome.map_or_else(Outcome::NotMeasured, |outcome| weigh(outcome, self.stalls.longest_since(began), self.probe.unit()))
    }

    /// A name is looked up once, before all questions.
    async fn ask_named(&self, name: &str, peer: &Peer) -> Result<Outcome, Obstacle> {
        let family = self.probe.burst().family;
        let sought = Sought { name, family, resolver: &self.resolver, port: self.dns, patience: Patience::USUAL };
        match dns::seek(&self.makings, peer.pair, &sought).await? {
            Err(unresolved) => Ok(Outcome::Unresolved(unresolved)),
            Ok((resolved, took)) => {
                let tally = self.ask_at(resolved.address, peer.clone()).await?;
                Ok(Outcome::Measured(tally.after_lookup(&self.probe, resolved, took)))
            }
        }
    }

    async fn ask_at(&self, address: IpAddr, peer: Peer) -> Result<Tally, Obstacle> {
        let burst = self.probe.burst();
        if Family::of(address) != burst.family {
            return Err(internal(format!("{address} is no {} address", burst.family.words())));
        }
        let to = gateway::destination(address, peer.port(&self.probe).map_or(0, Port::get));
        let errand = self.makings.errand(burst.clone(), peer, to)?;
        match &self.probe {
            Probe::Icmp(echoes) => datagram::ask(Datagram::Icmp(Shape::of(echoes)), errand).await,
            Probe::Udp(_) => datagram::ask(Datagram::Udp, errand).await,
            Probe::Tcp(_) => tcp::ask(errand).await,
            Probe::Http(http) => http::ask(http, errand, &self.kit).await,
            Probe::Tls(tls) => http::ask_tls(tls, errand, &self.kit).await,
            Probe::Dns(probe) => dns::ask(errand, Asking { probe: probe.clone(), resolver: self.resolver.clone() }).await,
            Probe::Pmtu(probe) => pmtu::ask(probe, errand).await,
        }
    }
}

/// A share comes from outside: its sizes are checked before they are trusted.
fn bounded(share: &Share, burst: &Burst) -> Result<(), Obstacle> {
    if share.targets.len() > wire::TARGETS_LIMIT {
        return Err(internal(format!("a share of {} targets, more than {}", share.targets.len(), wire::TARGETS_LIMIT)));
    }
    if burst.count.get() > Burst::MOST {
        return Err(internal(format!("a burst of {} questions, more than {}", burst.count, Burst::MOST)));
    }
    if let Probe::Icmp(echoes) = &share.probe
        && !(Echoes::LEAST..=Echoes::MOST).contains(&echoes.size)
    {
        return Err(internal(format!("an echo of {} bytes, not {} to {}", echoes.size, Echoes::LEAST, Echoes::MOST)));
    }
    if burst.timeout.0 == 0 {
        return Err(internal("a burst with a timeout of 0".to_owned()));
    }
    if let Some(name) = share.targets.iter().filter_map(Peer::name).find(|name| name.len() > NAME_LIMIT) {
        return Err(internal(format!("a target whose name has {} bytes, more than {NAME_LIMIT}", name.len())));
    }
    if let Probe::Dns(dns) = &share.probe
        && dns.name.len() > DnsProbe::NAME_LIMIT
    {
        return Err(internal(format!("a name of {} characters, more than {}", dns.name.len(), DnsProbe::NAME_LIMIT)));
    }
    if let (Probe::Pmtu(PmtuProbe { over: Carrier::Udp, .. }), Some(peer)) =
        (&share.probe, share.targets.iter().find(|peer| peer.name().is_none()))
    {
        return Err(internal(format!("{} is no agent, and only agents answer this probe by UDP", peer.host)));
    }
    let portless = |peer: &&Peer| peer.port(&share.probe).is_none();
    if let Some(peer) = share.targets.iter().find(portless).filter(|_| !share.probe.is_icmp()) {
        return Err(internal(format!("{} without a port to ask by {}", peer.host, share.probe.kind())));
    }
    Ok(())
}

fn internal(detail: String) -> Obstacle {
    Obstacle { kind: ObstacleKind::Internal, detail }
}

/// Runs all the work at once and tells what comes of it: of work that panics, and of work that is not done in time, too.
async fn gather<W>(work: impl Iterator<Item = (u32, W)>, deadline: Instant, outcomes: mpsc::Sender<(u32, Outcome)>)
where
    W: Future<Output = Outcome> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    let mut open: HashMap<Id, u32> = work.map(|(pair, work)| (tasks.spawn(work).id(), pair)).collect();
    while let Ok(Some(ended)) = timeout_at(deadline, tasks.join_next_with_id()).await {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, outcome),
            Err(error) => (error.id(), Outcome::NotMeasured(internal(last_words(error)))),
        };
        let Some(pair) = open.remove(&id) else { continue };
        if outcomes.send((pair, outcome)).await.is_err() {
            return;
        }
    }
    tasks.abort_all();
    let obstacle = Obstacle { kind: ObstacleKind::Deadline, detail: "the share's deadline passed before it was measured".to_owned() };
    for pair in open.into_values() {
        let _ = outcomes.send((pair, Outcome::NotMeasured(obstacle.clone()))).await;
    }
}

/// What a panic said.
fn last_words(error: JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else {
        return "probing was cancelled".to_owned();
    };
    let words = payload.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| payload.downcast_ref::<String>().cloned());
    format!("probing broke down (a bug in netcheck): {}", words.unwrap_or_else(|| "without a word".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn check(work: Vec<(u32, futures::future::BoxFuture<'static, Outcome>)>, expected: &[(u32, ObstacleKind, &str)]) {
        let (sender, mut receiver) = mpsc::channel(16);
        gather(work.into_iter(), Instant::now() + Duration::from_secs(1), sender).await;
        let mut found = Vec::new();
        while let Some((pair, Outcome::NotMeasured(obstacle))) = receiver.recv().await {
            found.push((pair, obstacle.kind, obstacle.detail));
        }
        found.sort_by_key(|(pair, ..)| *pair);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((pair, kind, detail), (wanted, wanted_kind, words)) in found.iter().zip(expected) {
            assert_eq!((pair, kind), (wanted, wanted_kind));
            assert!(detail.contains(words), "{detail}");
        }
    }

    fn done(detail: &str) -> futures::future::BoxFuture<'static, Outcome> {
        let outcome = Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Socket, detail: detail.to_owned() });
        Box::pin(async { outcome })
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_and_a_stall_leave_the_others_alone() {
        let work: Vec<(u32, futures::future::BoxFuture<'static, Outcome>)> = vec![
            (1, done("first")),
            (2, Box::pin(async { panic!("broken {}", "thing") })),
            (3, Box::pin(std::future::pending())),
            (4, done("last")),
        ];
        let expected = [
            (1, ObstacleKind::Socket, "first"),
            (2, ObstacleKind::Internal, "broken thing"),
            (3, ObstacleKind::Deadline, "deadline"),
            (4, ObstacleKind::Socket, "last"),
        ];
        check(work, &expected).await;
    }
}
