//! Connections that break and an API server that goes away cost time, and change no verdict.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::kit::{Cluster, Finished, Running};
use crate::{Fault, OVERLAY, driver};

/// About 12 s of packets.
const LONG: &str = "netcheck: v1
suite: long
tests:
  - { id: v4, from: pods, to: pods, probe: { type: udp, count: 60, interval: 100ms, family: v4 } }
  - { id: v6, from: pods, to: pods, probe: { type: icmp, count: 60, interval: 100ms, family: v6 } }
";

/// A run during which every open connection to the API server is reset, once a second.
fn reset_every_second(cluster: &Cluster) -> Finished {
    let suite = cluster.suite(LONG);
    let run = cluster.start("results", &[&suite]);
    let (over, is_over) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while matches!(is_over.recv_timeout(Duration::from_secs(1)), Err(RecvTimeoutError::Timeout)) {
                driver(&["fault", "streams"]);
            }
        });
        let run = run.finish();
        drop(over);
        run
    })
}

#[test]
fn connections_that_are_reset_every_second_leave_a_healthy_network_green() {
    let cluster = Cluster::turn();
    let run = reset_every_second(&cluster).exits(0).says("connected again");
    assert_eq!(run.with_status("passed").len(), 2, "{}", run.stderr);
    cluster.assert_clean();
}

#[test]
fn connections_that_are_reset_every_second_leave_a_broken_pair_red() {
    let cluster = Cluster::turn();
    let broken = Fault::make(&["cut", "1", "2"]);
    let run = reset_every_second(&cluster);
    drop(broken);
    let run = run.exits(1).says("connected again");
    assert_eq!(run.failing_pairs(), ["node1>node2", "node2>node1"], "{}", run.stderr);
    assert!(run.cases().iter().all(|case| case["coverage"]["measured"] == 12), "{}", run.stderr);
    cluster.assert_clean();
}

/// The API server is away for 10 s from the moment that is waited for.
fn away_from(moment: impl FnOnce(&Cluster, &mut Running)) {
    let cluster = Cluster::turn();
    cluster.settled();
    let mut run = cluster.start("results", &[OVERLAY, "--set", "hosts=true"]);
    moment(&cluster, &mut run);
    driver(&["fault", "apiserver", "10"]);
    let run = run.finish().exits(0).says("nothing is left");
    let all = run.cases().len();
    let asked = all - run.with_status("skipped").len();
    assert!(run.with_status("skipped").iter().all(|name| is_within_a_zone(name)), "{}", run.stderr);
    assert_eq!(run.with_status("passed").len(), asked, "{}", run.stderr);
    cluster.assert_clean();
}

/// Whether a case of pairs of zones is of one zone with itself.
fn is_within_a_zone(name: &str) -> bool {
    let zone = |axis: &str| name.split(['[', ',', ']']).find_map(|part| part.strip_prefix(axis));
    zone("src=").is_some() && zone("src=") == zone("dst=")
}

#[test]
fn an_api_server_that_goes_away_before_there_is_anything_delays_the_run() {
    away_from(|_, run| run.until("Plan"));
}

#[test]
fn an_api_server_that_goes_away_while_pods_are_pending_delays_the_run() {
    away_from(|cluster, _| cluster.until_pods());
}

#[test]
fn an_api_server_that_goes_away_while_agents_come_delays_the_run() {
    away_from(|_, run| run.until("ready  node"));
}

#[test]
fn an_api_server_that_goes_away_while_agents_probe_delays_the_run() {
    away_from(|_, run| run.until("Agents"));
}

#[test]
fn an_api_server_that_goes_away_before_the_clean_up_delays_the_run() {
    away_from(|_, run| run.until("phase  judge"));
}
