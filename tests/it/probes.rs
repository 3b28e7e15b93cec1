//! Each probe against servers on loopback that answer, refuse, stall, reset, truncate and lie.
//! Where answers are expected the timeout is long, and where none can come it is short: no test depends on speed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use netcheck::agent::{Ports, respond};
use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{Miss, Missed, Obstacle, ObstacleKind, Outcome, Samples, Tally, WarmUp};
use netcheck::model::path_mtu::{Carrier, PmtuProbe};
use netcheck::model::probe::{Flows, Probe, SourcePorts};
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port};
use netcheck::probe::packet::sized::{SIZED_LIMIT, SizedQuestion, read_answer};
use netcheck::probe::packet::{Question, Reading, RunTag};
use netcheck::probe::{Asker, carry_out};
use netcheck::wire::{Pace, Peer, Share, Who};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

const RUN: &str = "r1";
const LONG: Micros = Micros(20_000_000);
const SHORT: Micros = Micros(200_000);

/// An address of its own for each test, so that a port which is closed there stays closed.
fn address(number: u8) -> IpAddr {
    [127, 77, 0, number].into()
}

fn burst(address: IpAddr, count: u32, timeout: Micros) -> Burst {
    Burst { family: Family::of(address), count: NonZeroU32::new(count).unwrap(), interval: Micros(1_000), timeout }
}

fn peer(pair: u32, at: SocketAddr) -> Peer {
    let port = Port::new(at.port()).unwrap();
    Peer { pair, host: at.ip().into(), who: Who::Agent { name: "node1".to_owned(), tcp: port, udp: port } }
}

fn share(probe: Probe, targets: Vec<Peer>) -> Share {
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: Micros(0), seed: 1 };
    Share { share: 1, attempt: 1, probe, targets, deadline: Micros(60_000_000), pace, secrets: Secrets::default() }
}

/// Carries a share out and returns the outcomes by pair.
async fn outcomes(share: Share) -> Vec<(u32, Outcome)> {
    let asker = Asker {
        run: RUN.to_owned(),
        addresses: vec![address(250), Ipv6Addr::LOCALHOST.into()],
        credentials: netcheck::agent::credentials(PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    let (sender, mut receiver) = mpsc::channel(1_000);
    let collect = async {
        let mut outcomes = Vec::new();
        while let Some(outcome) = receiver.recv().await {
            outcomes.push(outcome);
        }
        outcomes
    };
    let ((), mut outcomes) = tokio::join!(carry_out(&asker, &share, sender), collect);
    outcomes.sort_by_key(|(pair, _)| *pair);
    for (_, outcome) in &outcomes {
        if let Outcome::Measured(tally) = outcome {
            assert_eq!(tally.contradiction(), None, "{tally:?}");
        }
    }
    outcomes
}

/// The tally of one target. A machine that gives the test no CPU spoils a short timeout, and the prober says so: then again.
async fn tally(probe: Probe, at: SocketAddr) -> Tally {
    for _ in 0..50 {
        match outcomes(share(probe.clone(), vec![peer(7, at)])).await.as_slice() {
            [(7, Outcome::Measured(tally))] => return tally.clone(),
            [(7, Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, .. }))] => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("this machine is too busy to test on")
}

fn missed(count: u32, how: Miss) -> Vec<Missed> {
    vec![Missed { how, count }]
}

/// A UDP server that sends whatever `answer` makes of each question.
async fn udp_server(
    address: IpAddr,
    mut answer: impl FnMut(Question) -> Vec<Vec<u8>> + Send + 'static,
) -> (SocketAddr, AbortOnDropHandle<()>) {
    let socket = UdpSocket::bind((address, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut bytes = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let Reading::Whole(question, _) = Question::read(&bytes[..length]) else { panic!("no question") };
            for answer in answer(question) {
                socket.try_send_to(&answer, from).unwrap();
            }
        }
    });
    (at, AbortOnDropHandle::new(task))
}

async fn udp(address: IpAddr, count: u32, timeout: Micros, answer: impl FnMut(Question) -> Vec<Vec<u8>> + Send + 'static) -> Tally {
    let (at, _server) = udp_server(address, answer).await;
    tally(Probe::udp(burst(address, count, timeout)), at).await
}

fn liar(question: Question) -> Question {
    Question { nonce: question.nonce ^ 1, ..question }
}

#[tokio::test]
async fn a_closed_udp_port_refuses_and_says_who() {
    for at in [SocketAddr::new(address(1), 1), SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 1)] {
        let tally = tally(Probe::udp(burst(at.ip(), 5, LONG)), at).await;
        assert_eq!((tally.sent, tally.answered), (5, 0));
        assert_eq!(tally.missed, missed(5, Miss::Refused { by: Some(at.ip()) }));
        assert_eq!((tally.warm_up, tally.foreign), (WarmUp::Unanswered, 0));
    }
}

#[tokio::test]
async fn silence_by_udp_is_a_timeout() {
    let tally = udp(address(2), 5, SHORT, |_| Vec::new()).await;
    assert_eq!(tally.missed, missed(5, Miss::TimedOut));
    assert_eq!((tally.warm_up, tally.samples), (WarmUp::Unanswered, Samples::Raw(Vec::new())));
}

#[tokio::test]
async fn another_name_by_udp_is_the_wrong_peer() {
    let tally = udp(address(3), 5, LONG, |question| vec![question.answer("node2")]).await;
    assert_eq!(tally.missed, missed(5, Miss::WrongPeer { name: "node2".to_owned() }));
    assert_eq!(tally.warm_up, WarmUp::Unanswered);
}

#[tokio::test]
async fn a_wrong_nonce_noise_an_echo_and_a_cut_answer_are_foreign() {
    let tally = udp(address(4), 5, LONG, |question| {
        let answer = question.answer("node1");
        let lies =
            vec![liar(question).answer("node1"), b"noise".to_vec(), question.bytes().to_vec(), answer[..40].to_vec(), vec![0; 1_400]];
        lies.into_iter().chain([answer]).collect()
    })
    .await;
    assert_eq!((tally.answered, tally.missed.len()), (5, 0));
    assert_eq!(tally.foreign, 5 * 6, "of five questions and the warm-up");
}

#[tokio::test]
async fn only_lies_by_udp_are_a_timeout() {
    let tally = udp(address(5), 3, SHORT, |question| vec![liar(question).answer("node1")]).await;
    assert_eq!(tally.missed, missed(3, Miss::TimedOut));
}

#[tokio::test]
async fn another_runs_answers_are_foreign() {
    let run = netcheck::probe::packet::RunTag::of("r2");
    let tally = udp(address(6), 3, LONG, move |question| {
        vec![Question { run, ..question }.answer("node1"), Question { pair: 8, ..question }.answer("node1"), question.answer("node1")]
    })
    .await;
    assert_eq!((tally.answered, tally.foreign), (3, 8));
}

#[tokio::test]
async fn answers_that_come_twice_are_counted_once() {
    let tally = udp(address(7), 5, LONG, |question| vec![question.answer("node1"); 2]).await;
    assert_eq!((tally.answered, tally.duplicates, tally.foreign), (5, 5, 0));
}

/// A UDP server that answers each question after each of these whiles.
async fn slow_server(address: IpAddr, whiles: Vec<Duration>) -> (SocketAddr, AbortOnDropHandle<()>) {
    let socket = Arc::new(UdpSocket::bind((address, 0)).await.unwrap());
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut bytes, mut answers) = ([0; 512], tokio::task::JoinSet::new());
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let Reading::Whole(question, _) = Question::read(&bytes[..length]) else { panic!("no question") };
            for after in whiles.clone() {
                let socket = Arc::clone(&socket);
                answers.spawn(async move {
                    tokio::time::sleep(after).await;
                    socket.send_to(&question.answer("node1"), from).await.unwrap();
                });
            }
        }
    });
    (at, AbortOnDropHandle::new(task))
}

const PORTS: [SourcePorts; 3] = [SourcePorts::Reused, SourcePorts::Fresh, SourcePorts::Both];

#[tokio::test]
async fn copies_count_though_they_come_after_all_is_settled() {
    let (at, _server) = slow_server(address(15), vec![Duration::ZERO, Duration::from_millis(20)]).await;
    for ports in PORTS {
        for count in [1, 3, 20] {
            let tally = tally(Probe::Udp(Flows { burst: burst(at.ip(), count, LONG), ports }), at).await;
            assert_eq!((tally.answered, tally.duplicates, tally.foreign), (count, count, 0), "{ports:?}");
        }
    }
}

#[tokio::test]
async fn answers_that_come_after_all_is_settled_are_late() {
    let (at, _server) = slow_server(address(16), vec![SHORT.duration() + Duration::from_millis(50)]).await;
    for ports in PORTS {
        for count in [1, 4] {
            let tally = tally(Probe::Udp(Flows { burst: burst(at.ip(), count, SHORT), ports }), at).await;
            assert_eq!((tally.missed, tally.duplicates), (missed(count, Miss::Late), 0), "{ports:?}");
        }
    }
}

/// So many questions over ports of their own that not every socket can be kept: nothing goes wrong, and what comes in time for the
/// others is told.
#[tokio::test]
async fn more_sockets_than_may_be_kept_do_no_harm() {
    let (at, _server) = slow_server(address(17), vec![Duration::ZERO, Duration::from_millis(1)]).await;
    let tally = tally(Probe::Udp(Flows { burst: burst(at.ip(), 1_500, LONG), ports: SourcePorts::Fresh }), at).await;
    assert_eq!((tally.answered, tally.duplicates), (1_500, 1_500));
}

/// What was measured before the deadline is told, however little is left of it to listen.
#[tokio::test]
async fn nothing_is_lost_to_listening() {
    let (at, _server) = udp_server(address(18), |question| vec![question.answer("node1")]).await;
    let deadline = Micros::of(Burst::LINGER);
    // Whoever is not run for so long measures nothing: then again.
    for _ in 0..50 {
        let share = Share { deadline, ..share(Probe::udp(burst(at.ip(), 3, LONG)), vec![peer(1, at)]) };
        if let [(1, Outcome::Measured(tally))] = outcomes(share).await.as_slice() {
            return assert_eq!(tally.answered, 3);
        }
    }
    panic!("nothing is ever measured")
}

#[tokio::test]
async fn answers_out_of_order_are_noted() {
    let mut held = Vec::new();
    let tally = udp(address(8), 6, LONG, move |question| {
        if question.sequence == 0 {
            return vec![question.answer("node1")];
        }
        held.push(question.answer("node1"));
        if question.sequence == 6 { held.drain(..).rev().collect() } else { Vec::new() }
    })
    .await;
    assert_eq!((tally.answered, tally.reordered, tally.duplicates), (6, 5, 0));
}

/// Asker and blocker share the test's one thread: whoever blocks it takes the CPU from the asker.
#[tokio::test]
async fn silence_while_the_asker_does_not_run_says_nothing() {
    let mut blocked = false;
    let block = move |_| {
        if !std::mem::replace(&mut blocked, true) {
            std::thread::sleep(Duration::from_millis(500));
        }
        Vec::new()
    };
    let (at, _server) = udp_server(address(14), block).await;
    let outcomes = outcomes(share(Probe::udp(burst(at.ip(), 5, Micros(100_000))), vec![peer(7, at)])).await;
    let [(7, Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, detail }))] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert!(detail.starts_with("it stood still for ") && detail.contains("5 of 5 packets"), "{detail}");
}

#[tokio::test]
async fn an_answer_after_its_timeout_is_late() {
    let mut held = Vec::new();
    let (at, _server) = udp_server(address(9), move |question| {
        if question.sequence == 1 {
            held.push(question.answer("node1"));
        }
        if question.sequence == 2 { std::mem::take(&mut held) } else { Vec::new() }
    })
    .await;
    let slow = Burst { interval: Micros(400_000), timeout: Micros(100_000), ..burst(at.ip(), 4, SHORT) };
    let tally = tally(Probe::udp(slow), at).await;
    assert_eq!(tally.missed, [missed(3, Miss::TimedOut), missed(1, Miss::Late)].concat());
}

#[tokio::test]
async fn an_answer_from_elsewhere_is_foreign() {
    let elsewhere = std::net::UdpSocket::bind((address(10), 0)).unwrap();
    let asker = std::sync::Arc::new(std::sync::Mutex::new(None));
    let socket = UdpSocket::bind((address(11), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let _server = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut bytes = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            *asker.lock().unwrap() = Some(from);
            let Reading::Whole(question, _) = Question::read(&bytes[..length]) else { panic!("no question") };
            elsewhere.send_to(&question.answer("node1"), from).unwrap();
            socket.try_send_to(&question.answer("node1"), from).unwrap();
        }
    }));
    let tally = tally(Probe::udp(burst(at.ip(), 3, LONG)), at).await;
    assert_eq!((tally.answered, tally.foreign, tally.duplicates), (3, 4, 0));
}

#[tokio::test]
async fn responders_answer_udp_and_tcp_on_both_families() {
    let addresses = [address(12), Ipv6Addr::LOCALHOST.into()];
    let responders = respond(RUN, "node1", &addresses, Ports::Free).unwrap();
    for at in addresses {
        let udp = Probe::udp(burst(at, 20, LONG));
        let tcp = Probe::Tcp(burst(at, 20, LONG));
        for (probe, port) in [(udp, responders.udp), (tcp, responders.tcp)] {
            let tally = tally(probe, SocketAddr::new(at, port.get())).await;
            assert_eq!((tally.sent, tally.answered), (20, 20));
            assert_eq!((tally.duplicates, tally.reordered, tally.foreign), (0, 0, 0));
            assert!(matches!(tally.warm_up, WarmUp::Answered(_)));
            assert!(matches!(tally.samples, Samples::Raw(samples) if samples.len() == 20));
        }
    }
}

#[tokio::test]
async fn responders_of_another_run_do_not_answer() {
    let responders = respond("r2", "node1", &[address(13)], Ports::Free).unwrap();
    let udp = tally(Probe::udp(burst(address(13), 3, SHORT)), SocketAddr::new(address(13), responders.udp.get())).await;
    assert_eq!(udp.missed, missed(3, Miss::TimedOut));
    let tcp = tally(Probe::Tcp(burst(address(13), 3, LONG)), SocketAddr::new(address(13), responders.tcp.get())).await;
    assert_eq!(tcp.missed, missed(3, Miss::Reset));
}

/// A TCP server that does `serve` with each connection.
async fn tcp_server<F>(address: IpAddr, serve: impl Fn(TcpStream, Question) -> F + Send + 'static) -> (SocketAddr, AbortOnDropHandle<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 36];
            if stream.read_exact(&mut bytes).await.is_ok() {
                let Reading::Whole(question, _) = Question::read(&bytes) else { panic!("no question") };
                connections.spawn(serve(stream, question));
            }
        }
    });
    (at, AbortOnDropHandle::new(server))
}

async fn tcp<F>(address: IpAddr, timeout: Micros, serve: impl Fn(TcpStream, Question) -> F + Send + 'static) -> Tally
where
    F: Future<Output = ()> + Send + 'static,
{
    let (at, _server) = tcp_server(address, serve).await;
    tally(Probe::Tcp(burst(address, 3, timeout)), at).await
}

/// Sends, and then waits for the other side to close.
async fn send(mut stream: TcpStream, bytes: Vec<u8>) {
    let _ = stream.write_all(&bytes).await;
    let _ = stream.read(&mut [0; 1]).await;
}

#[tokio::test]
async fn a_closed_tcp_port_refuses() {
    for at in [SocketAddr::new(address(20), 1), SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 1)] {
        let tally = tally(Probe::Tcp(burst(at.ip(), 5, LONG)), at).await;
        assert_eq!(tally.missed, missed(5, Miss::Refused { by: None }));
        assert_eq!((tally.sent, tally.warm_up), (5, WarmUp::Unanswered));
    }
}

#[tokio::test]
async fn a_connection_without_an_answer_times_out() {
    let tally = tcp(address(21), SHORT, |stream, _| send(stream, Vec::new())).await;
    assert_eq!(tally.missed, missed(3, Miss::TimedOut));
}

/// Who blocks the test's one thread keeps the asker from its alarm: the answer is there before it, and too late. Its handshake was not,
/// and so the asker's latency does not tell.
#[tokio::test]
async fn an_answer_by_tcp_after_its_timeout_is_none_though_it_is_seen_before_the_alarm() {
    let block = |stream, question: Question| async move {
        if question.sequence > 0 {
            std::thread::sleep(Duration::from_millis(500));
        }
        send(stream, question.answer("node1")).await;
    };
    let (at, _server) = tcp_server(address(26), block).await;
    let outcomes = outcomes(share(Probe::Tcp(burst(at.ip(), 1, Micros(100_000))), vec![peer(7, at)])).await;
    let [(7, Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, detail }))] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert!(detail.contains("1 of 1 connections without an answer in time"), "{detail}");
}

#[tokio::test]
async fn a_connection_closed_reset_or_cut_is_reset() {
    let closed = tcp(address(22), LONG, |stream, _| async { drop(stream) }).await;
    assert_eq!(closed.missed, missed(3, Miss::Reset));
    let reset = tcp(address(22), LONG, |stream, _| async move {
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    assert_eq!(reset.missed, missed(3, Miss::Reset));
    let cut = tcp(address(22), LONG, |mut stream, question| async move {
        stream.write_all(&question.answer("node1")[..40]).await.unwrap();
    })
    .await;
    assert_eq!(cut.missed, missed(3, Miss::Reset));
}

#[tokio::test]
async fn another_name_or_another_protocol_by_tcp_is_the_wrong_peer() {
    let named = tcp(address(23), LONG, |stream, question| send(stream, question.answer("node2"))).await;
    assert_eq!(named.missed, missed(3, Miss::WrongPeer { name: "node2".to_owned() }));
    let banner = tcp(address(23), LONG, |stream, _| send(stream, b"SSH-2.0-x\r\n".to_vec())).await;
    assert_eq!(banner.missed, missed(3, Miss::WrongPeer { name: "SSH-2.0-x".to_owned() }));
}

#[tokio::test]
async fn a_wrong_nonce_by_tcp_is_foreign_and_the_right_one_counts() {
    let lies = tcp(address(24), LONG, |stream, question| {
        let answers = [liar(question).answer("node1"), liar(question).answer("node3"), question.answer("node1")].concat();
        send(stream, answers)
    })
    .await;
    assert_eq!((lies.answered, lies.foreign), (3, 8));
    let only = tcp(address(24), SHORT, |stream, question| send(stream, liar(question).answer("node1"))).await;
    assert_eq!(only.missed, missed(3, Miss::TimedOut));
}

#[tokio::test]
async fn an_answer_in_pieces_counts() {
    let tally = tcp(address(25), LONG, |mut stream, question| async move {
        stream.set_nodelay(true).unwrap();
        for byte in question.answer("node1") {
            stream.write_all(&[byte]).await.unwrap();
        }
        send(stream, Vec::new()).await;
    })
    .await;
    assert_eq!(tally.answered, 3);
}

fn obstacle(outcomes: &[(u32, Outcome)]) -> Vec<(u32, ObstacleKind, String)> {
    let obstacle = |(pair, outcome): &(u32, Outcome)| match outcome {
        Outcome::NotMeasured(Obstacle { kind, detail }) => (*pair, *kind, detail.clone()),
        other @ (Outcome::Unresolved(_) | Outcome::Measured(_)) => panic!("{other:?}"),
    };
    outcomes.iter().map(obstacle).collect()
}

#[tokio::test]
async fn what_is_not_done_at_the_deadline_is_an_obstacle() {
    let (at, _server) = udp_server(address(30), |question| vec![question.answer("node1")]).await;
    let silent = UdpSocket::bind((address(31), 0)).await.unwrap();
    let targets = vec![peer(1, at), peer(2, silent.local_addr().unwrap())];
    let outcomes = outcomes(Share { deadline: Micros(2_000_000), ..share(Probe::udp(burst(address(30), 3, LONG)), targets) }).await;
    assert!(matches!(&outcomes[0], (1, Outcome::Measured(tally)) if tally.answered == 3), "{outcomes:?}");
    assert_eq!(obstacle(&outcomes[1..])[0].1, ObstacleKind::Deadline);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let at = SocketAddr::new(address(32), 1);
    let sound = burst(at.ip(), 1, LONG);
    let cases = [
        (Probe::udp(Burst { family: Family::V6, ..sound.clone() }), "127.77.0.32 is no IPv6 address"),
        (Probe::Tcp(Burst { timeout: Micros(0), ..sound.clone() }), "a timeout of 0"),
        (Probe::udp(Burst { count: NonZeroU32::MAX, ..sound }), "more than 100000"),
    ];
    for (probe, words) in cases {
        let outcomes = outcomes(share(probe, vec![peer(1, at), peer(2, at)])).await;
        assert_eq!(outcomes.len(), 2);
        for (_, kind, detail) in obstacle(&outcomes) {
            assert!(kind == ObstacleKind::Internal && detail.contains(words), "{kind:?} {detail}");
        }
    }
}

#[tokio::test]
async fn without_an_address_of_the_family_nothing_is_asked() {
    let at = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 1);
    let asker = Asker {
        run: RUN.to_owned(),
        addresses: vec![address(33)],
        credentials: netcheck::agent::credentials(PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    let (sender, mut receiver) = mpsc::channel(1);
    carry_out(&asker, &share(Probe::udp(burst(at.ip(), 1, LONG)), vec![peer(1, at)]), sender).await;
    let found = obstacle(&[receiver.recv().await.unwrap()]);
    assert_eq!(found, [(1, ObstacleKind::NoAddress, "no IPv6 address of its own to ask from".to_owned())]);
}

#[tokio::test]
async fn an_address_that_is_not_ours_is_our_own_trouble() {
    let at = SocketAddr::new(address(34), 1);
    let asker = Asker {
        run: RUN.to_owned(),
        addresses: vec![[192, 0, 2, 1].into()],
        credentials: netcheck::agent::credentials(PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    for probe in [Probe::udp(burst(at.ip(), 1, LONG)), Probe::Tcp(burst(at.ip(), 1, LONG))] {
        let (sender, mut receiver) = mpsc::channel(1);
        carry_out(&asker, &share(probe, vec![peer(1, at)]), sender).await;
        let found = obstacle(&[receiver.recv().await.unwrap()]);
        assert_eq!(found[0].1, ObstacleKind::NoAddress, "{found:?}");
    }
}

#[tokio::test]
async fn a_hundred_peers_at_the_usual_pace_lose_nothing() {
    let responders: Vec<_> =
        (0..100).map(|number| respond(RUN, "node1", &[[127, 78, 0, number + 1].into()], Ports::Free).unwrap()).collect();
    let targets = responders.iter().zip(0..).map(|(responders, number)| Peer {
        who: Who::Agent { name: "node1".to_owned(), tcp: responders.tcp, udp: responders.udp },
        ..peer(number, SocketAddr::new([127, 78, 0, u8::try_from(number).unwrap() + 1].into(), 1))
    });
    let probe = Probe::udp(Burst { interval: Micros(10_000), ..burst(address(1), 20, LONG) });
    let outcomes = outcomes(Share { pace: Pace::gentle(7), ..share(probe, targets.collect()) }).await;
    assert_eq!(outcomes.len(), 100);
    for (pair, outcome) in outcomes {
        assert!(matches!(&outcome, Outcome::Measured(tally) if tally.answered == 20), "{pair}: {outcome:?}");
    }
}

fn search(address: IpAddr, ceiling: u32, timeout: Micros) -> Probe {
    Probe::Pmtu(PmtuProbe { burst: burst(address, 5, timeout), floor: 1_280, ceiling, over: Carrier::Udp })
}

fn found(tally: &Tally) -> Vec<String> {
    tally.seen.iter().map(|seen| seen.what.to_string()).collect()
}

/// An agent's responder takes and gives packets of every size up to the largest that may be asked for.
#[tokio::test]
async fn an_agent_answers_large_packets_and_with_large_packets() {
    for address in [address(31), Ipv6Addr::LOCALHOST.into()] {
        let responders = respond(RUN, "node1", &[address], Ports::Free).unwrap();
        let at = SocketAddr::new(address, responders.udp.get());
        for ceiling in [1_280, 1_500, 9_000, 9_216] {
            let tally = tally(search(address, ceiling, LONG), at).await;
            assert_eq!(found(&tally), [format!("{ceiling} bytes there"), format!("{ceiling} bytes back")], "{address}");
            assert_eq!((tally.sent, tally.answered), (5, 5));
        }
    }
}

/// A server whose host swallows what is large: questions of more than `there` bytes, answers of more than `back`.
async fn narrow(address: IpAddr, there: usize, back: usize) -> (SocketAddr, AbortOnDropHandle<()>) {
    let socket = UdpSocket::bind((address, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut bytes = vec![0; 10_000];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let answer = match (Question::read(&bytes[..length]), SizedQuestion::read(&bytes[..length])) {
                (Reading::Whole(question, _), _) => question.answer("node1"),
                (_, Some(sized)) => sized.answered_by("node1"),
                _ => panic!("no question"),
            };
            // IPv4 and UDP add 28 bytes.
            if length + 28 <= there && answer.len() + 28 <= back {
                socket.try_send_to(&answer, from).unwrap();
            }
        }
    });
    (at, AbortOnDropHandle::new(task))
}

#[tokio::test]
async fn a_hole_is_found_to_the_byte_in_its_direction() {
    let (at, _server) = narrow(address(32), 1_444, 9_216).await;
    let tally = tally(search(address(32), 1_500, Micros(500_000)), at).await;
    assert_eq!(found(&tally), ["1444 bytes there, larger ones vanish", "1500 bytes back"]);
    assert_eq!(tally.lost(), 0, "large packets are not lost ones");
}

#[tokio::test]
async fn answers_that_are_cut_short_prove_nothing() {
    let socket = UdpSocket::bind((address(33), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let _server = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut bytes = vec![0; 10_000];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let answer = match (Question::read(&bytes[..length]), SizedQuestion::read(&bytes[..length])) {
                (Reading::Whole(question, _), _) => question.answer("node1"),
                // However large an answer is asked for, it is small.
                (_, Some(sized)) => SizedQuestion { answer: 0, ..sized }.answered_by("node1"),
                _ => panic!("no question"),
            };
            socket.try_send_to(&answer, from).unwrap();
        }
    }));
    let tally = tally(search(address(33), 1_500, Micros(500_000)), at).await;
    assert_eq!(found(&tally), ["1500 bytes there", "less than 1280 bytes back, larger ones vanish"]);
}

#[tokio::test]
async fn nobody_there_is_a_loss_and_no_size() {
    let at = SocketAddr::new(address(34), 1);
    let tally = tally(search(address(34), 1_500, LONG), at).await;
    assert_eq!((tally.lost(), tally.seen.len()), (5, 0));
}

/// Nobody makes an agent send what its own run does not ask for, nor more than it may.
#[tokio::test]
async fn strangers_get_no_large_answer_and_nobody_more_than_the_limit() {
    let responders = respond(RUN, "node1", &[address(35)], Ports::Free).unwrap();
    let asking = UdpSocket::bind((address(36), 0)).await.unwrap();
    asking.connect((address(35), responders.udp.get())).await.unwrap();
    let question = |run: &str| Question { run: RunTag::of(run), share: 1, pair: 1, sequence: 1, nonce: 9 };
    for run in ["another", RUN] {
        let sized = SizedQuestion { question: question(run), answer: u16::MAX };
        asking.send(&sized.bytes(0)).await.unwrap();
    }
    let mut bytes = vec![0; 60_000];
    // The stranger's came first, so its answer would too.
    let length = asking.recv(&mut bytes).await.unwrap();
    assert_eq!((length, read_answer(&bytes[..length]).unwrap().to.run), (SIZED_LIMIT, RunTag::of(RUN)));
    assert!(asking.try_recv(&mut bytes).is_err());
}
