//! Runs with agents that do not do as agents do: whatever they say, the run ends before its time, says what is wrong, and keeps
//! no more of it than there is room for. With Tokio's clock paused.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use netcheck::backend::simulated::Simulated;
use netcheck::backend::{Backend, BackendError, Connection, Disposal, LaunchOrder, News, Session};
use netcheck::model::case::PairState;
use netcheck::model::event::CleanUp;
use netcheck::model::inventory::Inventory;
use netcheck::model::outcome::{Miss, Missed, Obstacle, ObstacleKind, Outcome, Samples, Seen, Sight, Tally, WarmUp};
use netcheck::model::path_mtu::{Direction, Larger, PathMtu};
use netcheck::model::run::{Header, Run};
use netcheck::model::units::{Micros, Port};
use netcheck::model::vantage::Vantage;
use netcheck::model::verdict::Verdict;
use netcheck::model::world::World;
use netcheck::run::{AgentsMin, Keep, Orders, run};
use netcheck::wire::{self, AgentHello, Beat, EndRecord, FromAgent, IcmpMode, OutcomeRecord, Share, ToAgent};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream, DuplexStream};
use tokio::sync::mpsc;

const RUN: &str = "0a1b2c3d";

const SUITE: &str = "
netcheck: v1
suite: s
tests: [{ id: mesh, from: pods, to: pods, probe: { type: udp, count: 2, family: v4 }, expect: { loss: < 10% } }]
";

/// An agent's side of its only connection.
struct Said(BufStream<DuplexStream>);

impl Said {
    /// Both hellos.
    async fn greeted(stream: DuplexStream, vantage: &Vantage) -> Self {
        Self::greeted_knowing(stream, vantage, None).await
    }

    /// The same, from one that says that it has all shares up to that one.
    async fn greeted_knowing(stream: DuplexStream, vantage: &Vantage, known: Option<u32>) -> Self {
        let port = Port::new(7411).unwrap();
        let mut said = Self(BufStream::new(stream));
        said.say(&FromAgent::Hello(AgentHello {
            wire: wire::VERSION,
            version: "test".to_owned(),
            run: RUN.to_owned(),
            node: vantage.to_string(),
            addresses: vec![[10, 0, 0, 1].into()],
            tcp: port,
            udp: port,
            icmp: IcmpMode::Datagram,
            mtu: 1_450,
            resolver: wire::Resolver::default(),
            routes: Vec::new(),
            next: 1,
            known,
        }))
        .await;
        said.hear().await;
        said
    }

    async fn say(&mut self, message: &FromAgent) {
        self.0.write_all((wire::encode(message) + "\n").as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    async fn beat(&mut self, answers: u64) {
        self.say(&FromAgent::Beat(Beat { answers, share: None, stalled: Micros(0), known: Some(0) })).await;
    }

    async fn hear(&mut self) -> ToAgent {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).await.unwrap() > 0, "the controller ended the connection");
        wire::decode(line.trim_end()).unwrap()
    }

    async fn share(&mut self) -> Share {
        loop {
            if let ToAgent::Assign(share) = self.hear().await {
                return share;
            }
        }
    }

    /// Tells that outcome of every pair, and the end.
    async fn carry_out(&mut self, outcome: impl Fn() -> Outcome) {
        let share = self.share().await;
        self.tell(&share, outcome).await;
    }

    async fn tell(&mut self, share: &Share, outcome: impl Fn() -> Outcome) {
        let (pairs, number) = (share.targets.iter().map(|peer| peer.pair), share.share);
        for (sequence, pair) in (1..).zip(pairs) {
            self.say(&FromAgent::Outcome(OutcomeRecord { sequence, share: number, pair, attempt: 1, outcome: outcome() })).await;
        }
        let outcomes = u32::try_from(share.targets.len()).unwrap();
        self.say(&FromAgent::End(EndRecord { sequence: u64::from(outcomes) + 1, share: number, outcomes, took: Micros(1) })).await;
    }

    /// Beats and answers for ever.
    async fn live(&mut self) {
        loop {
            match tokio::time::timeout(Duration::from_secs(5), self.hear()).await {
                Ok(ToAgent::Ask { number }) => self.beat(number).await,
                Ok(_) => {}
                Err(_) => self.beat(0).await,
            }
        }
    }
}

/// Agents as the test plays them.
struct Played<F> {
    inventory: Simulated,
    connections: Connections,
    agent: Arc<F>,
}

/// How many connections there are with each agent.
#[derive(Clone, Copy)]
enum Connections {
    One,
    /// Another whenever one breaks; the agent is played anew over each.
    Any,
}

impl<F> Played<F> {
    fn session<A>(&self, vantage: &Vantage) -> Session
    where
        F: Fn(DuplexStream, Vantage) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let (agent, whose) = (Arc::clone(&self.agent), vantage.clone());
        let connect = move || {
            let (ours, theirs) = tokio::io::duplex(64 << 10);
            // It ends when the run ends its connection.
            tokio::spawn(agent(theirs, whose.clone()));
            tokio::io::split(ours)
        };
        let never = || futures::future::pending().boxed();
        match self.connections {
            Connections::One => {
                let (reader, writer) = connect();
                Session::over(vantage.clone(), reader, writer, never())
            }
            Connections::Any => {
                let connect = move || {
                    let (reader, writer) = connect();
                    let connection = Connection { reader: Box::new(reader), writer: Box::new(writer), ended: never() };
                    futures::future::ready(Ok(connection)).boxed()
                };
                Session::resuming(vantage.clone(), Box::new(connect))
            }
        }
    }
}

impl<F, A> Backend for Played<F>
where
    F: Fn(DuplexStream, Vantage) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        self.inventory.inventory()
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        async move {
            for vantage in &order.vantages {
                news.send(News::Ready(self.session(vantage))).await.unwrap();
            }
        }
        .boxed()
    }

    fn cleanup(&self, _: Disposal) -> BoxFuture<'_, CleanUp> {
        futures::future::ready(CleanUp::default()).boxed()
    }
}

/// Runs the suite between three such agents.
fn finished<A>(agent: impl Fn(DuplexStream, Vantage) -> A + Send + Sync + 'static) -> Run
where
    A: Future<Output = ()> + Send + 'static,
{
    finished_over(Connections::One, SUITE, agent)
}

fn finished_over<A>(connections: Connections, suite: &str, agent: impl Fn(DuplexStream, Vantage) -> A + Send + Sync + 'static) -> Run
where
    A: Future<Output = ()> + Send + 'static,
{
    let suite = Arc::new(netcheck::suite::read("suite.yaml", suite.as_bytes(), &[], &crate::no_parts).suite.unwrap());
    let header = Header {
        id: RUN.to_owned(),
        version: "test",
        backend: "simulated",
        started: SystemTime::UNIX_EPOCH,
        suites: vec![suite],
        seed: 1,
        shard: None,
    };
    let (deadline, ready_within) = (Duration::from_secs(900), Duration::from_secs(60));
    let orders = Orders {
        header,
        agents_min: AgentsMin::All,
        deadline,
        ready_within,
        keep: Keep::Never,
        secrets: std::collections::BTreeMap::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let inventory = Simulated::new(Arc::new(World::three_nodes()), RUN.to_owned());
        let (_nobody, signals) = mpsc::channel(1);
        run(&Played { inventory, connections, agent: Arc::new(agent) }, orders, signals, Vec::new()).await.run
    })
}

/// Every question answered.
fn well() -> Outcome {
    let samples = Samples::Raw(vec![Micros(250), Micros(260)]);
    let (missed, warm_up) = (Vec::new(), WarmUp::Answered(Micros(250)));
    Outcome::Measured(Tally { sent: 2, answered: 2, missed, warm_up, samples, ..Tally::empty() })
}

fn with(outcome: Outcome, change: impl FnOnce(&mut Tally)) -> Outcome {
    let Outcome::Measured(mut tally) = outcome else { panic!("not measured") };
    change(&mut tally);
    Outcome::Measured(tally)
}

fn words(run: &Run) -> String {
    match &run.cases[0].verdict {
        Verdict::Errored(cause) => cause.to_string(),
        other => other.word().to_owned(),
    }
}

#[test]
fn agents_that_do_as_agents_do_pass() {
    let run = finished(|stream, vantage| async move {
        let mut said = Said::greeted(stream, &vantage).await;
        said.carry_out(well).await;
        said.live().await;
    });
    assert_eq!(words(&run), "passed");
}

/// Two do their work, and then say as much as their connections take, while the clock goes on.
#[test]
fn agents_that_never_stop_talking_hide_no_silence() {
    let run = finished(|stream, vantage| async move {
        let mut said = Said::greeted(stream, &vantage).await;
        if vantage.node() == "node1" {
            said.share().await;
            return std::future::pending().await;
        }
        said.carry_out(well).await;
        loop {
            for _ in 0..2_000 {
                said.beat(0).await;
            }
            if vantage.node() == "node2" {
                tokio::time::advance(Duration::from_secs(1)).await;
            }
        }
    });
    let words = words(&run);
    assert!(words.starts_with("source agent lost on node1"), "{words}");
}

#[test]
fn endless_words_are_cut() {
    let run = finished(|stream, vantage| async move {
        let mut said = Said::greeted(stream, &vantage).await;
        said.carry_out(|| Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Socket, detail: "é".repeat(400_000) })).await;
        said.live().await;
    });
    assert_eq!(run.cases[0].pairs.len(), 6);
    for pair in &run.cases[0].pairs {
        let PairState::Unmeasured(cause) = &pair.state else { panic!("{:?}", pair.pair) };
        let length = cause.to_string().len();
        assert!((500..5_000).contains(&length), "{length} bytes");
    }
}

/// What an agent makes of its figures must be in the form that is kept: nothing in it can be larger than what was asked.
#[test]
fn figures_with_empty_entries_are_not_believed() {
    let name = "n".repeat(400);
    for (wrong, why) in [
        (with(well(), |tally| tally.missed.push(Missed { how: Miss::TimedOut, count: 0 })), "0 times"),
        (
            with(well(), |tally| {
                tally.samples = Samples::Buckets(serde_json::from_str(r#"[{"value":1,"count":0},{"value":2,"count":2}]"#).unwrap());
            }),
            "0 times",
        ),
        (
            with(well(), |tally| {
                tally.missed.push(Missed { how: Miss::WrongPeer { name: name.clone() }, count: 1 });
                (tally.answered, tally.samples) = (1, Samples::Raw(vec![Micros(1)]));
            }),
            "a name of 400 characters",
        ),
    ] {
        let run = finished(move |stream, vantage| {
            let wrong = wrong.clone();
            async move {
                let mut said = Said::greeted(stream, &vantage).await;
                said.carry_out(|| wrong.clone()).await;
                said.live().await;
            }
        });
        assert!(words(&run).contains(why), "{}", words(&run));
    }
}

/// Of a path of which one direction is left out, nobody knows that it takes what it should.
#[test]
fn a_search_that_leaves_out_a_direction_is_not_believed() {
    const SEARCH: &str = "
netcheck: v1
suite: s
tests: [{ id: mesh, from: pods, to: pods, probe: { type: pmtu, count: 2, family: v4 }, expect: { each: { mtu: interface } } }]
";
    let there = PathMtu { direction: Direction::There, size: 1_450, top: 1_450, fails: 0, larger: Larger::Unsent };
    let back = PathMtu { direction: Direction::Back, ..there.clone() };
    for (paths, expected) in [(vec![there.clone(), back], "passed"), (vec![there], "0 largest packets back, where one was to be found")] {
        let run = finished_over(Connections::One, SEARCH, move |stream, vantage| {
            let seen: Vec<Seen> = paths.iter().map(|path| Seen { what: Sight::PathMtu(path.clone()), count: 1 }).collect();
            async move {
                let mut said = Said::greeted(stream, &vantage).await;
                said.carry_out(|| with(well(), |tally| tally.seen.clone_from(&seen))).await;
                said.live().await;
            }
        });
        assert!(words(&run).contains(expected), "{}", words(&run));
    }
}

/// A hello shows that there is a way to somebody, not that anybody works there.
#[test]
fn hellos_alone_keep_no_agent() {
    for stays in [Duration::ZERO, Duration::from_millis(900), Duration::from_secs(9), Duration::from_secs(900)] {
        let run = finished_over(Connections::Any, SUITE, move |stream, vantage| async move {
            let mut said = Said::greeted(stream, &vantage).await;
            if vantage.node() == "node1" {
                return tokio::time::sleep(stays).await;
            }
            said.carry_out(well).await;
            said.live().await;
        });
        let words = words(&run);
        assert!(words.starts_with("source agent lost on node1: nothing was heard from it for 30 s"), "{stays:?}: {words}");
    }
}

/// Its connection breaks every second, and it does something over each.
#[test]
fn an_agent_that_answers_between_resets_is_there() {
    let suite = SUITE.replace("count: 2,", "count: 2, timeout: 30s,");
    let connections = Arc::new(AtomicU32::new(0));
    let run = finished_over(Connections::Any, &suite, move |stream, vantage| {
        let connections = Arc::clone(&connections);
        async move {
            let mut said = Said::greeted(stream, &vantage).await;
            if vantage.node() == "node1" && connections.fetch_add(1, Ordering::Relaxed) < 60 {
                let _second_is_over = tokio::time::timeout(Duration::from_secs(1), said.live()).await;
                return;
            }
            said.carry_out(well).await;
            said.live().await;
        }
    });
    assert_eq!(words(&run), "passed");
}

/// One that is there, and says that it has every share, and tells nothing of any.
#[test]
fn a_share_that_is_never_finished_does_not_hold_the_run() {
    for stays in [Duration::from_secs(1), Duration::from_secs(2_000)] {
        let run = finished_over(Connections::Any, SUITE, move |stream, vantage| async move {
            if vantage.node() == "node1" {
                let mut said = Said::greeted_knowing(stream, &vantage, Some(99)).await;
                let _over = tokio::time::timeout(stays, said.live()).await;
                return;
            }
            let mut said = Said::greeted(stream, &vantage).await;
            said.carry_out(well).await;
            said.live().await;
        });
        let words = words(&run);
        assert!(
            words.starts_with("incomplete results from node1: it answers, but has not finished its share of a case after "),
            "{stays:?}: {words}"
        );
    }
}

/// Twice as long as the share takes, which is asked for over 20 s.
#[test]
fn a_slow_agent_has_its_time() {
    let suite = SUITE.replace("count: 2,", "count: 2, interval: 10s,");
    let run = finished_over(Connections::One, &suite, |stream, vantage| async move {
        let mut said = Said::greeted(stream, &vantage).await;
        let share = said.share().await;
        if vantage.node() == "node1" {
            let _until = tokio::time::timeout(Duration::from_secs(45), said.live()).await;
        }
        said.tell(&share, well).await;
        said.live().await;
    });
    assert_eq!(words(&run), "passed");
}

/// Single connections, asked again.
const AGAIN: &str = "
netcheck: v1
suite: s
tests: [{ id: once, from: pods, to: pods, probe: { type: tcp, count: 1, family: v4 }, retry: { attempts: 3, backoff: 20s } }]
";

/// One connection, answered or refused.
fn connection(answered: bool) -> Outcome {
    let (missed, samples) =
        if answered { (Vec::new(), vec![Micros(250)]) } else { (vec![Missed { how: Miss::Refused { by: None }, count: 1 }], vec![]) };
    let (samples, warm_up) = (Samples::Raw(samples), WarmUp::Unanswered);
    let tally = Tally { sent: 1, answered: answered.into(), missed, warm_up, samples, ..Tally::empty() };
    Outcome::Measured(tally)
}

/// What each share asked for: its attempt, how many targets, and when it came.
type Shares = Arc<std::sync::Mutex<Vec<(String, u32, usize, Duration)>>>;

/// Three agents of which node1 is refused everywhere on its first two attempts; the others are answered. What node1 says of its
/// attempts is `said` of what they are.
fn asked_again(said: fn(u32) -> u32) -> (Run, Shares) {
    let shares = Shares::default();
    let seen = Arc::clone(&shares);
    let run = finished_over(Connections::One, AGAIN, move |stream, vantage| {
        let shares = Arc::clone(&seen);
        async move {
            let (mut agent, mut sequence, began) = (Said::greeted(stream, &vantage).await, 0, tokio::time::Instant::now());
            let refused = vantage.node() == "node1";
            loop {
                match tokio::time::timeout(Duration::from_secs(5), agent.hear()).await {
                    Ok(ToAgent::Ask { number }) => agent.beat(number).await,
                    Ok(ToAgent::Assign(Share { share, attempt, targets, .. })) => {
                        shares.lock().unwrap().push((vantage.to_string(), attempt, targets.len(), began.elapsed()));
                        let outcome = connection(!refused || attempt == 3);
                        for peer in &targets {
                            sequence += 1;
                            let (pair, outcome) = (peer.pair, outcome.clone());
                            let record = OutcomeRecord { sequence, share, pair, attempt: said(attempt), outcome };
                            agent.say(&FromAgent::Outcome(record)).await;
                        }
                        sequence += 1;
                        let outcomes = u32::try_from(targets.len()).unwrap();
                        agent.say(&FromAgent::End(EndRecord { sequence, share, outcomes, took: Micros(1) })).await;
                    }
                    Ok(_) => {}
                    Err(_) => agent.beat(0).await,
                }
            }
        }
    });
    (run, shares)
}

#[test]
fn only_pairs_that_failed_are_asked_again_and_not_before_the_backoff_is_over() {
    let (run, shares) = asked_again(|attempt| attempt);
    assert_eq!(words(&run), "passed");
    let retries = run.cases[0].retries.as_ref().unwrap();
    let rescued: Vec<_> = retries.rescued.iter().map(|rescued| (rescued.pair.to_string(), rescued.passed_on())).collect();
    assert_eq!(rescued, [("node1 → node2".to_owned(), 3), ("node1 → node3".to_owned(), 3)]);
    assert_eq!((run.cases[0].coverage.measured, run.cases[0].figures.sent, run.cases[0].figures.lost), (6, 6, 2));
    let shares = shares.lock().unwrap();
    let mut firsts: Vec<_> = shares.iter().filter(|(_, attempt, ..)| *attempt == 1).map(|(node, ..)| node.as_str()).collect();
    firsts.sort_unstable();
    assert_eq!(firsts, ["node1", "node2", "node3"]);
    let later: Vec<_> = shares.iter().filter(|(_, attempt, ..)| *attempt > 1).collect();
    let told: Vec<_> = later.iter().map(|(node, attempt, targets, _)| (node.as_str(), *attempt, *targets)).collect();
    assert_eq!(told, [("node1", 2, 2), ("node1", 3, 2)], "whoever was answered is left in peace");
    assert!(later[0].3 >= Duration::from_secs(20) && later[1].3 >= Duration::from_secs(40), "{later:?}");
}

/// What one attempt came to is never taken for another.
#[test]
fn a_record_of_another_attempt_is_not_believed() {
    let (run, _) = asked_again(|_| 1);
    let words = words(&run);
    assert!(words.starts_with("incomplete results from node1: an outcome of attempt 1 in share 3, which is attempt 2"), "{words}");
}
