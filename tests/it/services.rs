//! Services as the API server has them: no more of them asked for than is wanted, and nobody counted who is not ready.

use netcheck::backend::kubernetes::{CleanScope, Cleaned, clean_within};
use netcheck::backend::{Backend, Disposal, OfferOrder};
use netcheck::model::fixture::{Front, Stand, TrafficPolicy};
use netcheck::model::selector::Selector;
use netcheck::model::service::{Service, Transport, Wanted};
use netcheck::model::vantage::Vantage;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::kubernetes_api::scripted_api::{Fault, Script, ScriptedApi};
use crate::kubernetes_api::{Fixture, PATIENCE, backend, connection, launch, limits};

fn service(namespace: &str, name: &str, addresses: &[&str], ports: &Value) -> Value {
    json!({ "metadata": { "namespace": namespace, "name": name, "labels": { "app": name } },
            "spec": { "clusterIPs": addresses, "ports": ports } })
}

fn slice(namespace: &str, of: &str, endpoints: &Value, ports: &Value) -> Value {
    json!({ "metadata": { "namespace": namespace, "name": format!("{of}-x"), "labels": { "kubernetes.io/service-name": of } },
            "addressType": "IPv4", "endpoints": endpoints, "ports": ports })
}

fn script() -> Script {
    let dns = json!([{ "name": "dns", "port": 53, "protocol": "UDP" }, { "name": "dns-tcp", "port": 53, "protocol": "TCP" }]);
    let behind = json!([{ "name": "dns", "port": 1053, "protocol": "UDP" }]);
    let ready = json!({ "addresses": ["10.244.1.2"], "conditions": { "ready": true }, "nodeName": "node1" });
    let unsaid = json!({ "addresses": ["10.244.0.9"], "conditions": {} });
    let starting = json!({ "addresses": ["10.244.2.2"], "conditions": { "ready": false }, "nodeName": "node2" });
    Script {
        services: vec![
            service("shop", "cart", &["None"], &json!([{ "port": 80 }])),
            service("kube-system", "kube-dns", &["10.96.0.10", "fd00::a"], &dns),
        ],
        slices: vec![
            slice("kube-system", "kube-dns", &json!([ready, unsaid, starting]), &behind),
            // A second slice, in which one of them still is.
            slice("kube-system", "kube-dns", &json!([ready]), &behind),
            slice("shop", "cart", &json!([{ "addresses": ["10.244.0.3"] }]), &json!([{ "name": "", "port": 8080 }])),
        ],
        ..Script::default()
    }
}

/// A line each, and what was asked.
async fn found(script: Script, wanted: &[Wanted]) -> (Result<Vec<String>, String>, Vec<String>) {
    let api = ScriptedApi::start(script).await;
    let fixture = backend(&format!("http://{}", api.address), None, limits()).await;
    let found = timeout(PATIENCE, fixture.kubernetes.services(wanted)).await.unwrap();
    let found = found.map(|services| services.unwrap().iter().map(line).collect());
    let asked = api.requests().into_iter().map(|request| request.split('?').next().unwrap_or_default().to_owned()).collect();
    (found.map_err(|error| [error.message, error.help.join("; ")].join(" | ")), asked)
}

fn line(service: &Service) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let ports = service.ports.iter().map(|port| format!(" {}{}/{}", port.protocol, name(&port.name), port.port));
    let endpoints = service.endpoints.iter().flatten().map(|endpoint| {
        let node = endpoint.node.as_deref().unwrap_or("?");
        format!(" {}:{} {}{} on {node}", endpoint.address, endpoint.port, endpoint.protocol, name(&endpoint.name))
    });
    let (ports, endpoints): (String, String) = (ports.collect(), endpoints.collect::<Vec<_>>().join(","));
    format!("{} {:?}{ports} <-{endpoints}", service.key(), service.addresses)
}

const DNS: &str = "kube-system/kube-dns [10.96.0.10, fd00::a] UDPdns/53 TCPdns-tcp/53 <-";
const DNS_BEHIND: &str = " 10.244.0.9:1053 UDPdns on ?, 10.244.1.2:1053 UDPdns on node1";
const CART: &str = "shop/cart [] TCP/80 <-";
const CART_BEHIND: &str = " 10.244.0.3:8080 TCP on ?";

fn one(line: &str, behind: &str) -> String {
    [line, behind].concat()
}

#[tokio::test]
async fn everything_is_every_service_with_who_is_ready() {
    let (found, mut asked) = found(script(), &[Wanted::Everything]).await;
    assert_eq!(found, Ok(vec![one(DNS, DNS_BEHIND), one(CART, CART_BEHIND)]));
    asked.sort();
    assert_eq!(asked, ["GET /api/v1/services", "GET /apis/discovery.k8s.io/v1/endpointslices"]);
}

#[tokio::test]
async fn only_what_is_wanted_is_asked_for() {
    let services = |namespace: Option<&str>, labels: Option<&str>| Wanted::Services {
        namespace: namespace.map(Into::into),
        selector: labels.map(|labels| Selector::parse(labels).unwrap()),
    };
    let endpoints = |name: &str| Wanted::Endpoints { namespace: "kube-system".into(), name: name.into() };
    let (all, asked) = found(script(), &[services(None, Some("app=cart"))]).await;
    assert_eq!((all, asked), (Ok(vec![one(CART, "")]), vec!["GET /api/v1/services".to_owned()]));
    let (within, asked) = found(script(), &[services(Some("shop"), None)]).await;
    assert_eq!((within, asked), (Ok(vec![one(CART, "")]), vec!["GET /api/v1/namespaces/shop/services".to_owned()]));
    let (behind, mut asked) = found(script(), &[endpoints("kube-dns")]).await;
    assert_eq!(behind, Ok(vec![one(DNS, DNS_BEHIND)]));
    asked.sort();
    let of = "namespaces/kube-system";
    assert_eq!(asked, [format!("GET /api/v1/{of}/services"), format!("GET /apis/discovery.k8s.io/v1/{of}/endpointslices")]);
    // One that is not there is none; wanted twice, it is one.
    assert_eq!(found(script(), &[endpoints("kube-dsn")]).await.0, Ok(Vec::new()));
    assert_eq!(found(script(), &[services(None, None), endpoints("kube-dns")]).await.0, Ok(vec![one(DNS, DNS_BEHIND), one(CART, "")]));
}

#[tokio::test]
async fn a_missing_right_is_named_with_the_way_to_look() {
    let why = "services is forbidden: User \"jane\" cannot list resource \"services\" in API group \"\" at the cluster scope";
    let script = Script { refusals: vec![("GET /api/v1/services", 403, why)], ..script() };
    let error = found(script, &[Wanted::Everything]).await.0.unwrap_err();
    assert!(error.contains("list services in all namespaces") && error.contains("cannot list resource"), "{error}");
    assert!(error.contains("auth can-i list services --all-namespaces"), "{error}");
}

/// A Service as a run makes it for a fixture.
fn made(name: &str, run: &str, expires: &str) -> Value {
    json!({ "metadata": { "namespace": "shop", "name": name, "annotations": { "netcheck/expires": expires },
            "labels": { "app.kubernetes.io/managed-by": "netcheck", "app.kubernetes.io/instance": run } },
            "spec": { "clusterIPs": ["10.96.0.7"], "ports": [{ "port": 7 }] } })
}

/// What is said to be removed, left and unseen, and the Services that are still there.
async fn cleaned(scope: CleanScope, refusals: Vec<(&'static str, u16, &'static str)>) -> (Cleaned, Vec<String>) {
    let (past, future) = ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
    let services = vec![
        service("shop", "cart", &["None"], &json!([{ "port": 80 }])),
        made("nc-echo-00000001", "00000001", past),
        made("nc-echo-node-00000001", "00000001", past),
        made("nc-echo-00000002", "00000002", future),
        // It only looks like one.
        made("payments", "00000001", past),
    ];
    let api = ScriptedApi::start(Script { refusals, services, ..Script::default() }).await;
    let home = TempDir::new().unwrap();
    let connection = connection(home.path(), &format!("http://{}", api.address));
    let cleaned = timeout(PATIENCE, clean_within(&connection, &["shop"], scope, limits())).await.unwrap().unwrap();
    let there = api.cluster().services();
    (cleaned, there)
}

#[tokio::test]
async fn cleaning_a_namespace_of_others_takes_the_services_of_fixtures_along() {
    let (cart, first, second) = ("cart", ["nc-echo-00000001", "nc-echo-node-00000001"], "nc-echo-00000002");
    let gone = "pods and Services of run 00000001 in namespace shop".to_owned();
    let found = cleaned(CleanScope::Expired, Vec::new()).await;
    let all = Cleaned { removed: vec![gone.clone()], ..Cleaned::default() };
    assert_eq!(found, (all, [cart, second, "payments"].map(str::to_owned).to_vec()));
    let (Cleaned { removed, left, .. }, there) = cleaned(CleanScope::All { force: false }, Vec::new()).await;
    assert_eq!((removed, there.len(), left.len()), (vec![gone], 3, 1));
    assert!(left[0].starts_with("pods and Services of run 00000002 in namespace shop: not expired until"), "{left:?}");
    let found = cleaned(CleanScope::Run("00000002".to_owned()), Vec::new()).await;
    assert_eq!(found.1, [cart, first[0], first[1], "payments"]);
}

#[tokio::test]
async fn services_that_cannot_be_removed_are_said_to_be_left() {
    let denied = vec![("DELETE /api/v1/namespaces/shop/services", 403, "no")];
    let (Cleaned { removed, left, .. }, there) = cleaned(CleanScope::Expired, denied).await;
    assert_eq!((removed, there.len(), left.len()), (vec![], 5, 1), "{left:?}");
    let (two, why) = ("Services nc-echo-00000001, nc-echo-node-00000001 of run 00000001 in shop: delete services", "refused (403): no");
    assert!(left[0].starts_with(two) && left[0].ends_with(why), "{left:?}");
    // Who may not look at them has made none; others may have.
    let (found, _) = cleaned(CleanScope::Expired, vec![("GET /api/v1/namespaces/shop/services", 403, "no")]).await;
    assert_eq!((found.removed.len(), found.left.len(), found.unseen.len()), (0, 0, 1));
    assert!(found.unseen[0].starts_with("Services in namespace shop: the right to list them is missing"), "{found:?}");
}

#[tokio::test]
async fn a_service_that_cannot_be_removed_keeps_neither_pods_nor_other_services() {
    let past = "2020-01-01T00:00:00Z";
    let services = ["nc-echo-00000001", "nc-echo-node-00000001"].map(|name| made(name, "00000001", past)).to_vec();
    let refusals = vec![("DELETE /api/v1/namespaces/shop/services/nc-echo-00000001", 403, "no")];
    let api = ScriptedApi::start(Script { refusals, services, ..Script::default() }).await;
    let pod = "netcheck-00000001-node1";
    api.cluster().pods.insert(("shop".to_owned(), pod.to_owned()), made(pod, "00000001", past));
    let home = TempDir::new().unwrap();
    let connection = connection(home.path(), &format!("http://{}", api.address));
    let cleaned = timeout(PATIENCE, clean_within(&connection, &["shop"], CleanScope::Expired, limits())).await.unwrap().unwrap();
    assert_eq!((cleaned.removed, cleaned.left.len()), (vec![], 1), "{:?}", cleaned.left);
    assert!(cleaned.left[0].starts_with("Services nc-echo-00000001 of run 00000001 in shop: delete services"), "{:?}", cleaned.left);
    assert_eq!(api.cluster().services(), ["nc-echo-00000001"]);
    assert_eq!(pods(&api), Vec::<String>::new());
}

fn stands() -> Vec<Stand> {
    let stand = |front| Stand { fixture: "nc-echo".into(), front, serve: vec![Transport::Tcp, Transport::Udp] };
    vec![stand(Front::ClusterIp), stand(Front::NodePort(TrafficPolicy::Cluster))]
}

/// The Services of a fixture with an agent behind them, in a namespace of others.
async fn shared(script: Script) -> (ScriptedApi, Fixture, OfferOrder) {
    let pod = json!({ "metadata": { "name": "database-0", "labels": { "app": "database" } }, "spec": {}, "status": {} });
    let api = ScriptedApi::start(Script { nodes: 1, ..script }).await;
    api.cluster().pods.insert(("team".to_owned(), "database-0".to_owned()), pod);
    let fixture = backend(&format!("http://{}", api.address), Some("team"), limits()).await;
    let (words, sessions) = launch(&fixture.kubernetes, PATIENCE).await;
    assert_eq!(sessions.len(), 1, "{words:?}");
    (api, fixture, OfferOrder { stands: stands(), backends: vec![Vantage::pod("node1")] })
}

/// The names of the pods that are there.
fn pods(api: &ScriptedApi) -> Vec<String> {
    api.cluster().pods.keys().map(|key| key.1.clone()).collect()
}

#[tokio::test]
async fn services_that_come_to_be_after_the_run_was_interrupted_are_removed_too() {
    let (api, fixture, order) = shared(Script { faults: vec![Fault::LateServices], ..Script::default() }).await;
    let changed = std::sync::Arc::clone(&api.cluster().changed);
    let asked = async {
        loop {
            let mut change = std::pin::pin!(changed.notified());
            change.as_mut().enable(); // before looking: what happens in between is not missed
            if !api.cluster().put_off.is_empty() {
                return;
            }
            change.await;
        }
    };
    tokio::select! {
        made = fixture.kubernetes.offer(order) => panic!("nobody answered: {made:?}"),
        asked = timeout(PATIENCE, asked) => asked.unwrap(),
    }
    let cleaned = timeout(PATIENCE, fixture.kubernetes.cleanup(Disposal::Remove)).await.unwrap();
    assert_eq!(cleaned.left, Vec::<String>::new());
    assert_eq!(api.cluster().services(), Vec::<String>::new());
    assert_eq!(pods(&api), ["database-0"]);
}

#[tokio::test]
async fn services_that_stay_are_told_with_the_command_that_removes_them() {
    let refusals = vec![("DELETE /api/v1/namespaces/team/services/nc-echo-node-0a1b2c3d", 403, "no")];
    let (api, fixture, order) = shared(Script { refusals, ..Script::default() }).await;
    let cleaned = |disposal| timeout(PATIENCE, fixture.kubernetes.cleanup(disposal));
    let command = "netcheck clean --run 0a1b2c3d -n team";
    let kept = |what: &str| vec![format!("{what} with label app.kubernetes.io/instance=0a1b2c3d in namespace team, until {command}")];
    assert_eq!(cleaned(Disposal::Keep).await.unwrap().kept, kept("pods"));
    let made = timeout(PATIENCE, fixture.kubernetes.offer(order)).await.unwrap().unwrap();
    assert_eq!(made.iter().map(|service| &*service.name).collect::<Vec<_>>(), ["nc-echo-0a1b2c3d", "nc-echo-node-0a1b2c3d"]);
    assert_eq!(cleaned(Disposal::Keep).await.unwrap().kept, kept("pods and Services"));
    let left = cleaned(Disposal::Remove).await.unwrap().left;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].starts_with("Services nc-echo-node-0a1b2c3d of run 0a1b2c3d in team: delete services"), "{left:?}");
    assert!(left[0].ends_with(&format!("refused (403): no; to try again: {command}")), "{left:?}");
    assert_eq!(api.cluster().services(), ["nc-echo-node-0a1b2c3d"]);
    assert_eq!(pods(&api), ["database-0"]);
}
