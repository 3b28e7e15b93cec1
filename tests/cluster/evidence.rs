//! What only a cluster has: events, the logs of containers, the routes of nodes, and the gateways of both networks.

use crate::kit::Cluster;

const SUITE: &str = "netcheck: v1
suite: evidence
defaults: { collect: [agentLog, events, routes] }
tests:
  - { id: nobody, from: pods, to: { nodes: all, port: 9 }, probe: { type: tcp, family: v4, count: 1 } }
";

#[test]
fn a_failure_comes_with_events_and_routes_of_both_ends() {
    let cluster = Cluster::turn();
    let run = cluster.run(&[&cluster.suite(SUITE)]).exits(1);
    // The worst pair is the first; of a node its own network is looked at, of a pod its own.
    let (from, to) = (&cluster.nodes()[0], &cluster.nodes()[1]);
    let run = run.says(&format!("{from} → {to}:9  1 of 1 connections lost"));
    let run = run.says(&format!("events about the agent on {from}")).says("Successfully assigned");
    run.says(&format!("interfaces and routes of {from}")).says("default via");
    cluster.assert_clean();
}

const GATEWAYS: &str = "netcheck: v1
suite: gateways
tests:
  - { id: of-pods, from: pods, to: gateway, probe: { type: icmp, family: v4, count: 3 } }
  - { id: of-nodes, from: nodes, to: gateway, probe: { type: icmp, family: v4, count: 3 } }
";

/// Many gateways answer nothing: that they are found and asked is all that holds of every cluster.
#[test]
fn every_vantage_asks_the_gateway_of_its_own_network() {
    let cluster = Cluster::turn();
    let run = cluster.run(&[&cluster.suite(GATEWAYS)]);
    let nodes = cluster.nodes();
    for case in run.cases() {
        assert_eq!(case["coverage"]["measured"], nodes.len(), "{case}\n{}", run.stderr);
        let told = case["notes"].to_string();
        let station = if case["name"] == "of-nodes" { "/host" } else { "" };
        for node in &nodes {
            assert!(told.contains(&format!(" of {node}{station}")), "{node}: {told}");
        }
    }
    cluster.assert_clean();
}
