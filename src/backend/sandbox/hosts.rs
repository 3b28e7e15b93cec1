//! The hosts of a world beside its nodes: a network namespace each, with sockets where they answer; and such sockets of nodes. The fabric
//! refuses for them, and is silent for them. It must not know what an API server says.

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
use crate::model::world::{Manner, Ports, World, WorldHost};

/// Their tasks; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Hosts(#[expect(dead_code, reason = "kept for its tasks")] JoinSet<()>);

/// The sockets of a host.
struct Doors {
    udp: Vec<(Manner, UdpSocket)>,
    tcp: Vec<(Port, TcpListener)>,
}

/// What listens in the host network of a node.
pub(super) struct Listeners(Doors);

impl Listeners {
    /// In the network namespace of the calling thread. Needs a Tokio runtime.
    pub(super) fn open(ports: &Ports, addresses: &[IpAddr]) -> Result<Self, Refused> {
        Doors::open(ports, addresses).map(Self).map_err(|error| Step::Host.refused(error))
    }
}

impl Doors {
    /// A UDP port that is silent has a socket, so that the kernel refuses nothing; the fabric sees no connection through to a TCP port
    /// that is. Nobody listens at a port that refuses.
    fn open(ports: &Ports, addresses: &[IpAddr]) -> io::Result<Self> {
        let at = |port: &Port, address: &IpAddr| SocketAddr::new(*address, port.get());
        let heard = ports.udp.iter().filter(|(_, manner)| **manner != Manner::Refuses);
        let udp = heard.flat_map(|(port, manner)| addresses.iter().map(move |address| (*manner, at(port, address))));
        let answering = ports.tcp.iter().filter(|(_, manner)| **manner == Manner::Answers);
        let tcp = answering.flat_map(|(port, _)| addresses.iter().map(move |address| (*port, at(port, address))));
        Ok(Self {
            udp: udp.map(|(manner, at)| Ok((manner, listening::datagrams(at)?))).collect::<io::Result<_>>()?,
            tcp: tcp.map(|(port, at)| Ok((port, listening::connections(at)?))).collect::<io::Result<_>>()?,
        })
    }
}

/// Makes their networks and lets them answer there. The second are the other ends of the networks' devices, in the order of the world.
pub(super) async fn raise(
    world: &World,
    cluster: &Cluster,
    keeper: &Keeper,
    nodes: Vec<Listeners>,
) -> Result<(Hosts, Vec<OwnedFd>), Refused> {
    let (mut tasks, mut devices) = (JoinSet::new(), Vec::new());
    for Listeners(doors) in nodes {
        answer(doors, None, &mut tasks);
    }
    for host in &world.hosts {
        let (doors, device) = open(world, host, keeper).await?;
        let server = server(host, cluster).map_err(|error| Step::Certificate.refused(io::Error::other(error)))?;
        answer(doors, server.as_ref(), &mut tasks);
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
    let ports = host.ports.clone();
    let made = keeper.carry_out(move || {
        let (_, device) = Namespace::create(&furniture)?;
        Doors::open(&ports, &addresses).map(|doors| (doors, device)).map_err(|error| Step::Host.refused(error))
    });
    made.await.map_err(|error| Step::Thread.refused(error))?
}

/// The API server that a host is, if it is one, and where.
fn server(host: &WorldHost, cluster: &Cluster) -> Result<Option<(Port, Arc<Server>)>, Error> {
    host.serves.as_ref().map(|api| Ok((api.port, Arc::new(Server::of(api, &host.addresses, cluster)?)))).transpose()
}

fn answer(doors: Doors, server: Option<&(Port, Arc<Server>)>, tasks: &mut JoinSet<()>) {
    for (manner, socket) in doors.udp {
        tasks.spawn(listening::answer(socket, move |question| (manner == Manner::Answers).then(|| question.to_vec())));
    }
    for (port, listener) in doors.tcp {
        match server {
            Some((own, server)) if *own == port => {
                let server = Arc::clone(server);
                tasks.spawn(listening::converse(listener, move |stream| Arc::clone(&server).converse(stream)));
            }
            Some(_) | None => drop(tasks.spawn(listening::converse(listener, listen))),
        }
    }
}

/// Says nothing, until the other side ends.
async fn listen(mut stream: TcpStream) -> io::Result<()> {
    copy(&mut stream, &mut sink()).await.map(drop)
}
