//! Asking those who are not ours: servers that accept, refuse, stall, reset and lie. Over a connection nothing is sent to them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use netcheck::judge::{Attempts, PairResult, judge};
use netcheck::model::burst::Burst;
use netcheck::model::case::PairState;
use netcheck::model::dns::{DnsProbe, Manner, RecordKind, Transport};
use netcheck::model::family::Family;
use netcheck::model::inventory::{Inventory, Node, Standing};
use netcheck::model::outcome::{Miss, Missed, Obstacle, ObstacleKind, Outcome, Tally};
use netcheck::model::probe::Probe;
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port};
use netcheck::probe::packet::{Question, Reading};
use netcheck::probe::{Asker, carry_out};
use netcheck::wire::{Pace, Peer, Share, Who};
use socket2::{Domain, Socket, Type};
use std::path::PathBuf;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

const COUNT: u32 = 5;
const LONG: Micros = Micros(20_000_000);
const SHORT: Micros = Micros(200_000);

/// An address of its own for each test, so that a port which is closed there stays closed.
fn address(number: u8) -> IpAddr {
    [127, 79, 0, number].into()
}

fn burst(at: IpAddr, timeout: Micros) -> Burst {
    Burst { family: Family::of(at), count: NonZeroU32::new(COUNT).unwrap(), interval: Micros(1_000), timeout }
}

async fn outcome(probe: Probe, at: SocketAddr) -> Outcome {
    let asker = Asker {
        run: "r1".to_owned(),
        addresses: vec![address(250), Ipv6Addr::LOCALHOST.into()],
        credentials: netcheck::agent::credentials(PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: Micros(0), seed: 1 };
    let target = Peer { pair: 7, host: at.ip().into(), who: Who::Anyone { port: Port::new(at.port()) } };
    let share =
        Share { share: 1, attempt: 1, probe, targets: vec![target], deadline: Micros(60_000_000), pace, secrets: Secrets::default() };
    let (sender, mut receiver) = mpsc::channel(2);
    carry_out(&asker, &share, sender).await;
    receiver.recv().await.unwrap().1
}

/// A machine that gives the test no CPU spoils a short timeout, and the prober says so: then again.
async fn tally(probe: Probe, at: SocketAddr) -> Tally {
    for _ in 0..50 {
        match outcome(probe.clone(), at).await {
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

async fn tcp(at: SocketAddr, timeout: Micros) -> Tally {
    tally(Probe::Tcp(burst(at.ip(), timeout)), at).await
}

fn missed(how: Miss) -> Vec<Missed> {
    vec![Missed { how, count: COUNT }]
}

#[tokio::test]
async fn a_connection_is_answer_enough_and_nothing_is_sent_over_it() {
    for ip in [address(1), Ipv6Addr::LOCALHOST.into()] {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (heard, mut all) = mpsc::unbounded_channel();
        let server = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = Vec::new();
                // It ends by reset.
                let _ = stream.read_to_end(&mut bytes).await;
                heard.send(bytes).unwrap();
            }
        }));
        let found = tcp(at, LONG).await;
        assert_eq!((found.sent, found.answered, found.foreign), (COUNT, COUNT, 0));
        for _ in 0..=COUNT {
            assert_eq!(all.recv().await, Some(Vec::new()));
        }
        drop(server);
    }
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let at = SocketAddr::new(address(2), 1);
    assert_eq!(tcp(at, LONG).await.missed, missed(Miss::Refused { by: None }));
    let found = tally(Probe::udp(burst(at.ip(), LONG)), at).await;
    assert_eq!(found.missed, missed(Miss::Refused { by: Some(at.ip()) }));
}

/// A queue with room for one, which is taken: the kernel drops what comes then.
#[tokio::test]
async fn a_server_that_accepts_nobody_is_a_timeout() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::new(address(3), 0).into()).unwrap();
    listener.listen(0).unwrap();
    let at = listener.local_addr().unwrap().as_socket().unwrap();
    let _first = std::net::TcpStream::connect_timeout(&at, Duration::from_secs(20)).unwrap();
    assert_eq!(tcp(at, SHORT).await.missed, missed(Miss::TimedOut));
}

/// Whether the reset comes before we look or after must make no difference: the connection was there.
#[tokio::test]
async fn a_connection_that_is_reset_at_once_was_there() {
    let listener = TcpListener::bind((address(4), 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let _server = AbortOnDropHandle::new(tokio::task::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }));
    for _ in 0..20 {
        assert_eq!(tcp(at, LONG).await.answered, COUNT);
    }
}

/// A UDP server that sends whatever `answer` makes of each datagram.
async fn udp(number: u8, timeout: Micros, answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> Tally {
    datagrams(Probe::udp(burst(address(number), timeout)), number, answer).await
}

/// The same, asked by that probe.
async fn datagrams(probe: Probe, number: u8, answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> Tally {
    let socket = UdpSocket::bind((address(number), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let _server = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut bytes = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let answer = answer(&bytes[..length]);
            if !answer.is_empty() {
                socket.try_send_to(&answer, from).unwrap();
            }
        }
    }));
    tally(probe, at).await
}

/// What the terminal says of a pair that came to that, where all had to be answered.
fn told(whom: &str, tally: Tally) -> String {
    let text = format!("{{ netcheck: v1, suite: s, tests: [{{ id: t, from: nodes, {whom}, expect: {{ loss: 0% }} }}] }}");
    let suite = netcheck::suite::read("suite.yaml", text.as_bytes(), &[], &crate::no_parts).suite.unwrap();
    let nodes = vec![Node { addresses: vec![[10, 0, 0, 1].into()], ..Node::named("node1", Standing::Expected) }];
    let inventory =
        Inventory { cluster: String::new(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads: None };
    let plan = netcheck::plan::plan(vec![Arc::new(suite)], inventory, 1);
    let report = judge(&plan.cases[0], &[PairResult::Measured(Attempts::once(tally))]);
    let PairState::Failed { why, .. } = &report.pairs[0].state else { panic!("{report:?}") };
    why.clone()
}

const ECHO: &str = "to: { host: 10.0.0.10, port: 7 }, probe: { type: udp, family: v4 }";

type Answer = fn(&[u8]) -> Vec<u8>;

fn question(bytes: &[u8]) -> Question {
    let Reading::Whole(question, _) = Question::read(bytes) else { panic!("no question") };
    question
}

#[tokio::test]
async fn a_datagram_that_comes_back_as_it_was_is_an_answer() {
    let found = udp(5, LONG, <[u8]>::to_vec).await;
    assert_eq!((found.answered, found.foreign), (COUNT, 0));
}

/// Behind a Service of somebody else's may be agents of the run.
#[tokio::test]
async fn an_answer_of_the_run_is_one_too() {
    let found = udp(6, LONG, |bytes| question(bytes).answer("node1")).await;
    assert_eq!((found.answered, found.foreign), (COUNT, 0));
}

#[tokio::test]
async fn any_other_datagram_is_none() {
    let others: [(u8, Answer); 3] = [
        (7, |bytes| Question { nonce: question(bytes).nonce ^ 1, ..question(bytes) }.bytes().to_vec()),
        (8, |bytes| [bytes, b"!"].concat()),
        (9, |_| b"220 hello".to_vec()),
    ];
    for (number, answer) in others {
        let found = udp(number, SHORT, answer).await;
        assert_eq!(found.missed, missed(Miss::TimedOut), "{number}");
        assert_eq!(found.foreign, COUNT + 1, "{number}");
    }
    assert_eq!(udp(10, SHORT, |_| Vec::new()).await.missed, missed(Miss::TimedOut));
}

/// A byte too few, and a bit that flipped: on the terminal neither is silence. One of the answers is that to the warm-up.
#[tokio::test]
async fn lies_by_udp_are_told_beside_the_silence() {
    let lies: [(u8, Answer); 2] = [
        (12, |bytes| bytes[..bytes.len() - 1].to_vec()),
        (13, |bytes| [&bytes[..bytes.len() - 1], &[bytes[bytes.len() - 1] ^ 1]].concat()),
    ];
    for (number, answer) in lies {
        let told = told(ECHO, udp(number, SHORT, answer).await);
        assert_eq!(told, "5 of 5 packets lost: timed out; 6 packets came that are no answers: changed, cut or somebody else's", "{number}");
    }
    assert_eq!(told(ECHO, udp(14, SHORT, |_| Vec::new()).await), "5 of 5 packets lost: timed out");
}

#[tokio::test]
async fn lies_of_a_dns_server_are_told_beside_the_silence() {
    let (name, record, transport) = ("db.example.".to_owned(), RecordKind::A, Transport::Udp);
    let probe = Probe::Dns(DnsProbe { burst: burst(address(15), SHORT), name, record, transport, manner: Manner::Raw });
    // Of the same number, and cut behind it.
    let lies = datagrams(probe, 15, |query| query[..query.len() - 3].to_vec()).await;
    let told = told("probe: { type: dns, name: db.example., family: v4, server: 10.0.0.10 }", lies);
    assert_eq!(told, "5 of 5 queries lost: timed out; 6 messages came that are no answers: changed, cut or somebody else's");
}

#[tokio::test]
async fn without_a_port_nothing_is_asked() {
    let at = SocketAddr::new(address(11), 0);
    for probe in [Probe::Tcp(burst(at.ip(), LONG)), Probe::udp(burst(at.ip(), LONG))] {
        let Outcome::NotMeasured(obstacle) = outcome(probe, at).await else { panic!("it was asked") };
        assert_eq!(obstacle.kind, ObstacleKind::Internal);
        assert!(obstacle.detail.contains("127.79.0.11 without a port"), "{}", obstacle.detail);
    }
}
