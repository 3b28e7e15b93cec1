//! Whatever needs a cluster and no fault in it. `KUBECONFIG` names the cluster; its nodes have the image `NETCHECK_IMAGE`, or the
//! default one. Fails, rather than skips, without a cluster.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking, what they share too; and they show evidence"
)]

mod evidence;
mod kit;
mod kubelets;
mod names;
mod raw_icmp;
mod rights;
mod services;
mod workloads;

use kit::{Cluster, netcheck};
use nix::sys::signal::Signal;
use serde_json::json;

const OVERLAY: &str = "suites/overlay.yaml";

/// Long enough to be interrupted in any phase.
const LONG: &str = "netcheck: v1\nsuite: long\ntests:\n  - id: udp\n    from: pods\n    to: pods\n    probe: { type: udp, family: v4, count: 1000, interval: 20ms }\n";

#[test]
fn a_healthy_cluster_is_green_again_and_again() {
    let cluster = Cluster::turn();
    let times: u32 = std::env::var("NETCHECK_TEST_REPEAT").ok().map_or(3, |text| text.parse().unwrap());
    for _ in 0..times {
        let run = cluster.run(&[OVERLAY]).exits(0);
        assert!(run.nodes().iter().all(|(_, state)| state == "tested"), "{:?}", run.nodes());
        assert_eq!(run.nodes().len(), cluster.nodes().len());
        assert!(!run.with_status("passed").is_empty());
        cluster.assert_clean();
    }
}

#[test]
fn two_runs_at_once_are_both_right() {
    let cluster = Cluster::turn();
    let (one, other) = (cluster.start("one", &[OVERLAY]), cluster.start("other", &[OVERLAY]));
    one.finish().exits(0);
    other.finish().exits(0);
    cluster.assert_clean();
}

#[test]
fn an_agent_that_dies_is_no_evidence_against_the_network() {
    let cluster = Cluster::turn();
    let victim = cluster.nodes().pop().unwrap();
    let suite = cluster.suite(LONG);
    let mut run = cluster.start("results", &[&suite]);
    run.until("Agents");
    cluster.kill_agent(&victim);
    let run = run.finish().exits(3).says("agent lost");
    assert!(run.with_status("failed").is_empty());
    assert!(run.nodes().contains(&(victim, "unready".to_owned())), "{:?}", run.nodes());
    cluster.assert_clean();
}

#[test]
fn a_signal_at_any_moment_leaves_reports_and_nothing_else() {
    let cluster = Cluster::turn();
    let suite = cluster.suite(LONG);
    for moment in 0..10 {
        let mut run = cluster.start("results", &[&suite]);
        run.after_lines(moment);
        let (signal, code) = if moment % 2 == 0 { (Signal::SIGINT, 130) } else { (Signal::SIGTERM, 143) };
        run.signal(signal);
        let run = run.finish();
        // Before anything was set up, the signal's own default ends the program.
        assert!(run.status.code() == Some(code) || moment == 0, "moment {moment}: {:?}\n{}", run.status, run.stderr);
        assert!(moment == 0 || run.results["run"]["interrupted"].is_string(), "moment {moment}: {}", run.results);
        cluster.assert_clean();
    }
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_clean() {
    let cluster = Cluster::turn();
    let suite = cluster.suite(LONG);
    let mut run = cluster.start("results", &[&suite]);
    run.until("Agents");
    run.signal(Signal::SIGKILL);
    run.finish();
    assert!(!cluster.ours().is_empty());
    netcheck(&["clean", "--all"]).exits(3).says("--force");
    assert!(!cluster.ours().is_empty());
    netcheck(&["clean", "--all", "--force"]).exits(0).says("removed");
    cluster.assert_clean();
    netcheck(&["clean"]).exits(0).says("nothing to clean");
}

#[test]
fn what_is_kept_is_named_and_removed_by_its_run() {
    let cluster = Cluster::turn();
    let run =
        cluster.run(&[OVERLAY, "--case", "pod-to-pod[proto=udp,family=v4]", "--keep", "always"]).exits(0).says("netcheck clean --run");
    assert!(!cluster.ours().is_empty());
    let id = run.results["run"]["id"].as_str().unwrap();
    netcheck(&["clean", "--run", id]).exits(0);
    cluster.assert_clean();
}

#[test]
fn a_namespace_that_is_given_is_used_and_left_as_it_was() {
    let cluster = Cluster::turn();
    let name = "nc-test-given";
    let restricted = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
    let space = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": restricted } });
    cluster.create("/api/v1/namespaces", &space);
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "mine" } });
    cluster.create(&format!("/api/v1/namespaces/{name}/configmaps"), &map);
    let run = cluster.run(&[OVERLAY, "-n", name]);
    cluster.delete(&format!("/api/v1/namespaces/{name}/configmaps/mine"));
    cluster.delete(&format!("/api/v1/namespaces/{name}"));
    run.exits(0);
    cluster.assert_clean();
}

#[test]
fn only_selected_nodes_are_tested_and_the_others_are_named() {
    let cluster = Cluster::turn();
    let nodes = cluster.nodes();
    let selector = format!("kubernetes.io/hostname={}", nodes[0]);
    let run = cluster.run(&[OVERLAY, "--node-selector", &selector]).exits(3).says("no pair to measure");
    let excluded = run.results["nodes"].as_array().unwrap().iter().filter(|node| node["rule"] == "node-selector").count();
    assert_eq!(excluded, nodes.len() - 1);
    cluster.assert_clean();
}

#[test]
fn an_image_that_is_not_there_is_named_with_what_to_try() {
    let cluster = Cluster::turn();
    let name = "localhost/netcheck:not-there";
    let run = cluster.run(&[OVERLAY, "--image", name, "--image-pull-policy", "never"]).exits(3).says(name).says("image export");
    assert!(run.with_status("failed").is_empty());
    cluster.assert_clean();
}

#[test]
fn a_plan_creates_nothing() {
    let cluster = Cluster::turn();
    netcheck(&["plan", OVERLAY]).exits(0);
    cluster.assert_clean();
}
