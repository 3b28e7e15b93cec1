//! The shipped suite, between real network namespaces.

use std::collections::BTreeSet;

use crate::kit::Place;

const OVERLAY: &str = include_str!("../../suites/overlay.yaml");

#[test]
fn the_shipped_suite_passes_and_measures_everything() {
    let place = Place::new();
    let ran = place.write("suite.yaml", OVERLAY).run("namespaces", &[]);
    assert_eq!(ran.exit, Some(0));
    ran.says("world three-nodes (sandbox, namespaces)");
    for kind in ["icmp", "udp", "tcp"] {
        for family in ["v4", "v6"] {
            let case = format!("pod-to-pod[proto={kind},family={family}]");
            let case = ran.cases().iter().find(|found| found["name"] == *case).unwrap_or_else(|| panic!("no {case}"));
            assert_eq!((&case["status"], &case["coverage"]["measured"]), (&"passed".into(), &6.into()), "{case}");
            assert_eq!((&case["metrics"]["sent"], &case["metrics"]["lost"]), (&120.into(), &0.into()), "{case}");
        }
    }
}

#[test]
fn as_many_nodes_as_there_is_room_for_come_up() {
    let place = Place::new();
    let suite = "
netcheck: v1
suite: ring
tests:
  - { id: ring, from: pods, to: pods, pairs: { strategy: circulant }, probe: { type: udp, count: 5, interval: 20ms, family: each } }
";
    let ran = place.write("suite.yaml", suite).write("world.yaml", "netcheck: v1\nworld: forty\nnodes: 40\n").run("namespaces", &[]);
    assert_eq!(ran.exit, Some(0));
    ran.says("40 of 40 ready");
    assert_eq!(ran.states("ring"), BTreeSet::from(["passed"]));
}

#[test]
fn routes_of_both_ends_of_a_failed_pair_are_in_the_report() {
    let suite = "
netcheck: v1
suite: cut
defaults: { collect: [agentLog, events, routes] }
tests:
  - { id: pods, from: { pods: { nodes: node1 } }, to: { pods: { nodes: node2 } }, probe: { type: udp, count: 5, family: v4, timeout: 200ms } }
";
    let cut = "netcheck: v1\nworld: cut\nnodes: 3\nfaults: [{ from: node1, to: node2, lose: 100% }]\n";
    let place = Place::new();
    let ran = place.write("suite.yaml", suite).write("world.yaml", cut).run("namespaces", &[]);
    assert_eq!(ran.exit, Some(1));
    for (node, address) in [("node1", "10.244.0.1/32"), ("node2", "10.244.0.2/32")] {
        ran.says(&format!("interfaces and routes of {node}"));
        ran.says(address);
    }
    ran.says("no events of node1, node2: sandbox agents have none");
    assert!(!ran.stderr.contains("routes of node3"), "{}", ran.stderr);
}
