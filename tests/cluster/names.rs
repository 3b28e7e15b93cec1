//! Hosts by their names, which each pod's own resolv.conf leads to.

use crate::kit::Cluster;

const SUITE: &str = "netcheck: v1
suite: names
defaults: { from: pods }
tests:
  - { id: api, to: { host: kubernetes.default.svc, port: 443 }, probe: { type: tcp, family: v4 }, expect: { loss: 0%, dns.max: <= 10s } }
  - { id: handshake, to: { host: kubernetes.default.svc, port: 443 }, probe: { type: tls, family: v4 }, expect: { loss: 0%, tls: clusterCA } }
  - { id: nobody, to: { host: nobody.default.svc.cluster.local., port: 443 }, probe: { type: tcp, family: v4 } }
";

#[test]
fn a_host_is_looked_up_by_each_pod_and_one_that_is_not_there_is_told() {
    let cluster = Cluster::turn();
    let suite = cluster.suite(SUITE);
    let run = cluster.run(&[&suite]).exits(1).says("kubernetes.default.svc is ").says("NC2026");
    assert_eq!(run.with_status("failed"), ["nobody"], "{}", run.stderr);
    assert_eq!(run.with_status("passed"), ["api", "handshake"], "{}", run.stderr);
    let (nodes, cases) = (cluster.nodes().len(), run.cases());
    let measured: Vec<_> = cases.iter().map(|case| case["coverage"]["measured"].as_u64().unwrap()).collect();
    assert_eq!(measured, [nodes as u64, nodes as u64, 0], "{}", run.stderr);
    cluster.assert_clean();
}
