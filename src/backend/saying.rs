//! What is said to an agent over one connection, until nobody has anything to say over it any more; whether it is taken or not.
//! It must not know what is said.

use std::time::Duration;

use futures::SinkExt;
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::codec::{FramedWrite, LinesCodec};

use crate::wire::{self, ToAgent};

/// Once nobody has anything to say, how long a connection may take what was said before.
const GRACE: Duration = Duration::from_secs(1);

/// Says everything that is to be said. A connection that takes nothing must not keep this from ending: it is the only way in
/// which it can be given up.
pub(super) async fn say(writer: impl AsyncWrite + Unpin, outgoing: mpsc::UnboundedReceiver<ToAgent>) {
    let (taken, waiting) = mpsc::unbounded_channel();
    tokio::select! {
        biased;
        () = write(writer, waiting) => {}
        () = take(outgoing, taken) => {}
    }
}

async fn write(writer: impl AsyncWrite + Unpin, mut waiting: mpsc::UnboundedReceiver<ToAgent>) {
    let mut lines = FramedWrite::new(writer, LinesCodec::new());
    while let Some(message) = waiting.recv().await {
        if lines.send(wire::encode(&message)).await.is_err() {
            // A broken connection shows on the reading side, which says how it ended.
            std::future::pending::<()>().await;
        }
    }
}

async fn take(mut outgoing: mpsc::UnboundedReceiver<ToAgent>, taken: mpsc::UnboundedSender<ToAgent>) {
    while let Some(message) = outgoing.recv().await {
        // Whoever writes ends after this does.
        let _ = taken.send(message);
    }
    drop(taken);
    sleep(GRACE).await;
}
