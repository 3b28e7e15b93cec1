//! The Services of fixtures: made, and waited for until who stands behind them is published. It must not know who asks them, nor how
//! they go.

use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{Service as ApiService, ServicePort as ApiPort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use tokio::time::{Instant, sleep};

use super::client::{AT_ONCE, Link};
use super::manifest::{COMPONENT, component};
use super::names::{self, Mark};
use super::outage::Patience;
use super::refusal::{Operation, Refusal};
use super::services;
use super::site::Site;
use crate::agent;
use crate::backend::{BackendError, OfferOrder};
use crate::model::family::Family;
use crate::model::fixture::{Front, Stand, TrafficPolicy};
use crate::model::service::{Service, Transport, Wanted};
use crate::model::vantage::{Station, Vantage};

/// How long it may take until they are made and all agents stand behind them; outages of the API server put it off.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(20);

/// From one look to the next.
const LOOK: Duration = Duration::from_millis(250);

/// Makes them, and tells of each what it has become. Agents that are not published in time are not behind it: what is asked of them
/// then fails, and says so.
pub(super) async fn offer(link: &Link, mark: &Mark, site: &Site, order: &OfferOrder) -> Result<Vec<Service>, BackendError> {
    let (namespace, patience) = (site.namespace.as_str(), link.patience(PUBLISHED_WITHIN));
    let api: Api<ApiService> = Api::namespaced(link.client.clone(), namespace);
    // Side by side, and all of them to their end: what is given up half-way may yet come to be.
    let creations: Vec<_> = order.stands.iter().map(|stand| create(link, &patience, &api, service(mark, stand))).collect();
    let made: Vec<Result<(), Refusal>> = futures::stream::iter(creations).buffer_unordered(AT_ONCE).collect().await;
    made.into_iter().collect::<Result<(), Refusal>>().map_err(|refusal| {
        let mut error = link.error(&refusal, &Operation::within("create", "services", namespace));
        error.help.push("see all rights of this suite: netcheck rbac SUITE".to_owned());
        error
    })?;
    let wanted: Vec<Wanted> = order.stands.iter().map(|stand| wanted(mark, stand, namespace)).collect();
    loop {
        let found = look(link, &patience, &wanted).await?;
        let late = Instant::now() >= link.end(&patience);
        let in_order: Option<Vec<Service>> = order.stands.iter().map(|stand| named(mark, stand, &found)).collect();
        match in_order {
            Some(made) if late || are_published(&made, &order.backends) => return Ok(made),
            None if late => {
                let message = format!("the Services of the fixtures were made in namespace {namespace}, and are not there");
                let help = vec!["see whether something in the cluster removes Services: kubectl get events".to_owned()];
                return Err(BackendError { code: "services", message, details: Vec::new(), help });
            }
            Some(_) | None => sleep(LOOK).await,
        }
    }
}

/// What is there, once somebody answers.
async fn look(link: &Link, patience: &Patience, wanted: &[Wanted]) -> Result<Vec<Service>, BackendError> {
    let begun = Instant::now();
    loop {
        match services::look(link, wanted).await {
            Ok(found) => return Ok(found),
            Err(unseen) if link.may_change(&unseen.refusal, begun) && Instant::now() < link.end(patience) => sleep(LOOK).await,
            Err(unseen) => return Err(unseen.error(link)),
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
fn is_published(service: &Service, backends: &[Vantage], families: &[Family]) -> bool {
    let behind = |port: &Option<String>, node: &str| {
        let own = service.endpoints.iter().flatten().filter(|endpoint| endpoint.name == *port && endpoint.node.as_deref() == Some(node));
        let found: Vec<Family> = own.map(|endpoint| Family::of(endpoint.address)).collect();
        !found.is_empty() && families.iter().all(|family| found.contains(family))
    };
    service.ports.iter().all(|port| backends.iter().all(|vantage| behind(&port.name, vantage.node())))
}

/// Each family has slices of its own, which come one after the other. A headless Service does not say which it has: those of the others.
fn are_published(made: &[Service], backends: &[Vantage]) -> bool {
    let has = |family: &Family| made.iter().flat_map(|service| &service.addresses).any(|address| Family::of(*address) == *family);
    let families: Vec<Family> = Family::ALL.into_iter().filter(has).collect();
    made.iter().all(|service| is_published(service, backends, &families))
}

/// A creation that was repeated meets its own work.
async fn create(link: &Link, patience: &Patience, api: &Api<ApiService>, object: ApiService) -> Result<(), Refusal> {
    let params = PostParams::default();
    match link.insist_within(patience, || api.create(&params, &object)).await {
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
        target_port: Some(IntOrString::Int(agent::PORT.get().into())),
        ..ApiPort::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::service::{Endpoint, ServicePort};

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

    /// A Service with these addresses, and whoever is behind it on a node.
    fn with(addresses: &[&str], behind: &[(&str, &str)]) -> Service {
        let endpoint = |(address, node): &(&str, &str)| Endpoint {
            address: address.parse().unwrap(),
            name: None,
            protocol: Transport::Udp,
            port: agent::PORT,
            node: Some((*node).into()),
        };
        Service {
            namespace: "n".into(),
            name: "s".into(),
            labels: BTreeMap::new(),
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            ports: vec![ServicePort { name: None, protocol: Transport::Udp, port: agent::PORT, node_port: None }],
            balancers: Vec::new(),
            externals: Vec::new(),
            endpoints: Some(behind.iter().map(endpoint).collect()),
        }
    }

    #[test]
    fn a_service_is_published_when_everyone_is_behind_it_in_every_family() {
        let backends = [Vantage::pod("a"), Vantage::pod("b")];
        let both = [("10.0.0.1", "a"), ("fd00::1", "a"), ("10.0.0.2", "b"), ("fd00::2", "b")];
        for (made, expected) in [
            (vec![with(&["10.96.0.1", "fd96::1"], &both), with(&[], &both)], true),
            (vec![with(&["10.96.0.1", "fd96::1"], &both), with(&[], &both[..3])], false),
            (vec![with(&["10.96.0.1", "fd96::1"], &both[..3]), with(&[], &both)], false),
            (vec![with(&["10.96.0.1"], &[both[0], both[2]])], true),
            (vec![with(&["10.96.0.1"], &both[..2])], false),
            (vec![with(&[], &both[..3])], true),
            (vec![with(&[], &both[..2])], false),
        ] {
            assert_eq!(are_published(&made, &backends), expected, "{made:?}");
        }
    }
}
