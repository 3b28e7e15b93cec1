//! One connection with a controller, from hello to its end: the agent's side of the wire. Whatever it ends by, nothing is
//! lost: the next one goes on where it stopped. It must not know what carries the bytes.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::codec::{FramedRead, FramedWrite, LinesCodec, LinesCodecError};

use crate::wire::{self, ControllerHello, FromAgent, ToAgent};

use super::core::Core;
use super::life::Agent;

/// How a conversation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The controller said so: the agent is to end.
    Stopped,
    /// The connection broke, or what came over it made no sense; the controller may come again.
    Lost(String),
    /// The controller is not ours: another run, or another version of the wire.
    Refused(String),
    /// A newer conversation took its place.
    Replaced,
}

/// From one sign of life to the next.
const BEAT: Duration = Duration::from_secs(5);

/// A controller that connects and does not say hello, or does not read, is gone after this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Questions for a sign of life that may wait for their answer.
const ASKS: usize = 16;

type Reading<R> = FramedRead<R, LinesCodec>;
type Writing<W> = FramedWrite<W, LinesCodec>;

impl Agent {
    /// Talks with a controller over one connection, until it ends.
    pub async fn converse<R, W>(&self, reader: R, writer: W) -> Ending
    where
        R: AsyncRead + Unpin + Send,
        W: AsyncWrite + Unpin + Send,
    {
        self.start();
        let mut reading = FramedRead::new(reader, LinesCodec::new_with_max_length(wire::LINE_LIMIT));
        let mut writing = FramedWrite::new(writer, LinesCodec::new());
        match greet(&self.core, &mut reading, &mut writing).await {
            Ok(from) => talk(&self.core, reading, writing, from).await,
            Err(ending) => ending,
        }
    }
}

/// Both hellos. Returns the first number that the controller wants.
async fn greet<R, W>(core: &Core, reading: &mut Reading<R>, writing: &mut Writing<W>) -> Result<u64, Ending>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    say(writing, &core.hello()).await?;
    let waited = |_| Ending::Lost(format!("the controller did not say hello within {} s", PATIENCE.as_secs()));
    match timeout(PATIENCE, hear(reading)).await.map_err(waited)?? {
        ToAgent::Hello(hello) => accept(core, &hello),
        other => Err(Ending::Lost(format!("the controller began with {} instead of hello", wire::encode(&other)))),
    }
}

fn accept(core: &Core, hello: &ControllerHello) -> Result<u64, Ending> {
    if hello.wire != wire::VERSION {
        return Err(Ending::Refused(format!("the controller speaks version {} of the wire, this agent {}", hello.wire, wire::VERSION)));
    }
    if hello.run != core.identity.run {
        return Err(Ending::Refused(format!("the controller is of run {:?}, this agent of {:?}", hello.run, core.identity.run)));
    }
    let next = core.change(|state| state.outbox.next());
    if hello.from > next {
        return Err(Ending::Refused(format!("the controller wants to hear from {}, but the next record is {next}", hello.from)));
    }
    core.change(|state| {
        state.heard = Instant::now();
        state.outbox.acknowledge(hello.from.saturating_sub(1));
    });
    Ok(hello.from)
}

/// Both directions at once: neither waits for the other, so a full pipe cannot stop both ends.
async fn talk<R, W>(core: &Core, reading: Reading<R>, writing: Writing<W>, from: u64) -> Ending
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut replaced = core.enter();
    let (asks, asked) = mpsc::channel(ASKS);
    tokio::select! {
        biased;
        _ = replaced.changed() => Ending::Replaced,
        ending = listen(core, reading, asks) => ending,
        ending = speak(core, writing, asked, from) => ending,
    }
}

async fn listen<R: AsyncRead + Unpin>(core: &Core, mut reading: Reading<R>, asks: mpsc::Sender<u64>) -> Ending {
    loop {
        let message = hear(&mut reading).await;
        core.change(|state| state.heard = Instant::now());
        let result = match message {
            Err(ending) => return ending,
            Ok(ToAgent::Hello(_)) => Err("the controller said hello twice".to_owned()),
            Ok(ToAgent::Assign(share)) => core.change(|state| state.duties.assign(share, Instant::now())),
            Ok(ToAgent::Ask { number }) => asks.send(number).await.map_err(|error| error.to_string()),
            Ok(ToAgent::Ack { sequence }) => {
                core.change(|state| state.outbox.acknowledge(sequence));
                Ok(())
            }
            Ok(ToAgent::Cancel { share }) => {
                core.change(|state| state.duties.cancel(share));
                Ok(())
            }
            Ok(ToAgent::Stop) => {
                core.change(|state| state.duties.cancel_all());
                return Ending::Stopped;
            }
        };
        if let Err(why) = result {
            return Ending::Lost(why);
        }
    }
}

/// Tells every record from that number on, and beats.
async fn speak<W: AsyncWrite + Unpin>(core: &Core, mut writing: Writing<W>, mut asked: mpsc::Receiver<u64>, from: u64) -> Ending {
    let mut next = from;
    let mut news = core.news();
    let mut beats = interval_at(Instant::now() + BEAT, BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            biased;
            Some(number) = asked.recv() => core.beat(number),
            _ = beats.tick() => core.beat(0),
            (number, record) = core.next_record(&mut news, next) => {
                next = number + 1;
                record
            }
        };
        if let Err(ending) = say(&mut writing, &message).await {
            return ending;
        }
    }
}

async fn say<W: AsyncWrite + Unpin>(writing: &mut Writing<W>, message: &FromAgent) -> Result<(), Ending> {
    match timeout(PATIENCE, writing.send(wire::encode(message))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Ending::Lost(format!("writing to the controller: {error}"))),
        Err(_elapsed) => Err(Ending::Lost(format!("the controller has not read for {} s", PATIENCE.as_secs()))),
    }
}

/// The next message. It may take as long as it likes: whether the controller is there shows in its reading.
async fn hear<R: AsyncRead + Unpin>(reading: &mut Reading<R>) -> Result<ToAgent, Ending> {
    match reading.next().await {
        Some(Ok(line)) => wire::decode(&line).map_err(|garbled| Ending::Lost(format!("from the controller: {garbled}"))),
        Some(Err(LinesCodecError::MaxLineLengthExceeded)) => {
            Err(Ending::Lost(format!("the controller sent a line of more than {} bytes", wire::LINE_LIMIT)))
        }
        Some(Err(LinesCodecError::Io(error))) => Err(Ending::Lost(format!("reading from the controller: {error}"))),
        None => Err(Ending::Lost("the controller's connection ended".to_owned())),
    }
}
