//! The hosts of a world beside its nodes: a network namespace each, with sockets where they answer. The fabric refuses for them, and
//! is silent for them. It must not know what an API server says.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustls::Error;
use tokio::io::{copy, sink};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use super::api_server::{Cluster, Server};
use super::keeper::Keeper;
use super::listening;
use super::namespace::{Furniture, Namespace};
use super::refused::{Refused, Step};
use crate::model::family::Family;
use crate::model::units::Port;
use crate::model::world::{Manner, World, WorldHost};

/// Their tasks; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Hosts(#[expect(dead_code, reason = "kept for its tasks")] JoinSet<()>);

/// The sockets of a host.
struct Doors {
    udp: Vec<UdpSocket>,
    tcp: Vec<(Port, TcpListener)>,
}

/// Makes their networks and lets them answer there. The second are the other ends of the networks' devices, in the order of the world.
pub(super) async fn raise(world: &World, cluster: &Cluster, keeper: &Keeper) -> Result<(Hosts, Vec<OwnedFd>), Refused> {
    let (mut tasks, mut devices) = (JoinSet::new(), Vec::new());
    for host in &world.hosts {
        let (doors, device) = open(world, host, keeper).await?;
        answer(host, doors, cluster, &mut tasks).map_err(|error| Step::Certificate.refused(io::Error::other(error)))?;
        devices.push(device);
    }
    Ok((Hosts(tasks), devices))
}

async fn open(world: &World, host: &WorldHost, keeper: &Keeper) -> Result<(Doors, OwnedFd), Refused> {
    let here = |address: &&IpAddr| world.families.contains(&Family::of(**address));
    let addresses: Vec<IpAddr> = host.addresses.iter().filter(here).copied().collect();
    let furniture = Furniture {
        addresses: addresses.clone(),
        gateways: Vec::new(),
        mtu: u16::try_from(world.host_mtu.0).unwrap_or(u16::MAX),
        ping: true,
    };
    let answering = |(port, manner): (&Port, &Manner)| (*manner == Manner::Answers).then_some(*port);
    let udp: Vec<Port> = host.udp.iter().filter_map(answering).collect();
    let tcp: Vec<Port> = host.tcp.iter().filter_map(answering).collect();
    let made = keeper.carry_out(move || {
        let (_, device) = Namespace::create(&furniture)?;
        let each = |ports: Vec<Port>| ports.into_iter().flat_map(|port| addresses.iter().map(move |address| (port, *address)));
        let udp = each(udp).map(|(port, address)| listening::datagrams(SocketAddr::new(address, port.get())));
        let tcp = each(tcp).map(|(port, address)| Ok((port, listening::connections(SocketAddr::new(address, port.get()))?)));
        let doors = udp.collect::<io::Result<_>>().and_then(|udp| Ok(Doors { udp, tcp: tcp.collect::<io::Result<_>>()? }));
        doors.map(|doors| (doors, device)).map_err(|error| Step::Host.refused(error))
    });
    made.await.map_err(|error| Step::Thread.refused(error))?
}

fn answer(host: &WorldHost, doors: Doors, cluster: &Cluster, tasks: &mut JoinSet<()>) -> Result<(), Error> {
    for socket in doors.udp {
        tasks.spawn(listening::answer(socket, |question| Some(question.to_vec())));
    }
    let server = host.serves.as_ref().map(|api| Ok::<_, Error>((api.port, Arc::new(Server::of(api, &host.addresses, cluster)?))));
    let server = server.transpose()?;
    for (port, listener) in doors.tcp {
        match &server {
            Some((own, server)) if *own == port => {
                let server = Arc::clone(server);
                tasks.spawn(listening::converse(listener, move |stream| Arc::clone(&server).converse(stream)));
            }
            Some(_) | None => drop(tasks.spawn(listening::converse(listener, listen))),
        }
    }
    Ok(())
}

/// Says nothing, until the other side ends.
async fn listen(mut stream: TcpStream) -> io::Result<()> {
    copy(&mut stream, &mut sink()).await.map(drop)
}
