//! Names, asked of servers of DNS: a burst of questions, each of one query or of as many as an application's resolver sends. What is
//! counted are queries, each once: none is sent again without being seen. It must not know how shares are put together.

mod desk;
mod lookup;
mod message;
mod sights;
mod tcp;
mod udp;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::model::dns::{DnsProbe, Manner, Transport};
use crate::model::outcome::{Obstacle, ObstacleKind, Tally};
use crate::model::probe::Family;
use crate::model::resolv_conf::ResolvConf;
use crate::wire::Resolver;

use super::errand::Errand;
use super::pace::{Cost, Rhythm, Ticket};
use super::tally::WARM_UP_LIMIT;
use desk::Desk;

pub(crate) use desk::Found;
pub(crate) use lookup::Lookup;
pub(crate) use message::{Question, Reply};
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
    desk.close()
}

/// What is asked, and what resolv.conf says.
struct Asked {
    probe: DnsProbe,
    conf: ResolvConf,
}

/// A resolver asks the servers of its resolv.conf; everybody else, the target.
fn servers(errand: &Errand, asking: &Asked) -> Vec<IpAddr> {
    match asking.probe.manner {
        Manner::Raw => vec![errand.to.ip()],
        Manner::Resolver => asking.conf.of(errand.burst.family).collect(),
    }
}

fn lookup(asking: &Asked, servers: &[IpAddr]) -> Lookup {
    match (asking.probe.manner, servers) {
        (Manner::Raw, [server]) => Lookup::raw(&asking.probe.name, *server),
        (Manner::Raw | Manner::Resolver, servers) => Lookup::of(&asking.probe.name, &asking.conf, servers.to_vec()),
    }
}

/// One query, whatever the lookups take.
async fn warm_up(desk: &Desk, asking: &Asked, servers: &[IpAddr]) -> Result<(), Obstacle> {
    let lookup = lookup(asking, servers);
    let Some((name, server)) = lookup.next() else {
        return Err(Obstacle {
            kind: ObstacleKind::NoResolver,
            detail: format!("no {} name server to ask", desk.errand.burst.family.words()),
        });
    };
    let question = question(name, &asking.probe)?;
    let ticket = desk.errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    exchange(desk, (&question, server), (asking.probe.transport, Limit(WARM_UP_LIMIT)), ticket).await?;
    desk.end_warm_up();
    Ok(())
}

async fn count(desk: &Desk, asking: &Asked, servers: &[IpAddr]) -> Result<(), Obstacle> {
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
    let mut truncated = 0;
    while let Some((name, server)) = lookup.next() {
        let (question, mut transport) = (question(name, &asking.probe)?, asking.probe.transport);
        let reply = loop {
            let ticket = match ticket.take() {
                Some(first) => first,
                None => desk.errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await,
            };
            lookup.asked();
            let reply = exchange(desk, (&question, server), (transport, limit), ticket).await?;
            if !reply.as_ref().is_some_and(|reply| reply.truncated) || transport == Transport::Tcp {
                break reply;
            }
            truncated += 1;
            transport = Transport::Tcp;
        };
        match reply {
            Some(reply) => lookup.replied(reply),
            None => lookup.unanswered(),
        }
    }
    desk.found(lookup.queries(), truncated, lookup.finding());
    Ok(())
}

fn question(name: &str, probe: &DnsProbe) -> Result<Question, Obstacle> {
    Question::new(name, probe.record).map_err(internal)
}

fn internal(detail: String) -> Obstacle {
    Obstacle { kind: ObstacleKind::Internal, detail }
}

/// One query and what is said to it in time; what becomes of it is in the books.
async fn exchange(
    desk: &Desk,
    (question, server): (&Question, IpAddr),
    (transport, limit): (Transport, Limit),
    ticket: Ticket,
) -> Result<Option<Reply>, Obstacle> {
    if Family::of(server) != desk.errand.burst.family {
        return Err(internal(format!("{server} is no {} address", desk.errand.burst.family.words())));
    }
    let to = SocketAddr::new(server, desk.errand.to.port());
    let reply = match transport {
        Transport::Udp => udp::exchange(desk, question, to, limit).await,
        Transport::Tcp => tcp::exchange(desk, question, to, limit).await,
    };
    drop(ticket);
    desk.sweep()?;
    reply
}

#[cfg(test)]
mod tests;
