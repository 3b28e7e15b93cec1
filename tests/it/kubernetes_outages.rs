//! Whole runs on the scripted cluster while the way to its API server is disturbed: the verdict is that of the undisturbed run,
//! exactly, and nothing is left behind.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::future::join_all;
use netcheck::backend::kubernetes::Limits;
use netcheck::model::exit::{Exit, Signal};
use netcheck::model::run::{Header, PairState, Run};
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

fn orders(text: &str) -> Orders {
    let reading = suite::read("mesh.yaml", text.as_bytes(), &[]);
    let suite = reading.suite.unwrap_or_else(|| panic!("{:?}", reading.diagnostics));
    let header = Header {
        id: RUN.to_owned(),
        version: "test",
        backend: "kubernetes",
        started: SystemTime::UNIX_EPOCH,
        suites: vec![Arc::new(suite)],
        seed: 1,
    };
    let (deadline, ready_within) = (PATIENCE, Duration::from_secs(10));
    Orders { header, agents_min: AgentsMin::All, deadline, ready_within, keep: Keep::Never }
}

async fn run(fixture: &Fixture, suite: &str) -> Run {
    let (_never, signals) = mpsc::channel::<Signal>(1);
    let running = netcheck::run::run(&fixture.kubernetes, orders(suite), signals, Vec::new());
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
    Limits {
        call: seconds(8),
        outage: seconds(20),
        recovery: seconds(10),
        clean_up: seconds(20),
        pods_gone: seconds(5),
        namespace_gone: seconds(5),
        ..limits()
    }
}

async fn on(script: Script) -> (ScriptedApi, Fixture) {
    let api = ScriptedApi::start(Script { exec: Exec::Agent, ..script }).await;
    let fixture = backend(&format!("http://{}", api.address), None, patient()).await;
    (api, fixture)
}

/// What comes out where nothing disturbs.
async fn quiet(nodes: usize) -> Vec<String> {
    let (_api, fixture) = on(Script { nodes, ..Script::default() }).await;
    let run = run(&fixture, SUITE).await;
    assert_eq!(run.exit(), Exit::Failed, "{:#?}", verdicts(&run));
    verdicts(&run)
}

/// The run under that script: its verdicts are these, and nothing is left of it.
async fn check(what: String, script: Script, expected: &[String]) {
    let (api, fixture) = on(script).await;
    let disturbed = run(&fixture, SUITE).await;
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
    let expected = quiet(3).await;
    let outages = phases.into_iter().flat_map(|at| [Lost::Question, Lost::Answer].map(|lost| (at, lost)));
    let checks = outages.map(|(at, lost)| {
        let outage = Some(Outage { at, lost, lasts: Duration::from_millis(700) });
        check(format!("{at}, {lost:?}"), Script { outage, ..Script::default() }, &expected)
    });
    join_all(checks).await;
}

#[tokio::test]
async fn connections_that_are_cut_in_the_middle_of_anything_change_no_verdict() {
    let expected = quiet(4).await;
    let checks =
        (1..=24).map(|seed| check(format!("seed {seed}"), Script { worn: Some((seed, 60)), nodes: 4, ..Script::default() }, &expected));
    join_all(checks).await;
}
