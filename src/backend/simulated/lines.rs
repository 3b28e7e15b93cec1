//! What an agent's faults do to the lines that it writes. It knows the wire, and nothing of packets.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use tokio::sync::oneshot;

use crate::model::world::AgentFault;
use crate::wire::{self, FromAgent};

/// A writer that passes whole lines on, changed as the fault wants it.
pub(super) struct Faulty<W> {
    inner: W,
    fault: Option<AgentFault>,
    /// What was written and is not a whole line yet.
    line: Vec<u8>,
    /// What is to be passed on.
    pending: Vec<u8>,
    /// Outcomes that were written.
    outcomes: u32,
    death: Option<oneshot::Sender<String>>,
    dying: Option<oneshot::Receiver<String>>,
}

impl<W> Faulty<W> {
    pub(super) fn new(inner: W, fault: Option<AgentFault>) -> Self {
        let (death, dying) = oneshot::channel();
        Self { inner, fault, line: Vec::new(), pending: Vec::new(), outcomes: 0, death: Some(death), dying: Some(dying) }
    }

    /// Resolves when the fault kills the agent, and never otherwise.
    pub(super) fn over(&mut self) -> impl Future<Output = String> + use<W> {
        let dying = self.dying.take();
        async move {
            match dying {
                Some(dying) => match dying.await {
                    Ok(why) => why,
                    Err(_) => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.pass(&String::from_utf8_lossy(&line));
            } else {
                self.line.push(*byte);
            }
        }
    }

    fn pass(&mut self, line: &str) {
        let message = wire::decode::<FromAgent>(line).ok();
        let is_outcome = matches!(message, Some(FromAgent::Outcome(_)));
        let lines: Vec<String> = match (&self.fault, message) {
            (Some(AgentFault::Speaks(version)), Some(FromAgent::Hello(mut hello))) => {
                hello.wire = *version;
                vec![wire::encode(&FromAgent::Hello(hello))]
            }
            (Some(AgentFault::OtherRun), Some(FromAgent::Hello(mut hello))) => {
                "0ther".clone_into(&mut hello.run);
                vec![wire::encode(&FromAgent::Hello(hello))]
            }
            (Some(AgentFault::FreezesAfter(count)), Some(FromAgent::Outcome(_) | FromAgent::End(_) | FromAgent::Beat(_)))
                if self.outcomes >= *count =>
            {
                Vec::new()
            }
            // Dead already, though not buried yet.
            (Some(AgentFault::DiesAfter(_)), _) if self.death.is_none() => Vec::new(),
            (Some(AgentFault::GarblesAfter(count)), Some(FromAgent::Outcome(_))) if self.outcomes == *count => {
                vec!["\u{1}noise".to_owned()]
            }
            (Some(AgentFault::DoublesAfter(count)), Some(FromAgent::Outcome(mut record))) if self.outcomes == *count => {
                let first = line.to_owned();
                record.sequence += 1;
                vec![first, wire::encode(&FromAgent::Outcome(record))]
            }
            (Some(AgentFault::DropsAfter(count)), Some(FromAgent::Outcome(_))) if self.outcomes == *count => Vec::new(),
            _ => vec![line.to_owned()],
        };
        self.outcomes += u32::from(is_outcome);
        for line in lines {
            self.pending.extend(line.bytes().chain([b'\n']));
        }
        if let Some(AgentFault::DiesAfter(count)) = self.fault
            && is_outcome
            && self.outcomes >= count
            && let Some(death) = self.death.take()
        {
            let _ = death.send("its process ended with exit code 137".to_owned());
        }
    }
}

impl<W: AsyncWrite + Unpin> Faulty<W> {
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            match Pin::new(&mut self.inner).poll_write(context, &self.pending) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => drop(self.pending.drain(..written)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Faulty<W> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.poll_pending(context)?.is_pending() {
            return Poll::Pending;
        }
        self.take(bytes);
        // What does not fit now goes with the next write or flush.
        let _ = self.poll_pending(context)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.poll_pending(context)?.is_pending() {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.poll_pending(context)?.is_pending() {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
