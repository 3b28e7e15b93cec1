//! Node addresses as targets without agents: what the inventory states of them decides, whatever a backend finds there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use futures::future::BoxFuture;
use netcheck::backend::simulated::Simulated;
use netcheck::backend::{Backend, BackendError, Disposal, LaunchOrder, News};
use netcheck::model::event::CleanUp;
use netcheck::model::inventory::{Inventory, Node, Standing};
use netcheck::model::run::{Header, Run};
use netcheck::model::units::Port;
use netcheck::model::world::World;
use netcheck::plan;
use netcheck::run::{self, AgentsMin, Keep, Orders};
use netcheck::suite;
use tokio::sync::mpsc;

/// A simulation of which the inventory leaves out the addresses of some nodes.
struct Silent {
    simulated: Simulated,
    nodes: &'static [&'static str],
}

impl Backend for Silent {
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        Box::pin(async {
            let mut inventory = self.simulated.inventory().await?;
            for node in inventory.nodes.iter_mut().filter(|node| self.nodes.contains(&&*node.name)) {
                node.addresses.clear();
            }
            Ok(inventory)
        })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        self.simulated.launch(order, news)
    }

    fn cleanup(&self, disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        self.simulated.cleanup(disposal)
    }
}

const SUITE: &str = "netcheck: v1\nsuite: addresses\ntests:\n  - { id: t, from: pods, to: nodes, probe: { type: icmp, family: v4 } }\n";

fn run(suite: &str, nodes: &'static [&'static str]) -> Run {
    let suite = suite::read("suite.yaml", suite.as_bytes(), &[], &crate::no_parts).suite.unwrap();
    let id = "0a1b2c3d".to_owned();
    let simulated = Simulated::new(Arc::new(World::three_nodes()), id.clone());
    let header =
        Header { id, version: "0", backend: "simulated", started: UNIX_EPOCH, suites: vec![Arc::new(suite)], seed: 1, shard: None };
    let minute = Duration::from_secs(60);
    let orders = Orders {
        header,
        agents_min: AgentsMin::All,
        deadline: minute,
        ready_within: minute,
        keep: Keep::Never,
        secrets: std::collections::BTreeMap::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (_held, signals) = mpsc::channel(1);
    runtime.block_on(run::run(&Silent { simulated, nodes }, orders, signals, Vec::new())).run
}

/// The word of the only case's verdict, its reason, and how many pairs were measured.
#[track_caller]
fn check(suite: &str, nodes: &'static [&'static str], expected: (&str, &str, u64)) {
    let run = run(suite, nodes);
    assert_eq!(run.problems, Vec::new());
    let case = &run.cases[0];
    assert_eq!((case.verdict.word(), case.verdict.reason().as_str(), case.coverage.measured), expected);
}

#[test]
fn a_node_without_an_address_is_not_measured() {
    check(SUITE, &[], ("passed", "", 6));
    let why = "node node2 states no internal IPv4 address (InternalIP), while others state one";
    check(SUITE, &["node2"], ("errored", why, 4));
    let all = &["node1", "node2", "node3"];
    check(SUITE, all, ("skipped", "no node states an internal IPv4 address (InternalIP)", 0));
}

#[test]
fn a_family_that_must_be_there_fails_where_nodes_have_none() {
    let suite = SUITE.replace("suite: addresses\n", "suite: addresses\nexpectFamilies: [v4]\n");
    let wanted = "wanted an address of each of expectFamilies, missed by 2 of 6 pairs: node1 → node2/host, node3 → node2/host";
    check(&suite, &["node2"], ("failed", wanted, 4));
    let why = "no node states an internal IPv4 address (InternalIP), and the suite's expectFamilies says that there must be";
    check(&suite, &["node1", "node2", "node3"], ("failed", why, 0));
}

/// The hash of a plan over two nodes that state these ports of their kubelets, and external addresses.
fn hash(to: &str, kubelets: [u16; 2]) -> String {
    let text = SUITE.replace("to: nodes", &format!("to: {to}")).replace("type: icmp", "type: tcp");
    let suite = suite::read("suite.yaml", text.as_bytes(), &[], &crate::no_parts).suite.unwrap();
    let node = |(number, port): (usize, u16)| Node {
        addresses: vec![format!("10.0.0.{number}").parse().unwrap()],
        external_addresses: vec![format!("198.51.100.{number}").parse().unwrap()],
        kubelet_port: Port::new(port),
        ..Node::named(&format!("node{number}"), Standing::Expected)
    };
    let nodes = kubelets.into_iter().enumerate().map(node).collect();
    let inventory =
        Inventory { cluster: String::new(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads: None };
    plan::plan(vec![Arc::new(suite)], inventory, 1).hash
}

#[test]
fn plans_that_ask_elsewhere_have_other_hashes() {
    let number = hash("{ nodes: all, port: 10250 }", [10_250, 10_250]);
    // What is asked counts, and not how the suite says it.
    assert_eq!(hash("{ nodes: all, port: kubelet }", [10_250, 10_250]), number);
    assert_eq!(hash("{ nodes: all, port: 10250, address: internal }", [1, 2]), number);
    let others = [
        hash("{ nodes: all, port: kubelet }", [10_250, 10_260]),
        hash("{ nodes: all, port: kubelet }", [10_250, 0]),
        hash("{ nodes: all, port: kubelet, address: external }", [10_250, 10_250]),
        hash("{ nodes: all, port: kubelet, address: external }", [10_250, 10_260]),
        number,
    ];
    assert_eq!(others.iter().collect::<HashSet<_>>().len(), others.len(), "{others:?}");
}

#[test]
fn external_addresses_that_there_are_nowhere_are_an_error() {
    // The built-in world states none at all.
    let suite = SUITE.replace("to: nodes", "to: { nodes: all, address: external }");
    let why = "no pair to measure: no node states an external address (ExternalIP); an inventory of an older netcheck does not have them";
    check(&suite, &[], ("errored", why, 0));
}
