//! The Services of fixtures: made, waited for until who stands behind them is published, and removed where no namespace of the run
//! takes them along. It must not know who asks them.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Service as ApiService, ServicePort as ApiPort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::Api;
use kube::api::{DeleteParams, ListParams, ObjectMeta, PostParams};
use tokio::time::{Instant, sleep};

use super::client::Link;
use super::manifest::{COMPONENT, PORT, component};
use super::names::{self, Mark};
use super::refusal::{Operation, Refusal};
use super::services;
use super::site::{Holder, Site};
use crate::backend::{BackendError, OfferOrder};
use crate::model::fixture::{Front, Stand, TrafficPolicy};
use crate::model::service::{Service, Transport, Wanted};
use crate::model::vantage::{Station, Vantage};

/// How long it may take until all agents stand behind a Service.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(20);

/// From one look to the next.
const LOOK: Duration = Duration::from_millis(250);

/// Makes them, and tells of each what it has become. Agents that are not published in time are not behind it: what is asked of them
/// then fails, and says so.
pub(super) async fn offer(link: &Link, mark: &Mark, site: &Site, order: &OfferOrder) -> Result<Vec<Service>, BackendError> {
    let namespace = site.namespace.as_str();
    let api: Api<ApiService> = Api::namespaced(link.client.clone(), namespace);
    for stand in &order.stands {
        create(link, &api, &service(mark, stand)).await.map_err(|refusal| {
            let mut error = link.error(&refusal, &Operation::within("create", "services", namespace));
            error.help.push("see all rights of this suite: netcheck rbac SUITE".to_owned());
            error
        })?;
    }
    let wanted: Vec<Wanted> = order.stands.iter().map(|stand| wanted(mark, stand, namespace)).collect();
    let until = Instant::now() + PUBLISHED_WITHIN;
    loop {
        let found = services::take(link, &wanted).await?;
        let in_order: Option<Vec<Service>> = order.stands.iter().map(|stand| named(mark, stand, &found)).collect();
        match in_order {
            Some(made) if Instant::now() >= until || made.iter().all(|service| is_published(service, &order.backends)) => return Ok(made),
            None if Instant::now() >= until => {
                let message = format!("the Services of the fixtures were made in namespace {namespace}, and are not there");
                let help = vec!["see whether something in the cluster removes Services: kubectl get events".to_owned()];
                return Err(BackendError { code: "services", message, details: Vec::new(), help });
            }
            Some(_) | None => sleep(LOOK).await,
        }
    }
}

fn wanted(mark: &Mark, stand: &Stand, namespace: &str) -> Wanted {
    Wanted::Endpoints { namespace: namespace.into(), name: names::service(&mark.run, stand).into() }
}

fn named(mark: &Mark, stand: &Stand, found: &[Service]) -> Option<Service> {
    let name = names::service(&mark.run, stand);
    found.iter().find(|service| *service.name == *name).cloned()
}

/// Whether each of them stands behind each port.
fn is_published(service: &Service, backends: &[Vantage]) -> bool {
    let behind = |port: &Option<String>, node: &str| {
        service.endpoints.iter().flatten().any(|endpoint| endpoint.name == *port && endpoint.node.as_deref() == Some(node))
    };
    service.ports.iter().all(|port| backends.iter().all(|vantage| behind(&port.name, vantage.node())))
}

/// A creation that was repeated meets its own work.
async fn create(link: &Link, api: &Api<ApiService>, object: &ApiService) -> Result<(), Refusal> {
    let params = PostParams::default();
    match link.insist(|| api.create(&params, object)).await {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.code() == Some(409) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

/// The Service of a stand: behind it are the run's agents in the pod network.
pub(super) fn service(mark: &Mark, stand: &Stand) -> ApiService {
    let mut selector = mark.labels();
    selector.insert(COMPONENT.to_owned(), component(Station::Pod).to_owned());
    let (kind, policy) = match stand.front {
        Front::ClusterIp | Front::Headless => ("ClusterIP", None),
        Front::NodePort(TrafficPolicy::Cluster) => ("NodePort", Some("Cluster")),
        Front::NodePort(TrafficPolicy::Local) => ("NodePort", Some("Local")),
    };
    let spec = ServiceSpec {
        type_: Some(kind.to_owned()),
        cluster_ip: (stand.front == Front::Headless).then(|| "None".to_owned()),
        external_traffic_policy: policy.map(ToOwned::to_owned),
        ip_family_policy: Some("PreferDualStack".to_owned()),
        ports: Some(stand.serve.iter().copied().map(port).collect()),
        selector: Some(selector),
        ..ServiceSpec::default()
    };
    let metadata = ObjectMeta {
        name: Some(names::service(&mark.run, stand)),
        labels: Some(mark.labels()),
        annotations: Some(mark.annotations()),
        ..ObjectMeta::default()
    };
    ApiService { metadata, spec: Some(spec), status: None }
}

fn port(transport: Transport) -> ApiPort {
    ApiPort {
        name: Some(transport.word().to_lowercase()),
        port: i32::from(Stand::PORT),
        protocol: Some(transport.word().to_owned()),
        target_port: Some(IntOrString::Int(PORT)),
        ..ApiPort::default()
    }
}

/// Removes the run's Services from a namespace of others, from its own they go with it; says in a line what is left.
pub(super) async fn remove(link: &Link, site: Option<&Site>, run: &str) -> Option<String> {
    let namespace = &site.filter(|site| site.holder == Holder::Others)?.namespace;
    let api: Api<ApiService> = Api::namespaced(link.client.clone(), namespace);
    let ours = ListParams::default().labels(&names::of_run(run));
    let found = link.insist(|| api.list_metadata(&ours)).await;
    let found = found.map(|found| found.items.into_iter().filter_map(|service| service.metadata.name).collect::<Vec<_>>());
    let refusal = match found {
        Ok(names) => return remove_named(link, namespace, run, &names).await,
        Err(refusal) => refusal,
    };
    Some(left(link, namespace, run, &refusal))
}

/// Removes these Services of a run; says in a line what is left.
pub(super) async fn remove_named(link: &Link, namespace: &str, run: &str, names: &[String]) -> Option<String> {
    let api: Api<ApiService> = Api::namespaced(link.client.clone(), namespace);
    let how = DeleteParams::default();
    for name in names {
        match link.insist(|| api.delete(name, &how)).await {
            Err(refusal) if refusal.code() != Some(404) => return Some(left(link, namespace, run, &refusal)),
            Ok(_) | Err(_) => {}
        }
    }
    None
}

fn left(link: &Link, namespace: &str, run: &str, refusal: &Refusal) -> String {
    let operation = Operation::within("delete", "services", namespace);
    format!("services with label {} in namespace {namespace}: {}", names::of_run(run), link.error(refusal, &operation).message)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn stand(front: Front) -> Stand {
        Stand { fixture: "nc-echo".into(), front, serve: vec![Transport::Tcp, Transport::Udp] }
    }

    #[track_caller]
    fn check(front: Front, name: &str, expected: &str) {
        let mark = Mark { run: "0a1b2c3d".to_owned(), expires: jiff::Timestamp::UNIX_EPOCH, command: "netcheck run s.yaml".to_owned() };
        let made = service(&mark, &stand(front));
        assert_eq!(made.metadata.name.as_deref(), Some(name));
        let spec = made.spec.unwrap();
        let labels: BTreeMap<_, _> = spec.selector.unwrap();
        assert_eq!(labels.get("app.kubernetes.io/instance").map(String::as_str), Some("0a1b2c3d"));
        assert_eq!(labels.get(COMPONENT).map(String::as_str), Some("agent-in-pods"));
        let ports: Vec<_> = spec.ports.unwrap().iter().map(|port| format!("{}/{}", port.port, port.protocol.clone().unwrap())).collect();
        let found = format!("{:?} {:?} {:?} {}", spec.type_, spec.cluster_ip, spec.external_traffic_policy, ports.join(" "));
        assert_eq!(found, expected);
    }

    #[test]
    fn each_front_is_a_service_of_its_own() {
        let ports = "7/TCP 7/UDP";
        check(Front::ClusterIp, "nc-echo-0a1b2c3d", &format!("Some(\"ClusterIP\") None None {ports}"));
        check(Front::Headless, "nc-echo-headless-0a1b2c3d", &format!("Some(\"ClusterIP\") Some(\"None\") None {ports}"));
        let node = "nc-echo-node-0a1b2c3d";
        check(Front::NodePort(TrafficPolicy::Cluster), node, &format!("Some(\"NodePort\") None Some(\"Cluster\") {ports}"));
        let local = "nc-echo-node-local-0a1b2c3d";
        check(Front::NodePort(TrafficPolicy::Local), local, &format!("Some(\"NodePort\") None Some(\"Local\") {ports}"));
    }
}
