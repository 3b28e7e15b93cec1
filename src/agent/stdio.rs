//! Joins this process's stdin and stdout with a stream, by threads of their own: a read from stdin cannot be called off, and
//! must hold nobody up. It must not know what the bytes mean.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::error::AgentError;

/// `netcheck agent attach`: joins stdin and stdout with the agent's Unix socket, until the socket or stdout ends. The end of
/// stdin ends nothing.
///
/// # Errors
/// The socket cannot be reached.
pub async fn attach(socket: &Path) -> Result<(), AgentError> {
    let reaching = |source| AgentError::Socket { doing: "connecting to", path: socket.to_owned(), source };
    let stream = connect(socket).await.map_err(reaching)?;
    let ended = join(stream).map_err(AgentError::Stdio)?;
    // An error means that the joining thread is gone, which is an end as well.
    let _ = ended.await;
    Ok(())
}

/// How long an agent that has just been started may take until it listens.
const LISTENS_WITHIN: Duration = Duration::from_secs(5);

/// Connects as soon as somebody listens.
async fn connect(socket: &Path) -> io::Result<UnixStream> {
    let deadline = Instant::now() + LISTENS_WITHIN;
    loop {
        match UnixStream::connect(socket) {
            Err(error) if Instant::now() < deadline && not_yet(&error) => sleep(Duration::from_millis(20)).await,
            result => return result,
        }
    }
}

fn not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// Joins; what is returned resolves when everything from the stream has been written to stdout, or cannot be.
fn join(stream: UnixStream) -> io::Result<oneshot::Receiver<()>> {
    let (ending, ended) = oneshot::channel();
    let (mut from, mut to) = (stream.try_clone()?, stream);
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        // Its end means nothing: some carriers close it early.
        if pump(&mut input, &mut to).is_err() {
            let _ = to.shutdown(Shutdown::Write);
        }
    })?;
    thread::Builder::new().name("stdout".to_owned()).spawn(move || {
        let _ = pump(&mut from, &mut output);
        let _ = ending.send(());
    })?;
    Ok(ended)
}

/// Copies what comes as it comes, until the end of the one or the refusal of the other.
fn pump(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut bytes = [0; 16 * 1024];
    loop {
        match from.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => to.write_all(&bytes[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Whoever gave us this end also uses it, and does not want to wait.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(error),
        }
    }
}
