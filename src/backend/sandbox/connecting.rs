//! Connections with an agent's process, one after the other. It must not know how the process was started.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::doom::Doom;
use super::door::Door;
use super::process::Ended;
use crate::backend::{Connect, Connection, NoConnection};
use crate::wire;

/// How long opening a connection may take: nobody but the kernel has to answer.
const OPEN_WITHIN: Duration = Duration::from_secs(5);

/// What connecting with an agent takes.
#[derive(Debug, Clone)]
pub(super) struct Connecting {
    pub(super) door: Arc<Door>,
    pub(super) ended: Ended,
    pub(super) doom: Option<Arc<Doom>>,
}

impl Connecting {
    /// Opens connections, the first of which is there already.
    pub(super) fn connect(self, first: UnixStream) -> Connect {
        let mut first = Some(first);
        Box::new(move || {
            let (first, connecting) = (first.take(), self.clone());
            Box::pin(async move {
                let stream = match first {
                    Some(stream) => Ok(stream),
                    None => open(&connecting.door).await,
                };
                match (stream, connecting.ended.now()) {
                    (_, Some(how)) => Err(NoConnection::Gone(how)),
                    (Err(error), None) => Err(NoConnection::NoAnswer(error.to_string())),
                    (Ok(stream), None) => Ok(connecting.over(stream)),
                }
            })
        })
    }

    fn over(self, stream: UnixStream) -> Connection {
        let Self { door: _, mut ended, doom } = self;
        let (reader, writer) = stream.into_split();
        let writer = Box::new(writer);
        let Some(doom) = doom else {
            return Connection { reader: Box::new(reader), writer, ended: Box::pin(async move { ended.wait().await }) };
        };
        let (near, far) = tokio::io::duplex(wire::LINE_LIMIT);
        let passing = AbortOnDropHandle::new(tokio::spawn(async move { doom.pass(reader, far).await }));
        let over = async move {
            let how = ended.wait().await;
            drop(passing);
            how
        };
        Connection { reader: Box::new(near), writer, ended: Box::pin(over) }
    }
}

/// A connection that the agent accepts when it runs.
pub(super) async fn open(door: &Door) -> io::Result<UnixStream> {
    timeout(OPEN_WITHIN, door.connect()).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
