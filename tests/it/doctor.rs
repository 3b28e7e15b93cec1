//! `doctor` against the scripted API server: what it finds in a cluster that is well, and in each that is not.

use std::collections::BTreeSet;
use std::time::Duration;

use netcheck::backend::kubernetes::{Examination, Limits, Serving, Subject};
use netcheck::model::agents::IcmpAccess;
use netcheck::model::finding::{Finding, Grade};
use netcheck::model::inventory::Inventory;
use netcheck::model::secret::SecretKey;
use netcheck::model::service::Wanted;
use netcheck::model::vantage::{Station, Vantage};
use serde_json::json;
use tokio::time::timeout;

use crate::kubernetes_api::scripted_api::{Fault, Script, ScriptedApi};
use crate::kubernetes_api::{PATIENCE, backend, limits};

/// What is found for agents in the pod network of every node, on a program for amd64.
pub(crate) async fn examine_within(api: &ScriptedApi, namespace: Option<&str>, limits: Limits) -> Vec<Finding> {
    examine_wanting(api, namespace, (Vec::new(), Serving::Nothing), limits).await
}

/// The same for suites that want to know that of Services, and that bring such things along.
pub(crate) async fn examine_wanting(
    api: &ScriptedApi,
    namespace: Option<&str>,
    (wanted, serving): (Vec<Wanted>, Serving),
    limits: Limits,
) -> Vec<Finding> {
    examined(api, namespace, (wanted, serving, Vec::new()), limits).await
}

/// The same for suites that take these values from Secrets.
pub(crate) async fn examine_reading(api: &ScriptedApi, secrets: Vec<SecretKey>) -> Vec<Finding> {
    examined(api, None, (Vec::new(), Serving::Nothing, secrets), limits()).await
}

async fn examined(
    api: &ScriptedApi,
    namespace: Option<&str>,
    (wanted, serving, secrets): (Vec<Wanted>, Serving, Vec<SecretKey>),
    limits: Limits,
) -> Vec<Finding> {
    let fixture = backend(&format!("http://{}", api.address), namespace, limits).await;
    let about = Examination { wanted: (wanted, serving), secrets, ..examination() };
    timeout(PATIENCE, fixture.kubernetes.examine(&about)).await.unwrap()
}

/// For agents in the pod network of every node, on a program for amd64.
fn examination() -> Examination<'static> {
    Examination {
        stations: BTreeSet::from([Station::Pod]),
        icmp: IcmpAccess::Auto,
        wanted: (Vec::new(), Serving::Nothing),
        collects: BTreeSet::new(),
        secrets: Vec::new(),
        planned: &|inventory: Inventory| {
            let vantages = inventory.nodes.iter().map(|node| Vantage::pod(&node.name)).collect();
            (inventory, vantages)
        },
        enough: &|nodes| nodes,
        rights: &|subject: Option<&Subject>| {
            format!("netcheck rbac s.yaml --subject {}", subject.map(Subject::to_string).unwrap_or_default())
        },
        architecture: "amd64",
    }
}

async fn examine(script: Script, namespace: Option<&str>) -> (Vec<Finding>, ScriptedApi) {
    let api = ScriptedApi::start(script).await;
    let findings = examine_within(&api, namespace, limits()).await;
    (findings, api)
}

/// Everything that is not as it should be, with its first remedy.
pub(crate) fn troubles(findings: &[Finding]) -> Vec<String> {
    let bad = findings.iter().filter(|finding| finding.grade != Grade::Fine);
    bad.map(|finding| {
        format!("{} {}: {} | {}", finding.grade.word(), finding.topic, finding.what, finding.help.first().map_or("", String::as_str))
    })
    .collect()
}

/// One trouble and no other; it begins so, and its remedy holds that.
async fn check(script: Script, namespace: Option<&str>, begins: &str, remedy: &str) {
    let (findings, _api) = examine(script, namespace).await;
    let troubles = troubles(&findings);
    assert_eq!(troubles.len(), 1, "{troubles:#?}");
    let (what, help) = troubles[0].split_once(" | ").unwrap();
    assert!(what.starts_with(begins), "{what}");
    assert!(help.contains(remedy) && help.is_empty() == remedy.is_empty(), "{help}");
}

#[tokio::test]
async fn a_cluster_that_is_well_is_left_as_it_was() {
    for namespace in [None, Some("tests")] {
        let (findings, api) = examine(Script::default(), namespace).await;
        assert_eq!(troubles(&findings), Vec::<String>::new());
        let topics: BTreeSet<&str> = findings.iter().map(|finding| finding.topic).collect();
        let mut expected = BTreeSet::from(["api server", "version", "rights", "nodes", "image", "pod", "websockets", "exec"]);
        expected.insert(if namespace.is_some() { "quota" } else { "namespace" });
        assert_eq!(topics, expected);
        let cluster = api.cluster();
        assert!(cluster.namespaces.is_empty() && cluster.pods.is_empty(), "a look creates nothing");
    }
}

#[tokio::test]
async fn a_namespace_that_is_not_there_is_told() {
    let refusals = vec![("POST /api/v1/namespaces/tests/pods", 404, "namespaces \"tests\" not found")];
    let begins = "fail pod: the pod of an agent in namespace tests: refused (404): namespaces \"tests\" not found";
    check(Script { refusals, ..Script::default() }, Some("tests"), begins, "kubectl create namespace tests").await;
}

#[tokio::test]
async fn pod_security_that_refuses_agents_is_told_with_the_label_to_set() {
    let message = "pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": unrestricted capabilities";
    let refusals = || vec![("POST /api/v1/namespaces/", 403, message)];
    let script = || Script { refusals: refusals(), ..Script::default() };
    let begins = "fail pod: the pod of an agent in namespace tests: refused (403): pods \"a\" is forbidden: violates PodSecurity";
    check(script(), Some("tests"), begins, "pod-security.kubernetes.io/enforce=restricted").await;
    // Where the pod was tried in place of the run's own namespace, the refusal need not hold there.
    let begins = "warn pod: the pod of an agent in namespace default, tried there because the run's own is not made yet: refused (403)";
    check(script(), None, begins, "enforce=restricted").await;
}

#[tokio::test]
async fn a_policy_that_refuses_namespaces_is_told() {
    let refusals = vec![("POST /api/v1/namespaces", 403, "admission webhook \"names.example\" denied the request: no team label")];
    let (findings, _api) = examine(Script { refusals, ..Script::default() }, None).await;
    let troubles = troubles(&findings);
    assert!(
        troubles[0].starts_with("fail namespace: a namespace for the pods of an agent: refused (403): admission webhook"),
        "{troubles:#?}"
    );
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_told_with_its_figures() {
    let quota = json!({ "metadata": { "name": "team" }, "status": { "hard": { "pods": "10" }, "used": { "pods": "8" } } });
    let begins = "fail quota: namespace tests: no room for 3 agents: quota team allows pods 10, 8 are in use, and 3 are wanted";
    check(Script { quotas: vec![quota], ..Script::default() }, Some("tests"), begins, "a wider quota").await;
}

#[tokio::test]
async fn an_upgrade_that_is_taken_out_on_the_way_is_told() {
    let begins = "fail websockets: a gateway, proxy or load balancer on the way takes the upgrade out of requests";
    check(Script { faults: vec![Fault::NoUpgrade], ..Script::default() }, None, begins, "have them allowed there").await;
}

#[tokio::test]
async fn a_rule_against_execs_is_told() {
    let refusals = vec![("GET /api/v1/namespaces/tests/pods/", 403, "admission webhook \"no-exec\" denied the request: not in production")];
    let begins = "fail exec: an exec into a pod of namespace tests is refused (403): admission webhook \"no-exec\"";
    check(Script { refusals, ..Script::default() }, Some("tests"), begins, "whoever owns that rule").await;
}

#[tokio::test]
async fn nodes_of_another_architecture_are_told() {
    let script = Script { architectures: vec!["amd64", "arm64"], ..Script::default() };
    check(script, None, "warn image: node2: arm64; is that in localhost/netcheck:test?", "--add BINARY").await;
}

#[tokio::test]
async fn a_refused_sysctl_costs_icmp_and_nothing_else() {
    let script = Script { faults: vec![Fault::NoSysctl], ..Script::default() };
    check(script, Some("tests"), "warn pod: ICMP cannot be asked: the cluster refuses the sysctl net.ipv4.ping_group_range", "it is safe")
        .await;
    let script = Script { faults: vec![Fault::NoSysctl], ..Script::default() };
    let (findings, _api) = examine(script, Some("tests")).await;
    let help = &findings.iter().find(|finding| finding.what.starts_with("ICMP cannot be asked")).unwrap().help;
    assert!(help[1].contains("`agents: { icmp: raw }`"), "{help:?}");
}

/// What is found for agents that ask by raw ICMP.
async fn examine_raw(script: Script, namespace: Option<&str>) -> Vec<Finding> {
    let api = ScriptedApi::start(script).await;
    let fixture = backend(&format!("http://{}", api.address), namespace, limits()).await;
    let about = Examination { icmp: IcmpAccess::Raw, ..examination() };
    timeout(PATIENCE, fixture.kubernetes.examine(&about)).await.unwrap()
}

#[tokio::test]
async fn raw_icmp_is_tried_as_it_would_be_and_needs_no_sysctl() {
    let script = || Script { faults: vec![Fault::NoSysctl], ..Script::default() };
    for namespace in [None, Some("tests")] {
        assert_eq!(troubles(&examine_raw(script(), namespace).await), Vec::<String>::new());
    }
    let findings = examine_raw(script(), None).await;
    assert!(findings.iter().any(|finding| finding.what == "a namespace of Pod Security level privileged may be made"), "{findings:#?}");
    let message = "pods \"a\" is forbidden: violates PodSecurity \"baseline:latest\": non-default capabilities (NET_RAW)";
    let refusals = vec![("POST /api/v1/namespaces/tests/pods", 403, message)];
    let findings = examine_raw(Script { refusals, ..script() }, Some("tests")).await;
    let bad = findings.iter().find(|finding| finding.grade == Grade::Wrong).unwrap();
    assert!(bad.what.starts_with("the pod of an agent with raw ICMP in namespace tests: refused (403)"), "{bad:?}");
    assert!(bad.help[0].contains("namespace tests pod-security.kubernetes.io/enforce=privileged"), "{bad:?}");
    assert!(bad.help[1].contains("leave `agents: { icmp: raw }` of the suites out"), "{bad:?}");
    let refusals =
        vec![("POST /api/v1/namespaces", 403, "admission webhook \"levels.example\" denied the request: no privileged namespaces")];
    let findings = examine_raw(Script { refusals, ..Script::default() }, None).await;
    let bad = findings.iter().find(|finding| finding.grade == Grade::Wrong).unwrap();
    assert!(bad.what.starts_with("a namespace for the pods of an agent with raw ICMP: refused"), "{bad:?}");
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in_is_one_trouble_and_not_twenty() {
    let refusals = vec![("", 401, "Unauthorized")];
    let (findings, _api) = examine(Script { refusals, ..Script::default() }, None).await;
    let grades: Vec<Grade> = findings.iter().map(|finding| finding.grade).collect();
    assert_eq!(grades, [Grade::Wrong, Grade::Unchecked], "{findings:#?}");
    assert!(findings[0].what.ends_with("refused (401): Unauthorized"), "{findings:#?}");
    let api = ScriptedApi::start(Script { faults: vec![Fault::Stalled], ..Script::default() }).await;
    let findings = examine_within(&api, None, Limits { call: Duration::from_millis(200), ..limits() }).await;
    assert!(findings[0].what.ends_with("no answer within 0.2 s"), "{findings:#?}");
    assert_eq!(findings.len(), 2);
}

#[tokio::test]
async fn a_fresh_namespace_gets_a_moment_for_its_service_account() {
    let (findings, _api) = examine(Script { accountless: 2, ..Script::default() }, Some("tests")).await;
    assert_eq!(troubles(&findings), Vec::<String>::new());
}

/// One check that fails hides nothing of the others.
#[tokio::test]
async fn nodes_that_cannot_be_listed_hide_nothing_else() {
    let refusals = vec![("GET /api/v1/nodes", 500, "etcd is not well")];
    let (findings, _api) = examine(Script { refusals, ..Script::default() }, None).await;
    let troubles = troubles(&findings);
    assert_eq!(troubles.len(), 1, "{troubles:#?}");
    assert!(troubles[0].starts_with("fail nodes: list nodes: API server http://127.0.0."), "{troubles:#?}");
    let topics: Vec<&str> = findings.iter().map(|finding| finding.topic).collect();
    assert_eq!(topics, ["api server", "version", "rights", "nodes", "namespace", "pod", "websockets", "exec"]);
}
