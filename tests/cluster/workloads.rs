//! The user's own pods as sources.

use serde_json::{Value, json};

use crate::kit::{Cluster, image};

const SPACE: &str = "nc-test-shop";

/// A pod that waits, whose network is its own: an agent that nobody ever attaches to.
fn pod(name: &str, app: &str, node: &str) -> Value {
    let args = ["agent", "serve", "--run", "none", "--node", "none", "--socket", "/tmp/agent.sock"];
    let addresses = json!({ "name": "NETCHECK_ADDRESSES", "valueFrom": { "fieldRef": { "fieldPath": "status.podIPs" } } });
    let container = json!({
        "name": "c", "image": image(), "args": args, "env": [addresses],
        "volumeMounts": [{ "name": "tmp", "mountPath": "/tmp" }],
    });
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name, "labels": { "app": app } },
        "spec": { "nodeName": node, "containers": [container], "volumes": [{ "name": "tmp", "emptyDir": {} }] },
    })
}

/// Lets in TCP from pods of that label alone: an answer says that the question came from one of them, with its address.
fn only_from(app: &str) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": "only-cart" },
        "spec": {
            "podSelector": { "matchLabels": { "app": "payments" } },
            "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": app } } }] }],
        },
    })
}

#[test]
fn a_pod_of_the_users_asks_with_its_own_address() {
    let cluster = Cluster::turn();
    let nodes = cluster.nodes();
    let (first, last) = (nodes.first().unwrap(), nodes.last().unwrap());
    let space = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": SPACE } });
    cluster.create("/api/v1/namespaces", &space);
    let pods = format!("/api/v1/namespaces/{SPACE}/pods");
    for (name, app, node) in [("cart", "cart", first), ("other", "other", first), ("payments", "payments", last)] {
        cluster.create(&pods, &pod(name, app, node));
    }
    let before = ["cart", "payments"].map(|name| cluster.until_ready(SPACE, name));
    cluster.until_ready(SPACE, "other");
    cluster.create(&format!("/apis/networking.k8s.io/v1/namespaces/{SPACE}/networkpolicies"), &only_from("cart"));
    let suite = cluster.suite(&format!(
        "netcheck: v1\nsuite: shop\ntests:\n  - id: cart-to-payments\n    from: {{ workload: {{ namespace: {SPACE}, selector: app=cart, via: netns }} }}\n    to: {{ host: {}, port: 7411 }}\n    probe: {{ type: tcp, family: {} }}\n",
        before[1],
        if before[1].contains(':') { "v6" } else { "v4" },
    ));
    let run = cluster.run(&[&suite]);
    let from_other = cluster.suite(&std::fs::read_to_string(&suite).unwrap().replace("app=cart", "app=other"));
    let other = cluster.run(&[&from_other]);
    let after = cluster.until_ready(SPACE, "cart");
    cluster.delete(&format!("/api/v1/namespaces/{SPACE}"));
    run.exits(0);
    // Where nobody enforces policies, that pod is answered as well; where somebody does, it is not.
    assert!(matches!(other.status.code(), Some(0 | 1)), "{}", other.stderr);
    assert_eq!(before[0], after, "nothing about the pod has changed");
    cluster.assert_clean();
}
