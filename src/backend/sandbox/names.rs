//! The DNS server of a world: sockets in a network namespace of its own, which the fabric knows as any other, and a task that answers
//! on them. It must not know what it says.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use super::keeper::Keeper;
use super::listening;
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

/// Makes its network and lets it answer there. The second is the other end of the network's device.
pub(super) async fn raise(world: &Arc<World>, keeper: &Keeper) -> Result<(Names, OwnedFd), Refused> {
    let addresses: Vec<IpAddr> = world.families.iter().map(|family| Spot::DNS.address(*family)).collect();
    let mtu = u16::try_from(world.overlay_mtu.0).unwrap_or(u16::MAX);
    let furniture = Furniture { addresses: addresses.clone(), gateways: Vec::new(), mtu, ping: true };
    let made = keeper.carry_out(move || {
        let (_, device) = Namespace::create(&furniture)?;
        let doors = addresses.iter().map(|address| open(*address)).collect::<io::Result<Vec<Doors>>>();
        doors.map(|doors| (doors, device)).map_err(|error| Step::Names.refused(error))
    });
    let (doors, device) = made.await.map_err(|error| Step::Thread.refused(error))??;
    let mut tasks = JoinSet::new();
    for (udp, tcp) in doors {
        let (by_datagram, by_stream) = (Arc::clone(world), Arc::clone(world));
        tasks.spawn(listening::answer(udp, move |query| dns::answer(&by_datagram, query, Transport::Udp)));
        tasks.spawn(listening::converse(tcp, move |stream| converse(Arc::clone(&by_stream), stream)));
    }
    Ok((Names(tasks), device))
}

/// In the network namespace of the calling thread.
fn open(address: IpAddr) -> io::Result<Doors> {
    let at = SocketAddr::new(address, Port::DNS.get());
    Ok((listening::datagrams(at)?, listening::connections(at)?))
}

/// One query after the other, each behind its length. Who is to be told nothing is left waiting.
async fn converse(world: Arc<World>, mut stream: TcpStream) -> io::Result<()> {
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).await?;
        let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut query).await?;
        let Some(answer) = dns::answer(&world, &query, Transport::Tcp) else { continue };
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat()).await?;
    }
}
