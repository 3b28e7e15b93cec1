//! A question by TCP, timed from the start of the handshake to its end. One of our own has answered only if nonce and name come
//! back; to somebody else nothing is sent, and the connection is the answer. It must not know how shares are put together.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::model::outcome::{Miss, Obstacle, Sight, Tally};

use super::connections::{self, Answered, End, Fate, broken, connect};
use super::errand::Errand;
use super::pace::Cost;
use super::packet::{ANSWER_LIMIT, Answer, Reading, printable};
use super::patience::Patience;

/// Asks one target, from the warm-up to the last answer.
pub(super) async fn ask(errand: Errand) -> Result<Tally, Obstacle> {
    ready(&errand).await?;
    connections::ask(&errand, |sequence, limit| question(&errand, sequence, limit)).await
}

/// Until a Service answers that has just been made, or should have.
async fn ready(errand: &Errand) -> Result<(), Obstacle> {
    let mut patience = Patience::with(errand);
    while patience.lasts() {
        let _ticket = errand.pacer.admit(patience.due(), Cost::Flow).await;
        match question(errand, 0, Patience::OF_ONE).await.end {
            End::Answered(_) => return Ok(()),
            End::Missed(_) => {}
            End::NotTried(obstacle) => return Err(obstacle),
        }
    }
    Ok(())
}

/// One connection, from its first packet to nonce and name, or until it is there.
async fn question(errand: &Errand, sequence: u32, limit: Duration) -> Fate {
    let mut foreign = 0;
    let end = match tokio::time::timeout(limit, exchange(errand, sequence, &mut foreign)).await {
        Ok(Ok(answered)) => answered.within(limit),
        Ok(Err(end)) => end,
        Err(_elapsed) => End::Missed(Miss::TimedOut),
    };
    Fate { end, foreign }
}

/// The handshake is its latency, however long the answer takes after it.
fn answered(latency: Duration, total: Duration, sight: Option<Sight>) -> Answered {
    Answered { latency, total, steps: Vec::new(), sight: sight.map(Box::new) }
}

async fn exchange(errand: &Errand, sequence: u32, foreign: &mut u32) -> Result<Answered, End> {
    let (connected, handshake) = connect(errand).await;
    let start = Instant::now();
    if !errand.peer.is_ours() {
        return accepted(connected, handshake);
    }
    let mut stream = connected?;
    stream.write_all(&errand.question(sequence).bytes()).await.map_err(|error| End::Missed(broken(&error)))?;
    let sight = hear(errand, sequence, &mut stream, foreign).await?;
    Ok(answered(handshake, handshake + start.elapsed(), sight))
}

/// Whether there was a connection. A reset says so as well: a SYN is refused, and what is reset was there; it depends on chance
/// whether it comes before we look.
fn accepted(connected: Result<TcpStream, End>, handshake: Duration) -> Result<Answered, End> {
    match connected {
        Ok(_) | Err(End::Missed(Miss::Reset)) => Ok(answered(handshake, handshake, None)),
        Err(end) => Err(end),
    }
}

/// Reads until the right nonce comes with a name.
async fn hear(errand: &Errand, sequence: u32, stream: &mut TcpStream, foreign: &mut u32) -> Result<Option<Sight>, End> {
    let mut bytes = [0; 2 * ANSWER_LIMIT];
    let mut have = 0;
    loop {
        let more = stream.read(&mut bytes[have..]).await.map_err(|error| End::Missed(broken(&error)))?;
        if more == 0 {
            return Err(End::Missed(Miss::Reset));
        }
        have += more;
        while have > 0 {
            match Answer::read(&bytes[..have]) {
                Reading::Partial => break,
                Reading::Noise => return Err(End::Missed(Miss::WrongPeer { name: printable(&bytes[..have]) })),
                Reading::Whole(answer, _) if answer.to == errand.question(sequence) => return named(errand, answer.name),
                Reading::Whole(_, end) => {
                    *foreign += 1;
                    bytes.copy_within(end..have, 0);
                    have -= end;
                }
            }
        }
    }
}

fn named(errand: &Errand, name: &[u8]) -> Result<Option<Sight>, End> {
    if errand.is_wrong(name) { Err(End::Missed(Miss::WrongPeer { name: printable(name) })) } else { Ok(errand.sight(name)) }
}
