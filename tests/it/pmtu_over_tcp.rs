//! The search after the largest packet over TCP, against servers on loopback that stall, close, reset, or take no large segments.
//! Loopback passes everything: whatever is told has to be all of it, or no number.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{Miss, Missed, Obstacle, ObstacleKind, Outcome, Sight, Tally};
use netcheck::model::path_mtu::{Carrier, Direction, Larger, PathMtu, PmtuProbe};
use netcheck::model::probe::Probe;
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port};
use netcheck::probe::{Asker, carry_out};
use netcheck::wire::{Pace, Peer, Share, Who};
use nix::sys::socket::{setsockopt, sockopt};
use socket2::SockRef;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

const CEILING: u32 = 9_000;

fn address(number: u8) -> IpAddr {
    [127, 77, 9, number].into()
}

/// Where whoever listens there is asked up to [`CEILING`].
async fn search(at: SocketAddr) -> Outcome {
    let burst =
        Burst { family: Family::of(at.ip()), count: NonZeroU32::new(3).unwrap(), interval: Micros(1_000), timeout: Micros(20_000_000) };
    let probe = Probe::Pmtu(PmtuProbe { burst, floor: 1_280, ceiling: CEILING, over: Carrier::Tcp });
    let peer = Peer { pair: 7, host: at.ip().into(), who: Who::Anyone { port: Port::new(at.port()) } };
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: Micros(0), seed: 1 };
    let share =
        Share { share: 1, attempt: 1, probe, targets: vec![peer], deadline: Micros(120_000_000), pace, secrets: Secrets::default() };
    let asker = Asker {
        run: "r1".to_owned(),
        addresses: vec![address(250), Ipv6Addr::LOCALHOST.into()],
        credentials: netcheck::agent::credentials(PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    let (sender, mut receiver) = mpsc::channel(8);
    let ((), outcome) = tokio::join!(carry_out(&asker, &share, sender), receiver.recv());
    let (_, outcome) = outcome.unwrap();
    if let Outcome::Measured(tally) = &outcome {
        assert_eq!((tally.contradiction(), tally.misfit(&share.probe)), (None, None), "{tally:?}");
    }
    outcome
}

fn found(outcome: &Outcome) -> Vec<PathMtu> {
    let Outcome::Measured(tally) = outcome else { panic!("{outcome:?}") };
    tally.seen.iter().filter_map(|seen| if let Sight::PathMtu(path) = &seen.what { Some(path.clone()) } else { None }).collect()
}

fn inconclusive(outcome: &Outcome) -> &str {
    let Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Inconclusive, detail }) = outcome else { panic!("{outcome:?}") };
    detail
}

fn whole() -> Vec<PathMtu> {
    vec![PathMtu { direction: Direction::There, size: CEILING, top: CEILING, fails: 0, larger: Larger::Unsent }]
}

/// A server that does that with each connection.
async fn server<F: Future<Output = ()> + Send + 'static>(
    address: IpAddr,
    does: impl Fn(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, AbortOnDropHandle<()>) {
    over(TcpListener::bind((address, 0)).await.unwrap(), does)
}

fn over<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    does: impl Fn(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, AbortOnDropHandle<()>) {
    let at = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(does(stream));
        }
    });
    (at, AbortOnDropHandle::new(task))
}

async fn stall(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

#[tokio::test]
async fn a_server_that_never_reads_acknowledges_all_the_same() {
    for address in [address(1), Ipv6Addr::LOCALHOST.into()] {
        let (at, _server) = server(address, stall).await;
        assert_eq!(found(&search(at).await), whole());
    }
}

#[tokio::test]
async fn a_server_that_reads_and_resets_was_reached_before() {
    let (at, _server) = server(address(2), |mut stream| async move {
        let mut room = [0; 64];
        let _ = stream.read(&mut room).await;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    assert_eq!(found(&search(at).await), whole());
}

/// Whether it ends a connection before or after something came over it is chance; a number is the right one whatever it is.
#[tokio::test]
async fn a_server_that_closes_or_resets_at_once_is_no_black_hole() {
    for linger in [None, Some(Duration::ZERO)] {
        let (at, _server) = server(address(3), move |stream| async move {
            SockRef::from(&stream).set_linger(linger).unwrap();
        })
        .await;
        match search(at).await {
            outcome @ Outcome::Measured(_) => assert_eq!(found(&outcome), whole()),
            outcome @ (Outcome::Unresolved(_) | Outcome::NotMeasured(_)) => {
                assert!(inconclusive(&outcome).contains("in a row"), "{outcome:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_closed_port_is_refused_and_nothing_is_searched() {
    let Outcome::Measured(tally) = search(SocketAddr::new(address(4), 1)).await else { panic!("not measured") };
    let expected = Tally { sent: 3, missed: vec![Missed { how: Miss::Refused { by: None }, count: 3 }], ..Tally::empty() };
    assert_eq!((tally.missed, tally.sent, tally.seen.len()), (expected.missed, expected.sent, 0));
}

/// What it takes is not what the way takes: of that nothing is known.
#[tokio::test]
async fn a_server_that_takes_no_large_segments_leaves_the_size_open() {
    for address in [address(5), Ipv6Addr::LOCALHOST.into()] {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
        setsockopt(&socket, sockopt::TcpMaxSeg, &1_360).unwrap();
        socket.bind((address, 0).into()).unwrap();
        let (at, _server) = over(socket.listen(1_024).unwrap(), stall);
        let outcome = search(at).await;
        let most = if address.is_ipv4() { 1_400 } else { 1_420 };
        let why = inconclusive(&outcome);
        assert!(why.contains(&format!("all packets of {most} bytes there arrive, and TCP sends no larger ones")), "{why}");
        assert!(why.contains(&format!("`ceiling: {most}`")), "{why}");
    }
}

/// A segment is never cut to fit into a small window: that would look like a path that cuts it.
#[tokio::test]
async fn a_server_with_little_room_leaves_the_size_open() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2_048).unwrap();
    socket.bind((address(6), 0).into()).unwrap();
    let (at, _server) = over(socket.listen(1_024).unwrap(), stall);
    match search(at).await {
        outcome @ Outcome::Measured(_) => assert_eq!(found(&outcome), whole()),
        outcome @ (Outcome::Unresolved(_) | Outcome::NotMeasured(_)) => {
            assert!(inconclusive(&outcome).contains("TCP sends no larger ones"), "{outcome:?}");
        }
    }
}
