//! Addresses of Services are translated: who is dead behind one, what is stale, who does not translate at all.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kit::{Place, Ran};

/// Every shipped case of Services, with more questions where few would not tell.
const SUITE: &str = include_str!("../../suites/service-udp.yaml");

fn run(world: &str) -> Ran {
    let place = Place::new();
    place.write("suite.yaml", SUITE).write("world.yaml", world).run("namespaces", &[])
}

fn sources(ran: &Ran, case: &str) -> BTreeSet<String> {
    ran.failing(case).iter().map(|pair| pair.split('>').next().unwrap().to_owned()).collect()
}

fn four() -> BTreeSet<String> {
    (1..=4).map(|number| format!("node{number}")).collect()
}

#[test]
fn a_service_with_four_that_live_is_well() {
    let ran = run("netcheck: v1\nworld: w\nnodes: 4\n");
    assert_eq!(ran.exit, Some(0));
    assert_eq!(ran.states("clusterip"), BTreeSet::from(["passed"]));
}

/// Whoever asks: one new flow of four goes nowhere, and nobody ever hears of that one.
#[test]
fn one_dead_of_four_is_found_from_everywhere_and_not_where_nothing_is_translated() {
    let ran = run(include_str!("../../worlds/service-backend-dead.yaml"));
    assert_eq!(
        (ran.exit, ran.states("clusterip"), ran.states("headless")),
        (Some(1), BTreeSet::from(["failed"]), BTreeSet::from(["passed"]))
    );
    assert_eq!(sources(&ran, "clusterip[proto=tcp"), four());
    ran.says("node2");
}

/// New flows are well, and by TCP all are.
#[test]
fn what_is_stale_loses_the_port_that_is_used_again_and_no_other() {
    let ran = run(include_str!("../../worlds/service-stale-flow.yaml"));
    assert_eq!((ran.exit, sources(&ran, "clusterip")), (Some(1), BTreeSet::from(["node1".to_owned()])));
    assert_eq!((ran.states("proto=tcp"), ran.states("headless")), (BTreeSet::from(["passed"]), BTreeSet::from(["passed"])));
    ran.says("over the source port that is used again");
}

#[test]
fn a_node_that_does_not_translate_is_named() {
    let ran = run(include_str!("../../worlds/service-cut-from-node.yaml"));
    assert_eq!((ran.exit, sources(&ran, "clusterip")), (Some(1), BTreeSet::from(["node3".to_owned()])));
    assert_eq!(ran.states("headless"), BTreeSet::from(["passed"]));
    // Whoever asks a port of that node asks nobody.
    assert!(
        ran.failing("nodeport").iter().all(|pair| pair.split_once('>').is_some_and(|(_, target)| target.contains("node3"))),
        "{:?}",
        ran.failing("nodeport")
    );
}

/// Chance decides for each flow, but a flow stays with one: otherwise no connection would ever come about.
#[test]
fn flows_go_to_all_of_those_behind_and_stay_where_they_are() {
    let ran = run("netcheck: v1\nworld: w\nnodes: 4\n");
    let case = ran.cases().iter().find(|case| case["id"].as_str().unwrap().contains("clusterip[proto=tcp")).unwrap();
    let heard = case["expectations"].as_array().unwrap().iter().find(|bound| bound["path"] == "overall.backends").unwrap();
    assert_eq!(heard["result"], Value::from("met"), "{heard}");
}
