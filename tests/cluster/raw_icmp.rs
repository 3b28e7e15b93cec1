//! Agents that ask by raw ICMP.

use crate::kit::Cluster;

const SUITE: &str = "netcheck: v1
suite: raw
agents: { icmp: raw }
tests:
  - { id: ping, from: pods, to: pods, probe: { type: icmp, family: v4, count: 5 } }
";

#[test]
fn raw_icmp_is_asked_with_one_capability_and_no_sysctl() {
    let cluster = Cluster::turn();
    let suite = cluster.suite(SUITE);
    let run = cluster.run(&[&suite, "--keep", "always"]).exits(0);
    let pods = cluster.agents();
    assert_eq!(pods.len(), cluster.nodes().len());
    for pod in pods {
        let spec = pod.spec.unwrap();
        let of_pod = spec.security_context.unwrap();
        assert_eq!((of_pod.run_as_user, of_pod.sysctls), (Some(0), None));
        let capabilities = spec.containers[0].security_context.clone().unwrap().capabilities.unwrap();
        assert_eq!((capabilities.add, capabilities.drop), (Some(vec!["NET_RAW".to_owned()]), Some(vec!["ALL".to_owned()])));
    }
    assert_eq!(run.with_status("passed"), ["ping"]);
    crate::kit::netcheck(&["clean", "--run", run.results["run"]["id"].as_str().unwrap()]).exits(0);
    cluster.assert_clean();
}
