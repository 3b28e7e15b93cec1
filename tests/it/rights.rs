//! The rights that `netcheck rbac` prints are those that a run takes: on a server that enforces them a run is refused nothing, asks
//! for each of them, and without one of them it says so, and `doctor` before it.

use std::collections::BTreeSet;
use std::time::Duration;

use netcheck::backend::kubernetes::{Limits, Needs, Serving, Subject, rbac};
use netcheck::backend::{Backend, Disposal, Heard, OfferOrder, Session};
use netcheck::model::collect::Collect;
use netcheck::model::finding::Grade;
use netcheck::model::fixture::{Front, Stand};
use netcheck::model::service::{Transport, Wanted};
use netcheck::model::vantage::{Station, Vantage};
use tokio::time::timeout;

use crate::doctor::examine_wanting;
use crate::kubernetes_api::scripted_api::rules::{Asked, Rule, rules};
use crate::kubernetes_api::scripted_api::{Fault, Script, ScriptedApi};
use crate::kubernetes_api::{PATIENCE, backend, launch, limits};

/// What suites discover, and what they bring along.
type Wish = (Vec<Wanted>, Serving);

/// Of suites that discover nothing but nodes, of those that look for Services and for who answers for one, and of those with fixtures.
fn wishes() -> [Wish; 4] {
    let services = |namespace: Option<&str>| Wanted::Services { namespace: namespace.map(Into::into), selector: None };
    let endpoints = Wanted::Endpoints { namespace: "kube-system".into(), name: "kube-dns".into() };
    [
        (Vec::new(), Serving::Nothing),
        (vec![services(None)], Serving::Nothing),
        (vec![services(Some("shop")), endpoints], Serving::Nothing),
        (Vec::new(), Serving::Services),
    ]
}

fn printed(namespace: Option<&str>, (wanted, serving): &Wish) -> Vec<Rule> {
    let needs = Needs::of(&BTreeSet::from([Station::Pod]), namespace, None).discovering(wanted.clone()).serving(*serving);
    rules(&rbac(&needs, &Subject::default(), "a test"))
}

/// The Service of a fixture, with these behind it.
fn order(backends: Vec<Vantage>) -> OfferOrder {
    let stand = Stand { fixture: "nc-echo".into(), front: Front::ClusterIp, serve: vec![Transport::Tcp] };
    OfferOrder { stands: vec![stand], backends }
}

/// What was asked for, and what went wrong.
struct Outcome {
    asked: BTreeSet<Asked>,
    wrong: Vec<String>,
}

/// Brings agents up, and Services where a suite has fixtures, and cleans up.
async fn go(script: Script, namespace: Option<&str>, (wanted, serving): &Wish) -> Outcome {
    let api = ScriptedApi::start(script).await;
    let limits = Limits { set_up: Duration::from_millis(300), ..limits() };
    let fixture = backend(&format!("http://{}", api.address), namespace, limits).await;
    let mut wrong = Vec::new();
    match timeout(PATIENCE, fixture.kubernetes.inventory_with(wanted)).await.unwrap() {
        Ok(_) => {
            let (words, sessions) = launch(&fixture.kubernetes, Duration::from_secs(1)).await;
            wrong.extend(words.into_iter().filter(|word| word.contains("failed")));
            let there: Vec<Vantage> = sessions.iter().map(|session| session.vantage.clone()).collect();
            for session in sessions {
                wrong.extend(no_connection(session).await);
            }
            if *serving == Serving::Services && !there.is_empty() {
                wrong.extend(timeout(PATIENCE, fixture.kubernetes.offer(order(there))).await.unwrap().err().map(|error| error.message));
            }
        }
        Err(error) => wrong.push(error.message),
    }
    wrong.extend(timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap().left);
    let asked = api.cluster().asked.clone();
    Outcome { asked, wrong }
}

/// Why there is no connection with that agent, if there is none.
async fn no_connection(mut session: Session) -> Option<String> {
    session.line.call();
    match timeout(PATIENCE, session.heard.recv()).await.unwrap().unwrap() {
        Heard::Connected(_) => None,
        other => Some(format!("{other:?}")),
    }
}

/// Runs that come through every call: one that goes well, one whose pods neither start nor end, one that meets its own pods.
fn scripts(rules: &[Rule]) -> [Script; 3] {
    let script = || Script { rules: Some(rules.to_vec()), nodes: 2, ..Script::default() };
    [
        Script { accountless: 1, ..script() },
        Script { waiting: Some(("ContainerCreating", "")), faults: vec![Fault::StickyPods, Fault::StickyNamespace], ..script() },
        Script { refusals: vec![("POST /api/v1/namespaces/", 409, "pods \"a\" already exists")], ..script() },
    ]
}

#[tokio::test]
async fn a_run_asks_for_every_printed_right_and_for_no_other() {
    for (namespace, wish) in [None, Some("tests")].into_iter().flat_map(|namespace| wishes().map(|wish| (namespace, wish))) {
        let rules = printed(namespace, &wish);
        let mut asked = BTreeSet::new();
        for script in scripts(&rules) {
            asked.extend(go(script, namespace, &wish).await.asked);
        }
        let denied: Vec<&Asked> = asked.iter().filter(|asked| !asked.allowed(&rules)).collect();
        assert!(denied.is_empty(), "not printed: {denied:?}");
        let unused: Vec<&Rule> = rules.iter().filter(|rule| !asked.iter().any(|asked| asked.allowed(std::slice::from_ref(rule)))).collect();
        assert!(unused.is_empty(), "printed for nothing: {unused:?}");
    }
}

/// Rights without which a run measures and cleans up all the same.
const HELPFUL: [(&str, &str); 3] = [("list", "namespaces"), ("deletecollection", "pods"), ("list", "events")];
/// Rights that only a run asks for whose pods take their time, or do not end: the test above sees to it that they are asked for.
const IN_TROUBLE: [(&str, &str); 2] = [("watch", "pods"), ("delete", "pods")];

#[tokio::test]
async fn without_one_right_a_run_says_so_and_doctor_names_exactly_that_one() {
    let [_, services, endpoints, fixtures] = wishes();
    for (namespace, wish) in [(None, services), (Some("tests"), endpoints), (None, fixtures.clone()), (Some("tests"), fixtures)] {
        let all = printed(namespace, &wish);
        for missing in &all {
            let rules: Vec<Rule> = all.iter().filter(|rule| *rule != missing).cloned().collect();
            let right = (missing.verb.as_str(), missing.resource.as_str());
            let script = || Script { rules: Some(rules.clone()), nodes: 2, ..Script::default() };
            if !IN_TROUBLE.contains(&right) {
                let wrong = go(script(), namespace, &wish).await.wrong;
                assert_eq!(wrong.is_empty(), HELPFUL.contains(&right), "without {missing:?}: {wrong:?}");
            }
            let api = ScriptedApi::start(script()).await;
            let findings = examine_wanting(&api, namespace, wish.clone(), limits()).await;
            let told: Vec<_> = findings.iter().filter(|finding| finding.grade > Grade::Unchecked).collect();
            assert_eq!(told.len(), 1, "without {missing:?}: {told:#?}");
            let place = match (namespace, right.1) {
                (_, "nodes" | "namespaces") => String::new(),
                (_, "services" | "endpointslices") if wish.1 == Serving::Nothing => {
                    missing.namespace.as_ref().map(|name| format!(" in namespace {name}")).unwrap_or_default()
                }
                (Some(namespace), _) => format!(" in namespace {namespace}"),
                (None, _) => " in all namespaces".to_owned(),
            };
            let resource = if right.1 == "endpointslices" { "endpointslices.discovery.k8s.io" } else { right.1 };
            let begin = format!("{} {resource}{place} is denied", right.0);
            assert!(told[0].what.starts_with(&begin), "without {missing:?}: {told:#?}");
            let expected = if HELPFUL.contains(&right) { Grade::Doubtful } else { Grade::Wrong };
            assert_eq!(told[0].grade, expected, "{told:#?}");
            let command = "whoever may give rights away: netcheck rbac s.yaml --subject user:jane | kubectl apply -f -";
            assert_eq!(told[0].help, [command]);
        }
    }
}

/// What is collected of an agent on a server with these rules, and what was asked for that.
async fn collect(rules: Vec<Rule>, namespace: Option<&str>) -> (Vec<Result<Option<String>, String>>, BTreeSet<Asked>) {
    let api = ScriptedApi::start(Script { rules: Some(rules), nodes: 2, ..Script::default() }).await;
    let fixture = backend(&format!("http://{}", api.address), namespace, limits()).await;
    launch(&fixture.kubernetes, PATIENCE).await;
    api.cluster().asked.clear();
    let mut found = Vec::new();
    for what in Collect::ALL {
        found.push(timeout(PATIENCE, fixture.kubernetes.collect(&Vantage::pod("node1"), what)).await.unwrap());
    }
    let asked = api.cluster().asked.clone();
    (found, asked)
}

#[tokio::test]
async fn what_a_suite_collects_takes_no_more_rights_than_are_printed_and_says_which_one_is_missing() {
    for namespace in [None, Some("tests")] {
        let needs = || Needs::of(&BTreeSet::from([Station::Pod]), namespace, None);
        let printed = rules(&rbac(&needs().collecting(Collect::ALL.into()), &Subject::default(), "a test"));
        let (found, asked) = collect(printed.clone(), namespace).await;
        let [Ok(Some(log)), Ok(Some(events)), Ok(Some(routes))] = found.as_slice() else { panic!("{found:?}") };
        assert!(log.contains("words of netcheck-") && log.contains("-node1"), "{log}");
        let lines: Vec<&str> = events.lines().collect();
        assert!(lines[0].contains("FailedCreatePodSandBox: no network plugin"), "{events}");
        assert_eq!(lines[1..], ["2026-01-01T00:00:01Z Warning Node node1: KernelDeadlock: task hung"]);
        assert_eq!(routes, "default via 10.0.0.1 dev eth0\n");
        let denied: Vec<&Asked> = asked.iter().filter(|asked| !asked.allowed(&printed)).collect();
        assert!(denied.is_empty(), "not printed: {denied:?}");

        let without = rules(&rbac(&needs(), &Subject::default(), "a test"));
        let added: Vec<&Rule> = printed.iter().filter(|rule| !without.contains(rule)).collect();
        let unused = added.iter().find(|rule| !asked.iter().any(|asked| asked.allowed(&[(**rule).clone()])));
        assert!(unused.is_none(), "printed for nothing: {unused:?}");
        let (found, _) = collect(without, namespace).await;
        let [Err(log), Ok(Some(events)), Ok(Some(_))] = found.as_slice() else { panic!("{found:?}") };
        assert!(log.contains("get pods/log in namespace "), "{log}");
        assert_eq!(events.contains("(not all: "), namespace.is_some(), "{events}");
    }
}
