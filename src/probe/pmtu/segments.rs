//! The search over connections to somebody who is none of ours: the small questions before it, and a ladder climbed by segments, each
//! over a connection of its own. It must not know which sizes are worth trying, nor how it is known what arrived.

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::model::burst::Burst;
use crate::model::outcome::{Miss, Obstacle, ObstacleKind, Tally};

use super::super::connections::{self, Answered, End, connect};
use super::super::errand::Errand;
use super::super::pace::Cost;
use super::ladder::{Ladder, Step, Wait};
use super::segment::{self, Fate, SMALL, Segment};

/// So many connections in a row that end too early, and nothing can be found.
const ENDED_LIMIT: u32 = 16;

/// The small questions: connections, over each of which a small segment has to be acknowledged.
pub(super) async fn ask(errand: &Errand) -> Result<Tally, Obstacle> {
    connections::ask(errand, |sequence, limit| question(errand, sequence, limit)).await
}

async fn question(errand: &Errand, sequence: u32, limit: Duration) -> connections::Fate {
    let end = match tokio::time::timeout(limit, exchange(errand, sequence, limit)).await {
        Ok(Ok(answered)) => answered.within(limit),
        Ok(Err(end)) => end,
        Err(_elapsed) => End::Missed(Miss::TimedOut),
    };
    connections::Fate { end, foreign: 0 }
}

/// The handshake is its latency, as it is for every connection to somebody else.
async fn exchange(errand: &Errand, sequence: u32, limit: Duration) -> Result<Answered, End> {
    let start = std::time::Instant::now();
    let (connected, latency) = connect(errand).await;
    let answered = || Answered { latency, total: start.elapsed(), steps: Vec::new(), sight: None };
    let stream = match connected {
        Ok(stream) => stream,
        // A SYN is refused, and what is reset was there.
        Err(End::Missed(Miss::Reset)) => return Ok(answered()),
        Err(end) => return Err(end),
    };
    let segment = Segment { sequence, size: SMALL, patience: limit };
    match segment::send(errand, &stream, segment).await.map_err(End::NotTried)? {
        Fate::Arrived | Fate::Ended | Fate::Capped(_) => Ok(answered()),
        Fate::Lost => Err(End::Missed(Miss::TimedOut)),
        Fate::Lowered(mtu) => Err(End::Missed(Miss::TooBig { by: None, mtu })),
    }
}

/// Climbs until everything is known that can be. A round trip takes so long at most.
pub(super) async fn climb(mut ladder: Ladder, errand: &Errand, round_trip: Duration) -> Result<Ladder, Obstacle> {
    let fully = errand.burst.timeout.duration();
    let briefly = (round_trip * 4 + Duration::from_millis(50)).min(fully);
    let mut ended = 0;
    loop {
        let burst = ladder.next_burst();
        if burst.is_empty() {
            return Ok(ladder);
        }
        let patience = match ladder.wait() {
            Wait::Briefly => briefly,
            Wait::Fully => fully,
        };
        climb_burst(&mut ladder, (errand, patience), &burst, &mut ended).await?;
    }
}

/// Whatever is still open when it is settled is taken back: nobody looked what became of it.
async fn climb_burst(
    ladder: &mut Ladder,
    (errand, patience): (&Errand, Duration),
    burst: &[Step],
    ended: &mut u32,
) -> Result<(), Obstacle> {
    let mut waiting = burst.iter();
    let mut next = waiting.next();
    let mut admission = pin!(errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow));
    let mut open = FuturesUnordered::new();
    let mut lost = Vec::new();
    while !ladder.is_settled() && (next.is_some() || !open.is_empty()) {
        tokio::select! {
            ticket = &mut admission, if next.is_some() => {
                if let Some(step) = next {
                    open.push(async move { (step.number, try_size(errand, *step, patience).await, ticket) });
                }
                next = waiting.next();
                admission.set(errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow));
            }
            Some((number, fate, _ticket)) = open.next() => {
                let fate = fate?;
                *ended = if fate == Fate::Ended { *ended + 1 } else { 0 };
                if *ended >= ENDED_LIMIT {
                    return Err(ends_too_early(errand));
                }
                match fate {
                    Fate::Arrived => ladder.arrived(number),
                    Fate::Lost => lost.push(number),
                    Fate::Lowered(mtu) => ladder.lowered(number, mtu),
                    Fate::Capped(most) => ladder.capped(number, most),
                    Fate::Ended => ladder.withdrawn(number),
                }
            }
        }
    }
    burst.iter().filter(|step| !lost.contains(&step.number)).for_each(|step| ladder.withdrawn(step.number));
    Ok(())
}

/// Without a connection nothing was sent of that size, and nothing is known of it.
async fn try_size(errand: &Errand, step: Step, patience: Duration) -> Result<Fate, Obstacle> {
    let sequence = Burst::MOST + 1 + step.number;
    let stream = match tokio::time::timeout(errand.burst.timeout.duration(), connect(errand)).await {
        Ok((Ok(stream), _)) => stream,
        Ok((Err(End::NotTried(obstacle)), _)) => return Err(obstacle),
        Ok((Err(_), _)) | Err(_) => return Ok(Fate::Ended),
    };
    segment::send(errand, &stream, Segment { sequence, size: step.size, patience }).await
}

fn ends_too_early(errand: &Errand) -> Obstacle {
    let to = errand.to;
    let detail = format!(
        "the path to {to}: {ENDED_LIMIT} connections in a row failed or ended before a segment over them was acknowledged, so nothing is known of sizes; \
         ask a port whose server waits for its client to speak first, such as one of HTTP or TLS"
    );
    Obstacle { kind: ObstacleKind::Inconclusive, detail }
}
