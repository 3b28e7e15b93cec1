//! The way in to an agent: a Unix socket on which it listens, known to nobody but the two. It must not know what is said there.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use tokio::net::UnixStream;

/// The controller's side: connections are opened through it as long as the agent listens.
#[derive(Debug)]
pub(super) struct Door {
    socket: OwnedFd,
}

impl Door {
    /// Makes the socket, and removes its name and its directory again: `directory` exists but for this call, so whatever
    /// happens to us afterwards, nothing is left in the file system. The agent gets the first as its standard input.
    pub(super) fn make(directory: &Path) -> io::Result<(UnixListener, Self)> {
        DirBuilder::new().mode(0o700).create(directory)?;
        let made = make_in(directory);
        let removed = fs::remove_dir_all(directory);
        let (listener, socket) = made?;
        removed?;
        Ok((listener, Self { socket }))
    }

    /// The agent accepts it when it runs.
    pub(super) async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(through(&self.socket)).await
    }
}

fn make_in(directory: &Path) -> io::Result<(UnixListener, OwnedFd)> {
    // Not by the standard library: with musl it takes `O_PATH` for an access mode, and leaves it out.
    let place = |path: &Path| open(path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty());
    // The path of a socket may have 108 bytes (unix(7)); that of a directory for temporary files may be longer.
    let directory = place(directory)?;
    let path = Path::new(&through(&directory)).join("socket");
    let listener = UnixListener::bind(&path)?;
    Ok((listener, place(&path)?))
}

/// A path to what is open, also when it has no other path (proc(5)).
fn through(file: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}
