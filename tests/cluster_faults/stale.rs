//! A backend is replaced under a running flow, and the node of whoever asks remembers the old one: only the source port that is used
//! again suffers, and the text says so.

use crate::kit::Cluster;
use crate::{Fault, driver};

/// About 10 s of packets each, one after the other.
const SUITE: &str = "netcheck: v1
suite: stale
defaults: { from: { pods: { nodes: [node1] } }, to: { service: default/nc-replaced, port: echo }, expect: { each: { loss: <= 10% } } }
tests:
  - { id: both, probe: { type: udp, ports: both, count: 100, interval: 100ms, family: v4 } }
  - { id: fresh, probe: { type: udp, ports: fresh, count: 100, interval: 100ms, family: v4 } }
";

#[test]
fn a_backend_that_is_replaced_under_a_flow_fails_the_source_port_that_is_used_again() {
    let cluster = Cluster::turn();
    // First, so that echo servers end even where only one of them could be started.
    let mended = Fault;
    driver(&["fault", "echo", "3", "4"]);
    let suite = cluster.suite(SUITE);
    let mut run = cluster.start("results", &[&suite]);
    run.until("Agents");
    driver(&["fault", "replace", "3", "4", "1"]);
    let run = run.finish();
    drop(mended);
    let run = run.exits(1);
    assert_eq!(run.with_status("failed"), ["both"], "{}", run.stderr);
    assert_eq!(run.with_status("passed"), ["fresh"], "{}", run.stderr);
    run.says("over the source port that is used again, 0 of 50 over fresh ones: stale connection tracking looks like that");
    cluster.assert_clean();
}
