//! Which pods are picked, and the words where none is.

use std::num::NonZeroU32;

use super::*;
use crate::model::inventory::{Inventory, Node};
use crate::model::selector::Selector;
use crate::model::vantage::PodName;

fn node((name, zone, standing): (&str, Option<&str>, Standing)) -> Node {
    Node { zone: zone.map(str::to_owned), ..Node::named(name, standing) }
}

fn pod(name: &str, app: &str, state: PodState) -> WorkloadPod {
    let labels = [("app".to_owned(), app.to_owned())].into();
    WorkloadPod { pod: PodName { namespace: "shop".into(), name: name.into() }, labels, state }
}

fn on(node: &str) -> PodState {
    PodState::Ready { node: node.into() }
}

/// Two zones with two nodes each, one of them not ready, and a node that takes no part.
fn inventory(workloads: Option<Vec<WorkloadPod>>) -> Inventory {
    let unready = Standing::Unready { why: "NotReady".to_owned() };
    let out = Standing::Excluded { rule: "virtual".into(), why: "type=virtual-kubelet".to_owned() };
    let nodes = [
        ("n1", Some("a"), Standing::Expected),
        ("n2", Some("a"), unready),
        ("n3", Some("b"), Standing::Expected),
        ("n4", Some("b"), Standing::Expected),
        ("n5", None, out),
    ];
    let nodes = nodes.into_iter().map(node).collect();
    Inventory { cluster: "c".to_owned(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads }
}

fn carts() -> Vec<WorkloadPod> {
    let nodes = [("c1", "n1"), ("c2", "n1"), ("c3", "n2"), ("c4", "n3"), ("c5", "n3"), ("c6", "n4")];
    let mut pods: Vec<WorkloadPod> = nodes.into_iter().map(|(name, node)| pod(name, "cart", on(node))).collect();
    pods.push(pod("c7", "cart", on("n5")));
    pods.push(pod("c8", "cart", PodState::Unready { why: "Pending".to_owned() }));
    pods.push(pod("w1", "web", on("n1")));
    pods
}

fn source(app: &str, pick: Pick) -> Source {
    let selector = Selector::parse(&format!("app={app}")).unwrap();
    Source::Workload(Workload { namespace: "shop".into(), which: Which::Labelled { selector, pick } })
}

fn count(number: u32) -> Pick {
    Pick::Some(NonZeroU32::new(number).unwrap())
}

fn found(pick: Pick, seed: u64) -> Vec<String> {
    let inventory = inventory(Some(carts()));
    let sources = Sources::of(&source("cart", pick), &Field::of(&inventory, seed)).unwrap();
    assert_eq!(sources.count(), 6, "of all that can ask");
    sources.voices().map(ToString::to_string).collect()
}

#[test]
fn all_that_are_ready_ask_by_node() {
    let all = ["n1:shop/c1", "n1:shop/c2", "n2:shop/c3", "n3:shop/c4", "n3:shop/c5", "n4:shop/c6"];
    assert_eq!(found(Pick::All, 1), all);
    assert_eq!(found(count(6), 1), all);
}

#[test]
fn one_of_each_is_one_of_each_and_the_seed_says_which() {
    let nodes = |pick, seed| -> Vec<String> { found(pick, seed).iter().map(|name| name[..2].to_owned()).collect() };
    let mut seen = BTreeSet::new();
    for seed in 0..64 {
        assert_eq!(nodes(Pick::OnePerNode, seed), ["n1", "n2", "n3", "n4"]);
        let zones = nodes(Pick::OnePerZone, seed);
        // Where a zone has a pod on a node that is ready, one on another node is not taken.
        assert!(zones == ["n1", "n3"] || zones == ["n1", "n4"], "{zones:?}");
        assert_eq!(found(count(3), seed).len(), 3);
        assert!(!found(count(5), seed).contains(&"n2:shop/c3".to_owned()));
        assert_eq!(found(Pick::OnePerNode, seed), found(Pick::OnePerNode, seed));
        seen.extend(found(Pick::OnePerNode, seed));
    }
    assert_eq!(seen.len(), 6, "another seed picks others: {seen:?}");
}

#[test]
fn everyone_on_a_node_asks_whom_it_asks() {
    let inventory = inventory(Some(carts()));
    let field = Field::of(&inventory, 1);
    let sources = Sources::of(&source("cart", Pick::All), &field).unwrap();
    assert_eq!(sources.places(), [0, 1, 2, 3]);
    assert_eq!(sources.on(2).map(ToString::to_string).collect::<Vec<_>>(), ["n3:shop/c4", "n3:shop/c5"]);
    assert_eq!(sources.pairs(&[(0, 1), (0, 2), (3, 0)]), 5);
    assert_eq!(sources.count_on(&[0, 3]), 3);
}

/// Whose pod of that name asks, or why none does.
#[track_caller]
fn check_named(workloads: Vec<WorkloadPod>, name: &str, expected: Result<&str, &str>) {
    let inventory = inventory(Some(workloads));
    let source = Source::Workload(Workload { namespace: "shop".into(), which: Which::Named(name.into()) });
    let found = Sources::of(&source, &Field::of(&inventory, 1)).map(|sources| {
        assert_eq!((sources.count(), sources.voices().len(), &sources.left_out), (1, 1, &None));
        sources.voices().map(ToString::to_string).collect::<String>()
    });
    let expected = expected.map(str::to_owned).map_err(|why| format!("`from: workload: {{ namespace: shop, name: {name} }}` {why}"));
    assert_eq!(found, expected);
}

#[test]
fn a_name_is_that_of_one_pod() {
    check_named(carts(), "c4", Ok("n3:shop/c4"));
    check_named(carts(), "c7", Err("cannot ask: it is on n5, which the rule virtual leaves out (type=virtual-kubelet)"));
    check_named(carts(), "c8", Err("cannot ask: it is not ready (Pending)"));
    check_named(carts(), "wc", Err("names none of 9 pods in the namespace shop; the most similar names are w1, c1, c2"));
    check_named(carts(), "w2", Err("names none of 9 pods in the namespace shop; the most similar names are c2, w1, c1"));
    check_named(vec![pod("c1", "cart", on("n1"))], "c", Err("names no pod that there is in the namespace shop; there are c1"));
    check_named(Vec::new(), "c1", Err("names a pod of the namespace shop, in which no pod is known"));
    let elsewhere = PodName { namespace: "store".into(), name: "c1".into() };
    let elsewhere = WorkloadPod { pod: elsewhere, ..pod("c1", "cart", on("n1")) };
    check_named(vec![elsewhere], "c1", Err("names a pod of the namespace shop, in which no pod is known"));
}

#[track_caller]
fn refused(workloads: Option<Vec<WorkloadPod>>, (app, pick): (&str, Pick), expected: &str) {
    let (inventory, source) = (inventory(workloads), source(app, pick));
    let why = Sources::of(&source, &Field::of(&inventory, 1)).err();
    assert_eq!(why.as_deref(), Some(format!("`from: {source}` {expected}").as_str()));
}

#[test]
fn where_nobody_can_ask_it_is_said_why() {
    let all = Pick::All;
    refused(
        None,
        ("cart", all),
        "cannot be looked up: nothing is known of pods in c; an inventory has them with `netcheck discover --pods shop`",
    );
    refused(Some(Vec::new()), ("cart", all), "fits no pod that there is in the namespace shop");
    refused(Some(carts()), ("cart7", all), "fits no pod that there is in the namespace shop");
    refused(
        Some(vec![pod("h", "x", PodState::OnHost)]),
        ("x", all),
        "fits 1 pod, and none can ask: h is on the host network of its node, which `from: nodes` asks from",
    );
    refused(
        Some(vec![pod("c7", "x", on("n5")), pod("c8", "x", PodState::Unready { why: "Pending".to_owned() }), pod("c9", "x", on("n9"))]),
        ("x", all),
        "fits 3 pods, and none can ask: c7 is on n5, which the rule virtual leaves out (type=virtual-kubelet), c8 is not ready (Pending), c9 is on n9, which is no node of the cluster",
    );
    refused(
        Some(carts()),
        ("cart", count(7)),
        "wants more pods than can ask, of which there are 6 among 8 pods: c7 is on n5, which the rule virtual leaves out (type=virtual-kubelet), c8 is not ready (Pending)",
    );
}
