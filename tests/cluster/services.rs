//! Services of every kind, which stand before the cluster's own DNS: by an external address, by a load balancer's, headless, and as
//! another's name.

use serde_json::{Value, json};

use crate::kit::Cluster;

const SPACE: &str = "/api/v1/namespaces/kube-system/services";

/// TEST-NET-2 (RFC 5737): nobody has it, so whoever answers there was led to by the nodes.
const EXTERNAL: &str = "198.51.100.77";
const BALANCER: &str = "198.51.100.78";

const SUITE: &str = "netcheck: v1
suite: doors
defaults: { from: pods, probe: { type: tcp, family: v4 } }
tests:
  - { id: external, to: { service: kube-system/nc-test-doors, via: externalIPs } }
  - { id: external-told, to: { service: kube-system/nc-test-doors, via: externalIPs }, expect: { loss: == 100% } }
  - { id: not-external, to: { service: kube-system/nc-test-heads, via: externalIPs } }
  - { id: balancer, to: { service: kube-system/nc-test-balancer, via: loadBalancer } }
  - { id: balancer-told, to: { service: kube-system/nc-test-balancer, via: loadBalancer }, expect: { loss: == 100% } }
  - { id: no-balancer, to: { service: kube-system/nc-test-waiting, via: loadBalancer } }
  - { id: heads, to: { service: kube-system/nc-test-heads } }
  - { id: heads-by-name, to: { host: nc-test-heads.kube-system.svc, port: 53 } }
  - { id: alias, to: { host: nc-test-alias.kube-system.svc, port: 443 } }
";

/// Services of this test's, which go however it ends.
struct Made<'a>(&'a Cluster);

const NAMES: [&str; 5] = ["nc-test-doors", "nc-test-heads", "nc-test-balancer", "nc-test-waiting", "nc-test-alias"];

impl<'a> Made<'a> {
    fn on(cluster: &'a Cluster) -> Self {
        let made = Self(cluster);
        let behind = json!({ "selector": { "k8s-app": "kube-dns" }, "ports": [{ "name": "dns-tcp", "port": 53, "protocol": "TCP" }] });
        // Of a class that no controller serves: this test stands for one, and gives one of them an address.
        let balancer = json!({ "type": "LoadBalancer", "loadBalancerClass": "netcheck.example/none" });
        let specs = [
            json!({ "externalIPs": [EXTERNAL] }),
            json!({ "clusterIP": "None" }),
            balancer.clone(),
            balancer,
            json!({ "type": "ExternalName", "externalName": "kubernetes.default.svc.cluster.local" }),
        ];
        for (name, mut spec) in NAMES.into_iter().zip(specs) {
            cluster.remove(&format!("{SPACE}/{name}"));
            if spec.get("externalName").is_none() {
                spec.as_object_mut().unwrap().extend(behind.as_object().unwrap().clone());
            }
            let service: Value = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": name }, "spec": spec });
            cluster.create(SPACE, &service);
        }
        cluster.state(&format!("{SPACE}/nc-test-balancer"), &json!({ "loadBalancer": { "ingress": [{ "ip": BALANCER }] } }));
        made
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        for name in NAMES {
            self.0.remove(&format!("{SPACE}/{name}"));
        }
    }
}

#[test]
fn services_are_asked_at_external_addresses_headless_and_by_other_names() {
    let cluster = Cluster::turn();
    let made = Made::on(&cluster);
    let run = cluster.run(&[&cluster.suite(SUITE)]);
    drop(made);
    let run = run.exits(1).says("the Service kube-system/nc-test-heads has no externalIPs").says(&format!("at {EXTERNAL}:53"));
    let run = run.says(&format!("at {BALANCER}:53")).says("no load balancer has given the Service kube-system/nc-test-waiting an address");
    assert_eq!(run.with_status("failed"), ["external-told", "balancer-told", "no-balancer"], "{}", run.stderr);
    assert_eq!(run.with_status("errored"), ["not-external"], "{}", run.stderr);
    assert_eq!(run.with_status("passed"), ["external", "balancer", "heads", "heads-by-name", "alias"], "{}", run.stderr);
    cluster.assert_clean();
}
