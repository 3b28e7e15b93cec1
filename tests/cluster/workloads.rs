//! The user's own pods as sources.

use serde_json::{Value, json};

use crate::kit::{Cluster, image};

const SPACE: &str = "nc-test-shop";

/// A pod that listens, whose network is its own: an agent that nobody ever attaches to, on that address, or on its own where none is
/// given. On a loopback address only its own network hears from it.
fn pod(name: &str, node: &str, listens: Option<&str>) -> Value {
    let args = ["agent", "serve", "--run", "none", "--node", "none", "--socket", "/tmp/agent.sock"];
    let addresses = match listens {
        Some(address) => json!({ "name": "NETCHECK_ADDRESSES", "value": address }),
        None => json!({ "name": "NETCHECK_ADDRESSES", "valueFrom": { "fieldRef": { "fieldPath": "status.podIPs" } } }),
    };
    let container = json!({
        "name": "c", "image": image(), "args": args, "env": [addresses],
        "volumeMounts": [{ "name": "tmp", "mountPath": "/tmp" }],
    });
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name, "labels": { "app": name } },
        "spec": { "nodeName": node, "containers": [container], "volumes": [{ "name": "tmp", "emptyDir": {} }] },
    })
}

/// A namespace of this test's, which goes however it ends.
struct Space<'a>(&'a Cluster);

impl Drop for Space<'_> {
    fn drop(&mut self) {
        self.0.remove(&format!("/api/v1/namespaces/{SPACE}"));
    }
}

/// Whether `app` reaches what listens on its own loopback address, and `there`, which is another pod's.
fn suite(app: &str, there: &str) -> String {
    let family = if there.contains(':') { "v6" } else { "v4" };
    format!(
        "netcheck: v1
suite: shop
defaults: {{ from: {{ workload: {{ namespace: {SPACE}, selector: app={app}, via: netns }} }} }}
tests:
  - {{ id: within, to: {{ host: 127.0.0.1, port: 7411 }}, probe: {{ type: tcp, family: v4 }} }}
  - {{ id: across, to: {{ host: '{there}', port: 7411 }}, probe: {{ type: tcp, family: {family} }} }}
"
    )
}

#[test]
fn a_pod_of_the_users_asks_from_within_its_own_network() {
    let cluster = Cluster::turn();
    let nodes = cluster.nodes();
    let (first, last) = (nodes.first().unwrap(), nodes.last().unwrap());
    cluster.create("/api/v1/namespaces", &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": SPACE } }));
    let space = Space(&cluster);
    let pods = format!("/api/v1/namespaces/{SPACE}/pods");
    for (name, node, listens) in [("cart", first, Some("127.0.0.1")), ("other", first, None), ("payments", last, None)] {
        cluster.create(&pods, &pod(name, node, listens));
    }
    let [cart, _, payments] = ["cart", "other", "payments"].map(|name| cluster.until_ready(SPACE, name));
    let run = cluster.run(&[&cluster.suite(&suite("cart", &payments))]);
    let other = cluster.run(&[&cluster.suite(&suite("other", &payments))]);
    let after = cluster.until_ready(SPACE, "cart");
    drop(space);
    run.exits(0);
    // Its neighbour on the same node has nobody there: the answer before came from cart's own network, and from nowhere else.
    let other = other.exits(1);
    assert_eq!(other.with_status("failed"), ["within"], "{}", other.stderr);
    assert_eq!(other.with_status("passed"), ["across"], "{}", other.stderr);
    other.says("refused");
    assert_eq!(cart, after, "nothing about the pod has changed");
    cluster.assert_clean();
}
