//! The API server of a world, over real TLS: what no row of the table has.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use crate::kit::{Place, Ran, three_nodes};

const SUITE: &str = include_str!("../../suites/apiserver.yaml");

fn run(world: Option<&str>) -> Ran {
    let place = Place::new();
    place.write("suite.yaml", SUITE);
    if let Some(world) = world {
        place.write("world.yaml", world);
    }
    let ran = place.run("namespaces", &[]);
    assert_eq!(std::fs::read_dir(place.temporary()).unwrap().count(), 0, "credentials are gone with the run");
    ran
}

/// A world with an API server of which that is said.
fn with(said: &str) -> Ran {
    run(Some(&three_nodes(&format!("hosts: {{ api: {{ addresses: [10.96.0.1, 'fd00:10:96::1'], {said} }} }}"))))
}

fn all_fail(ran: &Ran, words: &str) {
    assert_eq!(
        (ran.exit, ran.states("endpoint"), ran.states("service[")),
        (Some(1), BTreeSet::from(["failed"]), BTreeSet::from(["failed"]))
    );
    ran.says(words);
}

#[test]
fn every_world_has_one_and_agents_have_what_pods_have() {
    let ran = run(None);
    assert_eq!((ran.exit, ran.states("endpoint")), (Some(0), BTreeSet::from(["passed"])));
    assert!(ran.states("service[").contains("passed") && ran.states("anonymous").contains("passed"));
}

#[test]
fn what_is_wrong_with_a_certificate_is_told() {
    all_fail(&with("apiServer: { certificate: endsSoon }"), "each.certExpiry >= 14d is missed");
    all_fail(&with("apiServer: { certificate: otherName }"), "other.example");
    all_fail(&with("apiServer: { certificate: otherAuthority }"), "unknown");
}

#[test]
fn a_port_that_refuses_refuses_and_one_that_is_silent_times_out() {
    all_fail(&with("apiServer: {}, tcp: { 443: refuses }"), "refused");
    all_fail(&with("apiServer: {}, tcp: { 443: silent }"), "timed out");
}

/// Somebody who knows nothing of us: the port forward of another tool would look like this.
#[test]
fn who_has_no_token_of_the_cluster_is_told_so() {
    let place = Place::new();
    let suite = SUITE.replace("auth: serviceAccount", "token: '${{ secrets.t }}'").replace("tests:", "secrets: { t: { env: T } }\ntests:");
    place.write("suite.yaml", &suite);
    let mut command = place.run_command("namespaces", &[]);
    command.env("T", "somebody-else").stdin(Stdio::null());
    let ran = place.ran(command);
    assert_eq!((ran.exit, ran.states("endpoint"), ran.states("anonymous").contains("passed")), (Some(1), BTreeSet::from(["failed"]), true));
    ran.says("401");
    assert!(!ran.stderr.contains("somebody-else"));
}

/// A run that was killed could not remove its agents' credentials: the next does.
#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let place = Place::new();
    place.write("suite.yaml", SUITE);
    let left = place.temporary().join("netcheck-credentials-4294967295");
    std::fs::create_dir(&left).unwrap();
    assert_eq!(place.run("namespaces", &[]).exit, Some(0));
    assert!(!Path::new(&left).exists());
}

/// Hosts that are no API servers.
#[test]
fn hosts_answer_refuse_and_are_silent_as_their_world_says() {
    let world = "hosts: { db: { addresses: [10.0.0.10, '2001:db8::10'], tcp: { 5432: answers, 22: silent }, udp: { 7: answers } }, mute: { addresses: [10.0.0.11], icmp: silent } }";
    let suite = "
netcheck: v1
suite: hosts
defaults: { from: pods, probe: { count: 3, interval: 10ms, timeout: 500ms }, expect: { each: { loss: 0% } } }
tests:
  - { id: echo, to: { host: 10.0.0.10, port: 7 }, probe: { type: udp, family: v4 } }
  - { id: tcp, to: { host: '2001:db8::10', port: 5432 }, probe: { type: tcp, family: v6 } }
  - { id: ping, to: { host: 10.0.0.10 }, probe: { type: icmp, family: v4 } }
  - { id: bad-silent, to: { host: 10.0.0.10, port: 22 }, probe: { type: tcp, family: v4 } }
  - { id: bad-refused, to: { host: 10.0.0.10, port: 23 }, probe: { type: tcp, family: v4 } }
  - { id: bad-udp, to: { host: 10.0.0.10, port: 9 }, probe: { type: udp, family: v4 } }
  - { id: bad-ping, to: { host: 10.0.0.11 }, probe: { type: icmp, family: v4 } }
";
    let place = Place::new();
    let ran = place.write("suite.yaml", suite).write("world.yaml", &three_nodes(world)).run("namespaces", &[]);
    assert_eq!((ran.exit, ran.states("bad-")), (Some(1), BTreeSet::from(["failed"])));
    for well in ["echo", "tcp", "ping"] {
        assert_eq!(ran.states(&format!("hosts/{well}")), BTreeSet::from(["passed"]), "{well}");
    }
}

/// Whoever listens at a port of a node is there without an agent on its host network.
#[test]
fn ports_of_nodes_answer_refuse_and_are_silent_as_their_world_says() {
    let ports = "tcp: { 10250: answers, 22: silent, 23: refuses }, udp: { 7: answers, 9: silent }";
    let world = format!("netcheck: v1\nworld: ports\nnodes: [{{ name: node1, {ports} }}, {{ name: node2, {ports} }}]\n");
    let suite = "
netcheck: v1
suite: ports
defaults: { from: pods, sameNode: include, probe: { type: tcp, count: 3, interval: 10ms, timeout: 500ms }, expect: { each: { loss: 0% } } }
tests:
  - { id: kubelet, to: { nodes: all, port: 10250 } }
  - { id: from-nodes, from: nodes, to: { nodes: all, port: 10250 } }
  - { id: echo, to: { nodes: all, port: 7 }, probe: { type: udp } }
  - { id: bad-silent, to: { nodes: all, port: 22 } }
  - { id: bad-refused, to: { nodes: all, port: 23 } }
  - { id: bad-nobody, to: { nodes: all, port: 24 } }
  - { id: bad-web, to: { nodes: all, port: 10250 }, probe: { type: http } }
  - { id: bad-udp-silent, to: { nodes: all, port: 9 }, probe: { type: udp } }
  - { id: bad-udp-nobody, to: { nodes: all, port: 10 }, probe: { type: udp } }
";
    let place = Place::new();
    let ran = place.write("suite.yaml", suite).write("world.yaml", &world).run("namespaces", &[]);
    assert_eq!((ran.exit, ran.states("bad-")), (Some(1), BTreeSet::from(["failed"])));
    for well in ["kubelet", "from-nodes", "echo"] {
        assert_eq!(ran.states(&format!("ports/{well}")), BTreeSet::from(["passed"]), "{well}");
    }
    let ways = [
        ("silent", "timedOut"),
        ("refused", "refused"),
        ("nobody", "refused"),
        ("web", "timedOut"),
        ("udp-silent", "timedOut"),
        ("udp-nobody", "refused"),
    ];
    for (case, how) in ways {
        assert_eq!(ran.ways(&format!("ports/bad-{case}")), BTreeSet::from([how]), "{case}");
    }
}
