//! Faults as the nodes' own networks see them: overlay faults of pods concern pods alone.

use serde_json::Value;

use crate::kit::Cluster;
use crate::{Fault, OVERLAY};

/// The failing pairs of cases whose name contains that.
fn failing(cases: &[Value], part: &str) -> Vec<String> {
    let cases = cases.iter().filter(|case| case["name"].as_str().unwrap().contains(part));
    let mut pairs: Vec<String> = cases
        .flat_map(|case| case["failingPairs"].as_array().unwrap())
        .map(|pair| format!("{}>{}", pair["source"].as_str().unwrap(), pair["target"].as_str().unwrap()))
        .collect();
    pairs.sort();
    pairs.dedup();
    pairs
}

#[test]
fn a_cut_overlay_fails_pods_and_leaves_the_nodes_own_network_green() {
    let cluster = Cluster::turn();
    let broken = Fault::make(&["cut", "1", "2"]);
    let run = cluster.run(&[OVERLAY, "--set", "hosts=true"]);
    drop(broken);
    let run = run.exits(1);
    let cases = run.cases();
    assert_eq!(failing(&cases, "pod-to-pod"), ["node1>node2", "node2>node1"], "{}", run.stderr);
    assert_eq!(failing(&cases, "node-to-node"), Vec::<String>::new(), "{}", run.stderr);
    assert!(run.with_status("errored").is_empty(), "{}", run.stderr);
    cluster.assert_clean();
}

/// Nobody measures what takes an agent there; but its kernel should have answered ICMP, and that no agent is there says nothing
/// for it.
#[test]
fn a_node_off_the_lan_has_no_agents_and_does_not_answer() {
    let cluster = Cluster::turn();
    let broken = Fault::make(&["node", "3"]);
    let run = cluster.run(&[OVERLAY, "--set", "hosts=true"]);
    drop(broken);
    let run = run.exits(1).says("no agent  node3/host");
    let cases = run.cases();
    for (part, failed) in [("pod-to-node[proto=icmp", "node3/host"), ("node-to-node[proto=icmp", "node3/host")] {
        let pairs = failing(&cases, part);
        assert!(pairs.len() == 3 && pairs.iter().all(|pair| pair.ends_with(failed)), "{part}: {pairs:?}\n{}", run.stderr);
    }
    assert_eq!(failing(&cases, "proto=udp"), Vec::<String>::new(), "{}", run.stderr);
    assert_eq!(run.with_status("failed").len(), 4, "{}", run.stderr);
    // Eight of them are between its zone and the two others.
    assert_eq!(run.with_status("errored").len(), 30, "{}", run.stderr);
    cluster.assert_clean();
}
