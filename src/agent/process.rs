//! The agent as a process: responders, the prober with real sockets, and the way in and out. It must not know flags or
//! environment variables; it is handed all of them.

use std::fs::{self, Permissions};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdUnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Pid, getppid};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::model::family::Family;
use crate::model::units::Port;
use crate::model::vantage::Vantage;
use crate::probe::interface::{holds, mtu};
use crate::probe::{Asker, carry_out, default_routes, icmp_mode};
use crate::wire::{Resolver, Share};

use super::conversation::Ending;
use super::error::AgentError;
use super::life::Agent;
use super::resolver::{RESOLV_CONF, resolver};
use super::respond::{Ports, Responders, respond};
use super::{Identity, Prober};

/// An agent that has heard nothing from a controller for this long ends itself; a controller speaks at least every 30 s.
pub const IDLE_LIMIT: Duration = Duration::from_secs(300);

/// Conversations at once: all but the newest are about to end.
const CONVERSATIONS: usize = 16;

/// How long an address that the agent was given may take to be there.
const SETTLING: Duration = Duration::from_secs(5);

/// Who an agent is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// Whose run it belongs to.
    pub run: String,
    /// Where it is; its name is that.
    pub vantage: Vantage,
    /// Where it answers and asks from: at most one address a family.
    pub addresses: Vec<IpAddr>,
    /// Where it may be as well, as others say: taken for a family of which `addresses` has none, if this machine has it.
    pub presumed: Vec<IpAddr>,
    /// Where it answers, TCP and UDP.
    pub ports: Ports,
    /// How many agents share its machine, this one with them.
    pub among: NonZeroU32,
    /// Where its pod has a token and the certificates of the cluster, if it has them.
    pub credentials: PathBuf,
    /// Whom applications in its place ask for names, if the machine's resolv.conf is not to be read.
    pub resolver: Option<Resolver>,
}

/// `netcheck agent serve` in a pod: answers, and takes orders over a Unix socket with mode 0600, until it is stopped or
/// terminated, or no controller has been heard for [`IDLE_LIMIT`].
///
/// # Errors
/// It cannot answer or listen, or nobody came.
pub async fn serve_socket(options: ServeOptions, socket: &Path) -> Result<(), AgentError> {
    let listen = || listen(socket).map_err(|source| AgentError::Socket { doing: "creating", path: socket.to_owned(), source });
    serve(options, listen).await
}

/// The sandbox's agent: the same, over a listening Unix socket that it finds as its standard input.
///
/// # Errors
/// It cannot answer, standard input is no such socket, or nobody came.
pub async fn serve_inherited(options: ServeOptions) -> Result<(), AgentError> {
    serve(options, || inherited().map_err(AgentError::NotInherited)).await
}

/// Ties this process to its parent of that number: it is killed when the thread that started it ends, whatever it is doing,
/// even while it is stopped (`PR_SET_PDEATHSIG`, prctl(2)).
///
/// # Errors
/// The system refuses, or the parent has ended already.
pub fn end_with(parent: i32) -> Result<(), AgentError> {
    let refused = |error| AgentError::NotTied(parent, error);
    set_pdeathsig(nix::sys::signal::Signal::SIGKILL).map_err(|error| refused(error.into()))?;
    // It may have ended before we asked: then another process is our parent by now.
    if getppid() == Pid::from_raw(parent) { Ok(()) } else { Err(refused(io::ErrorKind::NotFound.into())) }
}

/// Gives up every capability of the calling thread and of those that it starts, so that even root is no more than a pod under
/// the Pod Security level "restricted" is (capabilities(7)).
///
/// # Errors
/// The system refuses.
pub fn give_up_capabilities() -> Result<(), AgentError> {
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).map_err(|error| AgentError::Capable(error.into()))
}

async fn serve(options: ServeOptions, listen: impl FnOnce() -> Result<UnixListener, AgentError>) -> Result<(), AgentError> {
    let mut terminated = terminations()?;
    let (agent, _responders) = start(options).await?;
    let agent = Arc::new(agent);
    let _watch = agent.watch();
    let listener = listen()?;
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
                    return Err(AgentError::Abandoned(IDLE_LIMIT));
                }
            }
        }
    }
}

async fn converse(agent: Arc<Agent>, stream: UnixStream) -> Ending {
    let (reader, writer) = stream.into_split();
    agent.converse(reader, writer).await
}

async fn start(options: ServeOptions) -> Result<(Agent, Responders), AgentError> {
    allow_descriptors();
    let ServeOptions { run, vantage, addresses, presumed, ports, among, credentials, resolver: given } = options;
    let (node, addresses) = (vantage.to_string(), completed(addresses, presumed, holds));
    // In a pod of the user's nobody new is to be reached.
    let reachable = if vantage.of_workload().is_some() { vec![IpAddr::from(Ipv4Addr::LOCALHOST)] } else { addresses.clone() };
    let responders = respond_soon(|| respond(&run, &node, &reachable, ports)).await?;
    let resolver = given.unwrap_or_else(|| resolver(Path::new(RESOLV_CONF)));
    let asker = Asker {
        run: run.clone(),
        addresses: addresses.clone(),
        credentials: super::credentials::credentials(credentials),
        resolver: resolver.clone(),
        dns: Port::DNS,
    };
    let prober = prober(asker, among);
    let mtu = addresses.first().map_or(0, |address| mtu(*address));
    let (tcp, udp, icmp) = (responders.tcp, responders.udp, icmp_mode());
    let routes = default_routes();
    Ok((Agent::new(Identity { run, node, addresses, tcp, udp, icmp, mtu, resolver, routes }, prober), responders))
}

/// The addresses, with what is presumed for the families that they lack, where it is `held`.
fn completed(mut addresses: Vec<IpAddr>, presumed: Vec<IpAddr>, held: impl Fn(IpAddr) -> bool) -> Vec<IpAddr> {
    for address in presumed {
        if !addresses.iter().any(|other| Family::of(*other) == Family::of(address)) && held(address) {
            addresses.push(address);
        }
    }
    addresses
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
fn prober(asker: Asker, among: NonZeroU32) -> Prober {
    let asker = Arc::new(asker);
    Arc::new(move |share, outcomes| {
        let asker = Arc::clone(&asker);
        let share = Share { pace: share.pace.among(among), ..share };
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

/// Whoever started this process has bound the socket and listens on it already.
fn inherited() -> io::Result<UnixListener> {
    let input = io::stdin();
    if !SockRef::from(&input).is_listener()? {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let listener = StdUnixListener::from(input.as_fd().try_clone_to_owned()?);
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::Micros;
    use crate::wire::{self, Beat, ControllerHello, FromAgent, ToAgent};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};

    fn options() -> ServeOptions {
        let addresses = vec![IpAddr::from([127, 0, 0, 1])];
        let (run, vantage) = ("run".to_owned(), Vantage::pod("node1"));
        ServeOptions {
            run,
            vantage,
            addresses,
            presumed: Vec::new(),
            ports: Ports::Free,
            among: NonZeroU32::MIN,
            credentials: PathBuf::new(),
            resolver: None,
        }
    }

    #[test]
    fn only_missing_families_are_presumed_and_only_what_is_there() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for (given, presumed, expected) in [
            (vec!["10.0.0.1"], vec!["10.0.0.9", "fd00::1"], vec!["10.0.0.1", "fd00::1"]),
            (vec!["10.0.0.1"], vec!["10.0.0.9", "fd00::dead"], vec!["10.0.0.1"]),
            (vec![], vec!["10.0.0.9"], vec!["10.0.0.9"]),
            (vec!["fd00::2", "10.0.0.1"], vec!["fd00::1"], vec!["fd00::2", "10.0.0.1"]),
        ] {
            let [given, presumed, expected] = [given, presumed, expected].map(|list| list.into_iter().map(address).collect::<Vec<_>>());
            assert_eq!(completed(given, presumed, |held| held != address("fd00::dead")), expected);
        }
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
        assert!(matches!(ended, Err(AgentError::Abandoned(IDLE_LIMIT))), "{ended:?}");
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
