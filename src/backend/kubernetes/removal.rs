//! Removes what one run created, with patience first and by force then. It must not know why, nor whose turn it is.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Preconditions};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::claim::claim;
use super::client::Link;
use super::names;
use super::refusal::{Operation, Refusal, one_line};
use super::watch::{Sight, follow};

/// Deletions at once, where a collection cannot be deleted as such.
const AT_ONCE: usize = 16;

/// What is left of a run after removing it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Remains {
    /// Pods that did not end by themselves, a line each.
    pub(super) stuck: Vec<String>,
    /// Why the pods could not be deleted at all.
    pub(super) pods: Option<Refusal>,
    /// Why its own namespace is still there, in a line.
    pub(super) namespace: Option<String>,
    /// Whether there was a namespace of its own at all.
    pub(super) was_there: bool,
}

/// How long a pod that was asked for may take to show after whoever asked has gone.
const LATE_PODS: std::time::Duration = std::time::Duration::from_millis(500);

/// Removes the run's pods from a namespace of others.
pub(super) async fn from_shared(link: &Link, namespace: &str, run: &str) -> Remains {
    let api: Api<Pod> = Api::namespaced(link.client.clone(), namespace);
    match delete_all(link, &api, run).await {
        Ok(()) => {
            let mut stuck = see_off(link, &api, run).await;
            // A launch that was dropped may have asked for pods that came to be a moment later.
            tokio::time::sleep(LATE_PODS.min(link.limits.pods_gone / 10)).await;
            if delete_all(link, &api, run).await.is_ok() {
                stuck.extend(see_off(link, &api, run).await);
            }
            Remains { stuck, ..Remains::default() }
        }
        Err(refusal) if refusal.code() == Some(404) => Remains::default(),
        Err(refusal) => Remains { pods: Some(refusal), ..Remains::default() },
    }
}

/// Removes the run's pods and then its own namespace of that name. The namespace is asked to go as soon as the pods are, since it takes its
/// time (the namespace controller waits 5 s before it looks at what is left), and is waited for when they are gone.
pub(super) async fn with_namespace(link: &Link, run: &str, name: &str) -> Remains {
    let api: Api<Pod> = Api::namespaced(link.client.clone(), name);
    let pods = delete_all(link, &api, run).await.err().filter(|refusal| refusal.code() != Some(404));
    if pods.as_ref().is_some_and(Refusal::is_silence) {
        return Remains { pods, ..Remains::default() }; // nobody is there to ask for more
    }
    let asked = ask_namespace(link, name).await;
    let stuck = if pods.is_none() && asked != Ok(None) { see_off(link, &api, run).await } else { Vec::new() };
    match asked {
        Ok(None) => Remains::default(),
        Ok(Some(found)) => Remains { stuck, pods, namespace: wait_for_namespace(link, found).await.err(), was_there: true },
        Err(why) => Remains { stuck, pods, namespace: Some(why), was_there: true },
    }
}

/// Waits for the end of deleted pods, and ends by force what does not end.
async fn see_off(link: &Link, api: &Api<Pod>, run: &str) -> Vec<String> {
    let stuck = wait(link, api, run).await;
    let forced = stuck.into_iter().map(|(name, node)| force(link, api, name, node));
    futures::stream::iter(forced).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

async fn delete_all(link: &Link, api: &Api<Pod>, run: &str) -> Result<(), Refusal> {
    let (gently, ours) = (DeleteParams::default().grace_period(1), ListParams::default().labels(&names::of_run(run)));
    let deadline = Instant::now() + link.limits.pods_gone;
    loop {
        match link.call(|| api.delete_collection(&gently, &ours)).await {
            Ok(_) => return Ok(()),
            // The right to delete many is another one than to delete each.
            Err(refusal) if refusal.code() == Some(403) => return delete_each(link, api, &ours, &gently).await,
            // It may be back in a moment: leaving things behind is worse than waiting.
            Err(Refusal::Broken(_)) if Instant::now() < deadline => sleep(link.limits.pods_gone / 10).await,
            Err(refusal) => return Err(refusal),
        }
    }
}

async fn delete_each(link: &Link, api: &Api<Pod>, ours: &ListParams, how: &DeleteParams) -> Result<(), Refusal> {
    let pods = link.call(|| api.list_metadata(ours)).await?;
    let deletions = pods.items.into_iter().filter_map(|pod| pod.metadata.name).map(|name| async move {
        match link.call(|| api.delete(&name, how)).await {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code() == Some(404) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    });
    let results: Vec<Result<(), Refusal>> = futures::stream::iter(deletions).buffer_unordered(AT_ONCE).collect().await;
    results.into_iter().collect()
}

/// Those that are still there after a while, each with its node.
async fn wait(link: &Link, api: &Api<Pod>, run: &str) -> BTreeMap<String, String> {
    let selector = names::of_run(run);
    let (sender, mut sights) = mpsc::channel(256);
    let mut there: Option<BTreeMap<String, String>> = None;
    let watching = async {
        while let Some(sight) = sights.recv().await {
            note(&mut there, sight);
            if there.as_ref().is_some_and(BTreeMap::is_empty) {
                return;
            }
        }
    };
    let both = async {
        tokio::select! {
            never = follow(link, api, &selector, &sender) => match never {},
            () = watching => {}
        }
    };
    let _ = timeout(link.limits.pods_gone, both).await;
    there.unwrap_or_default()
}

fn note(there: &mut Option<BTreeMap<String, String>>, sight: Sight) {
    match sight {
        Sight::All(pods, _) => *there = Some(pods.iter().map(name_and_node).collect()),
        Sight::Pod(pod) => {
            let (name, node) = name_and_node(&pod);
            there.get_or_insert_default().insert(name, node);
        }
        Sight::Gone(pod) => {
            there.get_or_insert_default().remove(&name_and_node(&pod).0);
        }
        Sight::Blind(_) => {}
    }
}

fn name_and_node(pod: &Pod) -> (String, String) {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    (pod.metadata.name.clone().unwrap_or_default(), node.unwrap_or_default())
}

async fn force(link: &Link, api: &Api<Pod>, name: String, node: String) -> Option<String> {
    let by_force = DeleteParams::default().grace_period(0);
    let (place, afterwards) = match node.as_str() {
        "" => (String::new(), ""),
        node => (format!(" on {node}"), ": it may run on there until the node's kubelet answers again"),
    };
    let late = format!("pod {name}{place}: did not end within {} s", link.limits.pods_gone.as_secs_f32());
    match link.call(|| api.delete(&name, &by_force)).await {
        Ok(_) => Some(format!("{late}; deleted by force{afterwards}")),
        Err(refusal) if refusal.code() == Some(404) => None,
        Err(refusal) => Some(format!("{late}; deleting it by force: {refusal}")),
    }
}

/// Asks the namespace to go, if it is the run's own; none if there is none.
async fn ask_namespace(link: &Link, name: &str) -> Result<Option<Namespace>, String> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let found = match link.call(|| api.get_opt(name)).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(refusal) => {
            return Err(format!("namespace {name}: {}", link.error(&refusal, &Operation::cluster("get", "namespaces")).message));
        }
    };
    claim(&found).map_err(|why| format!("namespace {name}: not touched: {why}"))?;
    delete_namespace(link, &api, &found).await?;
    Ok(Some(found))
}

async fn wait_for_namespace(link: &Link, found: Namespace) -> Result<(), String> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let name = found.metadata.name.clone().unwrap_or_default();
    let deadline = Instant::now() + link.limits.namespace_gone;
    let pause = (link.limits.namespace_gone / 15).min(Duration::from_secs(1));
    let mut last = found;
    loop {
        match link.call(|| api.get_opt(&name)).await {
            Ok(None) => return Ok(()),
            Ok(Some(found)) if found.metadata.uid != last.metadata.uid => return Ok(()),
            Ok(Some(found)) => last = found,
            Err(_) => {}
        }
        if Instant::now() + pause >= deadline {
            return Err(format!("namespace {name}: still there after {} s{}", link.limits.namespace_gone.as_secs_f32(), blocker(&last)));
        }
        sleep(pause).await;
    }
}

/// Deletes exactly that namespace, and no other of its name.
pub(super) async fn delete_namespace(link: &Link, api: &Api<Namespace>, found: &Namespace) -> Result<(), String> {
    if found.metadata.deletion_timestamp.is_some() {
        return Ok(());
    }
    let name = found.metadata.name.as_deref().unwrap_or_default();
    let this_one = Preconditions { uid: found.metadata.uid.clone(), resource_version: None };
    let params = DeleteParams::default().preconditions(this_one);
    match link.call(|| api.delete(name, &params)).await {
        Ok(_) => Ok(()),
        Err(refusal) if matches!(refusal.code(), Some(404 | 409)) => Ok(()),
        Err(refusal) => Err(format!("namespace {name}: {}", link.error(&refusal, &Operation::cluster("delete", "namespaces")).message)),
    }
}

/// What the namespace itself says it waits for.
fn blocker(namespace: &Namespace) -> String {
    let conditions = namespace.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    let words: Vec<&str> =
        conditions.iter().filter(|condition| condition.status == "True").filter_map(|condition| condition.message.as_deref()).collect();
    if words.is_empty() { String::new() } else { format!(": {}", one_line(&words.join("; "))) }
}
