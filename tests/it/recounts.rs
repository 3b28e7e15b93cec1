//! Nodes that come and go while a run goes on are noted; that decides nothing, and neither does it if they cannot be counted again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use futures::future::BoxFuture;
use netcheck::backend::simulated::Simulated;
use netcheck::backend::{Backend, BackendError, Disposal, LaunchOrder, News};
use netcheck::model::event::CleanUp;
use netcheck::model::exit::{Exit, Signal};
use netcheck::model::inventory::Inventory;
use netcheck::model::run::{Header, NodeChange, Run};
use netcheck::model::world::World;
use netcheck::run::{self, AgentsMin, Keep, Orders};
use netcheck::suite;
use tokio::sync::mpsc;

use crate::kubernetes_api::RUN;
use crate::kubernetes_api::scripted_api::{Script, ScriptedApi};
use crate::kubernetes_outages;

const SUITE: &str = "netcheck: v1
suite: mesh
tests:
  - { id: udp, from: pods, to: pods, probe: { type: udp, family: v4, count: 5, interval: 1ms } }
";

/// What happens when the nodes are looked at again.
#[derive(Clone, Copy)]
enum Later {
    Fails,
    Hangs,
    Interrupts,
}

/// A simulation whose inventory can be had but once.
struct Once {
    simulated: Simulated,
    looks: AtomicUsize,
    later: Later,
    signals: mpsc::Sender<Signal>,
}

impl Backend for Once {
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        if self.looks.fetch_add(1, Ordering::SeqCst) == 0 {
            return self.simulated.inventory();
        }
        Box::pin(async {
            match self.later {
                Later::Fails => {
                    let message = "list nodes: forbidden".to_owned();
                    return Err(BackendError { code: "forbidden", message, details: Vec::new(), help: Vec::new() });
                }
                Later::Hangs => {}
                Later::Interrupts => self.signals.send(Signal::Interrupt).await.unwrap(),
            }
            std::future::pending().await
        })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        self.simulated.launch(order, news)
    }

    fn cleanup(&self, disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        self.simulated.cleanup(disposal)
    }
}

/// The run's exit, its notes, and how often the nodes were looked at.
#[track_caller]
fn check(later: Later, world: &str, expected: (Exit, &[&str], usize)) {
    let suite = suite::read("suite.yaml", SUITE.as_bytes(), &[], &crate::no_parts).suite.unwrap();
    let world: World = suite::read_world("world.yaml", format!("netcheck: v1\nworld: w\n{world}").as_bytes()).world.unwrap();
    let header = Header {
        id: RUN.to_owned(),
        version: "0",
        backend: "simulated",
        started: UNIX_EPOCH,
        suites: vec![Arc::new(suite)],
        seed: 1,
        shard: None,
    };
    let hour = Duration::from_secs(3_600);
    let orders = Orders {
        header,
        agents_min: AgentsMin::All,
        deadline: hour,
        ready_within: hour,
        keep: Keep::Never,
        secrets: std::collections::BTreeMap::new(),
    };
    let (sender, signals) = mpsc::channel(1);
    let simulated = Simulated::new(Arc::new(world), RUN.to_owned());
    let backend = Once { simulated, looks: AtomicUsize::new(0), later, signals: sender };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let run = runtime.block_on(run::run(&backend, orders, signals, Vec::new())).run;
    let looks = backend.looks.load(Ordering::SeqCst);
    assert_eq!(
        (run.exit(), run.notes.iter().map(String::as_str).collect::<Vec<_>>(), looks),
        (expected.0, expected.1.to_vec(), expected.2)
    );
    assert_eq!(run.cases.len(), 1);
}

#[test]
fn nodes_that_cannot_be_counted_again_are_a_note_and_no_error() {
    let unknown = "which nodes came or went while the run went on is not known: ";
    let (forbidden, late) = (format!("{unknown}list nodes: forbidden"), format!("{unknown}no answer within 5 s"));
    check(Later::Fails, "nodes: 3", (Exit::Passed, &[&forbidden], 2));
    check(Later::Hangs, "nodes: 3", (Exit::Passed, &[&late], 2));
    check(Later::Interrupts, "nodes: 3", (Exit::Signalled(Signal::Interrupt), &[], 2));
    // Two agents are lost one after the other: after the first look that fails, only the last one is tried.
    let lost = "nodes: 4\nagents: { node2: { neverStarts: no }, node3: { diesAfter: 3 } }";
    check(Later::Fails, lost, (Exit::NotMeasured, &[&forbidden], 3));
    check(Later::Hangs, lost, (Exit::NotMeasured, &[&late], 3));
    check(Later::Interrupts, lost, (Exit::Signalled(Signal::Interrupt), &[], 2));
}

/// A run on three nodes, to whose cluster that happens once all pods are created and before they start.
async fn meanwhile(happens: impl FnOnce(&ScriptedApi)) -> Run {
    let waiting = Some(("ContainerCreating", ""));
    let (api, fixture) = kubernetes_outages::on(Script { waiting, ..Script::default() }).await;
    let changed = Arc::clone(&api.cluster().changed);
    let happening = async {
        loop {
            let mut change = std::pin::pin!(changed.notified());
            change.as_mut().enable();
            if api.cluster().pods.len() == 3 {
                break;
            }
            change.await;
        }
        happens(&api);
        api.cluster().start_pods();
    };
    let (run, ()) = tokio::join!(kubernetes_outages::run(&fixture, SUITE), happening);
    run
}

fn changes(run: &Run) -> Vec<(&str, &'static str, NodeChange)> {
    run.nodes.iter().filter_map(|node| Some((&*node.name, node.state.word(), node.change?))).collect()
}

#[tokio::test]
async fn a_cluster_that_grows_and_shrinks_meanwhile_is_told_and_its_verdict_stays() {
    let quiet = meanwhile(|_| {}).await;
    assert_eq!((quiet.exit(), changes(&quiet), quiet.notes.len()), (Exit::Passed, vec![], 0));
    let grown = meanwhile(|api| api.cluster().script.nodes = 4).await;
    assert_eq!((grown.exit(), changes(&grown)), (Exit::Passed, vec![("node4", "excluded", NodeChange::Added)]));
    let shrunk = meanwhile(|api| api.cluster().script.nodes = 2).await;
    assert_eq!((shrunk.exit(), changes(&shrunk)), (Exit::Passed, vec![("node3", "tested", NodeChange::Deleted)]));
}

#[tokio::test]
async fn an_agent_whose_node_was_deleted_says_so() {
    let run = meanwhile(|api| {
        let mut cluster = api.cluster();
        cluster.script.nodes = 2;
        cluster.remove_pods(|(_, pod)| pod.ends_with("node3"));
    })
    .await;
    assert_eq!((run.exit(), changes(&run)), (Exit::NotMeasured, vec![("node3", "unready", NodeChange::Deleted)]));
    let reason = run.cases[0].verdict.reason();
    assert!(reason.starts_with("agent on node3 not ready: its node was deleted: "), "{reason}");
    assert_eq!((run.cases[0].verdict.code(), run.cases[0].coverage.measured), ("agent-not-ready", 2));
    assert!(run.problems[0].details[0].starts_with("node3: its node was deleted: "), "{:?}", run.problems);
}
