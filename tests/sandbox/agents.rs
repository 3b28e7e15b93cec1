//! Faults of agents, with real processes.

use std::collections::BTreeSet;

use crate::kit::{MESH, Place, Ran, three_nodes};

fn run(isolation: &str, fault: &str) -> Ran {
    let place = Place::new();
    place.write("suite.yaml", MESH).write("world.yaml", &three_nodes(&format!("agents: {{ node3: {fault} }}"))).run(isolation, &[])
}

/// Its pairs are not measured, the others are, and no case fails.
fn check(ran: &Ran, why: &str) {
    assert_eq!(ran.exit, Some(3));
    assert_eq!(ran.failing(""), BTreeSet::new());
    ran.says(why);
    let pairs = ["node1>node3", "node2>node3", "node3>node1", "node3>node2"].map(str::to_owned);
    assert!(ran.unmeasured("").is_subset(&BTreeSet::from(pairs)), "{:?}", ran.unmeasured(""));
    assert!(!ran.unmeasured("").is_empty());
}

#[test]
fn an_agent_that_never_starts() {
    check(&run("namespaces", "{ neverStarts: out of memory }"), "out of memory");
    check(&run("loopback", "{ neverStarts: out of memory }"), "out of memory");
}

#[test]
fn an_agent_that_never_says_hello() {
    check(&run("namespaces", "neverReady"), "not ready after 60 s");
}

#[test]
fn an_agent_that_dies() {
    check(&run("namespaces", "{ diesAfter: 3 }"), "SIGKILL");
    check(&run("loopback", "{ diesAfter: 3 }"), "SIGKILL");
}

#[test]
fn an_agent_that_freezes() {
    check(&run("namespaces", "{ freezesAfter: 3 }"), "node3");
}

/// It is asked, and answers: the kernel does. It cannot ask.
#[test]
fn an_agent_without_an_icmp_socket() {
    let ran = run("namespaces", "noIcmp");
    assert_eq!(ran.exit, Some(3));
    let own = BTreeSet::from(["node3>node1", "node3>node2"].map(str::to_owned));
    assert_eq!((ran.unmeasured("proto=icmp,family=v4"), ran.failing("")), (own, BTreeSet::new()));
    assert_eq!(ran.states("proto=udp"), BTreeSet::from(["passed"]));
}

/// Under `raw` no pod has a ping socket: what is measured was asked by raw ones. An agent without any ICMP socket has no raw one either.
#[test]
fn agents_that_ask_by_raw_icmp() {
    let raw = MESH.replace("suite: mesh", "suite: mesh\nagents: { icmp: raw }");
    let place = Place::new();
    let ran = place.write("suite.yaml", &raw).write("world.yaml", &three_nodes("")).run("namespaces", &[]);
    assert_eq!((ran.exit, ran.states("")), (Some(0), BTreeSet::from(["passed"])));
    let lossy = three_nodes("faults: [{ from: node1, to: node2, protocol: icmp, family: v4, lose: 100% }]");
    let ran = place.write("world.yaml", &lossy).run("namespaces", &[]);
    let both = BTreeSet::from(["node1>node2", "node2>node1"].map(str::to_owned));
    assert_eq!((ran.exit, ran.failing("proto=icmp,family=v4"), ran.failing("family=v6")), (Some(1), both, BTreeSet::new()));
    let ran = place.write("world.yaml", &three_nodes("agents: { node3: noIcmp }")).run("namespaces", &[]);
    let own = BTreeSet::from(["node3>node1", "node3>node2"].map(str::to_owned));
    assert_eq!((ran.exit, ran.unmeasured("proto=icmp,family=v4"), ran.failing("")), (Some(3), own, BTreeSet::new()));
}

#[test]
fn an_agent_without_an_address_of_a_family() {
    let ran = run("namespaces", "{ noAddress: v6 }");
    assert_eq!(ran.exit, Some(3));
    let pairs = BTreeSet::from(["node1>node3", "node2>node3", "node3>node1", "node3>node2"].map(str::to_owned));
    assert_eq!((ran.unmeasured("family=v6"), ran.unmeasured("family=v4")), (pairs, BTreeSet::new()));
}
