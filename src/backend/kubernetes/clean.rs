//! Finds and removes what runs have left behind, without any memory of them.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::Api;
use kube::api::ListParams;

use super::claim::{Claim, claim, claim_of_pod, claim_of_service};
use super::client::{Limits, Link};
use super::config::Connection;
use super::needs::Serving;
use super::refusal::{Operation, Refusal};
use super::site::Holder;
use super::{names, removal};
use crate::backend::BackendError;
use crate::model::vantage::Network;

/// Runs that are removed at once.
const AT_ONCE: usize = 8;

/// What is to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CleanScope {
    /// What nobody can need any more.
    Expired,
    /// What that run left, expired or not.
    Run(String),
    /// Everything.
    All {
        /// Also what has not expired: a run may be at work with it.
        force: bool,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// Names of what is gone, a line each.
    pub removed: Vec<String>,
    /// What is still there and belongs to the scope, with why; a line each.
    pub left: Vec<String>,
    /// Where nobody may look, so that something could still be there; a line each.
    pub unseen: Vec<String>,
}

/// Removes what runs have left in namespaces of their own, and their pods and Services in the namespaces that are given. Needs no memory of
/// any run; takes at most about 30 s from the moment that everything is found.
///
/// # Errors
/// The configuration does not lead to a cluster, or the cluster does not let us look.
pub async fn clean(connection: &Connection, namespaces: &[&str], scope: CleanScope) -> Result<Cleaned, BackendError> {
    clean_within(connection, namespaces, scope, Limits::default()).await
}

/// [`clean`], with other limits.
///
/// # Errors
/// As [`clean`].
pub async fn clean_within(
    connection: &Connection,
    namespaces: &[&str],
    scope: CleanScope,
    limits: Limits,
) -> Result<Cleaned, BackendError> {
    let link = Link::open(connection, limits).await?;
    let mut cleaned = Cleaned::default();
    let mut finds = own_namespaces(&link, !namespaces.is_empty(), &scope, &mut cleaned).await?;
    for namespace in namespaces.iter().collect::<BTreeSet<_>>() {
        finds.extend(within(&link, namespace, &scope, &mut cleaned).await?);
    }
    let removals = finds.into_iter().map(|find| remove(&link, find));
    let results: Vec<Result<String, Vec<String>>> = futures::stream::iter(removals).buffer_unordered(AT_ONCE).collect().await;
    for result in results {
        match result {
            Ok(name) => cleaned.removed.push(name),
            Err(lines) => cleaned.left.extend(lines),
        }
    }
    cleaned.removed.sort();
    cleaned.left.sort();
    Ok(cleaned)
}

/// Asks for the end of what has expired, and does not wait for it: the next run sees to it. Failing is no harm.
pub(super) async fn sweep(link: &Link) {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let Ok(found) = list_namespaces(link, &api).await else { return };
    let now = Timestamp::now();
    for namespace in found.iter().filter(|namespace| claim(namespace).is_ok_and(|claim| claim.expires <= now)) {
        let _ = removal::delete_namespace(link, &api, namespace).await;
    }
}

/// A run's remains in one namespace.
struct Find {
    run: String,
    namespace: String,
    holder: Holder,
    /// Of fixtures, in a namespace of others.
    services: Vec<String>,
}

async fn list_namespaces(link: &Link, api: &Api<Namespace>) -> Result<Vec<Namespace>, Refusal> {
    let params = ListParams::default().labels(&names::of_any_run());
    Ok(link.call(|| api.list(&params)).await?.items)
}

async fn own_namespaces(link: &Link, dispensable: bool, scope: &CleanScope, cleaned: &mut Cleaned) -> Result<Vec<Find>, BackendError> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let found = match list_namespaces(link, &api).await {
        Ok(found) => found,
        // Whoever works in a namespace of theirs may have no right to see others.
        Err(refusal) if dispensable && refusal.code() == Some(403) => {
            cleaned.unseen.push("namespaces of runs: the right to list namespaces is missing".to_owned());
            return Ok(Vec::new());
        }
        Err(refusal) => return Err(link.error(&refusal, &Operation::cluster("list", "namespaces"))),
    };
    let mut finds = Vec::new();
    for namespace in found {
        let name = namespace.metadata.name.clone().unwrap_or_default();
        let decision = match claim(&namespace) {
            Ok(claim) => decide(scope, &claim.run, claim.expires).map(|()| claim.run),
            Err(why) => Err(may_be_meant(scope, &namespace).then(|| format!("not touched: {why}"))),
        };
        match decision {
            Ok(run) => finds.push(Find { run, namespace: name, holder: Holder::Run, services: Vec::new() }),
            Err(why) => cleaned.left.extend(why.map(|why| format!("namespace {name}: {why}"))),
        }
    }
    Ok(finds)
}

/// Whether somebody who wants that scope removed may think that this is in it.
fn may_be_meant(scope: &CleanScope, namespace: &Namespace) -> bool {
    match scope {
        CleanScope::Expired => false,
        CleanScope::All { .. } => true,
        CleanScope::Run(run) => {
            let label = namespace.metadata.labels.as_ref().and_then(|labels| labels.get(names::INSTANCE));
            let named = |network| namespace.metadata.name == Some(names::namespace(run, network));
            label == Some(run) || named(Network::Pod) || named(Network::Host)
        }
    }
}

/// What a run has in a namespace of others.
struct Left {
    /// The latest of all: they are removed together.
    expires: Timestamp,
    services: Vec<String>,
}

async fn within(link: &Link, namespace: &str, scope: &CleanScope, cleaned: &mut Cleaned) -> Result<Vec<Find>, BackendError> {
    let mut finds = Vec::new();
    for (run, Left { expires, services }) in runs_within(link, namespace, cleaned).await? {
        match decide(scope, &run, expires) {
            Ok(()) => finds.push(Find { run, namespace: namespace.to_owned(), holder: Holder::Others, services }),
            Err(why) => {
                let what = what(&services);
                cleaned.left.extend(why.map(|why| format!("{what} of run {run} in namespace {namespace}: {why}")));
            }
        }
    }
    Ok(finds)
}

async fn runs_within(link: &Link, namespace: &str, cleaned: &mut Cleaned) -> Result<BTreeMap<String, Left>, BackendError> {
    let params = ListParams::default().labels(&names::of_any_run());
    let (pods, services): (Api<Pod>, Api<Service>) =
        (Api::namespaced(link.client.clone(), namespace), Api::namespaced(link.client.clone(), namespace));
    let refused = |refusal: &Refusal, resource| link.error(refusal, &Operation::within("list", resource, namespace));
    let pods = link.call(|| pods.list(&params)).await.map_err(|refusal| refused(&refusal, "pods"))?;
    let services = match link.call(|| services.list(&params)).await {
        Ok(found) => found.items,
        // Whoever may not look at Services has made none, since fixtures take that right; but others may have.
        Err(refusal) if refusal.code() == Some(403) => {
            let why = "the right to list them is missing; Services of fixtures that others have left would still be there";
            cleaned.unseen.push(format!("Services in namespace {namespace}: {why}"));
            Vec::new()
        }
        Err(refusal) => return Err(refused(&refusal, "services")),
    };
    let mut runs: BTreeMap<String, Left> = BTreeMap::new();
    let mut add = |Claim { run, expires }, service: Option<String>| {
        let left = runs.entry(run).or_insert(Left { expires, services: Vec::new() });
        left.expires = expires.max(left.expires);
        left.services.extend(service);
    };
    pods.items.iter().filter_map(|pod| claim_of_pod(pod).ok()).for_each(|claim| add(claim, None));
    for service in services {
        if let Ok(claim) = claim_of_service(&service.metadata) {
            add(claim, service.metadata.name);
        }
    }
    Ok(runs)
}

/// For sentences.
const fn what(services: &[String]) -> &'static str {
    if services.is_empty() { "pods" } else { "pods and Services" }
}

/// Whether it is to go; if not, why that is worth saying.
fn decide(scope: &CleanScope, run: &str, expires: Timestamp) -> Result<(), Option<String>> {
    let expired = expires <= Timestamp::now();
    match scope {
        CleanScope::All { force: true } => Ok(()),
        CleanScope::Run(wanted) if wanted == run => Ok(()),
        CleanScope::Expired | CleanScope::All { force: false } if expired => Ok(()),
        CleanScope::Run(_) | CleanScope::Expired => Err(None),
        CleanScope::All { force: false } => {
            let until = expires.strftime("%Y-%m-%dT%H:%M:%SZ");
            Err(Some(format!("not expired until {until}, and its run may be at work: --force removes it, and so does --run {run}")))
        }
    }
}

async fn remove(link: &Link, find: Find) -> Result<String, Vec<String>> {
    let Find { run, namespace, holder, services } = find;
    let (name, remains) = match holder {
        Holder::Others => {
            let name = format!("{} of run {run} in namespace {namespace}", what(&services));
            let serving = if services.is_empty() { Serving::Nothing } else { Serving::Services };
            (name, removal::from_shared(link, &namespace, &run, serving).await)
        }
        Holder::Run => (format!("namespace {namespace}"), removal::with_namespace(link, &run, &namespace).await),
    };
    let pods = match (remains.namespace, remains.pods) {
        (Some(why), _) => Some(why),
        (None, Some(refusal)) if holder == Holder::Others || refusal.is_silence() => {
            let why = link.error(&refusal, &Operation::within("delete", "pods", &namespace)).message;
            Some(format!("pods of run {run} in namespace {namespace}: {why}"))
        }
        // Pods that were ended by force are gone as far as the API server knows.
        (None, _) => None,
    };
    let left: Vec<String> = remains.services.into_iter().chain(pods).collect();
    if left.is_empty() { Ok(name) } else { Err(left) }
}
