//! HTTP and TLS against servers on loopback that answer, refuse, stall, reset, lie, send garbage, never end, and show certificates
//! that are wrong. Where answers are expected the timeout is long, and where none can come it is short: no test depends on speed.

mod certificates;
mod http;
mod named;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{Miss, Missed, Obstacle, ObstacleKind, Outcome, Tally};
use netcheck::model::probe::{HttpProbe, Method, Probe};
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port};
use netcheck::probe::{Asker, carry_out};
use netcheck::wire::{Pace, Peer, Resolver, Share, Who};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

const LONG: Micros = Micros(20_000_000);
const SHORT: Micros = Micros(200_000);

/// An address of its own for each test, so that a port which is closed there stays closed.
fn address(number: u8) -> IpAddr {
    [127, 78, 0, number].into()
}

fn burst(count: u32, timeout: Micros) -> Burst {
    Burst { family: Family::V4, count: NonZeroU32::new(count).unwrap(), interval: Micros(1_000), timeout }
}

fn http(timeout: Micros) -> HttpProbe {
    let (path, headers) = ("/readyz".to_owned(), Vec::new());
    HttpProbe { burst: burst(3, timeout), method: Method::Get, path, headers, auth: None, find: None, tls: None }
}

/// Nobody of ours.
fn anyone(at: SocketAddr) -> Peer {
    Peer { pair: 7, host: at.ip().into(), who: Who::Anyone { port: Port::new(at.port()) } }
}

/// An agent of that name.
fn agent(name: &str, at: SocketAddr) -> Peer {
    let port = Port::new(at.port()).unwrap();
    Peer { pair: 7, host: at.ip().into(), who: Who::Agent { name: name.to_owned(), tcp: port, udp: port } }
}

/// What an asker has at hand.
#[derive(Default)]
struct Bag {
    credentials: PathBuf,
    secrets: Secrets,
    /// Its name servers, and the port at which they are asked.
    names: Option<(Resolver, Port)>,
}

async fn outcome(probe: Probe, peer: Peer, bag: &Bag) -> Outcome {
    let (resolver, dns) = bag.names.clone().unwrap_or((Resolver::default(), Port::DNS));
    let asker = Asker {
        run: "r1".to_owned(),
        addresses: vec![address(250)],
        credentials: netcheck::agent::credentials(bag.credentials.clone()),
        resolver,
        dns,
    };
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: Micros(0), seed: 1 };
    let deadline = Micros(60_000_000);
    let share = Share { share: 1, attempt: 1, probe, targets: vec![peer], deadline, pace, secrets: bag.secrets.clone() };
    let (sender, mut receiver) = mpsc::channel(16);
    let ((), outcome) = tokio::join!(carry_out(&asker, &share, sender), receiver.recv());
    outcome.unwrap().1
}

/// The tally of one target. A machine that gives the test no CPU spoils a short timeout, and the prober says so: then again.
async fn tally(probe: Probe, peer: Peer, bag: &Bag) -> Tally {
    for _ in 0..50 {
        match outcome(probe.clone(), peer.clone(), bag).await {
            Outcome::Measured(tally) => {
                assert_eq!(tally.contradiction(), None, "{tally:?}");
                return tally;
            }
            Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, .. }) => {}
            other @ (Outcome::Unresolved(_) | Outcome::NotMeasured(_)) => panic!("{other:?}"),
        }
    }
    panic!("this machine is too busy to test on")
}

fn missed(count: u32, how: Miss) -> Vec<Missed> {
    vec![Missed { how, count }]
}

/// A server that does `serve` with each connection.
async fn server<F>(address: IpAddr, serve: impl Fn(TcpStream) -> F + Send + 'static) -> (SocketAddr, AbortOnDropHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(serve(stream));
        }
    });
    (at, AbortOnDropHandle::new(serving))
}

/// The head of a request.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(bytes).unwrap()
}
