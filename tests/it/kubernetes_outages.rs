//! Whole runs on the scripted cluster while the way to its API server is disturbed: the verdict is that of the undisturbed run,
//! exactly, and nothing is left behind.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::future::join_all;
use netcheck::backend::kubernetes::Limits;
use netcheck::model::case::PairState;
use netcheck::model::exit::{Exit, Signal};
use netcheck::model::run::{Header, Run};
use netcheck::run::{AgentsMin, Keep, Orders};
use netcheck::suite;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::kubernetes_api::scripted_api::{Exec, Lost, Outage, Script, ScriptedApi};
use crate::kubernetes_api::{Fixture, RUN, backend, limits};

/// Nothing here may take longer: a run that hangs fails.
const PATIENCE: Duration = Duration::from_secs(90);

/// Two cases; one way of one pair is cut, so both fail, and nothing else may.
const SUITE: &str = "netcheck: v1
suite: mesh
defaults: { from: pods, to: pods, timeout: 100ms }
tests:
  - { id: udp, probe: { type: udp, family: v4, count: 5, interval: 1ms }, expect: { each: { loss: '<= 10%' } } }
  - { id: tcp, probe: { type: tcp, family: v4, count: 5, interval: 1ms }, expect: { each: { loss: '<= 10%' } } }
";

/// One of them, and a fixture that is well.
const FIXTURE: &str = "netcheck: v1
suite: fixture
fixtures: [{ echo: { name: nc-echo, serve: [udp] } }]
defaults: { from: pods, timeout: 100ms, expect: { each: { loss: '<= 10%' } } }
tests:
  - { id: udp, to: pods, probe: { type: udp, family: v4, count: 5, interval: 1ms } }
  - { id: service, to: { fixture: nc-echo }, probe: { type: udp, family: v4, count: 5, interval: 1ms } }
  - { id: node-port, to: { fixture: nc-echo, via: nodePort }, probe: { type: udp, family: v4, count: 5, interval: 1ms } }
";

const ONE_WAY: fn(&str, &str) -> bool = |from, to| (from, to) == ("node1", "node2");

fn orders(text: &str) -> Orders {
    let reading = suite::read("mesh.yaml", text.as_bytes(), &[], &crate::no_parts);
    let suite = reading.suite.unwrap_or_else(|| panic!("{:?}", reading.diagnostics));
    let header = Header {
        id: RUN.to_owned(),
        version: "test",
        backend: "kubernetes",
        started: SystemTime::UNIX_EPOCH,
        suites: vec![Arc::new(suite)],
        seed: 1,
        shard: None,
    };
    let (deadline, ready_within) = (PATIENCE, Duration::from_secs(10));
    Orders { header, agents_min: AgentsMin::All, deadline, ready_within, keep: Keep::Never, secrets: std::collections::BTreeMap::new() }
}

pub(crate) async fn run(fixture: &Fixture, suite: &str) -> Run {
    carry_out(fixture, orders(suite)).await
}

async fn carry_out(fixture: &Fixture, orders: Orders) -> Run {
    let (_never, signals) = mpsc::channel::<Signal>(1);
    let running = netcheck::run::run(&fixture.kubernetes, orders, signals, Vec::new());
    timeout(PATIENCE, running).await.unwrap().run
}

/// Every case with its verdict and the pairs that failed.
fn verdicts(run: &Run) -> Vec<String> {
    let cases = run.cases.iter().map(|case| {
        let failed = case.pairs.iter().filter(|pair| matches!(pair.state, PairState::Failed { .. })).map(|pair| pair.pair.to_string());
        let (word, reason, coverage) = (case.verdict.word(), case.verdict.reason(), case.coverage);
        format!("{} {word} {reason} {:?} {} of {}", case.id, failed.collect::<Vec<_>>(), coverage.measured, coverage.planned)
    });
    cases.chain(run.problems.iter().map(|problem| format!("{problem:?}"))).collect()
}

/// Enough for all disturbances of these tests.
fn patient() -> Limits {
    let seconds = Duration::from_secs;
    Limits { call: seconds(20), outage: seconds(20), recovery: seconds(10), clean_up: seconds(20), pods_gone: seconds(5), ..limits() }
}

pub(crate) async fn on(script: Script) -> (ScriptedApi, Fixture) {
    let api = ScriptedApi::start(Script { exec: Exec::Agent, ..script }).await;
    let fixture = backend(&format!("http://{}", api.address), None, patient()).await;
    (api, fixture)
}

/// What comes out where nothing disturbs.
async fn quiet(suite: &str, nodes: usize) -> Vec<String> {
    let (_api, fixture) = on(Script { nodes, cut: ONE_WAY, ..Script::default() }).await;
    let run = run(&fixture, suite).await;
    assert_eq!(run.exit(), Exit::Failed, "{:#?}", verdicts(&run));
    verdicts(&run)
}

/// The run under that script: its verdicts are these, and nothing is left of it.
async fn check(what: String, suite: &str, script: Script, expected: &[String]) {
    let (api, fixture) = on(script).await;
    let disturbed = run(&fixture, suite).await;
    assert_eq!(verdicts(&disturbed), expected, "{what}: {:#?}", api.requests());
    assert_eq!(disturbed.exit(), Exit::Failed, "{what}");
    assert_eq!(disturbed.clean_up.map(|clean_up| clean_up.left), Some(Vec::new()), "{what}");
    let cluster = api.cluster();
    assert!(cluster.pods.is_empty() && cluster.namespaces.is_empty(), "{what}: left behind");
    assert!(cluster.script.outage.is_none(), "{what}: never came to it");
}

#[tokio::test]
async fn an_api_server_that_goes_away_at_any_request_changes_no_verdict() {
    let phases = [
        "POST /api/v1/namespaces",
        "POST /api/v1/namespaces/netcheck-0a1b2c3d/pods",
        "GET /api/v1/namespaces/netcheck-0a1b2c3d/pods",
        "GET /api/v1/namespaces/netcheck-0a1b2c3d/pods/netcheck-0a1b2c3d-node2/exec",
        "DELETE /api/v1/namespaces/netcheck-0a1b2c3d/pods",
        "DELETE /api/v1/namespaces/netcheck-0a1b2c3d",
        "GET /api/v1/namespaces/netcheck-0a1b2c3d",
    ];
    let expected = quiet(SUITE, 3).await;
    let outages = phases.into_iter().flat_map(|at| [Lost::Question, Lost::Answer, Lost::Itself].map(|lost| (at, lost)));
    let checks = outages.map(|(at, lost)| {
        let outage = Some(Outage { at, lost, lasts: Duration::from_millis(700) });
        check(format!("{at}, {lost:?}"), SUITE, Script { outage, cut: ONE_WAY, ..Script::default() }, &expected)
    });
    join_all(checks).await;
}

#[tokio::test]
async fn an_api_server_that_goes_away_while_services_are_made_changes_no_verdict() {
    let phases = [
        "POST /api/v1/namespaces/netcheck-0a1b2c3d/services",
        "GET /api/v1/namespaces/netcheck-0a1b2c3d/services",
        "GET /apis/discovery.k8s.io/v1/namespaces/netcheck-0a1b2c3d/endpointslices",
    ];
    let expected = quiet(FIXTURE, 3).await;
    let passed = expected.iter().filter(|line| line.contains(" passed ")).count();
    assert_eq!(passed, 2, "{expected:#?}");
    let outages = phases.into_iter().flat_map(|at| [Lost::Question, Lost::Answer, Lost::Itself].map(|lost| (at, lost)));
    let checks = outages.map(|(at, lost)| {
        let outage = Some(Outage { at, lost, lasts: Duration::from_millis(700) });
        check(format!("{at}, {lost:?}"), FIXTURE, Script { outage, cut: ONE_WAY, ..Script::default() }, &expected)
    });
    join_all(checks).await;
}

#[tokio::test]
async fn connections_that_are_cut_in_the_middle_of_anything_change_no_verdict() {
    let expected = quiet(SUITE, 4).await;
    let checks = (1..=24).map(|seed| {
        check(format!("seed {seed}"), SUITE, Script { worn: Some((seed, 60)), nodes: 4, cut: ONE_WAY, ..Script::default() }, &expected)
    });
    join_all(checks).await;
}

/// Agents that should be ready within a second, on a cluster whose pods start so long after an outage of half a second, or never.
async fn pending(starts_after: Option<Duration>) -> Vec<String> {
    let outage =
        Some(Outage { at: "GET /api/v1/namespaces/netcheck-0a1b2c3d/pods", lost: Lost::Question, lasts: Duration::from_millis(500) });
    let waiting = Some(("ContainerCreating", ""));
    let (_api, fixture) = on(Script { outage, waiting, starts_after, cut: ONE_WAY, ..Script::default() }).await;
    let orders = Orders { ready_within: Duration::from_secs(1), ..orders(SUITE) };
    verdicts(&carry_out(&fixture, orders).await)
}

#[tokio::test]
async fn an_outage_while_pods_are_pending_is_made_good_and_what_the_cluster_takes_after_it() {
    assert_eq!(pending(Some(Duration::from_millis(1_500))).await, quiet(SUITE, 3).await);
}

#[tokio::test]
async fn an_outage_while_pods_are_pending_is_not_made_good_for_ever() {
    let told = pending(None).await;
    let why = told.last().unwrap();
    assert!(why.contains("3 of 3 agents not ready"), "{why}");
    assert!(why.contains("not running after ") && why.contains("ContainerCreating"), "{why}");
}

/// Each agent asks eight others.
const LARGE: &str = "netcheck: v1
suite: large
defaults: { from: pods, to: pods, pairs: circulant, timeout: 100ms, expect: { each: { loss: '<= 10%' } } }
tests:
  - { id: udp, probe: { type: udp, family: v4, count: 5, interval: 1ms } }
  - { id: tcp, probe: { type: tcp, family: v4, count: 5, interval: 1ms } }
";

/// Two hundred agents, one of which nobody reaches.
async fn large(api: &ScriptedApi, fixture: &Fixture) {
    let run = run(fixture, LARGE).await;
    let failed: Vec<String> = run.cases.iter().map(|case| format!("{} {}", case.id, case.verdict.reason())).collect();
    let why = "wanted each.loss <= 10%, missed by 8 of 1,600 pairs";
    assert_eq!(failed.len(), 2, "{failed:#?}");
    for (case, text) in run.cases.iter().zip(&failed) {
        assert!(text.contains(why), "{text}");
        assert_eq!((case.coverage.measured, case.pairs.len()), (1_600, 8), "{text}");
        assert!(case.pairs.iter().all(|pair| pair.pair.target.to_string() == "node7"), "{:?}", case.pairs);
    }
    assert_eq!(run.problems, []);
    assert_eq!(run.clean_up.map(|clean_up| clean_up.left), Some(Vec::new()));
    assert!(api.cluster().pods.is_empty() && api.cluster().namespaces.is_empty());
}

async fn two_hundred() -> (ScriptedApi, Fixture) {
    on(Script { nodes: 200, cut: |_, to| to == "node7", ..Script::default() }).await
}

#[tokio::test]
async fn two_hundred_agents_share_sixty_four_connections() {
    let (api, fixture) = two_hundred().await;
    large(&api, &fixture).await;
    let most = api.cluster().most_execs;
    assert!(most <= 64, "{most} at once");
}

#[tokio::test]
async fn two_hundred_agents_are_measured_though_every_connection_is_reset_every_second() {
    let (api, fixture) = two_hundred().await;
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let resets = async {
        loop {
            seconds.tick().await;
            api.cut();
        }
    };
    tokio::select! {
        () = large(&api, &fixture) => {}
        () = resets => unreachable!("it goes on for ever"),
    }
}
