//! The backend `kubernetes` against a scripted API server: what it makes of an API server that is well, and of one that is not.

#[path = "kubernetes_api/hosts.rs"]
mod hosts;
#[path = "kubernetes_api/raw_icmp.rs"]
mod raw_icmp;
#[path = "scripted_api/mod.rs"]
pub(crate) mod scripted_api;
#[path = "kubernetes_api/workloads.rs"]
mod workloads;

use std::path::Path;
use std::time::Duration;

use netcheck::backend::kubernetes::{Choice, CleanScope, Cleaned, Connection, Kubernetes, Limits, PullPolicy, Settings, clean_within};
use netcheck::backend::{Backend, BackendError, Disposal, Heard, LaunchOrder, News, Session};
use netcheck::model::agents::IcmpAccess;
use netcheck::model::vantage::Vantage;
use netcheck::wire::{FromAgent, ToAgent};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::timeout;

use scripted_api::{Exec, Fault, Script, ScriptedApi};

pub(crate) const RUN: &str = "0a1b2c3d";
const NAMESPACE: &str = "netcheck-0a1b2c3d";

/// Nothing here may take longer: a test that hangs fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A backend, and what has to live as long.
pub(crate) struct Fixture {
    pub(crate) kubernetes: Kubernetes,
    _directory: TempDir,
}

/// A tenth or less of a user's patience.
pub(crate) fn limits() -> Limits {
    let milliseconds = Duration::from_millis;
    Limits {
        connect: milliseconds(2_000),
        call: milliseconds(2_000),
        set_up: milliseconds(2_000),
        image: milliseconds(300),
        attach: milliseconds(3_000),
        relist: milliseconds(500),
        pods_gone: milliseconds(400),
        clean_up: milliseconds(1_500),
        outage: milliseconds(3_000),
        recovery: milliseconds(2_000),
    }
}

pub(crate) fn connection(directory: &Path, server: &str) -> Connection {
    let path = directory.join("kubeconfig");
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "scripted",
        "clusters": [{ "name": "c", "cluster": { "server": server } }],
        "contexts": [{ "name": "scripted", "context": { "cluster": "c", "user": "u" } }],
        "users": [{ "name": "u", "user": { "token": "t" } }],
    });
    std::fs::write(&path, text.to_string()).unwrap();
    Connection { kubeconfig: Some(path), ..Connection::default() }
}

pub(crate) async fn backend(server: &str, namespace: Option<&str>, limits: Limits) -> Fixture {
    let directory = TempDir::new().unwrap();
    let settings = Settings { namespace: namespace.map(str::to_owned), ..settings(connection(directory.path(), server)) };
    Fixture { kubernetes: Kubernetes::connect_within(settings, limits).await.unwrap(), _directory: directory }
}

fn settings(connection: Connection) -> Settings {
    Settings {
        connection,
        namespace: None,
        host_namespace: None,
        host_ports: None,
        image: "localhost/netcheck:test".to_owned(),
        pull_policy: PullPolicy::IfNotPresent,
        pull_secret: None,
        nodes: Choice::default(),
        run: RUN.to_owned(),
        expires_after: Duration::from_secs(600),
        command: "a test".to_owned(),
    }
}

async fn fixture(api: &ScriptedApi) -> Fixture {
    backend(&format!("http://{}", api.address), None, limits()).await
}

/// Everything that a launch told: a word for each, and the sessions.
pub(crate) async fn launch(kubernetes: &Kubernetes, ready_within: Duration) -> (Vec<String>, Vec<Session>) {
    let inventory = timeout(PATIENCE, kubernetes.inventory()).await.unwrap().unwrap();
    launch_on(kubernetes, inventory.nodes.into_iter().map(|node| Vantage::pod(&node.name)).collect(), ready_within).await
}

/// The same on these vantages.
async fn launch_on(kubernetes: &Kubernetes, vantages: Vec<Vantage>, ready_within: Duration) -> (Vec<String>, Vec<Session>) {
    let order = LaunchOrder { vantages, credentials: std::collections::BTreeMap::new(), ready_within, icmp: IcmpAccess::Auto };
    launched(kubernetes, &order).await
}

/// The same as ordered.
async fn launched(kubernetes: &Kubernetes, order: &LaunchOrder) -> (Vec<String>, Vec<Session>) {
    let (sender, mut receiver) = mpsc::channel(16);
    let (mut words, mut sessions) = (Vec::new(), Vec::new());
    let listening = async {
        while let Some(news) = receiver.recv().await {
            words.push(match news {
                News::Created(vantage) => format!("{vantage} created"),
                News::Started(vantage) => format!("{vantage} started"),
                News::Ready(session) => {
                    let word = format!("{} ready", session.vantage);
                    sessions.push(session);
                    word
                }
                News::Failed { vantage, why, help } => format!("{vantage} failed: {why} {help:?}"),
                News::SetUpFailed(error) => format!("set-up failed: {} {} {:?}", error.code, error.message, error.help),
            });
        }
    };
    timeout(PATIENCE, async { tokio::join!(kubernetes.launch(order, sender), listening) }).await.unwrap();
    (words, sessions)
}

/// What was told of one node, in order.
fn of<'a>(words: &'a [String], node: &str) -> Vec<&'a str> {
    words.iter().filter_map(|word| word.strip_prefix(node)).map(str::trim).collect()
}

async fn heard(session: &mut Session) -> Heard {
    timeout(PATIENCE, session.heard.recv()).await.unwrap().unwrap()
}

/// Connects, hears its hello, asks, and gives what is heard next, and what says more.
async fn ask(session: &mut Session) -> (Heard, UnboundedSender<ToAgent>) {
    session.line.call();
    let Heard::Connected(orders) = heard(session).await else { panic!("no connection") };
    let Heard::Message(FromAgent::Hello(hello)) = heard(session).await else { panic!("no hello") };
    assert_eq!((hello.run.clone(), hello.node.clone()), (RUN.to_owned(), session.vantage.to_string()));
    orders.send(ToAgent::Ask { number: 7 }).unwrap();
    (heard(session).await, orders)
}

#[tokio::test]
async fn what_a_node_states_of_itself_is_in_the_inventory() {
    let api = ScriptedApi::start(Script { nodes: 2, ..Script::default() }).await;
    let inventory = timeout(PATIENCE, fixture(&api).await.kubernetes.inventory()).await.unwrap().unwrap();
    let told = |node: &netcheck::model::inventory::Node| {
        let words = |all: &[std::net::IpAddr]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        format!("{}: {}, outside {}, kubelet {:?}", node.name, words(&node.addresses), words(&node.external_addresses), node.kubelet_port)
    };
    let expected = |number: u8| {
        format!(
            "node{number}: 10.9.0.{number} fd09::{number}, outside 198.51.100.{number}, kubelet {:?}",
            netcheck::model::units::Port::new(10_250)
        )
    };
    assert_eq!(inventory.nodes.iter().map(told).collect::<Vec<_>>(), [expected(1), expected(2)]);
}

async fn first_session(exec: Exec) -> (ScriptedApi, Session) {
    let api = ScriptedApi::start(Script { exec, nodes: 1, ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let (words, mut sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(words, ["node1 created", "node1 started", "node1 ready"]);
    (api, sessions.remove(0))
}

async fn ending(exec: Exec) -> String {
    let (_api, mut session) = first_session(exec).await;
    match ask(&mut session).await {
        (Heard::Broken(why), _) => why,
        other => panic!("{other:?}"),
    }
}

async fn inventory_error(server: &str, limits: Limits) -> BackendError {
    let fixture = backend(server, None, limits).await;
    timeout(PATIENCE, fixture.kubernetes.inventory()).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn agents_of_a_healthy_cluster_say_hello_and_leave_nothing_behind() {
    let api = ScriptedApi::start(Script { accountless: 1, nodes: 12, ..Script::default() }).await;
    // How often pods are listed anew, and questions are asked again, is a matter of time and not of agents: with all the time of a user.
    let limits = Limits { relist: Duration::from_secs(600), ..Limits::default() };
    let fixture = backend(&format!("http://{}", api.address), None, limits).await;
    let (words, sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(sessions.len(), 12);
    // Each goes with its agent: one that is kept looks for it again.
    for mut session in sessions {
        let node = session.vantage.to_string();
        let told: Vec<&str> =
            words.iter().filter(|word| word.split(' ').next() == Some(&node)).map(|word| &word[node.len() + 1..]).collect();
        assert_eq!(told, ["created", "started", "ready"], "{node}");
        let (answer, orders) = ask(&mut session).await;
        assert!(matches!(answer, Heard::Message(FromAgent::Beat(_))), "{answer:?}");
        orders.send(ToAgent::Stop).unwrap();
        let end = heard(&mut session).await;
        assert!(matches!(&end, Heard::Broken(why) if why == "its agent closed the connection"), "{end:?}");
    }
    {
        let cluster = api.cluster();
        let labels = &cluster.namespaces[NAMESPACE]["metadata"]["labels"];
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
        let pod = cluster.pods.values().next().unwrap();
        assert_eq!(pod["spec"]["tolerations"], json!([{ "effect": "NoSchedule", "key": "role", "operator": "Exists" }]));
    }
    let clean_up = timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap();
    assert_eq!(clean_up.left, Vec::<String>::new());
    assert!(api.cluster().namespaces.is_empty() && api.cluster().pods.is_empty());
    let requests = api.requests();
    assert!(requests.len() <= 4 * 12, "{} requests: {requests:#?}", requests.len());
}

#[tokio::test]
async fn a_second_cleaning_up_and_one_without_a_launch_ask_nothing() {
    let api = ScriptedApi::start(Script::default()).await;
    let fixture = fixture(&api).await;
    assert!(fixture.kubernetes.cleanup(Disposal::Remove).await.left.is_empty());
    assert_eq!(api.requests(), Vec::<String>::new());
    launch(&fixture.kubernetes, PATIENCE).await;
    assert!(fixture.kubernetes.cleanup(Disposal::Remove).await.left.is_empty());
    let before = api.requests().len();
    assert!(fixture.kubernetes.cleanup(Disposal::Remove).await.left.is_empty());
    assert_eq!(api.requests().len(), before);
}

#[tokio::test]
async fn an_unreachable_api_server_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = inventory_error(&server, Limits::default()).await;
    assert_eq!(error.code, "api-unreachable");
    assert_eq!(error.message, format!("list nodes: API server {server}: cannot be reached: Connection refused (os error 111)"));
    assert!(error.help[0].contains("kubectl --context scripted get --raw /readyz"), "{error:?}");
}

#[tokio::test]
async fn a_silent_api_server_is_not_waited_for() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::Stalled], ..Script::default() }).await;
    let limits = Limits { call: Duration::from_millis(200), ..limits() };
    let error = inventory_error(&format!("http://{}", api.address), limits).await;
    assert_eq!(error.code, "api-unreachable");
    assert!(error.message.ends_with("no answer within 0.2 s"), "{error:?}");
}

#[tokio::test]
async fn refused_credentials_are_told() {
    let refusals = vec![("GET /api/v1/nodes", 401, "Unauthorized")];
    let api = ScriptedApi::start(Script { refusals, ..Script::default() }).await;
    let error = inventory_error(&format!("http://{}", api.address), limits()).await;
    assert_eq!(error.code, "unauthorized");
    assert!(error.message.contains("refused (401): Unauthorized"), "{error:?}");
    assert!(error.help[0].contains("kubectl --context scripted auth whoami"), "{error:?}");
}

#[tokio::test]
async fn missing_rights_are_told_once_with_the_question_to_ask() {
    for (begin, message, expected, namespace_left) in [
        (
            "POST /api/v1/namespaces/netcheck",
            "pods is forbidden: User \"u\" cannot create resource \"pods\" in API group \"\"",
            "set-up failed: forbidden create pods in namespace netcheck-0a1b2c3d: API server",
            false,
        ),
        (
            "POST /api/v1/namespaces",
            "namespaces is forbidden: User \"u\" cannot create resource \"namespaces\" in API group \"\"",
            "set-up failed: forbidden create namespaces: API server",
            false,
        ),
    ] {
        let api = ScriptedApi::start(Script { refusals: vec![(begin, 403, message)], ..Script::default() }).await;
        let fixture = fixture(&api).await;
        let (words, _) = launch(&fixture.kubernetes, PATIENCE).await;
        assert_eq!(words.len(), 1, "{words:?}");
        assert!(words[0].starts_with(expected), "{words:?}");
        assert!(words[0].contains("kubectl --context scripted auth can-i create"), "{words:?}");
        assert_eq!(fixture.kubernetes.cleanup(Disposal::Remove).await.left, Vec::<String>::new());
        assert_eq!(!api.cluster().namespaces.is_empty(), namespace_left);
    }
}

#[tokio::test]
async fn without_the_right_to_watch_every_agent_says_so() {
    let refusals =
        vec![("GET /api/v1/namespaces/netcheck-0a1b2c3d/pods", 403, "pods is forbidden: User \"u\" cannot list resource \"pods\"")];
    let api = ScriptedApi::start(Script { refusals, ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let (words, _) = launch(&fixture.kubernetes, PATIENCE).await;
    for node in ["node1", "node2", "node3"] {
        let told = of(&words, node);
        assert!(told.last().unwrap().contains("auth can-i watch pods -n netcheck-0a1b2c3d"), "{told:?}");
    }
}

#[tokio::test]
async fn a_watch_that_is_cut_off_again_and_again_hides_nothing() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::CutWatch], ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let (words, sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(sessions.len(), 3, "{words:?}");
}

#[tokio::test]
async fn an_exec_that_works_by_the_older_protocol_works() {
    let (_api, mut session) = first_session(Exec::WorksByV4).await;
    assert!(matches!(ask(&mut session).await, (Heard::Message(FromAgent::Beat(_)), _)));
}

#[tokio::test]
async fn an_exec_that_comes_too_early_is_tried_again() {
    let (_api, mut session) = first_session(Exec::StartsLate).await;
    session.line.call();
    let Heard::NoAnswer(why) = heard(&mut session).await else { panic!("it was no refusal") };
    assert_eq!(why, "refused (500): container not found (\"agent\")");
    assert!(matches!(ask(&mut session).await, (Heard::Message(FromAgent::Beat(_)), _)));
}

#[tokio::test]
async fn a_kubelet_that_does_not_answer_is_told_apart_from_an_api_server_that_is_away() {
    let (api, mut session) = first_session(Exec::NoKubelet).await;
    session.line.call();
    let Heard::NoAnswer(why) = heard(&mut session).await else { panic!("the API server is there") };
    assert_eq!(why, "refused (500): error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused");
    drop(api);
    loop {
        match heard(&mut session).await {
            // One more attempt may have begun before.
            Heard::NoAnswer(_) => {}
            Heard::NoWay(why) => return assert!(why.starts_with("API server http://127.0.0.2:"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}

/// What is told of the way to an agent whose pod has come to an end.
async fn end_of_a_pod(end: impl FnOnce(&ScriptedApi)) -> String {
    let (api, mut session) = first_session(Exec::Works).await;
    let (Heard::Message(FromAgent::Beat(_)), _orders) = ask(&mut session).await else { panic!("it does not work") };
    end(&api);
    api.cut();
    loop {
        match heard(&mut session).await {
            Heard::Broken(_) | Heard::NoWay(_) => {}
            Heard::Ended(why) => return why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_agent_that_is_gone_for_good_is_told_with_the_reason_of_its_pod() {
    let pod = "netcheck-0a1b2c3d-node1";
    let killed = json!({ "exitCode": 137, "reason": "OOMKilled" });
    let why = end_of_a_pod(|api| api.cluster().terminate(NAMESPACE, pod, &killed)).await;
    assert_eq!(why, "its process ended with exit code 137: OOMKilled");
    let evicted = |api: &ScriptedApi| {
        let mut cluster = api.cluster();
        cluster.terminate(NAMESPACE, pod, &killed);
        let status = &mut cluster.pods.get_mut(&(NAMESPACE.to_owned(), pod.to_owned())).unwrap()["status"];
        (status["phase"], status["reason"], status["message"]) = (json!("Failed"), json!("Evicted"), json!("The node was low on memory."));
    };
    assert_eq!(end_of_a_pod(evicted).await, "Evicted: The node was low on memory.");
    let why = end_of_a_pod(|api| api.cluster().remove_pods(|_| true)).await;
    assert_eq!(why, "its pod was deleted, and not by netcheck");
}

#[tokio::test]
async fn rights_that_were_there_may_come_back() {
    let (api, mut session) = first_session(Exec::Works).await;
    let (Heard::Message(FromAgent::Beat(_)), _orders) = ask(&mut session).await else { panic!("it does not work") };
    api.cluster().script.refusals.push(("GET /api/v1/namespaces/netcheck-0a1b2c3d/pods/", 401, "Unauthorized"));
    api.cut();
    let Heard::Broken(_) = heard(&mut session).await else { panic!("it did not break") };
    loop {
        match heard(&mut session).await {
            Heard::NoWay(why) if why.contains("Unauthorized") => break,
            Heard::NoWay(_) => {}
            other => panic!("{other:?}"),
        }
    }
    api.cluster().script.refusals.clear();
    loop {
        match heard(&mut session).await {
            Heard::NoWay(_) => {}
            Heard::Connected(_) => return,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_exec_that_ends_says_how() {
    let broken = ending(Exec::Breaks).await;
    assert!(broken.starts_with("its connection broke: "), "{broken}");
    assert_eq!(ending(Exec::Closes).await, "its connection was closed without a word");
    assert_eq!(
        ending(Exec::Fails).await,
        "its connection ended: netcheck agent attach exited with code 3 (\"no socket at /run/netcheck/agent.sock\")"
    );
}

#[tokio::test]
async fn a_refused_exec_is_told_with_the_right_that_it_takes() {
    let refusals = vec![("GET /api/v1/namespaces/netcheck-0a1b2c3d/pods/", 403, "User \"u\" cannot create resource \"pods/exec\"")];
    let api = ScriptedApi::start(Script { refusals, nodes: 1, ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let (_, mut sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    sessions[0].line.call();
    let Heard::Ended(why) = heard(&mut sessions[0]).await else { panic!("there is no way") };
    assert!(why.starts_with("its pod runs, but cannot be attached to: create pods/exec in namespace"), "{why}");
    assert!(why.contains("auth can-i create pods --subresource=exec -n netcheck-0a1b2c3d"), "{why}");
}

#[tokio::test]
async fn an_image_that_nobody_has_is_told_with_the_ways_to_get_it_there() {
    for (reason, expected) in [
        ("ErrImagePull", "node1 failed: image localhost/netcheck:test: ErrImagePull: connection refused"),
        ("ImagePullBackOff", "node1 failed: image localhost/netcheck:test: ImagePullBackOff: connection refused"),
    ] {
        let api = ScriptedApi::start(Script { waiting: Some((reason, "connection refused")), nodes: 1, ..Script::default() }).await;
        let fixture = fixture(&api).await;
        let (words, _) = launch(&fixture.kubernetes, PATIENCE).await;
        assert_eq!(words[0], "node1 created");
        assert!(words[1].starts_with(expected), "{words:?}");
        for way in ["--image REGISTRY", "kind load image-archive", "ctr -n k8s.io images import"] {
            assert!(words[1].contains(way), "{way}: {words:?}");
        }
    }
}

#[tokio::test]
async fn an_agent_that_is_not_there_in_time_is_told_with_what_the_cluster_says_of_it() {
    let api = ScriptedApi::start(Script { waiting: Some(("ContainerCreating", "")), nodes: 1, ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let (words, _) = launch(&fixture.kubernetes, Duration::from_secs(2)).await;
    assert_eq!(words[1], "node1 failed: not running after 2 s: ContainerCreating; FailedCreatePodSandBox: no network plugin []");
}

#[tokio::test]
async fn a_refused_sysctl_is_done_without() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::NoSysctl], ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let (words, sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(sessions.len(), 3, "{words:?}");
    let creations = api.requests().iter().filter(|line| line.starts_with("POST /api/v1/namespaces/")).count();
    assert_eq!(creations, 4, "only the first pod asks for it");
}

#[tokio::test]
async fn a_launch_that_is_dropped_halfway_is_cleaned_up_after() {
    let api = ScriptedApi::start(Script { waiting: Some(("ContainerCreating", "")), ..Script::default() }).await;
    let fixture = fixture(&api).await;
    let order = LaunchOrder {
        vantages: vec![Vantage::pod("node1"), Vantage::pod("node2")],
        credentials: std::collections::BTreeMap::new(),
        ready_within: PATIENCE,
        icmp: IcmpAccess::Auto,
    };
    let (sender, mut receiver) = mpsc::channel(16);
    tokio::select! {
        () = fixture.kubernetes.launch(&order, sender) => panic!("it has nothing to end for"),
        news = receiver.recv() => assert!(matches!(news, Some(News::Created(_)))),
    }
    assert_eq!(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left, Vec::<String>::new());
    assert!(api.cluster().namespaces.is_empty());
}

#[tokio::test]
async fn what_does_not_go_is_named_with_its_reason_and_the_command() {
    let api = ScriptedApi::start(Script { faults: vec![Fault::StickyNamespace, Fault::StickyPods], nodes: 1, ..Script::default() }).await;
    let fixture = fixture(&api).await;
    launch(&fixture.kubernetes, PATIENCE).await;
    let left = timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left;
    assert_eq!(
        left,
        [
            "pod netcheck-0a1b2c3d-node1: did not end within 0.4 s; deleted by force",
            "namespace netcheck-0a1b2c3d: still there after 1.5 s: Some resources are remaining: things.example.com has 1 resource \
             instances; to try again: netcheck clean --run 0a1b2c3d",
        ]
    );
}

#[tokio::test]
async fn an_api_server_that_has_gone_leaves_the_command_to_clean_up_with() {
    let api = ScriptedApi::start(Script::default()).await;
    let fixture = fixture(&api).await;
    launch(&fixture.kubernetes, PATIENCE).await;
    drop(api);
    let left = timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left;
    assert_eq!(left.len(), 1);
    assert!(left[0].starts_with("namespace and pods of run 0a1b2c3d in netcheck-0a1b2c3d: delete pods in namespace"), "{left:?}");
    assert!(left[0].ends_with("to try again: netcheck clean --run 0a1b2c3d"), "{left:?}");
}

#[tokio::test]
async fn in_a_namespace_of_others_only_the_runs_own_pods_are_touched() {
    let api = ScriptedApi::start(Script::default()).await;
    let shared = json!({ "metadata": { "name": "shared", "uid": "x" } });
    api.cluster().namespaces.insert("shared".to_owned(), shared);
    let others = json!({ "metadata": { "name": "database-0", "labels": { "app.kubernetes.io/managed-by": "netcheck" } }, "spec": { "containers": [] } });
    api.cluster().pods.insert(("shared".to_owned(), "database-0".to_owned()), others);
    let fixture = backend(&format!("http://{}", api.address), Some("shared"), limits()).await;
    let (words, sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(sessions.len(), 3, "{words:?}");
    assert_eq!(fixture.kubernetes.cleanup(Disposal::Remove).await.left, Vec::<String>::new());
    let cluster = api.cluster();
    assert_eq!(cluster.pods.keys().map(|key| key.1.as_str()).collect::<Vec<_>>(), ["database-0"]);
    assert!(cluster.namespaces.contains_key("shared"));
    assert!(!cluster.requests.iter().any(|line| line == "POST /api/v1/namespaces"));
}

fn left_over(name: &str, run: &str, expires: &str) -> serde_json::Value {
    json!({ "metadata": {
        "name": name, "uid": name,
        "labels": { "app.kubernetes.io/managed-by": "netcheck", "app.kubernetes.io/instance": run },
        "annotations": { "netcheck/expires": expires },
    } })
}

async fn cleaning(scope: CleanScope) -> (Cleaned, Vec<String>) {
    let api = ScriptedApi::start(Script::default()).await;
    for (name, run, expires) in [
        ("netcheck-00000001", "00000001", "2020-01-01T00:00:00Z"),
        ("netcheck-00000001-host", "00000001", "2020-01-01T00:00:00Z"),
        ("netcheck-00000002", "00000002", "2999-01-01T00:00:00Z"),
        ("production", "00000003", "2020-01-01T00:00:00Z"),
    ] {
        api.cluster().namespaces.insert(name.to_owned(), left_over(name, run, expires));
    }
    let directory = TempDir::new().unwrap();
    let connection = connection(directory.path(), &format!("http://{}", api.address));
    let cleaned = timeout(PATIENCE, clean_within(&connection, &[], scope, limits())).await.unwrap().unwrap();
    let left = api.cluster().namespaces.keys().cloned().collect();
    (cleaned, left)
}

#[tokio::test]
async fn cleaning_removes_its_scope_and_never_what_only_looks_like_a_runs() {
    for (scope, removed, left) in [
        (CleanScope::Expired, vec!["namespace netcheck-00000001", "namespace netcheck-00000001-host"], vec![]),
        (CleanScope::Run("00000002".to_owned()), vec!["namespace netcheck-00000002"], vec![]),
        (CleanScope::Run("00000009".to_owned()), vec![], vec![]),
        (CleanScope::Run("00000003".to_owned()), vec![], vec!["namespace production: not touched"]),
        (
            CleanScope::All { force: false },
            vec!["namespace netcheck-00000001", "namespace netcheck-00000001-host"],
            vec!["namespace netcheck-00000002: not expired until 2999-01-01T00:00:00Z", "namespace production: not touched"],
        ),
        (
            CleanScope::All { force: true },
            vec!["namespace netcheck-00000001", "namespace netcheck-00000001-host", "namespace netcheck-00000002"],
            vec!["namespace production: not touched: its name is not that of run 00000003"],
        ),
    ] {
        let (cleaned, there) = cleaning(scope.clone()).await;
        assert_eq!(cleaned.removed, removed, "{scope:?}");
        assert_eq!(cleaned.left.len(), left.len(), "{scope:?}: {cleaned:?}");
        for (found, wanted) in cleaned.left.iter().zip(left) {
            assert!(found.starts_with(wanted), "{scope:?}: {found}");
        }
        assert!(there.contains(&"production".to_owned()));
        assert_eq!(there.len(), 4 - removed.len(), "{scope:?}");
    }
}

#[tokio::test]
async fn the_next_run_sweeps_what_has_expired() {
    let api = ScriptedApi::start(Script { waiting: Some(("ContainerCreating", "")), ..Script::default() }).await;
    let expired = left_over("netcheck-00000001", "00000001", "2020-01-01T00:00:00Z");
    let fresh = left_over("netcheck-00000002", "00000002", "2999-01-01T00:00:00Z");
    api.cluster().namespaces.extend([("netcheck-00000001".to_owned(), expired), ("netcheck-00000002".to_owned(), fresh)]);
    let fixture = fixture(&api).await;
    let changed = std::sync::Arc::clone(&api.cluster().changed);
    let swept = async {
        loop {
            let mut change = std::pin::pin!(changed.notified());
            change.as_mut().enable();
            let cluster = api.cluster().namespaces.clone();
            if cluster.contains_key(NAMESPACE) && !cluster.contains_key("netcheck-00000001") {
                return;
            }
            change.await;
        }
    };
    tokio::select! {
        _ = launch(&fixture.kubernetes, PATIENCE) => panic!("its pods never run"),
        () = swept => {}
    }
    let there: Vec<String> = api.cluster().namespaces.keys().cloned().collect();
    assert_eq!(there, ["netcheck-00000002", NAMESPACE]);
}

#[tokio::test]
async fn an_unknown_context_is_told_with_those_that_there_are() {
    let directory = TempDir::new().unwrap();
    let connection = Connection { context: Some("prod".to_owned()), ..connection(directory.path(), "http://127.0.0.1:1") };
    let error = clean_within(&connection, &[], CleanScope::Expired, limits()).await.unwrap_err();
    assert_eq!((error.code, error.details.join("").as_str()), ("no-context", "it has: scripted"));
}
