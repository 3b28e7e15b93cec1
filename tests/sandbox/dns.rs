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

const NAMED: &str = "netcheck: v1
suite: s
defaults: { from: pods, timeout: 1s, probe: { type: tcp, count: 3, family: v4 } }
tests:
  - { id: both, to: { host: shop.example, port: 443 }, probe: { family: each } }
  - { id: searched, from: nodes, to: { host: shop, port: 443 } }
  - { id: unknown, to: { host: nobody.example, port: 443 } }
  - { id: one-family, to: { host: old.example, port: 443 }, probe: { family: v6 } }
  - { id: closed, to: { host: shop.example, port: 80 } }
  - { id: alone, to: { host: api.example, port: 443 }, probe: { type: tls, serverName: kubernetes.default.svc }, expect: { each: { loss: 0%, tls: clusterCA, dns.max: <= 5s } } }
";

/// Each source looks a name up by itself; a name that leads nowhere is told apart from a host that does not answer.
#[test]
fn hosts_are_asked_by_their_names() {
    let world = three_nodes(
        "hosts: { shop: { addresses: [10.0.0.10, '2001:db8::10'], tcp: { 443: answers } } }\ndns: { records: { shop.example: [10.0.0.10, \
         '2001:db8::10'], old.example: [10.0.0.10], api.example: [10.96.0.1], shop.netcheck.svc.cluster.local: [10.0.0.10] } }",
    );
    let place = Place::new();
    let ran = place.write("suite.yaml", NAMED).write("world.yaml", &world).run("namespaces", &[]);
    let states = ["both", "searched", "unknown", "one-family", "closed", "alone"].map(|test| ran.states(test));
    let [passed, failed] = ["passed", "failed"].map(|state| BTreeSet::from([state]));
    assert_eq!(states, [passed.clone(), passed.clone(), failed.clone(), failed.clone(), failed, passed], "{}", ran.stderr);
    for words in [
        "nobody.example has no IPv4 address: NXDOMAIN from 10.244.255.53",
        "old.example has no IPv6 address: NOERROR without a record from 10.244.255.53",
        "shop.example:80 (10.0.0.10)  3 of 3 connections lost: refused",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
}
