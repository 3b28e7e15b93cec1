//! Sockets on which servers of a world listen, opened in the network namespace of the calling thread, and those who come to them.
//! It must not know what is said.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long a connection may take from beginning to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connections at once; who comes then waits.
const CONNECTIONS: usize = 1_000;

/// After an error of a socket, such as too many open files.
const PAUSE: Duration = Duration::from_millis(10);

/// The longest datagram that is read whole.
const DATAGRAM_LIMIT: usize = 65_535;

/// Needs a Tokio runtime.
pub(super) fn datagrams(at: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::from_std(socket(at, Type::DGRAM, Protocol::UDP)?.into())
}

/// Needs a Tokio runtime.
pub(super) fn connections(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(at, Type::STREAM, Protocol::TCP)?;
    socket.listen(1_024)?;
    TcpListener::from_std(socket.into())
}

fn socket(at: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(at), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    Ok(socket)
}

/// Answers every datagram that there is an answer to.
pub(super) async fn answer(socket: UdpSocket, answer: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let mut question = vec![0; DATAGRAM_LIMIT];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut question).await else {
            sleep(PAUSE).await;
            continue;
        };
        if let Some(answer) = answer(&question[..length]) {
            // Whoever asked may be gone.
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

/// Talks with everybody who connects, with many at once.
pub(super) async fn converse<F>(listener: TcpListener, converse: impl Fn(TcpStream) -> F)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        if open.len() >= CONNECTIONS {
            open.join_next().await;
        }
        match listener.accept().await {
            // Whoever asks nothing in time is not answered.
            Ok((stream, _)) => drop(open.spawn(timeout(PATIENCE, converse(stream)))),
            Err(_) => sleep(PAUSE).await,
        }
    }
}
