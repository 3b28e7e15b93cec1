//! The port that each node states of its kubelet, asked without an agent there.

use crate::kit::Cluster;

const SUITE: &str = "netcheck: v1
suite: kubelets
tests:
  - { id: connect, from: pods, to: { nodes: all, port: kubelet }, probe: { type: tcp, family: v4, count: 1 } }
  - id: beside
    from: pods
    to: { nodes: all, port: 9 }
    probe: { type: tcp, family: v4, count: 1 }
";

#[test]
fn kubelets_are_reached_where_their_nodes_say_and_nobody_elsewhere() {
    let cluster = Cluster::turn();
    let run = cluster.run(&[&cluster.suite(SUITE)]).exits(1);
    assert_eq!(run.with_status("passed"), ["connect"]);
    assert_eq!(run.with_status("failed"), ["beside"]);
    cluster.assert_clean();
}
