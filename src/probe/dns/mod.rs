//! Names, asked of servers of DNS: a burst of questions, each of one query or of as many as an application's resolver sends. What is
//! counted are queries, each once: none is sent again without being seen. It must not know how shares are put together.

mod desk;
mod lookup;
mod message;
mod resolution;
mod seek;
mod server;
mod sights;
mod tcp;
mod udp;

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::model::dns::{DnsProbe, Manner, Transport};
use crate::model::family::Family;
use crate::model::outcome::{Layer, Miss, Obstacle, ObstacleKind, Tally};
use crate::model::resolv_conf::{NameServer, ResolvConf};
use crate::wire::Resolver;

use super::errand::Errand;
use super::pace::{Cost, Rhythm, Ticket};
use super::tally::WARM_UP_LIMIT;
use desk::Desk;

pub(crate) use lookup::{Found, Lookup};
pub(crate) use message::{Question, Reply};
pub(crate) use resolution::{Quiet, Resolution, record};
pub(in crate::probe) use seek::{Patience, Sought, seek};
pub(crate) use sights::sights;

/// Who is asked, and how.
pub(super) struct Asking {
    pub(super) probe: DnsProbe,
    /// Whom applications in the asker's place ask.
    pub(super) resolver: Resolver,
}

/// How long a query may take: the warm-up longer than those that count.
#[derive(Debug, Clone, Copy)]
struct Limit(Duration);

/// Asks one target, from the warm-up to the last answer.
pub(super) async fn ask(errand: Errand, asking: Asking) -> Result<Tally, Obstacle> {
    let (tally, found) = measure(errand, asking).await?;
    Ok(Tally { seen: sights(&found), ..tally })
}

async fn measure(errand: Errand, Asking { probe, resolver }: Asking) -> Result<(Tally, BTreeMap<Found, u32>), Obstacle> {
    let conf = match (probe.manner, resolver) {
        (_, Resolver::Conf(conf)) => conf,
        // Who asks one server needs none.
        (Manner::Raw, Resolver::Unreadable(_)) => ResolvConf::parse(""),
        (Manner::Resolver, Resolver::Unreadable(why)) => return Err(Obstacle { kind: ObstacleKind::NoResolver, detail: why }),
    };
    let (desk, asked) = (Desk::open(errand), Asked { probe, conf });
    let servers = servers(&desk.errand, &asked);
    warm_up(&desk, &asked, &servers).await?;
    count(&desk, &asked, &servers).await?;
    desk.close().await
}

/// What is asked, and what resolv.conf says.
struct Asked {
    probe: DnsProbe,
    conf: ResolvConf,
}

/// A resolver asks the servers of its resolv.conf; everybody else, the target.
fn servers(errand: &Errand, asking: &Asked) -> Vec<NameServer> {
    match asking.probe.manner {
        Manner::Raw => vec![target(errand, &asking.conf)],
        Manner::Resolver => asking.conf.of(errand.burst.family).cloned().collect(),
    }
}

/// A target that resolv.conf names is behind the interface that it says.
fn target(errand: &Errand, conf: &ResolvConf) -> NameServer {
    let named = conf.nameservers.iter().find(|server| server.address == errand.to.ip());
    named.cloned().unwrap_or_else(|| errand.to.ip().into())
}

fn lookup(asking: &Asked, servers: &[NameServer]) -> Lookup {
    let Asked { probe, conf } = asking;
    match (probe.manner, servers) {
        (Manner::Raw, [server]) => Lookup::raw(&probe.name, server.clone(), probe.transport),
        (Manner::Raw | Manner::Resolver, servers) => Lookup::of(&probe.name, conf, servers.to_vec(), probe.transport),
    }
}

/// One query, whatever the lookups take.
async fn warm_up(desk: &Desk, asking: &Asked, servers: &[NameServer]) -> Result<(), Obstacle> {
    let lookup = lookup(asking, servers);
    let Some((name, server, transport)) = lookup.next() else { return Err(nothing_to_ask(desk, asking)) };
    let question = question(name, &asking.probe)?;
    let ticket = desk.errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    exchange(desk, (&question, server), (transport, Limit(WARM_UP_LIMIT)), ticket).await?;
    desk.end_warm_up();
    Ok(())
}

fn nothing_to_ask(desk: &Desk, asking: &Asked) -> Obstacle {
    let nobody =
        || Obstacle { kind: ObstacleKind::NoResolver, detail: format!("no {} name server to ask", desk.errand.burst.family.words()) };
    question(&asking.probe.name, &asking.probe).err().unwrap_or_else(nobody)
}

async fn count(desk: &Desk, asking: &Asked, servers: &[NameServer]) -> Result<(), Obstacle> {
    let burst = &desk.errand.burst;
    let mut rhythm = Rhythm::new(tokio::time::Instant::now(), burst.interval.duration(), desk.errand.chance());
    let mut admission = pin!(desk.errand.pacer.admit(rhythm.due(), Cost::Flow));
    let (mut lookups, mut begun) = (FuturesUnordered::new(), 0);
    while begun < burst.count.get() || !lookups.is_empty() {
        tokio::select! {
            ticket = &mut admission, if begun < burst.count.get() => {
                lookups.push(look_up(desk, asking, lookup(asking, servers), ticket));
                begun += 1;
                rhythm.sent(tokio::time::Instant::now());
                admission.set(desk.errand.pacer.admit(rhythm.due(), Cost::Flow));
            }
            Some(done) = lookups.next() => done?,
        }
    }
    Ok(())
}

/// All queries of a lookup, one after the other; those that follow the first wait for their own turn.
async fn look_up(desk: &Desk, asking: &Asked, mut lookup: Lookup, ticket: Ticket) -> Result<(), Obstacle> {
    let limit = Limit(desk.errand.burst.timeout.duration());
    let mut ticket = Some(ticket);
    while let Some((name, server, transport)) = lookup.next() {
        let (question, server) = (question(name, &asking.probe)?, server.clone());
        let ticket = match ticket.take() {
            Some(first) => first,
            None => desk.errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await,
        };
        lookup.asked();
        match exchange(desk, (&question, &server), (transport, limit), ticket).await? {
            Some(reply) => lookup.replied(reply),
            None => lookup.unanswered(),
        }
    }
    desk.found(lookup.found());
    Ok(())
}

fn question(name: &str, probe: &DnsProbe) -> Result<Question, Obstacle> {
    Question::new(name, probe.record).map_err(internal)
}

fn internal(detail: String) -> Obstacle {
    Obstacle { kind: ObstacleKind::Internal, detail }
}

/// One query whose turn it is, and what is said to it in time; what becomes of it is in the books.
async fn exchange(desk: &Desk, whom: (&Question, &NameServer), how: (Transport, Limit), ticket: Ticket) -> Result<Option<Reply>, Obstacle> {
    let reply = queried(desk, whom, how).await;
    drop(ticket);
    desk.sweep()?;
    // However much comes, others have their turn between two sweeps.
    tokio::task::yield_now().await;
    reply
}

async fn queried(
    desk: &Desk,
    (question, server): (&Question, &NameServer),
    (transport, limit): (Transport, Limit),
) -> Result<Option<Reply>, Obstacle> {
    if Family::of(server.address) != desk.errand.burst.family {
        return Err(internal(format!("{server} is no {} address", desk.errand.burst.family.words())));
    }
    let to = server::at(server, desk.errand.to.port())?;
    match transport {
        Transport::Udp => udp::exchange(desk, question, to, limit).await,
        Transport::Tcp => tcp::exchange(desk, question, to, limit).await,
    }
}

/// What an answer is that came by TCP and says that it is cut: nothing more can be asked for, and nobody knows what it leaves out.
pub(crate) fn cut_by_tcp() -> Miss {
    Miss::broken(Layer::Dns, "the answer is truncated though it came by TCP")
}

#[cfg(test)]
mod tests;
