//! Agents that ask by raw ICMP: what their pods and their namespace are then, and what is said where they may not be.

use super::*;

/// Launches such agents in the pod network of every node, in that namespace, or in one of the run's own.
async fn launch_raw(api: &ScriptedApi, namespace: Option<&str>) -> (Fixture, Vec<String>, Vec<Session>) {
    let fixture = backend(&format!("http://{}", api.address), namespace, limits()).await;
    let inventory = timeout(PATIENCE, fixture.kubernetes.inventory()).await.unwrap().unwrap();
    let vantages = inventory.nodes.into_iter().map(|node| Vantage::pod(&node.name)).collect();
    let credentials = std::collections::BTreeMap::new();
    let order = LaunchOrder { vantages, credentials, ready_within: PATIENCE, icmp: IcmpAccess::Raw };
    let (words, sessions) = launched(&fixture.kubernetes, &order).await;
    (fixture, words, sessions)
}

#[tokio::test]
async fn raw_icmp_takes_user_0_and_net_raw_and_no_sysctl() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::NoSysctl], ..Script::default() }).await;
    let (fixture, words, sessions) = launch_raw(&api, None).await;
    assert_eq!(sessions.len(), 3, "{words:?}");
    {
        let cluster = api.cluster();
        for mode in ["enforce", "audit", "warn"] {
            let label = format!("pod-security.kubernetes.io/{mode}");
            assert_eq!(cluster.namespaces[NAMESPACE]["metadata"]["labels"][label], "privileged");
        }
        for pod in cluster.pods.values() {
            let (of_pod, of_container) = (&pod["spec"]["securityContext"], &pod["spec"]["containers"][0]["securityContext"]);
            assert_eq!((&of_pod["runAsUser"], &of_pod["runAsNonRoot"], &of_pod["sysctls"]), (&json!(0), &json!(null), &json!(null)));
            assert_eq!(of_container["capabilities"], json!({ "add": ["NET_RAW"], "drop": ["ALL"] }));
            assert_eq!(pod["spec"]["hostNetwork"], json!(null));
        }
    }
    let creations = api.requests().iter().filter(|line| line.starts_with("POST /api/v1/namespaces/")).count();
    assert_eq!(creations, 3, "none asks for the sysctl");
    assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
}

#[tokio::test]
async fn a_given_namespace_whose_pod_security_refuses_it_is_told_with_both_ways_out() {
    let message = "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": unrestricted capabilities (NET_RAW)";
    let refusals = vec![("POST /api/v1/namespaces/shared/pods", 403, message)];
    let api = ScriptedApi::start(Script { refusals, ..Script::default() }).await;
    api.cluster().namespaces.insert("shared".to_owned(), json!({ "metadata": { "name": "shared", "uid": "shared" } }));
    let (_fixture, words, sessions) = launch_raw(&api, Some("shared")).await;
    assert!(sessions.is_empty());
    let expected = [
        "create pods in namespace shared: API server",
        "violates PodSecurity",
        "raw ICMP takes user 0 and NET_RAW",
        "kubectl label --overwrite namespace shared pod-security.kubernetes.io/enforce=privileged",
        "leave `agents: { icmp: raw }` of the suite out",
    ];
    assert!(!words.is_empty());
    for (word, part) in words.iter().flat_map(|word| expected.map(|part| (word, part))) {
        assert!(word.contains(part), "{part}: {word}");
    }
}

#[tokio::test]
async fn a_policy_against_privileged_namespaces_says_what_to_do_without() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::NoPrivilegedNamespaces], ..Script::default() }).await;
    let (_fixture, words, _) = launch_raw(&api, None).await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].starts_with("set-up failed: admission create namespaces: API server"), "{words:?}");
    assert!(words[0].contains("leave `agents: { icmp: raw }` of the suite out"), "{words:?}");
}

/// A refused pod is asked for twice, so that the requests tell whether any asked for the sysctl.
#[tokio::test]
async fn what_a_suite_says_of_icmp_reaches_the_pods_of_its_run() {
    let ask = "tests: [{ id: udp, from: pods, to: pods, probe: { type: udp, family: v4, count: 2, interval: 1ms } }]";
    for (agents, expected) in [("{}", 4), ("{ icmp: auto }", 4), ("{ icmp: raw }", 3)] {
        let (api, fixture) = crate::kubernetes_outages::on(Script { faults: vec![Fault::NoSysctl], ..Script::default() }).await;
        let run = crate::kubernetes_outages::run(&fixture, &format!("netcheck: v1\nsuite: s\nagents: {agents}\n{ask}\n")).await;
        assert_eq!(run.exit(), netcheck::model::exit::Exit::Passed, "{agents}: {:#?}", run.problems);
        let pods = format!("POST /api/v1/namespaces/{NAMESPACE}/pods");
        let asked = api.requests().iter().filter(|line| line.starts_with(&pods)).count();
        assert_eq!(asked, expected, "{agents}");
    }
}
