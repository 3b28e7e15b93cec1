//! The far end: answers the questions of this run's agents, by UDP, TCP and HTTP, with their nonce and its own name, and nothing
//! else. It must not know who asks or why.

mod datagrams;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::model::family::Family;
use crate::model::units::{Port, PortRange};
use crate::probe::http::echo;
use crate::probe::packet::{QUESTION_LENGTH, Question, Reading, RunTag};
use crate::probe::{forbid_splitting, keep_errors};

use super::error::AgentError;
use datagrams::Desk;

/// The responders of an agent. Dropping them ends them.
#[derive(Debug)]
pub struct Responders {
    /// Where TCP is answered, on every address.
    pub tcp: Port,
    /// Where UDP is answered, on every address.
    pub udp: Port,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

/// Which ports an agent may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Any that are free: others use this network as well.
    Free,
    /// The first free ones of these.
    Among(PortRange),
}

/// Who answers, and for whom.
#[derive(Debug)]
struct Responder {
    run: RunTag,
    name: String,
}

/// Room for questions while this process does not run: many agents ask one. The kernel cuts it to `net.core.rmem_max`.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Handshakes that the kernel may complete before we look at them; it cuts this to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// Connections that are answered at once; more wait in the backlog.
const CONNECTIONS: usize = 512;

/// What a connection may take from beginning to end.
const CONNECTION_LIMIT: Duration = Duration::from_secs(5);

/// From one attempt to the next where the system refuses them.
const PAUSE: Duration = Duration::from_millis(20);

/// So many errors in a row, and a socket is left alone for [`PAUSE`] after each more.
const ERRORS: u32 = 64;

/// How often another free port is tried that has to be free on several addresses.
const PORT_TRIES: usize = 64;

/// Answers on all these addresses and no others, on one TCP and one UDP port, which are free on all of them.
///
/// # Errors
/// An address or a port cannot be had.
pub fn respond(run: &str, name: &str, addresses: &[IpAddr], ports: Ports) -> Result<Responders, AgentError> {
    let responder = Arc::new(Responder { run: RunTag::of(run), name: name.to_owned() });
    let (udp_sockets, udp) = bind_all("UDP", addresses, ports, bind_udp)?;
    let (tcp_sockets, tcp) = bind_all("TCP", addresses, ports, bind_tcp)?;
    let mut tasks = Vec::new();
    for socket in udp_sockets {
        tasks.push(AbortOnDropHandle::new(tokio::spawn(Desk::new(socket, Arc::clone(&responder)).answer())));
    }
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    for listener in tcp_sockets {
        tasks.push(AbortOnDropHandle::new(tokio::spawn(answer_connections(listener, Arc::clone(&responder), Arc::clone(&places)))));
    }
    Ok(Responders { tcp, udp, _tasks: tasks })
}

/// One socket an address, all on the same port.
fn bind_all<S>(
    what: &'static str,
    addresses: &[IpAddr],
    ports: Ports,
    bind: fn(SocketAddr) -> io::Result<(S, SocketAddr)>,
) -> Result<(Vec<S>, Port), AgentError> {
    let tries: Box<dyn Iterator<Item = u16>> = match ports {
        Ports::Free => Box::new(std::iter::repeat_n(0, PORT_TRIES)),
        Ports::Among(range) => Box::new(range.iter().map(Port::get)),
    };
    let mut taken = None;
    for port in tries {
        match bind_each(addresses, port, bind) {
            Ok((sockets, Some(port))) => return Ok((sockets, port)),
            Ok((_, None)) => return Err(AgentError::NoAddress),
            Err((address, source)) if source.kind() == io::ErrorKind::AddrInUse => taken = Some((address, source)),
            Err((address, source)) => return Err(AgentError::Responder { what, address, source }),
        }
    }
    Err(match (taken, ports) {
        (Some((address, source)), Ports::Among(range)) if range.iter().nth(1).is_some() => {
            AgentError::NoPort { what, range, address: address.ip(), source }
        }
        (Some((address, source)), _) => AgentError::Responder { what, address, source },
        (None, _) => AgentError::NoAddress,
    })
}

type Bound<S> = (Vec<S>, Option<Port>);

fn bind_each<S>(
    addresses: &[IpAddr],
    port: u16,
    bind: fn(SocketAddr) -> io::Result<(S, SocketAddr)>,
) -> Result<Bound<S>, (SocketAddr, io::Error)> {
    let (mut sockets, mut taken) = (Vec::new(), Port::new(port));
    for address in addresses {
        let address = SocketAddr::new(*address, taken.map_or(0, Port::get));
        let (socket, bound) = bind(address).map_err(|error| (address, error))?;
        sockets.push(socket);
        taken = Port::new(bound.port());
    }
    Ok((sockets, taken))
}

fn bind_udp(address: SocketAddr) -> io::Result<(UdpSocket, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    forbid_splitting(&socket, Family::of(address.ip()))?;
    keep_errors(&socket, Family::of(address.ip()))?;
    socket.bind(&address.into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    let bound = socket.local_addr()?;
    Ok((socket, bound))
}

fn bind_tcp(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from_std(socket.into())?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

impl Responder {
    /// The answer to these bytes; none if they are no question of this run.
    fn answer(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        match Question::read(bytes) {
            Reading::Whole(question, end) if end == bytes.len() && question.run == self.run => Some(question.answer(&self.name)),
            Reading::Whole(..) | Reading::Partial | Reading::Noise => None,
        }
    }
}

async fn answer_connections(listener: TcpListener, responder: Arc<Responder>, places: Arc<Semaphore>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let responder = Arc::clone(&responder);
                connections.spawn(async move {
                    let _ = timeout(CONNECTION_LIMIT, answer_connection(stream, &responder)).await;
                    drop(place);
                });
            }
            // Out of descriptors, most likely: they come back as connections end.
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// One question, one answer; then the other side closes, so that its end of the connection, not ours, is the one that waits.
/// How it begins tells in what it is asked: bytes of ours, or HTTP.
async fn answer_connection(mut stream: TcpStream, responder: &Responder) -> io::Result<()> {
    let mut bytes = [0; QUESTION_LENGTH];
    let (begins, rest) = bytes.split_at_mut(echo::BEGINS.len());
    stream.read_exact(begins).await?;
    let answer = if begins == echo::BEGINS {
        http_answer(&mut stream, responder).await?
    } else {
        stream.read_exact(rest).await?;
        responder.answer(&bytes)
    };
    if let Some(answer) = answer {
        stream.write_all(&answer).await?;
        let _closed = stream.read(&mut bytes).await?;
    }
    Ok(())
}

/// The answer to a request whose first bytes have been read; none if it asks nothing of this run.
async fn http_answer(stream: &mut TcpStream, responder: &Responder) -> io::Result<Option<Vec<u8>>> {
    let mut head = echo::BEGINS.to_vec();
    let mut limited = BufReader::new(stream).take(echo::HEAD_LIMIT as u64);
    while !head.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut head).await? == 0 {
            return Ok(None);
        }
    }
    let question = echo::asked(&head).filter(|question| question.run == responder.run);
    Ok(question.map(|question| echo::response(&question, &responder.name).into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn free_ports_are_the_same_on_every_address() {
        let addresses: [IpAddr; 2] = [[127, 0, 0, 1].into(), [127, 0, 0, 2].into()];
        let first = respond("r", "a", &addresses, Ports::Free).unwrap();
        let second = respond("r", "b", &addresses, Ports::Free).unwrap();
        assert_ne!((first.tcp, first.udp), (second.tcp, second.udp));
    }

    /// Reading fails at once, for ever: it is a TCP socket that is not connected. While anything runs, a paused clock does not
    /// go on.
    #[test]
    fn a_socket_that_only_fails_is_left_alone_for_a_while() {
        let (done, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
            runtime.block_on(async move {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
                socket.set_nonblocking(true).unwrap();
                let socket = UdpSocket::from_std(std::os::fd::OwnedFd::from(socket).into()).unwrap();
                assert!(socket.recv_from(&mut [0; 1]).await.is_err());
                let responder = Responder { run: RunTag::of("r"), name: "a".to_owned() };
                let _answering = AbortOnDropHandle::new(tokio::spawn(Desk::new(socket, Arc::new(responder)).answer()));
                sleep(Duration::from_secs(1)).await;
                done.send(()).unwrap();
            });
        });
        heard.recv_timeout(Duration::from_secs(20)).expect("it reads without end");
    }

    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let address: IpAddr = [127, 0, 0, 1].into();
        let taken = std::net::UdpSocket::bind((address, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let only = Ports::Among(PortRange::one(Port::new(port).unwrap()));
        let error = respond("r", "a", &[address], only).unwrap_err().to_string();
        assert!(error.contains(&format!("UDP on 127.0.0.1:{port}")), "{error}");
        let error = respond("r", "a", &[], Ports::Free).unwrap_err().to_string();
        assert!(error.contains("no address"), "{error}");
    }

    /// An address of its own: other tests take ports of 127.0.0.1.
    #[tokio::test]
    async fn the_first_free_port_of_a_range_is_taken_and_a_full_range_is_named() {
        let addresses: [IpAddr; 2] = [[127, 76, 1, 1].into(), [127, 76, 1, 2].into()];
        let range = PortRange::parse("30101-30102").unwrap();
        // One address of two is enough for a port to be in use.
        let _taken = std::net::UdpSocket::bind((addresses[1], 30_101)).unwrap();
        let first = respond("r", "a", &addresses, Ports::Among(range)).unwrap();
        assert_eq!((first.udp.get(), first.tcp.get()), (30_102, 30_101));
        let error = respond("r", "b", &addresses, Ports::Among(range)).unwrap_err().to_string();
        assert!(error.starts_with("no free port among 30101-30102 for UDP on 127.76.1."), "{error}");
    }
}
