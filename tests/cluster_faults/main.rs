//! Whatever needs a cluster and faults in it. Besides `KUBECONFIG`, `NETCHECK_TEST_FAULTS` names a program that makes them:
//! `fault NAME …` breaks, `heal` mends. Node i of the faults is the node called `node<i>`. Fails, rather than skips, without both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking, what they share too; and they show evidence"
)]

#[path = "../fault_table/mod.rs"]
mod fault_table;
mod hosts;
#[path = "../cluster/kit.rs"]
mod kit;
mod stale;
mod table;
mod transport;

use std::process::Command;

use kit::{Cluster, image};
use netcheck::model::agents::AgentTerms;

const OVERLAY: &str = "suites/overlay.yaml";

/// A fault, until it is dropped.
struct Fault;

impl Fault {
    fn make(words: &[&str]) -> Self {
        driver(&[&["fault"], words].concat());
        Self
    }
}

impl Drop for Fault {
    fn drop(&mut self) {
        driver(&["heal"]);
    }
}

fn driver(words: &[&str]) {
    let program = std::env::var("NETCHECK_TEST_FAULTS").expect("NETCHECK_TEST_FAULTS names the program that makes faults");
    let status = Command::new(program).args(words).status().unwrap();
    assert!(status.success(), "{words:?}: {status}");
}

#[test]
fn a_node_without_the_image_is_named_with_the_reason() {
    let cluster = Cluster::turn();
    let broken = Fault::make(&["image", "3", &image()]);
    let run = cluster.run(&[OVERLAY]);
    drop(broken);
    let run = run.exits(3).says("node3").says("Err");
    assert!(run.with_status("failed").is_empty());
    assert!(run.nodes().contains(&("node3".to_owned(), "unready".to_owned())));
    // The kubelet says that it cannot be had, and nobody waits for what will not come.
    let (start, patience) = (&run.results["run"]["phases"]["startMs"], AgentTerms::READY_WITHIN.duration().as_millis());
    assert!(u128::from(start.as_u64().unwrap()) < patience, "it took {start} ms to tell");
    cluster.assert_clean();
}

#[test]
fn a_node_that_is_gone_is_named_and_the_others_are_measured() {
    let cluster = Cluster::turn();
    let broken = Fault::make(&["node", "3"]);
    let run = cluster.run(&[OVERLAY]);
    drop(broken);
    let run = run.exits(3).says("node3");
    assert!(run.with_status("failed").is_empty(), "{}", run.stderr);
    assert!(run.nodes().contains(&("node3".to_owned(), "unready".to_owned())));
    for case in run.cases().into_iter().filter(|case| case["name"].as_str().unwrap().starts_with("pod-to-pod")) {
        assert_eq!(case["coverage"]["measured"], 6, "{case}");
    }
}
