//! Agents in the nodes' own network: a second namespace, and what becomes of a run that does not get one.

use super::*;

const HOSTS: &str = "netcheck-0a1b2c3d-host";

/// A backend in these namespaces; none for one of the run's own.
async fn backend_in(api: &ScriptedApi, namespace: Option<&str>, host_namespace: Option<&str>) -> Fixture {
    let directory = TempDir::new().unwrap();
    let connection = connection(directory.path(), &format!("http://{}", api.address));
    let [namespace, host_namespace] = [namespace, host_namespace].map(|name| name.map(str::to_owned));
    let settings = Settings { namespace, host_namespace, ..settings(connection) };
    Fixture { kubernetes: Kubernetes::connect_within(settings, limits()).await.unwrap(), _directory: directory }
}

/// Launches in both networks of two nodes.
async fn launch_both(kubernetes: &Kubernetes) -> (Vec<String>, Vec<Session>) {
    timeout(PATIENCE, kubernetes.inventory()).await.unwrap().unwrap();
    let both = ["node1", "node2"].iter().flat_map(|node| [Vantage::pod(node), Vantage::host(node)]).collect();
    launch_on(kubernetes, both, PATIENCE).await
}

/// What was told of a vantage last.
fn last<'a>(words: &'a [String], vantage: &str) -> &'a str {
    let told = words.iter().rev().find_map(|word| word.strip_prefix(&format!("{vantage} ")));
    told.unwrap_or_else(|| panic!("nothing of {vantage}: {words:#?}"))
}

/// Launches in both networks: those of pods are there, those of hosts are not, each with these words; nothing is left behind.
async fn check_pods_only(script: Script, [namespace, host_namespace]: [Option<&str>; 2], expected: &[&str]) -> Vec<String> {
    let api = ScriptedApi::start(Script { nodes: 2, ..script }).await;
    for shared in ["shared", "hosts"] {
        api.cluster().namespaces.insert(shared.to_owned(), json!({ "metadata": { "name": shared, "uid": shared } }));
    }
    let fixture = backend_in(&api, namespace, host_namespace).await;
    let (words, sessions) = launch_both(&fixture.kubernetes).await;
    let there: Vec<String> = sessions.iter().map(|session| session.vantage.to_string()).collect();
    assert_eq!(there.len(), 2, "{words:#?}");
    for node in ["node1", "node2"] {
        assert!(there.contains(&node.to_owned()), "{there:?}");
        let told = last(&words, &format!("{node}/host"));
        assert!(told.starts_with("failed: "), "{told}");
        for part in expected {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
    let cluster = api.cluster();
    assert_eq!(cluster.namespaces.keys().collect::<Vec<_>>(), ["hosts", "shared"]);
    assert!(cluster.pods.is_empty(), "{:?}", cluster.pods.keys());
    cluster.requests.clone()
}

#[tokio::test]
async fn both_networks_have_their_namespace_and_nothing_is_left_of_either() {
    let api = ScriptedApi::start(Script { accountless: 2, nodes: 2, ..Script::default() }).await;
    let fixture = backend_in(&api, None, None).await;
    let (words, mut sessions) = launch_both(&fixture.kubernetes).await;
    assert_eq!(sessions.len(), 4, "{words:#?}");
    for session in &mut sessions {
        assert!(matches!(ask(session).await.0, Heard::Message(FromAgent::Beat(_))));
    }
    {
        let cluster = api.cluster();
        let pods: Vec<String> = cluster.pods.keys().map(|(namespace, name)| format!("{namespace} {name}")).collect();
        let expected = [
            "netcheck-0a1b2c3d netcheck-0a1b2c3d-node1",
            "netcheck-0a1b2c3d netcheck-0a1b2c3d-node2",
            "netcheck-0a1b2c3d-host netcheck-0a1b2c3d-node1-host",
            "netcheck-0a1b2c3d-host netcheck-0a1b2c3d-node2-host",
        ];
        assert_eq!(pods, expected);
        for (namespace, level) in [(NAMESPACE, "restricted"), (HOSTS, "privileged")] {
            assert_eq!(cluster.namespaces[namespace]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], level);
        }
        let spec = &cluster.pods[&(HOSTS.to_owned(), "netcheck-0a1b2c3d-node1-host".to_owned())]["spec"];
        assert_eq!((&spec["hostNetwork"], &spec["securityContext"]["runAsUser"]), (&json!(true), &json!(0)));
        assert_eq!(spec["containers"][0]["env"][3], json!({ "name": "NETCHECK_PRESUMED_ADDRESSES", "value": "10.9.0.1,fd09::1" }));
    }
    let command = "until netcheck clean --run 0a1b2c3d";
    let kept = fixture.kubernetes.cleanup(Disposal::Keep).await.kept;
    assert_eq!(kept, [format!("namespace {NAMESPACE}, {command}"), format!("namespace {HOSTS}, {command}")]);
    assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
    let requests = api.requests();
    assert!(api.cluster().namespaces.is_empty() && api.cluster().pods.is_empty());
    assert_eq!(fixture.kubernetes.cleanup(Disposal::Remove).await.left, Vec::<String>::new());
    assert_eq!(api.requests(), requests, "a second cleaning up asks nothing");
}

#[tokio::test]
async fn a_run_without_hosts_makes_no_namespace_for_them() {
    let api = ScriptedApi::start(Script::default()).await;
    let fixture = backend_in(&api, None, None).await;
    launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(api.cluster().namespaces.keys().collect::<Vec<_>>(), [NAMESPACE]);
    assert_eq!(fixture.kubernetes.cleanup(Disposal::Remove).await.left, Vec::<String>::new());
    assert!(!api.requests().iter().any(|line| line.contains(HOSTS)), "{:#?}", api.requests());
}

#[tokio::test]
async fn a_policy_against_privileged_namespaces_costs_the_hosts_alone() {
    let script = Script { faults: vec![Fault::NoPrivilegedNamespaces], ..Script::default() };
    let expected = [
        "create namespaces: API server",
        "denied the request: no privileged namespaces",
        "kubectl label namespace netcheck-hosts pod-security.kubernetes.io/enforce=privileged",
        "then: --host-namespace netcheck-hosts",
        "leave out --set hosts=true",
    ];
    check_pods_only(script, [None, None], &expected).await;
}

#[tokio::test]
async fn without_the_right_to_make_namespaces_the_pods_of_a_shared_one_are_measured() {
    let script = Script { faults: vec![Fault::NoNamespaces], ..Script::default() };
    let expected = ["cannot create resource", "kubectl --context scripted auth can-i create namespaces", "--host-namespace netcheck-hosts"];
    check_pods_only(script, [Some("shared"), None], &expected).await;
}

#[tokio::test]
async fn pod_security_of_a_shared_namespace_is_told_with_the_label_that_it_takes() {
    let message = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";
    let script = Script { refusals: vec![("POST /api/v1/namespaces/hosts/pods", 403, message)], ..Script::default() };
    let expected = [
        "create pods in namespace hosts: API server",
        "violates PodSecurity",
        "kubectl label --overwrite namespace hosts pod-security.kubernetes.io/enforce=privileged",
        "leave out --set hosts=true",
    ];
    check_pods_only(script, [Some("shared"), Some("hosts")], &expected).await;
}

#[tokio::test]
async fn a_namespace_for_hosts_that_is_not_there_is_named() {
    let message = "namespaces \"hosts\" not found";
    let script = Script { refusals: vec![("POST /api/v1/namespaces/hosts/pods", 404, message)], ..Script::default() };
    check_pods_only(script, [None, Some("hosts")], &["is there a namespace hosts? Without --host-namespace"]).await;
}

#[tokio::test]
async fn a_pull_secret_in_the_pods_namespace_is_none_for_a_namespace_of_our_own() {
    let api = ScriptedApi::start(Script::default()).await;
    let directory = TempDir::new().unwrap();
    let connection = connection(directory.path(), &format!("http://{}", api.address));
    let (namespace, pull_secret) = (Some("shared".to_owned()), Some("registry".to_owned()));
    let kubernetes = Kubernetes::connect_within(Settings { namespace, pull_secret, ..settings(connection) }, limits()).await.unwrap();
    let (words, sessions) = launch_both(&kubernetes).await;
    assert_eq!(sessions.len(), 2, "{words:#?}");
    let told = last(&words, "node1/host");
    assert!(told.starts_with("failed: the Secret registry for the image is in namespace shared"), "{told}");
    assert_eq!(kubernetes.cleanup(Disposal::Remove).await.left, Vec::<String>::new());
    assert!(api.cluster().namespaces.is_empty(), "none was made");
}

#[tokio::test]
async fn with_both_namespaces_given_nobody_asks_about_namespaces() {
    for (namespace, host_namespace) in [("shared", "hosts"), ("shared", "shared")] {
        let api = ScriptedApi::start(Script { nodes: 2, faults: vec![Fault::NoNamespaces], ..Script::default() }).await;
        for name in [namespace, host_namespace] {
            let labels = json!({ "app.kubernetes.io/managed-by": "netcheck" });
            let others = json!({ "metadata": { "name": "database-0", "labels": labels }, "spec": { "containers": [] } });
            api.cluster().pods.insert((name.to_owned(), "database-0".to_owned()), others);
        }
        let fixture = backend_in(&api, Some(namespace), Some(host_namespace)).await;
        let (words, mut sessions) = launch_both(&fixture.kubernetes).await;
        assert_eq!(sessions.len(), 4, "{words:#?}");
        for session in &mut sessions {
            assert!(matches!(ask(session).await.0, Heard::Message(FromAgent::Beat(_))));
        }
        assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
        let cluster = api.cluster();
        assert!(cluster.pods.keys().all(|(_, name)| name == "database-0"), "{:?}", cluster.pods.keys());
        // `GET /api/v1/namespaces/shared/pods` is about pods.
        let about_namespaces = |line: &&String| line.contains("/namespaces") && line.split('/').count() <= 5;
        assert_eq!(cluster.requests.iter().find(about_namespaces), None, "{:#?}", cluster.requests);
    }
}

#[tokio::test]
async fn without_the_pods_namespace_there_is_no_run_whatever_the_hosts_have() {
    let message = "pods is forbidden: User \"u\" cannot create resource \"pods\" in API group \"\"";
    let refusals = vec![("POST /api/v1/namespaces/netcheck-0a1b2c3d/pods", 403, message)];
    let api = ScriptedApi::start(Script { refusals, nodes: 2, ..Script::default() }).await;
    let fixture = backend_in(&api, None, None).await;
    let (words, _) = launch_both(&fixture.kubernetes).await;
    let failed: Vec<usize> = (0..words.len()).filter(|number| words[*number].starts_with("set-up failed: forbidden")).collect();
    assert_eq!(failed, [words.len() - 1], "{words:#?}");
    assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
    assert!(api.cluster().namespaces.is_empty() && api.cluster().pods.is_empty());
}

#[tokio::test]
async fn what_does_not_go_of_either_network_is_named() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::StickyNamespace, Fault::StickyPods], nodes: 1, ..Script::default() }).await;
    let fixture = backend_in(&api, None, None).await;
    timeout(PATIENCE, fixture.kubernetes.inventory()).await.unwrap().unwrap();
    launch_on(&fixture.kubernetes, vec![Vantage::pod("node1"), Vantage::host("node1")], PATIENCE).await;
    let left = timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left;
    // At once, not in turn: both are asked to go before the patience with the first of their pods is over.
    let requests = api.requests();
    let at = |line: &str| requests.iter().position(|request| request == line).unwrap_or_else(|| panic!("no {line}: {requests:#?}"));
    let forced = at(&format!("DELETE /api/v1/namespaces/{NAMESPACE}/pods/{NAMESPACE}-node1"));
    assert!(at(&format!("DELETE /api/v1/namespaces/{HOSTS}/pods")) < forced, "{requests:#?}");
    assert!(at(&format!("DELETE /api/v1/namespaces/{HOSTS}")) < forced, "{requests:#?}");
    let begins: Vec<&str> = left.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        begins,
        [
            format!("pod {NAMESPACE}-node1"),
            format!("namespace {NAMESPACE}"),
            format!("pod {NAMESPACE}-node1-host"),
            format!("namespace {HOSTS}")
        ]
    );
    assert!(left[3].ends_with("to try again: netcheck clean --run 0a1b2c3d"), "{left:?}");
}
