//! The agent's side of the wire, spoken over pipes with a scripted prober and a paused clock; and its Unix socket.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use netcheck::agent::{Agent, AgentError, Ending, Identity, Ports, Prober, ServeOptions, serve_socket};
use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{Obstacle, ObstacleKind, Outcome};
use netcheck::model::probe::Probe;
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port, PortRange};
use netcheck::model::vantage::Vantage;
use netcheck::wire::{self, Beat, ControllerHello, FromAgent, IcmpMode, Pace, Peer, Share, ToAgent, Who};
use tokio::io::{AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::mpsc::Sender;
use tokio_util::codec::{FramedRead, FramedWrite, LinesCodec};
use tokio_util::task::AbortOnDropHandle;

/// A controller's end of a connection.
struct Controller {
    reading: FramedRead<ReadHalf<DuplexStream>, LinesCodec>,
    writing: FramedWrite<WriteHalf<DuplexStream>, LinesCodec>,
    conversation: AbortOnDropHandle<Ending>,
}

impl Controller {
    fn connect(agent: &Arc<Agent>) -> Self {
        let (near, far) = tokio::io::duplex(4096);
        let (reader, writer) = tokio::io::split(far);
        let agent = Arc::clone(agent);
        let conversation = tokio::spawn(async move { agent.converse(reader, writer).await });
        let (reader, writer) = tokio::io::split(near);
        Self {
            reading: FramedRead::new(reader, LinesCodec::new()),
            writing: FramedWrite::new(writer, LinesCodec::new()),
            conversation: AbortOnDropHandle::new(conversation),
        }
    }

    /// Connects and exchanges hellos.
    async fn attach(agent: &Arc<Agent>, from: u64) -> Self {
        let mut controller = Self::connect(agent);
        assert!(matches!(controller.hear().await, FromAgent::Hello(_)));
        controller.say(ToAgent::Hello(hello(from))).await;
        controller
    }

    async fn say(&mut self, message: ToAgent) {
        self.writing.send(wire::encode(&message)).await.unwrap();
    }

    async fn hear(&mut self) -> FromAgent {
        wire::decode(&self.reading.next().await.unwrap().unwrap()).unwrap()
    }

    /// The next records, told in short; beats are left out.
    async fn records(&mut self, count: usize) -> Vec<String> {
        let mut records = Vec::new();
        while records.len() < count {
            match self.hear().await {
                FromAgent::Outcome(record) => {
                    records.push(format!("{}: share {} pair {} {}", record.sequence, record.share, record.pair, short(&record.outcome)));
                }
                FromAgent::End(record) => records.push(format!("{}: share {} end {}", record.sequence, record.share, record.outcomes)),
                FromAgent::Beat(_) => {}
                FromAgent::Hello(hello) => panic!("{hello:?}"),
            }
        }
        records
    }

    async fn ending(self) -> Ending {
        drop((self.reading, self.writing));
        self.conversation.await.unwrap()
    }
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotMeasured(Obstacle { kind, detail }) if *kind == ObstacleKind::Socket => detail.clone(),
        Outcome::NotMeasured(Obstacle { kind, .. }) => format!("{kind:?}"),
        Outcome::Unresolved(unresolved) => format!("{unresolved:?}"),
        Outcome::Measured(tally) => format!("{tally:?}"),
    }
}

fn hello(from: u64) -> ControllerHello {
    ControllerHello { wire: wire::VERSION, run: "r1".to_owned(), from }
}

fn identity() -> Identity {
    let port = Port::new(7411).unwrap();
    let addresses = vec![[127, 0, 0, 1].into()];
    let (run, node) = ("r1".to_owned(), "node1".to_owned());
    Identity {
        run,
        node,
        addresses,
        tcp: port,
        udp: port,
        icmp: IcmpMode::Datagram,
        mtu: 1500,
        resolver: netcheck::wire::Resolver::default(),
        routes: Vec::new(),
    }
}

fn share(number: u32, pairs: impl IntoIterator<Item = u32>) -> ToAgent {
    let port = Port::new(7411).unwrap();
    let peer = |pair| Peer {
        pair,
        host: std::net::IpAddr::from([127, 0, 0, 2]).into(),
        who: Who::Agent { name: "node2".to_owned(), tcp: port, udp: port },
    };
    let burst = Burst { family: Family::V4, count: NonZeroU32::MIN, interval: Micros(0), timeout: Micros(1) };
    let (probe, targets) = (Probe::udp(burst), pairs.into_iter().map(peer).collect());
    ToAgent::Assign(Share {
        share: number,
        attempt: 1,
        probe,
        targets,
        deadline: Micros(1_000_000),
        pace: Pace::gentle(0),
        secrets: Secrets::default(),
    })
}

fn seen() -> Outcome {
    Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Socket, detail: "seen".to_owned() })
}

/// What the scripted prober does with the pair of that number; anything else is told at once.
const STALLS: u32 = 900;
const PANICS: u32 = 901;
const SILENT: u32 = 902;
const TWICE: u32 = 903;

async fn probe(share: Share, outcomes: Sender<(u32, Outcome)>) {
    for peer in share.targets {
        match peer.pair {
            STALLS => std::future::pending().await,
            PANICS => panic!("as scripted"),
            SILENT => {}
            TWICE => {
                for pair in [TWICE, TWICE, 12_345] {
                    outcomes.send((pair, seen())).await.unwrap();
                }
            }
            pair => outcomes.send((pair, seen())).await.unwrap(),
        }
    }
}

fn agent() -> Arc<Agent> {
    let prober: Prober = Arc::new(|share, outcomes| Box::pin(probe(share, outcomes)));
    Arc::new(Agent::new(identity(), prober))
}

/// Assigns shares of these pairs, numbered from 1, and compares the records.
async fn check(shares: &[&[u32]], expected: &[&str]) {
    let mut controller = Controller::attach(&agent(), 1).await;
    for (number, pairs) in (1..).zip(shares) {
        controller.say(share(number, pairs.iter().copied())).await;
    }
    assert_eq!(controller.records(expected.len()).await, expected);
}

#[tokio::test(start_paused = true)]
async fn the_agent_says_first_who_it_is() {
    let FromAgent::Hello(hello) = Controller::connect(&agent()).hear().await else { panic!("no hello") };
    assert_eq!((hello.wire, hello.run.as_str(), hello.node.as_str()), (wire::VERSION, "r1", "node1"));
    assert_eq!((hello.mtu, hello.icmp, hello.next), (1500, IcmpMode::Datagram, 1));
    assert_eq!(hello.version, env!("CARGO_PKG_VERSION"));
}

#[tokio::test(start_paused = true)]
async fn shares_are_done_in_order_and_numbered_through() {
    check(
        &[&[5, 6], &[], &[7]],
        &[
            "1: share 1 pair 5 seen",
            "2: share 1 pair 6 seen",
            "3: share 1 end 2",
            "4: share 2 end 0",
            "5: share 3 pair 7 seen",
            "6: share 3 end 1",
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn every_pair_gets_one_outcome_whatever_the_prober_does() {
    check(
        &[&[1, PANICS, 2]],
        &["1: share 1 pair 1 seen", "2: share 1 pair 2 Internal", "3: share 1 pair 901 Internal", "4: share 1 end 3"],
    )
    .await;
    check(&[&[1, STALLS]], &["1: share 1 pair 1 seen", "2: share 1 pair 900 Deadline", "3: share 1 end 2"]).await;
    check(&[&[SILENT, 1]], &["1: share 1 pair 1 seen", "2: share 1 pair 902 Internal", "3: share 1 end 2"]).await;
    check(&[&[TWICE]], &["1: share 1 pair 903 seen", "2: share 1 end 1"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_goes_on_where_the_controller_wants() {
    let agent = agent();
    let mut first = Controller::attach(&agent, 1).await;
    first.say(share(1, [10, 11, 12])).await;
    assert_eq!(first.records(2).await.len(), 2);
    assert!(matches!(first.ending().await, Ending::Lost(_)));

    let mut second = Controller::attach(&agent, 3).await;
    assert_eq!(second.records(2).await, ["3: share 1 pair 12 seen", "4: share 1 end 3"]);
    drop(second);

    let mut third = Controller::attach(&agent, 1).await;
    third.say(share(2, [13])).await;
    assert_eq!(third.records(3).await, ["3: share 1 pair 12 seen", "4: share 1 end 3", "5: share 2 pair 13 seen"], "1 and 2 are confirmed");
}

#[tokio::test(start_paused = true)]
async fn what_is_acknowledged_is_not_sent_again() {
    let agent = agent();
    let mut first = Controller::attach(&agent, 1).await;
    first.say(share(1, [10, 11])).await;
    assert_eq!(first.records(3).await.len(), 3);
    first.say(ToAgent::Ack { sequence: 2 }).await;
    first.say(ToAgent::Ask { number: 1 }).await;
    assert!(matches!(first.hear().await, FromAgent::Beat(_)));
    drop(first);
    assert_eq!(Controller::attach(&agent, 1).await.records(1).await, ["3: share 1 end 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_share_assigned_again_is_done_once() {
    let mut controller = Controller::attach(&agent(), 1).await;
    for number in [1, 1, 2, 1] {
        controller.say(share(number, [])).await;
    }
    controller.say(share(3, [])).await;
    assert_eq!(controller.records(3).await, ["1: share 1 end 0", "2: share 2 end 0", "3: share 3 end 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_share_has_no_end_and_the_next_one_goes_on() {
    let mut controller = Controller::attach(&agent(), 1).await;
    for (number, pairs) in [(1, vec![4, STALLS]), (2, vec![5]), (3, vec![6])] {
        controller.say(share(number, pairs)).await;
    }
    assert_eq!(controller.records(1).await, ["1: share 1 pair 4 seen"]);
    controller.say(ToAgent::Cancel { share: 2 }).await;
    controller.say(ToAgent::Cancel { share: 1 }).await;
    assert_eq!(controller.records(2).await, ["2: share 3 pair 6 seen", "3: share 3 end 1"]);
}

#[tokio::test(start_paused = true)]
async fn an_ask_is_answered_at_once_and_beats_come_by_themselves() {
    let mut controller = Controller::attach(&agent(), 1).await;
    let start = tokio::time::Instant::now();
    controller.say(share(1, [STALLS])).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    controller.say(ToAgent::Ask { number: 7 }).await;
    assert_eq!(controller.hear().await, FromAgent::Beat(Beat { answers: 7, share: Some(1), stalled: Micros(0), known: Some(1) }));
    assert!(start.elapsed() < Duration::from_secs(1));
    controller.say(ToAgent::Cancel { share: 1 }).await;
    for seconds in [5, 10] {
        assert_eq!(controller.hear().await, FromAgent::Beat(Beat { answers: 0, share: None, stalled: Micros(0), known: Some(1) }));
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}

/// Says something to an agent that said hello, and returns how the conversation ended.
async fn ending(words: &str) -> Ending {
    let mut controller = Controller::connect(&agent());
    assert!(matches!(controller.hear().await, FromAgent::Hello(_)), "hello comes in any case");
    controller.writing.get_mut().write_all(words.as_bytes()).await.unwrap();
    controller.conversation.await.unwrap()
}

fn said(messages: &[ToAgent]) -> String {
    messages.iter().map(|message| wire::encode(message) + "\n").collect()
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_is_not_ours_is_refused() {
    let mut other_run = hello(1);
    other_run.run = "r2".to_owned();
    let mut other_wire = hello(1);
    other_wire.wire = wire::VERSION + 1;
    for (hello, words) in [(other_run, "of run \"r2\""), (other_wire, "of the wire, this agent"), (hello(2), "wants to hear from 2")] {
        match ending(&said(&[ToAgent::Hello(hello)])).await {
            Ending::Refused(why) => assert!(why.contains(words), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn noise_ends_the_conversation_but_not_the_agent() {
    let greeting = said(&[ToAgent::Hello(hello(1))]);
    let twice = said(&[ToAgent::Hello(hello(1)), ToAgent::Hello(hello(1))]);
    let early = said(&[ToAgent::Stop]);
    let long = format!("{greeting}{}\n", "x".repeat(wire::LINE_LIMIT + 1));
    for (said, words) in [
        (format!("{greeting}\u{1b}[31mnoise\n"), "not a message of the wire"),
        ("GET / HTTP/1.1\n".to_owned(), "not a message of the wire"),
        (long, "a line of more than 1048576 bytes"),
        (twice, "hello twice"),
        (early, "instead of hello"),
        (String::new(), "did not say hello within 60 s"),
    ] {
        match ending(&said).await {
            Ending::Lost(why) => assert!(why.contains(words), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_noise_the_next_connection_has_everything() {
    let agent = agent();
    let mut first = Controller::attach(&agent, 1).await;
    first.say(share(1, [1])).await;
    first.writing.get_mut().write_all(b"\xff\xfe\n").await.unwrap();
    assert!(matches!(first.ending().await, Ending::Lost(_)));
    assert_eq!(Controller::attach(&agent, 1).await.records(2).await, ["1: share 1 pair 1 seen", "2: share 1 end 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_does_not_read_is_lost() {
    let mut controller = Controller::attach(&agent(), 1).await;
    for number in 0..100 {
        controller.say(share(number, 0..20)).await;
    }
    let Controller { reading: _unread, writing: _open, conversation } = controller;
    assert!(matches!(conversation.await.unwrap(), Ending::Lost(why) if why.contains("has not read")));
}

#[tokio::test(start_paused = true)]
async fn a_newer_connection_takes_the_place_of_an_older() {
    let agent = agent();
    let first = Controller::attach(&agent, 1).await;
    tokio::task::yield_now().await;
    let mut second = Controller::attach(&agent, 1).await;
    assert_eq!(first.conversation.await.unwrap(), Ending::Replaced);
    second.say(share(1, [])).await;
    assert_eq!(second.records(1).await, ["1: share 1 end 0"]);
}

#[tokio::test(start_paused = true)]
async fn stop_stops() {
    let mut controller = Controller::attach(&agent(), 1).await;
    controller.say(share(1, [STALLS])).await;
    controller.say(ToAgent::Stop).await;
    assert_eq!(controller.conversation.await.unwrap(), Ending::Stopped);
}

fn options() -> ServeOptions {
    let addresses = vec![[127, 77, 1, 1].into()];
    let (run, vantage) = ("r1".to_owned(), Vantage::pod("node1"));
    ServeOptions {
        run,
        vantage,
        addresses,
        presumed: Vec::new(),
        ports: Ports::Free,
        among: NonZeroU32::MIN,
        credentials: std::path::PathBuf::new(),
        resolver: None,
    }
}

#[tokio::test]
async fn an_agent_answers_on_its_socket_until_it_is_stopped() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let serving = tokio::spawn({
        let path = path.clone();
        async move { serve_socket(options(), &path).await }
    });
    let mut stream = loop {
        match tokio::net::UnixStream::connect(&path).await {
            Ok(stream) => break stream,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    stream.write_all(said(&[ToAgent::Hello(hello(1)), ToAgent::Stop]).as_bytes()).await.unwrap();
    let mut lines = FramedRead::new(stream, LinesCodec::new());
    let FromAgent::Hello(hello) = wire::decode(&lines.next().await.unwrap().unwrap()).unwrap() else { panic!("no hello") };
    assert!(hello.mtu > 0 && hello.addresses == options().addresses);
    assert!(lines.next().await.is_none());
    serving.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_agent_without_a_controller_ends_itself() {
    let folder = tempfile::tempdir().unwrap();
    let start = tokio::time::Instant::now();
    let error = serve_socket(options(), &folder.path().join("agent.sock")).await.unwrap_err();
    assert!(matches!(error, AgentError::Abandoned(_)), "{error}");
    assert_eq!(start.elapsed().as_secs(), 300);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_never_comes_is_named() {
    let ports = Ports::Among(PortRange::parse("7411").unwrap());
    let options = ServeOptions { addresses: vec![[192, 0, 2, 1].into()], ports, ..options() };
    let error = serve_socket(options, "/nowhere/agent.sock".as_ref()).await.unwrap_err().to_string();
    assert_eq!(error, "answering UDP on 192.0.2.1:7411: Cannot assign requested address (os error 99)");
}

#[tokio::test]
async fn a_socket_that_cannot_be_made_is_named() {
    let error = serve_socket(options(), "/nowhere/agent.sock".as_ref()).await.unwrap_err().to_string();
    assert_eq!(error, "creating the agent's socket /nowhere/agent.sock: No such file or directory (os error 2)");
}
