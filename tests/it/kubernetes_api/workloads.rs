//! The user's pods as sources: which are found, and the agents that enter their networks.

use netcheck::model::selector::Selector;
use netcheck::model::service::Wanted;
use netcheck::model::workload::PodState;
use serde_json::Value;

use super::*;

const HOSTS: &str = "netcheck-0a1b2c3d-host";

/// A pod of the user's that is ready on a node.
fn pod(name: &str, app: &str, node: &str) -> ((String, String), Value) {
    let pod = json!({
        "metadata": { "namespace": "shop", "name": name, "uid": format!("0a-{name}"), "labels": { "app": app } },
        "spec": { "containers": [], "nodeName": node },
        "status": {
            "phase": "Running",
            "podIPs": [{ "ip": "10.244.1.7" }, { "ip": "fd00::7" }],
            "conditions": [{ "type": "Ready", "status": "True" }],
        },
    });
    (("shop".to_owned(), name.to_owned()), pod)
}

fn wanted(selector: &str) -> Vec<Wanted> {
    vec![Wanted::Pods { namespace: "shop".into(), selector: Selector::parse(selector).ok() }]
}

#[tokio::test]
async fn an_agent_is_made_for_each_pod_where_the_pod_is_and_goes_again() {
    let api = ScriptedApi::start(Script { nodes: 2, ..Script::default() }).await;
    api.cluster().namespaces.insert("shop".to_owned(), json!({ "metadata": { "name": "shop", "uid": "shop" } }));
    api.cluster().pods.extend([pod("cart-7f", "cart", "node2"), pod("web-1", "web", "node1")]);
    let fixture = backend(&format!("http://{}", api.address), None, limits()).await;
    let inventory = timeout(PATIENCE, fixture.kubernetes.inventory_with(&wanted("app=cart"))).await.unwrap().unwrap();
    assert_eq!(inventory.services, None, "nobody wants to know of Services");
    let pods = inventory.workloads.unwrap();
    let [cart] = pods.as_slice() else { panic!("{pods:?}") };
    assert_eq!((cart.pod.to_string().as_str(), &cart.state), ("shop/cart-7f", &PodState::Ready { node: "node2".into() }));

    let (words, sessions) = launch_on(&fixture.kubernetes, vec!["node2:shop/cart-7f".parse().unwrap()], PATIENCE).await;
    assert_eq!((sessions.len(), sessions[0].vantage.to_string().as_str()), (1, "node2:shop/cart-7f"), "{words:?}");
    {
        let cluster = api.cluster();
        assert_eq!(cluster.namespaces.keys().collect::<Vec<_>>(), [HOSTS, "shop"], "none for agents in pods, of which there are none");
        let (_, agent) = cluster.pods.iter().find(|((namespace, _), _)| namespace == HOSTS).unwrap();
        let (spec, container) = (&agent["spec"], &agent["spec"]["containers"][0]);
        assert_eq!((&spec["hostPID"], &spec["hostNetwork"]), (&json!(true), &Value::Null));
        assert_eq!(container["args"], json!(["agent", "serve", "--socket", "/run/netcheck/agent.sock", "--netns-of", "0a-cart-7f"]));
        let variable = |name: &str| container["env"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()["value"].clone();
        assert_eq!(variable("NETCHECK_ADDRESSES"), "10.244.1.7,fd00::7");
        assert_eq!(variable("NETCHECK_WORKLOAD"), "shop/cart-7f");
    }
    assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
    let cluster = api.cluster();
    assert_eq!(cluster.namespaces.keys().collect::<Vec<_>>(), ["shop"]);
    assert_eq!(cluster.pods.len(), 2, "those of the user stay as they were: {:?}", cluster.pods.keys());
}

#[tokio::test]
async fn a_policy_against_privileged_namespaces_says_what_to_do_without() {
    let script = Script { faults: vec![Fault::NoPrivilegedNamespaces], ..Script::default() };
    let api = ScriptedApi::start(script).await;
    let fixture = backend(&format!("http://{}", api.address), None, limits()).await;
    timeout(PATIENCE, fixture.kubernetes.inventory_with(&wanted("app=cart"))).await.unwrap().unwrap();
    let order = LaunchOrder {
        vantages: vec!["node1:shop/cart-7f".parse().unwrap()],
        credentials: std::collections::BTreeMap::new(),
        ready_within: PATIENCE,
        icmp: IcmpAccess::Auto,
    };
    let (sender, mut receiver) = mpsc::channel(16);
    let ((), news) = tokio::join!(fixture.kubernetes.launch(&order, sender), receiver.recv());
    let Some(News::Failed { why, help, .. }) = news else { panic!("{news:?}") };
    assert!(why.contains("no privileged namespaces"), "{why}");
    assert!(help.iter().any(|line| line.contains("leave the tests with `from: { workload: … }` out")), "{help:#?}");
    assert!(!help.iter().any(|line| line.contains("hosts=true")), "{help:#?}");
}
