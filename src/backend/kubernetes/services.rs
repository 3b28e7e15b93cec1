//! Services and who is ready behind them, as the API server has them: no more of them than is wanted.
//! <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::try_join_all;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Service as ApiService;
use k8s_openapi::api::discovery::v1::{Endpoint as ApiEndpoint, EndpointPort, EndpointSlice};
use kube::api::ListParams;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::client::Link;
use super::pages::pages;
use super::refusal::{Operation, Refusal};
use super::rights::SLICES;
use crate::backend::BackendError;
use crate::model::service::{Endpoint, Service, ServicePort, Transport, Wanted};
use crate::model::units::Port;

/// The label by which a slice says whose it is.
const OF_SERVICE: &str = "kubernetes.io/service-name";

/// A Service's namespace and name.
type Key = (Arc<str>, Arc<str>);

/// Why somebody could not look.
pub(super) struct Unseen {
    /// What was asked.
    operation: Operation,
    /// What was answered.
    pub(super) refusal: Refusal,
}

impl Unseen {
    /// As the error of the whole operation.
    pub(super) fn error(&self, link: &Link) -> BackendError {
        link.error(&self.refusal, &self.operation)
    }
}

/// What is wanted, as [`take`] finds it; nothing at all where nothing is wanted of Services.
pub(super) async fn wanted(link: &Link, wanted: &[Wanted]) -> Result<Option<Vec<Service>>, BackendError> {
    if wanted.iter().any(Wanted::is_of_services) { take(link, wanted).await.map(Some) } else { Ok(None) }
}

/// What is wanted, as [`look`] finds it.
pub(super) async fn take(link: &Link, wanted: &[Wanted]) -> Result<Vec<Service>, BackendError> {
    look(link, wanted).await.map_err(|unseen| unseen.error(link))
}

/// What is wanted, each Service once, by namespace and name. One that is not there is left out.
pub(super) async fn look(link: &Link, wanted: &[Wanted]) -> Result<Vec<Service>, Unseen> {
    let limit = link.limits.call + link.limits.call / 4;
    let all = try_join_all(wanted.iter().map(|wanted| one(link, wanted)));
    let late = |_| Unseen { operation: Operation::everywhere("list", "services"), refusal: Refusal::Silent(limit) };
    let found = timeout(limit, all).await.map_err(late)??;
    let mut services: BTreeMap<Key, Service> = BTreeMap::new();
    for service in found.into_iter().flatten() {
        let key = (service.namespace.clone(), service.name.clone());
        let known = services.entry(key).or_insert_with(|| Service { endpoints: None, ..service.clone() });
        known.endpoints = known.endpoints.take().or(service.endpoints);
    }
    Ok(services.into_values().collect())
}

async fn one(link: &Link, wanted: &Wanted) -> Result<Vec<Service>, Unseen> {
    match wanted {
        Wanted::Pods { .. } => Ok(Vec::new()),
        Wanted::Everything => {
            let (found, slices) = tokio::try_join!(services(link, None, ListParams::default()), slices(link, None, ListParams::default()))?;
            Ok(joined(&found, Some(&slices)))
        }
        Wanted::Services { namespace, selector } => {
            let params = selector.as_ref().map_or_else(ListParams::default, |selector| ListParams::default().labels(&selector.to_string()));
            services(link, namespace.as_deref(), params).await.map(|found| joined(&found, None))
        }
        Wanted::Endpoints { namespace, name } => {
            let service = ListParams::default().fields(&format!("metadata.name={name}"));
            let of_service = ListParams::default().labels(&format!("{OF_SERVICE}={name}"));
            let (found, slices) = tokio::try_join!(services(link, Some(namespace), service), slices(link, Some(namespace), of_service))?;
            Ok(joined(&found, Some(&slices)))
        }
    }
}

async fn services(link: &Link, namespace: Option<&str>, params: ListParams) -> Result<Vec<ApiService>, Unseen> {
    listed(link, namespace, "services", params).await
}

async fn slices(link: &Link, namespace: Option<&str>, params: ListParams) -> Result<Vec<EndpointSlice>, Unseen> {
    listed(link, namespace, SLICES, params).await
}

async fn listed<T>(link: &Link, namespace: Option<&str>, resource: &'static str, params: ListParams) -> Result<Vec<T>, Unseen>
where
    T: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug,
{
    let (api, operation) = match namespace {
        Some(namespace) => (Api::namespaced(link.client.clone(), namespace), Operation::within("list", resource, namespace)),
        None => (Api::all(link.client.clone()), Operation::everywhere("list", resource)),
    };
    pages(link, &api, params).await.map_err(|refusal| Unseen { operation, refusal })
}

/// Each Service with who is ready behind it, where somebody looked.
fn joined(services: &[ApiService], slices: Option<&[EndpointSlice]>) -> Vec<Service> {
    let mut behind: BTreeMap<Key, Vec<Endpoint>> = BTreeMap::new();
    for slice in slices.unwrap_or_default() {
        let name = slice.metadata.labels.as_ref().and_then(|labels| labels.get(OF_SERVICE));
        if let Some(name) = name {
            let key = (slice.metadata.namespace.as_deref().unwrap_or_default().into(), name.as_str().into());
            behind.entry(key).or_default().extend(endpoints(slice));
        }
    }
    let described = |service| {
        let found = described(service, &mut behind);
        Service { endpoints: found.endpoints.filter(|_| slices.is_some()), ..found }
    };
    services.iter().map(described).collect()
}

fn described(service: &ApiService, behind: &mut BTreeMap<Key, Vec<Endpoint>>) -> Service {
    let (namespace, name) = (service.metadata.namespace.as_deref(), service.metadata.name.as_deref());
    let key: Key = (namespace.unwrap_or_default().into(), name.unwrap_or_default().into());
    let spec = service.spec.as_ref();
    let ports = spec.and_then(|spec| spec.ports.as_deref()).unwrap_or_default();
    let port = |port: &k8s_openapi::api::core::v1::ServicePort| {
        let (protocol, number) = socket(port.protocol.as_deref(), Some(port.port))?;
        Some(ServicePort { name: named(port.name.as_deref()), protocol, port: number, node_port: at_nodes(port.node_port) })
    };
    let mut endpoints = behind.remove(&key).unwrap_or_default();
    endpoints.sort_by(|one, other| (one.address, &one.name, one.port.get()).cmp(&(other.address, &other.name, other.port.get())));
    // A pod that moves from one slice to another can be in both for a moment.
    endpoints.dedup();
    Service {
        // A headless one has `None` for an address.
        addresses: addresses(spec.and_then(|spec| spec.cluster_ips.as_deref())),
        ports: ports.iter().filter_map(port).collect(),
        labels: service.metadata.labels.clone().unwrap_or_default(),
        balancers: balancers(service),
        externals: addresses(spec.and_then(|spec| spec.external_ips.as_deref())),
        endpoints: Some(endpoints),
        namespace: key.0,
        name: key.1,
    }
}

/// What is no address is left out: the API server takes none but these, and `None`.
fn addresses(written: Option<&[String]>) -> Vec<IpAddr> {
    written.unwrap_or_default().iter().filter_map(|address| address.parse().ok()).collect()
}

/// What load balancers say; one that gives a name is of no use here.
fn balancers(service: &ApiService) -> Vec<IpAddr> {
    let status = service.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let given = status.and_then(|status| status.ingress.as_deref()).unwrap_or_default().iter();
    given.filter_map(|ingress| ingress.ip.as_deref()?.parse().ok()).collect()
}

/// 0 stands for none.
fn at_nodes(port: Option<i32>) -> Option<Port> {
    Port::of(port?)
}

/// Those of a slice that are ready, which they are too where nothing is said of it; of several addresses the first stands for all.
fn endpoints(slice: &EndpointSlice) -> Vec<Endpoint> {
    let ports = slice.ports.as_deref().unwrap_or_default();
    let is_ready = |endpoint: &&ApiEndpoint| endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true);
    let of = |endpoint: &ApiEndpoint| -> Vec<Endpoint> {
        let address: Option<IpAddr> = endpoint.addresses.first().and_then(|address| address.parse().ok());
        let one = |port: &EndpointPort| {
            let (protocol, number) = socket(port.protocol.as_deref(), port.port)?;
            let node = endpoint.node_name.as_deref().map(Arc::from);
            Some(Endpoint { address: address?, name: named(port.name.as_deref()), protocol, port: number, node })
        };
        ports.iter().filter_map(one).collect()
    };
    slice.endpoints.iter().filter(is_ready).flat_map(of).collect()
}

/// Without a protocol it is TCP.
fn socket(protocol: Option<&str>, port: Option<i32>) -> Option<(Transport, Port)> {
    let number = port.and_then(|port| u16::try_from(port).ok()).and_then(Port::new)?;
    Some((Transport::of(protocol.unwrap_or("TCP"))?, number))
}

/// The only port of a Service may have the empty name.
fn named(name: Option<&str>) -> Option<String> {
    name.filter(|name| !name.is_empty()).map(ToOwned::to_owned)
}
