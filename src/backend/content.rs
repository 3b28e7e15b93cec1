//! Files that a user names, from the disk or from a pipe: read within bounds of size and of time. It must not know what is in them.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How long whoever writes into a pipe may take: longer than any program that makes a suite or a kubeconfig, and shorter than a pipeline hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// At most one byte more than that of a file, or of a pipe that somebody writes to: that one is enough to refuse it.
///
/// # Errors
/// It cannot be read, or nobody wrote it to its end within a minute.
pub fn at_most(path: &Path, bytes: usize) -> std::io::Result<Vec<u8>> {
    within(path, bytes, PATIENCE)
}

/// No thread waits in the place of this one: a sandbox is made by a process that has had none.
fn within(path: &Path, most: usize, patience: Duration) -> std::io::Result<Vec<u8>> {
    let deadline = Instant::now() + patience;
    let mut content = Vec::new();
    // Opened otherwise, a pipe that nobody writes to is waited for already now.
    let mut file = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    let mut room = vec![0; 65_536];
    while content.len() <= most {
        ready(&file, deadline, patience)?;
        match file.read(&mut room) {
            Ok(0) => break,
            Ok(count) => content.extend_from_slice(&room[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    content.truncate(most + 1);
    Ok(content)
}

/// Until there is something to read, or the end of it.
fn ready(file: &File, deadline: Instant, patience: Duration) -> std::io::Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) => {
                let message = format!("nobody has written it to its end within {} s: it is a pipe, or a terminal", patience.as_secs_f64());
                return Err(Error::new(ErrorKind::TimedOut, message));
            }
            Ok(_) => return Ok(()),
            // To read now would be to find the end of what nobody has begun to write.
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::path::PathBuf;

    fn pipe(home: &tempfile::TempDir) -> PathBuf {
        let path = home.path().join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        path
    }

    #[test]
    fn a_pipe_without_a_writer_is_not_waited_for_for_ever() {
        let home = tempfile::tempdir().unwrap();
        let error = within(&pipe(&home), 10, Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.to_string(), "nobody has written it to its end within 0.05 s: it is a pipe, or a terminal");
    }

    #[test]
    fn a_pipe_is_read_to_its_end_whoever_comes_first() {
        let home = tempfile::tempdir().unwrap();
        let path = pipe(&home);
        let other = path.clone();
        let writer = std::thread::spawn(move || {
            let mut pipe = OpenOptions::new().write(true).open(other).unwrap();
            pipe.write_all(b"netcheck: ").unwrap();
            pipe.write_all(b"v1\n").unwrap();
        });
        assert_eq!(within(&path, 100, PATIENCE).unwrap(), b"netcheck: v1\n");
        writer.join().unwrap();
    }

    #[test]
    fn what_never_ends_is_cut_and_what_is_no_file_refused() {
        assert_eq!(within(Path::new("/dev/zero"), 100_000, PATIENCE).unwrap().len(), 100_001);
        let home = tempfile::tempdir().unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(home.path().join("socket")).unwrap();
        assert!(within(&home.path().join("socket"), 10, PATIENCE).is_err());
        assert!(within(home.path(), 10, PATIENCE).unwrap_err().to_string().contains("Is a directory"));
    }
}
