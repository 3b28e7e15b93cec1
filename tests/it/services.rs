//! Services as the API server has them: no more of them asked for than is wanted, and nobody counted who is not ready.

use netcheck::backend::Backend;
use netcheck::model::selector::Selector;
use netcheck::model::service::{Service, Wanted};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::kubernetes_api::scripted_api::{Script, ScriptedApi};
use crate::kubernetes_api::{PATIENCE, backend, limits};

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
    let endpoints = service.endpoints.iter().map(|endpoint| {
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
