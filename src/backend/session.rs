//! One live agent as seen from the controller: messages out, messages in, and the fact of its end.
//! It must not know what carries the lines, nor what the messages are about.

use futures::future::BoxFuture;
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::codec::{FramedRead, FramedWrite, LinesCodec};
use tokio_util::task::AbortOnDropHandle;

use crate::model::vantage::Vantage;
use crate::wire::{self, FromAgent, ToAgent};

/// A live agent. Dropping it ends the connection.
#[derive(Debug)]
pub struct Session {
    /// Which agent.
    pub vantage: Vantage,
    /// To the agent. Without a bound of its own, so that an agent that does not read holds nobody up: the plan bounds it, since
    /// every share is sent once and every record acknowledged once.
    pub orders: mpsc::UnboundedSender<ToAgent>,
    /// From the agent; ends after [`Heard::Ended`].
    pub heard: mpsc::Receiver<Heard>,
    /// The tasks that carry the lines.
    pub tasks: Vec<AbortOnDropHandle<()>>,
}

/// What came from an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A message.
    Message(FromAgent),
    /// A line that is none.
    Garbled(wire::Garbled),
    /// The connection is over, with what the transport says of it.
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

impl Session {
    /// A session over connections that are opened by `connect`.
    #[must_use]
    pub fn resuming(vantage: Vantage, mut connect: Connect) -> Self {
        let (orders, outgoing) = mpsc::unbounded_channel();
        let (incoming, heard) = mpsc::channel(QUEUE);
        let task = async move {
            match connect().await {
                Ok(Connection { reader, writer, ended }) => {
                    tokio::select! {
                        () = read(reader, incoming, ended) => {}
                        () = async { write(writer, outgoing).await; std::future::pending().await } => {}
                    }
                }
                Err(NoConnection::NoWay(why) | NoConnection::NoAnswer(why) | NoConnection::Gone(why)) => {
                    let _ = incoming.send(Heard::Ended(why)).await;
                }
            }
        };
        Self { vantage, orders, heard, tasks: vec![spawn(task)] }
    }

    /// A session over a pair of byte streams. `ended` resolves when the transport itself knows that it is over (a child
    /// exited, an exec ended): reading does not go on for more than a second after it, since some streams never end by themselves.
    pub fn over<R, W>(vantage: Vantage, reader: R, writer: W, ended: BoxFuture<'static, String>) -> Self
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let (orders, outgoing) = mpsc::unbounded_channel();
        let (incoming, heard) = mpsc::channel(QUEUE);
        let tasks = vec![spawn(write(writer, outgoing)), spawn(read(reader, incoming, ended))];
        Self { vantage, orders, heard, tasks }
    }
}

fn spawn(work: impl Future<Output = ()> + Send + 'static) -> AbortOnDropHandle<()> {
    let handle: JoinHandle<()> = tokio::spawn(work);
    AbortOnDropHandle::new(handle)
}

async fn write<W: AsyncWrite + Unpin>(writer: W, mut outgoing: mpsc::UnboundedReceiver<ToAgent>) {
    let mut lines = FramedWrite::new(writer, LinesCodec::new());
    while let Some(message) = outgoing.recv().await {
        // A broken connection shows on the reading side, which says how it ended.
        if lines.send(wire::encode(&message)).await.is_err() {
            return;
        }
    }
}

async fn read<R: AsyncRead + Unpin>(reader: R, incoming: mpsc::Sender<Heard>, ended: BoxFuture<'static, String>) {
    let mut lines = FramedRead::new(reader, LinesCodec::new_with_max_length(wire::LINE_LIMIT));
    let mut ended = Some(ended);
    let mut last_words = None;
    let grace = tokio::time::sleep(std::time::Duration::MAX);
    tokio::pin!(grace);
    loop {
        let over = async {
            match &mut ended {
                Some(ended) => ended.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            line = lines.next() => match line {
                Some(Ok(line)) => {
                    let heard = wire::decode(&line).map_or_else(Heard::Garbled, Heard::Message);
                    if incoming.send(heard).await.is_err() { return; }
                }
                Some(Err(error)) => {
                    let why = last_words.unwrap_or_else(|| format!("reading from the agent: {error}"));
                    let _ = incoming.send(Heard::Ended(why)).await;
                    return;
                }
                None => break,
            },
            why = over => {
                ended = None;
                last_words = Some(why);
                grace.as_mut().reset(tokio::time::Instant::now() + std::time::Duration::from_secs(1));
            }
            () = &mut grace, if last_words.is_some() => break,
        }
    }
    let why = match (last_words, ended) {
        (Some(why), _) => why,
        (None, Some(ended)) => {
            tokio::time::timeout(std::time::Duration::from_secs(1), ended).await.unwrap_or_else(|_| "its output ended".to_owned())
        }
        (None, None) => "its output ended".to_owned(),
    };
    let _ = incoming.send(Heard::Ended(why)).await;
}
