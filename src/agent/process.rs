//! The agent as a process: responders, the prober with real sockets, and the way in and out. It must not know flags or
//! environment variables; it is handed all of them.

use std::fs::{self, Permissions};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::probe::{Asker, carry_out, icmp_mode};

use super::conversation::Ending;
use super::core::Agent;
use super::interface::mtu;
use super::respond::{Responders, respond};
use super::stdio::{EndOfInput, join};
use super::{Identity, Prober};

/// An agent that has heard nothing from a controller for this long ends itself; a controller speaks at least every 30 s.
pub const IDLE_LIMIT: Duration = Duration::from_secs(300);

/// Conversations at once: all but the newest are about to end.
const CONVERSATIONS: usize = 16;

/// How long the last words may take to leave.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long an address that the agent was given may take to be there.
const SETTLING: Duration = Duration::from_secs(5);

/// Who an agent is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// Whose run it belongs to.
    pub run: String,
    /// The node it is on.
    pub node: String,
    /// Where it answers and asks from: at most one address a family.
    pub addresses: Vec<IpAddr>,
    /// Where it answers, TCP and UDP; 0 takes any free ports.
    pub port: u16,
}

/// Why an agent cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// It was given nothing to answer on.
    #[error("no address to answer on: give the agent at least one of its own")]
    NoAddress,
    /// It cannot answer there.
    #[error("answering {what} on {address}: {source}")]
    Responder {
        /// `UDP` or `TCP`.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The Unix socket cannot be used.
    #[error("{doing} the agent's socket {}: {source}", path.display())]
    Socket {
        /// `creating` or `connecting to`.
        doing: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No handler for signals.
    #[error("listening for signals: {0}")]
    Signals(io::Error),
    /// stdin and stdout cannot be used.
    #[error("joining stdin and stdout: {0}")]
    Stdio(io::Error),
    /// The controller spoke, and is not ours.
    #[error("{0}")]
    Refused(String),
    /// Nobody came.
    #[error("nothing heard from a controller for {} s: ending", IDLE_LIMIT.as_secs())]
    Abandoned,
}

/// `netcheck agent serve` in a pod: answers, and takes orders over a Unix socket with mode 0600, until it is stopped or
/// terminated, or no controller has been heard for [`IDLE_LIMIT`].
///
/// # Errors
/// It cannot answer or listen, or nobody came.
pub async fn serve_socket(options: ServeOptions, socket: &Path) -> Result<(), AgentError> {
    let mut terminated = terminations()?;
    let (agent, _responders) = start(options).await?;
    let agent = Arc::new(agent);
    let _watch = agent.watch();
    let listener = listen(socket).map_err(|source| AgentError::Socket { doing: "creating", path: socket.to_owned(), source })?;
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            _ = terminated.recv() => return Ok(()),
            Ok((stream, _)) = listener.accept(), if conversations.len() < CONVERSATIONS => {
                conversations.spawn(converse(Arc::clone(&agent), stream));
            }
            Some(ended) = conversations.join_next() => {
                if matches!(ended, Ok(Ending::Stopped)) {
                    return Ok(());
                }
            }
            () = sleep_until(agent.heard() + IDLE_LIMIT) => {
                if agent.heard().elapsed() >= IDLE_LIMIT {
                    return Err(AgentError::Abandoned);
                }
            }
        }
    }
}

/// The sandbox's agent: answers, and takes orders over stdin and stdout, until it is stopped or terminated or stdin ends.
///
/// # Errors
/// It cannot answer, or the controller is not its own.
pub async fn serve_stdio(options: ServeOptions) -> Result<(), AgentError> {
    let mut terminated = terminations()?;
    // From a terminal, these reach the whole group: the controller decides when its agents end.
    let _ignored = [SignalKind::interrupt(), SignalKind::hangup()].map(signal);
    let (agent, _responders) = start(options).await?;
    let _watch = agent.watch();
    let (stream, written) = stdio().map_err(AgentError::Stdio)?;
    let ending = tokio::select! {
        _ = terminated.recv() => return Ok(()),
        ending = converse(Arc::new(agent), stream) => ending,
    };
    let _ = timeout(FAREWELL, written).await;
    match ending {
        Ending::Stopped | Ending::Lost(_) | Ending::Replaced => Ok(()),
        Ending::Refused(why) => Err(AgentError::Refused(why)),
    }
}

async fn converse(agent: Arc<Agent>, stream: UnixStream) -> Ending {
    let (reader, writer) = stream.into_split();
    agent.converse(reader, writer).await
}

async fn start(options: ServeOptions) -> Result<(Agent, Responders), AgentError> {
    allow_descriptors();
    let ServeOptions { run, node, addresses, port } = options;
    let responders = respond_soon(|| respond(&run, &node, &addresses, port)).await?;
    let prober = prober(Asker { run: run.clone(), addresses: addresses.clone() });
    let mtu = addresses.first().map_or(0, |address| mtu(*address));
    let (tcp, udp, icmp) = (responders.tcp, responders.udp, icmp_mode());
    Ok((Agent::new(Identity { run, node, addresses, tcp, udp, icmp, mtu }, prober), responders))
}

/// An IPv6 address cannot be bound while the system still makes sure that nobody else has it (RFC 4862 5.4).
async fn respond_soon(respond: impl Fn() -> Result<Responders, AgentError>) -> Result<Responders, AgentError> {
    let until = Instant::now() + SETTLING;
    loop {
        match respond() {
            Err(AgentError::Responder { source, .. }) if source.kind() == io::ErrorKind::AddrNotAvailable && Instant::now() < until => {
                sleep(SETTLING / 50).await;
            }
            result => return result,
        }
    }
}

/// The prober with real sockets.
fn prober(asker: Asker) -> Prober {
    let asker = Arc::new(asker);
    Arc::new(move |share, outcomes| {
        let asker = Arc::clone(&asker);
        Box::pin(async move { carry_out(&asker, &share, outcomes).await })
    })
}

/// A share of a thousand targets takes as many sockets, and the soft limit of a container is often 1,024. Where it cannot be
/// raised, the pairs that get no socket say so.
fn allow_descriptors() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// As process 1 of a container, an agent would not even notice a SIGTERM that it does not handle.
fn terminations() -> Result<Signal, AgentError> {
    signal(SignalKind::terminate()).map_err(AgentError::Signals)
}

/// Nobody can connect before the mode is right, since nobody listens until then.
fn listen(path: &Path) -> io::Result<UnixListener> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        fs::remove_file(path)?;
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::unix(path)?)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(i32::try_from(CONVERSATIONS).unwrap_or(i32::MAX))?;
    UnixListener::from_std(socket.into())
}

fn stdio() -> io::Result<(UnixStream, tokio::sync::oneshot::Receiver<()>)> {
    let (ours, theirs) = StdUnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let written = join(theirs, EndOfInput::HangsUp)?;
    Ok((UnixStream::from_std(ours)?, written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::Micros;
    use crate::wire::{self, Beat, ControllerHello, FromAgent, ToAgent};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};

    fn options() -> ServeOptions {
        let addresses = vec![IpAddr::from([127, 0, 0, 1])];
        ServeOptions { run: "run".to_owned(), node: "node1".to_owned(), addresses, port: 0 }
    }

    /// What carries a connection may hold it open for ever after its controller was killed.
    #[tokio::test(start_paused = true)]
    async fn an_agent_that_hears_nothing_ends_although_its_connection_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let began = Instant::now();
        let silent = async {
            while !path.exists() {
                tokio::task::yield_now().await;
            }
            let _held = UnixStream::connect(&path).await;
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            ended = serve_socket(options(), &path) => ended,
            () = silent => unreachable!("it waits for ever"),
        };
        assert!(matches!(ended, Err(AgentError::Abandoned)), "{ended:?}");
        assert!(began.elapsed() < IDLE_LIMIT + Duration::from_secs(1));
    }

    /// Says a line, and returns the first beat with an answer after it.
    async fn ask(stream: &mut BufStream<UnixStream>, number: u64) -> Beat {
        stream.write_all((wire::encode(&ToAgent::Ask { number }) + "\n").as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            match wire::decode(line.trim_end()).unwrap() {
                FromAgent::Beat(beat) if beat.answers == number => return beat,
                FromAgent::Beat(_) | FromAgent::Hello(_) | FromAgent::Outcome(_) | FromAgent::End(_) => {}
            }
        }
    }

    #[tokio::test]
    async fn a_beat_tells_that_the_agent_stood_still() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let questions = async {
            while !path.exists() {
                tokio::task::yield_now().await;
            }
            let mut stream = BufStream::new(UnixStream::connect(&path).await.unwrap());
            let hello = ControllerHello { wire: wire::VERSION, run: "run".to_owned(), from: 1 };
            stream.write_all((wire::encode(&ToAgent::Hello(hello)) + "\n").as_bytes()).await.unwrap();
            ask(&mut stream, 1).await;
            // Agent and controller share the test's one thread here.
            std::thread::sleep(Duration::from_millis(300));
            assert!(ask(&mut stream, 2).await.stalled >= Micros(200_000));
        };
        tokio::select! {
            ended = serve_socket(options(), &path) => panic!("{ended:?}"),
            () = questions => {}
        }
    }
}
