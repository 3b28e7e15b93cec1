//! One agent as seen from the controller: one connection after the other, messages out, messages in, and how each ended.
//! It must not know what carries the lines, what the messages are about, nor when an agent is to be given up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::codec::FramedRead;
use tokio_util::task::AbortOnDropHandle;

use super::saying::say;
use super::whole_lines::WholeLines;
use crate::model::vantage::Vantage;
use crate::wire::{self, FromAgent, ToAgent};

/// The way to an agent. Dropping it ends the connection, and none follows.
#[derive(Debug)]
pub struct Session {
    /// Which agent.
    pub vantage: Vantage,
    /// Whether there is to be a connection; at first none is.
    pub line: Line,
    /// What is heard over all connections, one after the other; nothing comes after [`Heard::Ended`].
    pub heard: mpsc::Receiver<Heard>,
    /// The tasks that carry the lines.
    pub tasks: Vec<AbortOnDropHandle<()>>,
}

/// Says whether there is to be a connection. Dropping it ends the connection, and none follows.
#[derive(Debug)]
pub struct Line(watch::Sender<Wanted>);

/// What is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// No connection, for now.
    Rest,
    /// A connection, and another whenever it breaks.
    Call,
    /// The present connection until it ends by itself, and no other.
    Farewell,
}

impl Line {
    /// From now on there is to be a connection, and another whenever it breaks.
    pub fn call(&self) {
        self.0.send_replace(Wanted::Call);
    }

    /// From now on there is to be none, once what says things over the present one is dropped; [`Heard::Resting`] says when
    /// there is none.
    pub fn rest(&self) {
        self.0.send_replace(Wanted::Rest);
    }

    /// The last word was said: what is on its way still arrives, the agent ends the connection, and none follows.
    pub fn farewell(self) {
        self.0.send_replace(Wanted::Farewell);
    }
}

/// What came from an agent, or of the way to it.
#[derive(Debug)]
pub enum Heard {
    /// There is a connection, and this says things over it. Nothing else does: what was queued for the one before it is gone with
    /// it. It takes what is said without a bound, so that an agent that does not read holds nobody up. Dropping it ends the
    /// connection; another follows.
    Connected(mpsc::UnboundedSender<ToAgent>),
    /// A message.
    Message(FromAgent),
    /// A line that is none.
    Garbled(wire::Garbled),
    /// The connection is over, with what the transport says of it. Another is tried.
    Broken(String),
    /// No connection came about, see [`NoConnection::NoWay`]. Another is tried.
    NoWay(String),
    /// No connection came about, see [`NoConnection::NoAnswer`]. Another is tried.
    NoAnswer(String),
    /// There is no connection, as [`Line::rest`] wanted it.
    Resting,
    /// There will be no connection any more.
    Ended(String),
}

/// One connection with an agent.
pub struct Connection {
    /// What it says.
    pub reader: Box<dyn AsyncRead + Send + Unpin>,
    /// What is said to it.
    pub writer: Box<dyn AsyncWrite + Send + Unpin>,
    /// Resolves when the transport itself knows that it is over, with what it says of it: some streams never end by themselves.
    pub ended: BoxFuture<'static, String>,
}

/// Opens connections with one agent, one after the other. Each call is one attempt, which bounds itself in time.
pub type Connect = Box<dyn FnMut() -> BoxFuture<'static, Result<Connection, NoConnection>> + Send>;

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoConnection {
    /// The way there is disturbed, which says nothing of the agent: it may work again soon.
    NoWay(String),
    /// The way is well, but the agent's end of it does not answer now.
    NoAnswer(String),
    /// The agent is gone for good.
    Gone(String),
}

/// Messages from an agent that may wait.
const QUEUE: usize = 256;

/// An attempt that has not come to its end by itself is given up.
const ATTEMPT: Duration = Duration::from_secs(30);

/// From one connection to the next attempt, if it was of any use; doubled with each that was not.
const PAUSE_LEAST: Duration = Duration::from_millis(100);

/// The longest pause.
const PAUSE_MOST: Duration = Duration::from_secs(5);

/// Output and its end come apart: how long one is waited for after the other.
const GRACE: Duration = Duration::from_secs(1);

impl Session {
    /// A session over connections that are opened by `connect`, one at a time, from [`Line::call`] on.
    #[must_use]
    pub fn resuming(vantage: Vantage, connect: Connect) -> Self {
        let (line, wanted) = watch::channel(Wanted::Rest);
        let (incoming, heard) = mpsc::channel(QUEUE);
        let task = tokio::spawn(async move {
            // It ends early if nobody listens any more, or nobody wants a connection: both is as it should be.
            let _ = keep(connect, wanted, incoming).await;
        });
        Self { vantage, line: Line(line), heard, tasks: vec![AbortOnDropHandle::new(task)] }
    }

    /// A session over one pair of byte streams, after which no other comes. `ended` as in [`Connection`].
    pub fn over<R, W>(vantage: Vantage, reader: R, writer: W, ended: BoxFuture<'static, String>) -> Self
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let last_words = Arc::new(Mutex::new("its output ended".to_owned()));
        let kept = Arc::clone(&last_words);
        let ended = ended.inspect(move |why| kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(why)).boxed();
        let mut only = Some(Connection { reader: Box::new(reader), writer: Box::new(writer), ended });
        let connect = move || {
            let gone = || NoConnection::Gone(last_words.lock().unwrap_or_else(PoisonError::into_inner).clone());
            futures::future::ready(only.take().ok_or_else(gone)).boxed()
        };
        Self::resuming(vantage, Box::new(connect))
    }
}

/// Nobody wants a connection any more.
struct Unwanted;

impl<T> From<mpsc::error::SendError<T>> for Unwanted {
    fn from(_: mpsc::error::SendError<T>) -> Self {
        Self
    }
}

impl From<watch::error::RecvError> for Unwanted {
    fn from(_: watch::error::RecvError) -> Self {
        Self
    }
}

/// Opens one connection after the other, as long as they are wanted.
async fn keep(mut connect: Connect, mut wanted: watch::Receiver<Wanted>, incoming: mpsc::Sender<Heard>) -> Result<(), Unwanted> {
    wanted.wait_for(|wanted| *wanted == Wanted::Call).await?;
    let mut pause = PAUSE_LEAST;
    loop {
        let attempt = tokio::select! {
            biased;
            _ = uncalled(&mut wanted) => None,
            attempt = timeout(ATTEMPT, connect()) => Some(attempt.unwrap_or_else(|_| Err(late()))),
        };
        let useful = match attempt {
            Some(Ok(connection)) => carry(connection, &wanted, &incoming).await?,
            Some(Err(NoConnection::NoWay(why))) => incoming.send(Heard::NoWay(why)).await.map(|()| false)?,
            Some(Err(NoConnection::NoAnswer(why))) => incoming.send(Heard::NoAnswer(why)).await.map(|()| false)?,
            Some(Err(NoConnection::Gone(why))) => return Ok(incoming.send(Heard::Ended(why)).await?),
            None => false,
        };
        if useful {
            pause = PAUSE_LEAST;
        }
        let rests = tokio::select! {
            biased;
            uncalled = uncalled(&mut wanted) => uncalled.map(|()| true)?,
            () = sleep(pause) => false,
        };
        pause = if rests { PAUSE_LEAST } else { (pause * 2).min(PAUSE_MOST) };
        if rests {
            incoming.send(Heard::Resting).await?;
            wanted.wait_for(|wanted| *wanted == Wanted::Call).await?;
        }
    }
}

/// Until no connection is wanted any more, for now; an error if none ever will be.
async fn uncalled(wanted: &mut watch::Receiver<Wanted>) -> Result<(), Unwanted> {
    Ok(wanted.wait_for(|wanted| *wanted != Wanted::Call).await.map(drop)?)
}

fn late() -> NoConnection {
    NoConnection::NoWay(format!("no connection within {} s", ATTEMPT.as_secs()))
}

/// Carries lines both ways until the connection is over. Says whether it was of use: something was heard, and it was not
/// ended because of that.
async fn carry(connection: Connection, wanted: &watch::Receiver<Wanted>, incoming: &mpsc::Sender<Heard>) -> Result<bool, Unwanted> {
    let Connection { reader, writer, ended } = connection;
    let (orders, outgoing) = mpsc::unbounded_channel();
    incoming.send(Heard::Connected(orders)).await?;
    let mut use_of_it = Use::None;
    let over = {
        let mut reading = std::pin::pin!(read(reader, ended, incoming, &mut use_of_it));
        tokio::select! {
            biased;
            why = &mut reading => Some(why),
            () = say(writer, outgoing) => {
                if *wanted.borrow() == Wanted::Farewell {
                    reading.await;
                    return Err(Unwanted);
                }
                None
            }
        }
    };
    let useful = over.is_some() && use_of_it == Use::Some;
    incoming.send(Heard::Broken(over.unwrap_or_else(|| "it was given up here".to_owned()))).await?;
    Ok(useful)
}

/// What a connection was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Nothing was heard.
    None,
    /// Messages were.
    Some,
    /// Something was that is no message.
    Harm,
}

/// Hears everything until the connection is over, and says how it ended.
async fn read(
    reader: impl AsyncRead + Unpin,
    ended: BoxFuture<'static, String>,
    incoming: &mpsc::Sender<Heard>,
    use_of_it: &mut Use,
) -> String {
    let mut passing = std::pin::pin!(pass(reader, incoming, use_of_it));
    let mut ended = ended;
    tokio::select! {
        biased;
        why = &mut passing => timeout(GRACE, ended).await.unwrap_or(why),
        why = &mut ended => {
            // What is lost if that takes longer is told again over the next connection.
            let _ = timeout(GRACE, passing).await;
            why
        }
    }
}

/// Passes on what is heard until the output ends.
async fn pass(reader: impl AsyncRead + Unpin, incoming: &mpsc::Sender<Heard>, use_of_it: &mut Use) -> String {
    let mut lines = FramedRead::new(reader, WholeLines::new());
    while let Some(line) = lines.next().await {
        let line = match line {
            Ok(line) => line,
            Err(error) => return format!("reading from the agent: {error}"),
        };
        let heard = match line.and_then(|line| wire::decode(&line)) {
            Ok(message) => Heard::Message(message),
            Err(garbled) => Heard::Garbled(garbled),
        };
        *use_of_it = if matches!(heard, Heard::Garbled(_)) || *use_of_it == Use::Harm { Use::Harm } else { Use::Some };
        // Once nobody listens, there is nothing left but to wait for the end.
        let _ = incoming.send(heard).await;
    }
    "its output ended".to_owned()
}
