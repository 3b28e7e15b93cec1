//! The DNS server of a world, over real sockets.

use std::collections::BTreeSet;

use crate::kit::{Place, Ran, three_nodes};

const SUITE: &str = include_str!("../../suites/dns.yaml");

fn run(world: &str) -> Ran {
    let place = Place::new();
    place.write("suite.yaml", SUITE).write("world.yaml", world).run("namespaces", &[])
}

#[test]
fn a_server_that_answers_well_is_well() {
    let ran = run(&three_nodes(""));
    assert_eq!(ran.exit, Some(0));
    assert!(ran.states("cluster-names").contains("passed"));
}

/// The network is well, and every answer comes: it says the wrong thing.
#[test]
fn a_server_that_fails_is_told_by_its_words() {
    let ran = run(include_str!("../../worlds/dns-servfail.yaml"));
    assert_eq!((ran.exit, ran.states("cluster-names")), (Some(1), BTreeSet::from(["failed"])));
    ran.says("SERVFAIL");
    assert!(!ran.stderr.contains("timed out"), "{}", ran.stderr);
}

/// Only the name that nobody has shows it.
#[test]
fn a_server_that_lies_is_found_by_the_name_that_does_not_exist() {
    let ran = run(include_str!("../../worlds/dns-lies.yaml"));
    assert_eq!((ran.exit, ran.states("unknown-name")), (Some(1), BTreeSet::from(["failed"])));
}

#[test]
fn a_node_that_does_not_reach_it_is_named() {
    let ran = run(include_str!("../../worlds/dns-cut-off.yaml"));
    let sources: BTreeSet<String> = ran.failing("").iter().map(|pair| pair.split('>').next().unwrap().to_owned()).collect();
    assert_eq!((ran.exit, sources), (Some(1), BTreeSet::from(["node2".to_owned()])));
}

/// What is truncated by UDP is asked for again by TCP, and comes whole.
#[test]
fn what_is_truncated_is_asked_for_again() {
    let ran = run(&three_nodes("dns: { faults: [{ transport: udp, says: truncated }] }"));
    assert_eq!((ran.exit, ran.states("cluster-names")), (Some(0), BTreeSet::from(["passed"])));
}
