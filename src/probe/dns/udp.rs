//! A query by UDP: a socket of its own, connected to the server, so that nobody else is heard and a refusal is heard at once. Each
//! has a port of its own, as applications have: behind a Service every one may come to another server.
//! It must not know what follows from the answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use crate::model::burst::Burst;
use crate::model::outcome::Obstacle;
use crate::probe::heard::HEAR_LIMIT;
use crate::probe::socket::{Heard, Line, Sent};
use crate::probe::udp::open;

use super::desk::{Desk, Lingering, Query};
use super::message::{Question, Reply};
use super::{Limit, internal};

/// Longer than any answer by UDP that was not asked for with EDNS (512 bytes): what is longer still is cut, and no answer.
const ROOM: usize = 4_096;

/// How a query ended.
enum End {
    Replied(Reply, Duration),
    /// It is in the books.
    Missed,
    Silent,
}

pub(super) async fn exchange(desk: &Desk, question: &Question, to: SocketAddr, Limit(limit): Limit) -> Result<Option<Reply>, Obstacle> {
    let id = desk.id();
    let bytes = question.query(id).map_err(internal)?;
    let mut line = Line::over(open(desk.errand.burst.family)?, desk.errand.source_to(to.ip()), Some(to))?.with_room(ROOM);
    let sent = line.send(&bytes, to).await?;
    let (sent, sequence) = match sent {
        Sent::At(at) => (at, desk.asked(at)),
        Sent::Missed(at, miss) => {
            let sequence = desk.asked(at);
            desk.missed(sequence, miss);
            return Ok(None);
        }
    };
    let query = Query { sequence, id, question: question.clone() };
    let (reply, answered) = match wait(desk, &mut line, &query, (sent, limit)).await? {
        End::Missed => return Ok(None),
        End::Silent => (None, false),
        End::Replied(reply, latency) => {
            desk.answered(sequence, latency);
            (Some(reply).filter(|_| latency <= limit), true)
        }
    };
    let linger = if answered { Burst::LINGER } else { limit };
    desk.keep(Lingering { line, query, answered, until: Instant::now() + linger });
    Ok(reply)
}

/// Until it is answered or refused, or its time is over.
async fn wait(desk: &Desk, line: &mut Line, query: &Query, (sent, limit): (Instant, Duration)) -> Result<End, Obstacle> {
    let until = sent + limit;
    loop {
        let stirred = timeout_at(until.into(), line.stirred()).await;
        let over = stirred.is_err();
        stirred.unwrap_or(Ok(()))?;
        loop {
            match hear(desk, line, query, sent)? {
                Batch::Ends(end) => return Ok(end),
                Batch::Empty => break,
                // Whoever sends nonsense without end is not listened to for ever.
                Batch::Full if Instant::now() >= until => return Ok(End::Silent),
                Batch::Full => tokio::task::yield_now().await,
            }
        }
        if over {
            return Ok(End::Silent);
        }
    }
}

/// What was heard in one go.
enum Batch {
    /// What became of the query.
    Ends(End),
    /// Nothing of it, and there is no more.
    Empty,
    /// Nothing of it, and there may be more.
    Full,
}

fn hear(desk: &Desk, line: &mut Line, query: &Query, sent: Instant) -> Result<Batch, Obstacle> {
    for _ in 0..HEAR_LIMIT {
        match line.hear()? {
            None => return Ok(Batch::Empty),
            Some(Heard::Refused(refusal)) => {
                desk.missed(query.sequence, refusal.miss);
                return Ok(Batch::Ends(End::Missed));
            }
            Some(Heard::Datagram { bytes, arrived, .. }) => match query.question.read(query.id, &bytes) {
                Some(reply) => return Ok(Batch::Ends(End::Replied(reply, arrived.saturating_duration_since(sent)))),
                None => desk.foreign(),
            },
        }
    }
    Ok(Batch::Full)
}
