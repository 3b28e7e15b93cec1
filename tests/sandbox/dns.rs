//! The DNS server of a world, over real sockets: what no row of the table has.

use std::collections::BTreeSet;

use crate::kit::{Place, Ran, three_nodes};

const SUITE: &str = include_str!("../../suites/dns.yaml");

fn run(world: &str) -> Ran {
    let place = Place::new();
    place.write("suite.yaml", SUITE).write("world.yaml", world).run("namespaces", &[])
}

/// What is truncated by UDP is asked for again by TCP, and comes whole.
#[test]
fn what_is_truncated_is_asked_for_again() {
    let ran = run(&three_nodes("dns: { faults: [{ transport: udp, says: truncated }] }"));
    assert_eq!((ran.exit, ran.states("cluster-names")), (Some(0), BTreeSet::from(["passed"])));
}
