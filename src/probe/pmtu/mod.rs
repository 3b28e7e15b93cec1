//! The largest packet that a path takes, found by sending: small questions first, as every probe asks, then a ladder of large
//! ones. It must not know what was expected.

mod climb;
mod form;
mod kernel;
mod ladder;
mod route;
mod search;
mod segment;
mod segments;

use std::net::IpAddr;

use crate::model::outcome::{Obstacle, ObstacleKind, Seen, Sight, Tally};
use crate::model::path_mtu::{Carrier, PmtuProbe};

use super::datagram;
use super::errand::Errand;
use super::form::Datagram;
use super::icmp::Shape;
use super::interface;
use climb::Climb;

pub(crate) use form::base;
pub(crate) use ladder::{Ladder, Outset, Step};
pub(crate) use segment::SMALL;

/// Asks one target. Nothing is searched where nobody answers.
pub(super) async fn ask(probe: &PmtuProbe, errand: Errand) -> Result<Tally, Obstacle> {
    let datagram = match probe.over {
        Carrier::Udp => Some(Datagram::Udp),
        Carrier::Icmp => Some(Datagram::Icmp(Shape::PLAIN)),
        Carrier::Tcp => None,
    };
    let tally = match datagram {
        Some(datagram) => datagram::ask(datagram, errand.clone()).await?,
        None => segments::ask(&errand).await?,
    };
    let Some((longest, _)) = tally.samples.iter().max() else { return Ok(tally) };
    let to = errand.peer.name().map_or_else(|| errand.to.ip().to_string(), str::to_owned);
    let ladder = Ladder::new(outset(probe, &tally, own(errand.source, errand.to.ip())));
    let ladder = match datagram {
        Some(datagram) => Climb::new(datagram, errand, ladder, longest.duration())?.climb().await?,
        None => segments::climb(ladder, &errand, longest.duration()).await?,
    };
    with(tally, &ladder, &to)
}

/// What was found beside what was counted.
pub(crate) fn with(tally: Tally, ladder: &Ladder, to: &str) -> Result<Tally, Obstacle> {
    let inconclusive = |why| Obstacle { kind: ObstacleKind::Inconclusive, detail: format!("the path to {to}: {why}") };
    let found = ladder.result().map_err(inconclusive)?;
    let seen = found.into_iter().map(|found| Seen { what: Sight::PathMtu(found), count: 1 }).collect();
    Ok(Tally { seen, ..tally })
}

/// What is known when the small questions are answered; `own` is what the asker's interface takes, in bytes, if that is known.
pub(crate) fn outset(probe: &PmtuProbe, tally: &Tally, own: Option<u32>) -> Outset {
    let top = probe.ceiling.min(PmtuProbe::MOST).min(own.unwrap_or(u32::MAX));
    Outset {
        directions: probe.over.directions(),
        base: match probe.over {
            Carrier::Udp | Carrier::Icmp => base(probe.burst.family),
            Carrier::Tcp => SMALL,
        },
        floor: probe.floor,
        top,
        sent: tally.sent,
        lost: tally.lost(),
    }
}

/// What this machine sends on the way to a target: what the interface takes, or less where the route says so.
fn own(source: IpAddr, target: IpAddr) -> Option<u32> {
    let interface = Some(interface::mtu(source)).filter(|mtu| *mtu > 0);
    interface.into_iter().chain(route::mtu(source, target)).min()
}
