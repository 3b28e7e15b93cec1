//! Services: the same world, suite by suite, comes to the same in the sandbox as in the simulation.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kit::{Place, Ran};

/// The agent of node3 stands behind a Service, alone, so that no chance decides who is asked.
const WORLD: &str = "netcheck: v1
world: one-behind
nodes: 3
services: { shop/cart: { ports: [{ port: 53, protocol: UDP, name: dns, nodePort: 30053 }, { port: 80, protocol: TCP, name: web, nodePort: 30080 }], ready: [node3],
                         loadBalancer: true, externalIPs: true } }
";

const SUITE: &str = "
netcheck: v1
suite: s
defaults: { from: pods, probe: { count: 4, interval: 5ms, timeout: 500ms }, expect: { each: { loss: 0% } } }
tests:
  - { id: udp, to: { service: shop/cart, port: dns }, probe: { type: udp, family: each } }
  - { id: tcp, to: { service: shop/cart, port: web }, probe: { type: tcp, family: each } }
  - { id: node-udp, to: { service: shop/cart, port: dns, via: nodePort }, probe: { type: udp, family: each, ports: fresh } }
  - { id: node-tcp, to: { service: shop/cart, port: web, via: nodePort }, probe: { type: tcp, family: each } }
  - { id: balancer-udp, to: { service: shop/cart, port: dns, via: loadBalancer }, probe: { type: udp, family: each } }
  - { id: external-tcp, to: { service: shop/cart, port: web, via: externalIPs }, probe: { type: tcp, family: each } }
";

/// What is wrong on a way: of a question through node2 on its first leg, its second, on the direct way; of its answer on the first leg and
/// the second; and what is refused on each.
const FAULTS: [&str; 9] = [
    "{ from: node1/pod, to: node2/host, lose: 100% }",
    "{ from: node2/host, to: node3/pod, lose: 100% }",
    "{ from: node1/pod, to: node3/pod, lose: 100% }",
    "{ from: node3/pod, to: node2/host, lose: 100% }",
    "{ from: node2/host, to: node1/pod, lose: 100% }",
    "{ from: node1/pod, to: node2/host, refuse: target }",
    "{ from: node2/host, to: node3/pod, refuse: target }",
    "{ from: node2/host, to: node3/pod, refuse: router }",
    "{ from: node1/pod, to: node3/pod, refuse: target }",
];

/// Nodes ask their own node ports too. Of the agents in pods one stands behind the Service.
const FROM_NODES: &str = "
netcheck: v1
suite: s
defaults: { from: nodes, probe: { count: 4, interval: 5ms, timeout: 500ms }, expect: { each: { loss: 0% } } }
tests:
  - { id: udp, to: { service: shop/cart, port: dns, via: nodePort }, probe: { type: udp, family: each, ports: fresh } }
  - { id: tcp, to: { service: shop/cart, port: web, via: nodePort }, probe: { type: tcp, family: each } }
  - { id: pods, from: pods, to: pods, probe: { type: icmp, family: v4 } }
";

/// The same as above, of what node1 itself asks and is answered.
const FAULTS_OF_NODES: [&str; 5] = [
    "",
    "{ from: node1/host, to: node3/pod, lose: 100% }",
    "{ from: node3/pod, to: node1/host, lose: 100% }",
    "{ from: node1/host, to: node3/pod, refuse: target }",
    "{ from: node1/host, to: node3/pod, refuse: router }",
];

/// Node1 asks a port of its own, which is neither a node port nor reached through anything that could be cut. Of the agents in pods one
/// stands behind the Service.
const OWN: &str = "
netcheck: v1
suite: s
defaults: { from: { nodes: { selector: first } }, probe: { family: v4, count: 4, interval: 5ms, timeout: 500ms }, expect: { each: { loss: 0% } } }
tests:
  - { id: own, to: { host: 10.245.0.1, port: 30090 }, probe: { type: tcp } }
  - { id: node-port, to: { host: 10.245.0.1, port: 30080 }, probe: { type: tcp } }
  - { id: pods, from: pods, to: pods, probe: { type: icmp } }
";

/// Of each case how it ended, which pairs failed, and in which ways it lost how much.
fn told(ran: &Ran) -> BTreeMap<String, Value> {
    let one = |case: Value| {
        let pairs = case["failingPairs"].as_array().unwrap().iter();
        let mut pairs: Vec<_> = pairs.map(|pair| [&pair["source"], &pair["target"]].map(Value::to_string)).collect();
        pairs.sort();
        let ways = case["metrics"]["missed"].as_array().unwrap().iter();
        let mut ways: Vec<_> = ways.map(|way| [&way["kind"], &way["count"]].map(Value::to_string)).collect();
        ways.sort();
        (case["id"].as_str().unwrap().to_owned(), serde_json::json!([case["status"], pairs, ways]))
    };
    ran.all_cases().into_iter().map(one).collect()
}

/// Whether both come to the same with these faults, and what the simulation comes to.
fn compare(place: &Place, faults: &str) -> BTreeMap<String, Value> {
    compare_in(place, WORLD, faults)
}

fn compare_in(place: &Place, world: &str, faults: &str) -> BTreeMap<String, Value> {
    let faults = if faults.is_empty() { String::new() } else { format!("faults: [{faults}]\n") };
    place.write("world.yaml", &format!("{world}{faults}"));
    let simulated =
        place.command(&["run", "--backend", "simulated", "suite.yaml", "--world", "world.yaml", "--report", "json=results.json"]);
    let (simulated, made) = (told(&place.ran(simulated)), told(&place.run("namespaces", &[])));
    assert_eq!(made, simulated, "{faults}");
    simulated
}

#[test]
fn what_the_sandbox_makes_of_a_services_ways_is_what_the_simulation_computes() {
    let place = Place::new();
    place.write("suite.yaml", SUITE);
    for faults in FAULTS {
        let came = compare(&place, faults);
        assert!(came.len() == 12 && came.values().any(|case| case[0] == "passed"), "{faults}: {came:?}");
    }
}

#[test]
fn a_node_is_answered_at_its_own_node_port() {
    let place = Place::new();
    place.write("suite.yaml", FROM_NODES);
    for faults in FAULTS_OF_NODES {
        let came = compare(&place, faults);
        let failed = came.values().filter(|case| case[0] == "failed").count();
        assert_eq!((came.len(), failed), (5, if faults.is_empty() { 0 } else { 4 }), "{faults}: {came:?}");
    }
}

#[test]
fn what_a_node_asks_itself_beside_node_ports_never_leaves_it() {
    let place = Place::new();
    let nodes = "nodes: [{ name: node1, labels: { first: yes }, tcp: { 30090: answers } }, { name: node2 }, { name: node3 }]";
    let world = WORLD.replace("nodes: 3", nodes);
    place.write("suite.yaml", OWN);
    for (faults, node_port) in [("", "passed"), ("{ at: node1/host, lose: 100% }", "failed")] {
        let came = compare_in(&place, &world, faults);
        assert_eq!(["s/own", "s/node-port", "s/pods"].map(|test| &came[test][0]), ["passed", node_port, "passed"], "{faults}: {came:?}");
    }
}
