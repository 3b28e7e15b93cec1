//! The DNS server of a world: sockets in a network namespace of its own, which the fabric knows as any other, and a task that answers
//! on them. It must not know what it says.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::keeper::Keeper;
use super::namespace::{Furniture, Namespace};
use super::refused::{Refused, Step};
use crate::backend::dns;
use crate::model::dns::Transport;
use crate::model::units::Port;
use crate::model::world::{Spot, World};

/// Its tasks; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Names(#[expect(dead_code, reason = "kept for its tasks")] JoinSet<()>);

/// The sockets of an address.
type Doors = (UdpSocket, TcpListener);

/// The longest query by UDP.
const QUERY_LIMIT: usize = 4_096;

/// How long somebody who has connected may take to ask.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections at once; who comes then waits.
const CONNECTIONS: usize = 1_000;

/// After an error of a socket, such as too many open files.
const PAUSE: Duration = Duration::from_millis(10);

/// Makes its network and lets it answer there. The second is the other end of the network's device.
pub(super) async fn raise(world: &Arc<World>, keeper: &Keeper) -> Result<(Names, OwnedFd), Refused> {
    let addresses: Vec<IpAddr> = world.families.iter().map(|family| Spot::DNS.address(*family)).collect();
    let furniture = Furniture { addresses: addresses.clone(), mtu: u16::try_from(world.overlay_mtu.0).unwrap_or(u16::MAX), ping: true };
    let made = keeper.carry_out(move || {
        let (_, device) = Namespace::create(&furniture)?;
        let doors = addresses.iter().map(|address| open(*address)).collect::<io::Result<Vec<Doors>>>();
        doors.map(|doors| (doors, device)).map_err(|error| Step::Names.refused(error))
    });
    let (doors, device) = made.await.map_err(|error| Step::Thread.refused(error))??;
    let mut tasks = JoinSet::new();
    for (udp, tcp) in doors {
        tasks.spawn(datagrams(Arc::clone(world), udp));
        tasks.spawn(connections(Arc::clone(world), tcp));
    }
    Ok((Names(tasks), device))
}

/// In the network namespace of the calling thread.
fn open(address: IpAddr) -> io::Result<Doors> {
    let at = SocketAddr::new(address, Port::DNS.get());
    let socket = |kind, protocol| {
        let socket = Socket::new(Domain::for_address(at), kind, Some(protocol))?;
        socket.set_nonblocking(true)?;
        socket.bind(&at.into())?;
        Ok::<_, io::Error>(socket)
    };
    let (udp, tcp) = (socket(Type::DGRAM, Protocol::UDP)?, socket(Type::STREAM, Protocol::TCP)?);
    tcp.listen(1_024)?;
    Ok((UdpSocket::from_std(udp.into())?, TcpListener::from_std(tcp.into())?))
}

async fn datagrams(world: Arc<World>, socket: UdpSocket) {
    let mut query = vec![0; QUERY_LIMIT];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut query).await else {
            sleep(PAUSE).await;
            continue;
        };
        if let Some(answer) = dns::answer(&world, &query[..length], Transport::Udp) {
            // Whoever asked may be gone.
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn connections(world: Arc<World>, listener: TcpListener) {
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        if open.len() >= CONNECTIONS {
            open.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                let world = Arc::clone(&world);
                open.spawn(async move {
                    // Whoever asks nothing in time is not answered.
                    let _ = timeout(PATIENCE, converse(&world, stream)).await;
                });
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// One query after the other, each behind its length. Who is to be told nothing is left waiting.
async fn converse(world: &World, mut stream: TcpStream) -> io::Result<()> {
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).await?;
        let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut query).await?;
        let Some(answer) = dns::answer(world, &query, Transport::Tcp) else { continue };
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat()).await?;
    }
}
