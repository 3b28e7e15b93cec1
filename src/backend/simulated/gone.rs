//! The connection with an agent whose node goes away: from that moment on it is silent in both directions and does not break,
//! as a connection with a machine that has lost its power. It must not know what is said over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// A connection that may go away.
#[derive(Debug)]
pub(super) struct Fading<S> {
    inner: S,
    /// From then on it is gone.
    until: Option<Instant>,
}

impl<S> Fading<S> {
    pub(super) fn new(inner: S, until: Option<Instant>) -> Self {
        Self { inner, until }
    }

    fn is_gone(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Fading<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Nothing wakes who waits here any more, and nothing should.
        if self.is_gone() { Poll::Pending } else { Pin::new(&mut self.inner).poll_read(context, buffer) }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Fading<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_gone() { Poll::Ready(Ok(bytes.len())) } else { Pin::new(&mut self.inner).poll_write(context, bytes) }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_gone() { Poll::Ready(Ok(())) } else { Pin::new(&mut self.inner).poll_flush(context) }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_gone() { Poll::Ready(Ok(())) } else { Pin::new(&mut self.inner).poll_shutdown(context) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn a_connection_falls_silent_in_both_directions_without_breaking() {
        let (mut near, far) = tokio::io::duplex(64);
        let mut far = Fading::new(far, Some(Instant::now() + Duration::from_secs(1)));
        let mut byte = [0];
        near.write_all(b"a").await.unwrap();
        far.read_exact(&mut byte).await.unwrap();
        far.write_all(b"b").await.unwrap();
        near.read_exact(&mut byte).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        near.write_all(b"c").await.unwrap();
        far.write_all(b"d").await.unwrap();
        let within = Duration::from_secs(100);
        assert!(tokio::time::timeout(within, far.read_exact(&mut byte)).await.is_err());
        assert!(tokio::time::timeout(within, near.read_exact(&mut byte)).await.is_err());
    }
}
