//! A single question over a port of its own: a flow that nobody has seen before. It must not know the others of its burst.

use std::time::Duration;

use crate::model::outcome::Sight;
use crate::model::outcome::{Miss, Obstacle};

use super::errand::Errand;
use super::form::Datagram;
use super::heard::Came;
use super::heard::HEAR_LIMIT;
use super::pace::{Cost, Ticket};
use super::patience::Patience;
use super::socket::{Heard, Line, Sent};

/// What became of it.
pub(super) struct Fate {
    pub(super) sequence: u32,
    pub(super) end: End,
    /// What came to its socket and was not ours.
    pub(super) foreign: u32,
    _ticket: Ticket,
}

/// How it ended.
pub(super) enum End {
    /// Answered after so long; what the answer said of a backend.
    Answered(Duration, Option<Box<Sight>>),
    /// Nothing came in time.
    TimedOut,
    /// It is known why there is no answer.
    Missed(Miss),
    /// It could not be asked.
    NotAsked(Obstacle),
}

/// Asks, and waits no longer than `limit`.
pub(super) async fn question(errand: &Errand, sequence: u32, limit: Duration, ticket: Ticket) -> Fate {
    let mut foreign = 0;
    let end = match tokio::time::timeout(limit, exchange(errand, sequence, &mut foreign)).await {
        Ok(Ok(Answered { latency, sight })) if latency <= limit => End::Answered(latency, sight.map(Box::new)),
        // Who was not run for a while sees the answer before its own alarm, though both are due.
        Ok(Ok(_)) => End::Missed(Miss::Late),
        Ok(Err(end)) => end,
        Err(_elapsed) => End::TimedOut,
    };
    Fate { sequence, end, foreign, _ticket: ticket }
}

/// Until a Service answers that has just been made, or should have.
pub(super) async fn ready(errand: &Errand) -> Result<(), Obstacle> {
    let mut patience = Patience::with(errand);
    while patience.lasts() {
        let ticket = errand.pacer.admit(patience.due(), Cost::Flow).await;
        match question(errand, 0, Patience::OF_ONE, ticket).await.end {
            End::Answered(..) => return Ok(()),
            End::TimedOut | End::Missed(_) => {}
            End::NotAsked(obstacle) => return Err(obstacle),
        }
    }
    Ok(())
}

struct Answered {
    latency: Duration,
    sight: Option<Sight>,
}

async fn exchange(errand: &Errand, sequence: u32, foreign: &mut u32) -> Result<Answered, End> {
    let family = errand.burst.family;
    let (socket, form) = Datagram::Udp.open(family, &errand.peer).map_err(End::NotAsked)?;
    let mut line = Line::over(socket, errand.source, None).map_err(End::NotAsked)?;
    let bytes = form.write(&errand.question(sequence), family);
    let asked = match line.send(&bytes, errand.to).await.map_err(End::NotAsked)? {
        Sent::Missed(_, miss) => return Err(End::Missed(miss)),
        Sent::At(asked) => asked,
    };
    let mut read = 0_usize;
    loop {
        let Some(heard) = line.hear().map_err(End::NotAsked)? else {
            line.stirred().await.map_err(End::NotAsked)?;
            continue;
        };
        match heard {
            Heard::Refused(refusal) => return Err(End::Missed(refusal.miss)),
            Heard::Datagram { from, bytes, arrived } => match form.read(&bytes, family) {
                Came::Answer(said) if from == errand.to && errand.sequence_of(&said.to) == Some(sequence) => {
                    return told(errand, said.name, arrived.saturating_duration_since(asked));
                }
                Came::Answer(_) | Came::Altered { .. } | Came::Noise => *foreign += 1,
                Came::Elsewhere => {}
            },
        }
        read += 1;
        // However much comes, others have their turn, and the time is over when it is.
        if read.is_multiple_of(HEAR_LIMIT) {
            tokio::task::yield_now().await;
        }
    }
}

fn told(errand: &Errand, name: Option<&[u8]>, latency: Duration) -> Result<Answered, End> {
    match name.filter(|name| errand.is_wrong(name)) {
        Some(name) => Err(End::Missed(Miss::WrongPeer { name: super::packet::printable(name) })),
        None => Ok(Answered { latency, sight: name.and_then(|name| errand.sight(name)) }),
    }
}
