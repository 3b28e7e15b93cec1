//! The address of a host by its name, asked of the name servers of the asker's own resolv.conf. It must not know what is asked at the
//! address.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::model::burst::Burst;
use crate::model::family::Family;
use crate::model::outcome::{Obstacle, ObstacleKind};
use crate::model::resolv_conf::NameServer;
use crate::model::units::{Micros, Port};
use crate::model::unresolved::{Resolved, Unresolved};
use crate::probe::errand::Makings;
use crate::probe::pace::Cost;
use crate::wire::{Peer, Resolver, Who};

use super::desk::Desk;
use super::message::{Question, Reply};
use super::resolution::{Quiet, Resolution, record};
use super::{Limit, internal, queried, server};

/// Even the last query is waited for as long.
const LEAST: Duration = Duration::from_millis(1);

/// What is looked up, and where.
#[derive(Debug, Clone)]
pub(in crate::probe) struct Sought<'a> {
    pub(in crate::probe) name: &'a str,
    /// Of which family its address has to be.
    pub(in crate::probe) family: Family,
    pub(in crate::probe) resolver: &'a Resolver,
    /// Where name servers are asked.
    pub(in crate::probe) port: Port,
    pub(in crate::probe) patience: Patience,
}

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub(in crate::probe) struct Patience {
    /// For the reply to a query; none is as long as resolv.conf says.
    pub(in crate::probe) query: Option<Duration>,
    /// For all of them.
    pub(in crate::probe) whole: Duration,
}

impl Patience {
    /// As applications wait.
    pub(in crate::probe) const USUAL: Self = Self { query: None, whole: Unresolved::AFTER };
}

/// Looks it up: what it led to and how long that took, or why it led to nothing; an obstacle where nobody could be asked.
pub(in crate::probe) async fn seek(
    makings: &Makings,
    pair: u32,
    sought: &Sought<'_>,
) -> Result<Result<(Resolved, Micros), Unresolved>, Obstacle> {
    let conf = match sought.resolver {
        Resolver::Conf(conf) => conf,
        Resolver::Unreadable(why) => return Err(no_resolver(why.clone())),
    };
    let servers: Vec<NameServer> =
        conf.nameservers.iter().filter(|server| makings.source(Family::of(server.address)).is_some()).cloned().collect();
    if servers.is_empty() {
        return Err(no_resolver("its resolv.conf names no name server that it has an address to ask from".to_owned()));
    }
    // A lookup is one question of the share: between its queries an application waits for nothing but their replies.
    let _ticket = makings.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    let (began, record) = (Instant::now(), record(sought.family));
    let patience = sought.patience.query.unwrap_or(conf.patience());
    let mut resolution = Resolution::of(sought.name, conf, servers);
    while let Some((name, server, transport)) = resolution.next() {
        let left = sought.patience.whole.saturating_sub(began.elapsed());
        if left.is_zero() && resolution.queries() > 0 {
            return Ok(Err(resolution.given_up()));
        }
        let question = Question::new(name, record).map_err(internal)?;
        let (server, limit) = (server.clone(), Limit(patience.min(left.max(LEAST))));
        resolution.asked();
        let reply = one(makings, (pair, sought.port), (&question, &server), (transport, limit)).await?;
        resolution.heard(server.address, reply);
    }
    Ok(resolution.end(makings.source(sought.family)).map(|resolved| (resolved, Micros::of(began.elapsed()))))
}

/// One query over sockets of its own.
async fn one(
    makings: &Makings,
    (pair, port): (u32, Port),
    (question, server): (&Question, &NameServer),
    (transport, limit): (crate::model::dns::Transport, Limit),
) -> Result<Result<Reply, Quiet>, Obstacle> {
    let to = server::at(server, port.get())?;
    let timeout = Micros::of(limit.0);
    let burst = Burst { family: Family::of(server.address), count: NonZeroU32::MIN, interval: timeout, timeout };
    let address: IpAddr = server.address;
    let peer = Peer { pair, host: address.into(), who: Who::Anyone { port: Some(port) } };
    let desk = Desk::open(makings.errand(burst, peer, to)?);
    let reply = queried(&desk, (question, server), (transport, limit)).await?;
    Ok(reply.ok_or_else(|| Quiet::of(desk.last_miss().as_ref())))
}

fn no_resolver(detail: String) -> Obstacle {
    Obstacle { kind: ObstacleKind::NoResolver, detail }
}
