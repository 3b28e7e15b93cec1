//! Removes what one run created, with patience first and by force then. It must not know why, nor whose turn it is.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::future::OptionFuture;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Preconditions};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::claim::claim;
use super::client::{AT_ONCE, Link};
use super::names;
use super::needs::Serving;
use super::outage::{Patience, shown};
use super::refusal::{Operation, Refusal, one_line};
use super::watch::{Sight, follow};
use super::withdrawal::Services;

/// What is left of a run after removing it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Remains {
    /// Pods that did not end by themselves, a line each.
    pub(super) stuck: Vec<String>,
    /// Why the pods could not be deleted at all.
    pub(super) pods: Option<Refusal>,
    /// Which Services of fixtures are still there and why, in a line.
    pub(super) services: Option<String>,
    /// Why its own namespace is still there, in a line.
    pub(super) namespace: Option<String>,
    /// Whether there was a namespace of its own at all.
    pub(super) was_there: bool,
}

impl Remains {
    /// What came of removing pods. In a namespace that is not there, there are none.
    fn add(&mut self, removed: Result<Vec<String>, Refusal>) {
        match removed {
            Ok(stuck) => self.stuck.extend(stuck),
            Err(refusal) => self.pods = Some(refusal).filter(|refusal| refusal.code() != Some(404)),
        }
    }
}

/// How long a pod or a Service that was asked for may take to show after whoever asked has gone.
const LATE: Duration = Duration::from_millis(500);

/// Removes the run's pods, and its Services where there may be any, from a namespace of others.
pub(super) async fn from_shared(link: &Link, namespace: &str, run: &str, serving: Serving) -> Remains {
    let patience = link.patience_to_clean_up();
    let api: Api<Pod> = Api::namespaced(link.client.clone(), namespace);
    let pods = Pods { link, api: &api, run, patience };
    let services = (serving == Serving::Services).then(|| Services::of(link, namespace, run, patience));
    let mut remains = Remains::default();
    // Whoever was dropped may have asked for something that came to be a moment later.
    for late in [Duration::ZERO, LATE.min(link.limits.pods_gone / 10)] {
        sleep(late).await;
        // Who was refused once is refused again.
        let pods = OptionFuture::from(remains.pods.is_none().then(|| pods.remove()));
        let services = OptionFuture::from(services.as_ref().filter(|_| remains.services.is_none()).map(Services::remove));
        let (removed, withdrawn) = futures::join!(pods, services);
        if let Some(removed) = removed {
            remains.add(removed);
        }
        remains.services = remains.services.or_else(|| withdrawn?.err());
    }
    remains
}

/// Removes the run's pods and then its own namespace of that name. The namespace is asked to go as soon as the pods are, since it
/// takes its time (the namespace controller waits 5 s before it looks at what is left), and is waited for when they are gone.
pub(super) async fn with_namespace(link: &Link, run: &str, name: &str) -> Remains {
    let patience = link.patience_to_clean_up();
    let api: Api<Pod> = Api::namespaced(link.client.clone(), name);
    let pods = Pods { link, api: &api, run, patience };
    let refused = pods.delete().await.err().filter(|refusal| refusal.code() != Some(404));
    if refused.as_ref().is_some_and(Refusal::is_silence) {
        return Remains { pods: refused, ..Remains::default() }; // nobody is there to ask for more
    }
    let found = match ask_namespace(link, name, &patience).await {
        Ok(Some(found)) => found,
        Ok(None) => return Remains::default(),
        Err(why) => return Remains { pods: refused, namespace: Some(why), was_there: true, ..Remains::default() },
    };
    let seen_off = if refused.is_none() { pods.see_off().await } else { Ok(Vec::new()) };
    // What is not known of the pods shows in the namespace: it goes after them.
    let stuck = seen_off.unwrap_or_default();
    let namespace = wait_for_namespace(link, found, &patience).await.err();
    Remains { stuck, pods: refused, namespace, was_there: true, ..Remains::default() }
}

/// The pods of a run in a namespace, and how much time there is to remove them.
struct Pods<'a> {
    link: &'a Link,
    api: &'a Api<Pod>,
    run: &'a str,
    patience: Patience,
}

impl Pods<'_> {
    /// Those that did not end by themselves, a line each.
    async fn remove(&self) -> Result<Vec<String>, Refusal> {
        self.delete().await?;
        self.see_off().await
    }

    /// Asks them to end. The API server may be back in a moment: leaving things behind is worse than waiting.
    async fn delete(&self) -> Result<(), Refusal> {
        let (gently, ours) = (DeleteParams::default().grace_period(1), ListParams::default().labels(&names::of_run(self.run)));
        match self.link.insist_within(&self.patience, || self.api.delete_collection(&gently, &ours)).await {
            Ok(_) => Ok(()),
            // The right to delete many is another one than to delete each.
            Err(refusal) if refusal.code() == Some(403) => self.delete_each(&ours, &gently).await,
            Err(refusal) => Err(refusal),
        }
    }

    async fn delete_each(&self, ours: &ListParams, how: &DeleteParams) -> Result<(), Refusal> {
        let pods = self.link.insist_within(&self.patience, || self.api.list_metadata(ours)).await?;
        let names = pods.items.into_iter().filter_map(|pod| pod.metadata.name);
        let deletions = names.map(|name| async move { self.delete_one(&name, how).await });
        let results: Vec<Result<(), Refusal>> = futures::stream::iter(deletions).buffer_unordered(AT_ONCE).collect().await;
        results.into_iter().collect()
    }

    async fn delete_one(&self, name: &str, how: &DeleteParams) -> Result<(), Refusal> {
        match self.link.insist_within(&self.patience, || self.api.delete(name, how)).await {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code() == Some(404) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }

    /// Waits for the end of those that were deleted, and ends by force what does not end. After an outage of the API server
    /// kubelets hear of it late: they get as much time as there is.
    async fn see_off(&self) -> Result<Vec<String>, Refusal> {
        let patience = self.link.patience(self.link.limits.pods_gone);
        let stuck = self.wait(&patience).await?;
        let late = shown(patience.begun.elapsed(), patience.limit);
        let lines = stuck.into_iter().map(|(name, node)| self.force(name, node, &late));
        Ok(futures::stream::iter(lines).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await)
    }

    /// Those that are still there after a while, each with its node; or why nobody could look.
    async fn wait(&self, patience: &Patience) -> Result<BTreeMap<String, String>, Refusal> {
        let selector = names::of_run(self.run);
        let (sender, mut sights) = mpsc::channel(256);
        let (mut there, mut blind): (Option<BTreeMap<String, String>>, Option<Refusal>) = (None, None);
        let mut following = std::pin::pin!(follow(self.link, self.api, &selector, &sender));
        // The last of the time is for the force.
        let end = || self.link.end(patience).min(self.link.end(&self.patience) - self.link.limits.clean_up / 6);
        while !there.as_ref().is_some_and(BTreeMap::is_empty) {
            tokio::select! {
                never = &mut following => match never {},
                Some(sight) = sights.recv() => match sight {
                    Sight::Blind(refusal) => blind = Some(refusal),
                    sight => note(&mut there, sight),
                },
                () = sleep_until(end()) => if Instant::now() >= end() { break },
            }
        }
        there.ok_or_else(|| blind.unwrap_or(Refusal::Silent(patience.begun.elapsed())))
    }

    async fn force(&self, name: String, node: String, late: &str) -> Option<String> {
        let by_force = DeleteParams::default().grace_period(0);
        let (place, afterwards) = match node.as_str() {
            "" => (String::new(), ""),
            node => (format!(" on {node}"), ": it may run on there until the node's kubelet answers again"),
        };
        let late = format!("pod {name}{place}: did not end within {late}");
        match self.link.insist_within(&self.patience, || self.api.delete(&name, &by_force)).await {
            Ok(_) => Some(format!("{late}; deleted by force{afterwards}")),
            Err(refusal) if refusal.code() == Some(404) => None,
            Err(refusal) => Some(format!("{late}; deleting it by force: {refusal}")),
        }
    }
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

/// Asks the namespace to go, if it is the run's own; none if there is none.
async fn ask_namespace(link: &Link, name: &str, patience: &Patience) -> Result<Option<Namespace>, String> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let found = match link.insist_within(patience, || api.get_opt(name)).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(refusal) => {
            return Err(format!("namespace {name}: {}", link.error(&refusal, &Operation::cluster("get", "namespaces")).message));
        }
    };
    claim(&found).map_err(|why| format!("namespace {name}: not touched: {why}"))?;
    delete_within(link, &api, &found, patience).await?;
    Ok(Some(found))
}

/// Waits until it has gone, for as long as there is time.
async fn wait_for_namespace(link: &Link, found: Namespace, patience: &Patience) -> Result<(), String> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let name = found.metadata.name.clone().unwrap_or_default();
    let pause = (link.limits.clean_up / 15).min(Duration::from_secs(1));
    let mut last = found;
    loop {
        match timeout_at(link.end(patience), link.call(|| api.get_opt(&name))).await {
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(found))) if found.metadata.uid != last.metadata.uid => return Ok(()),
            Ok(Ok(Some(found))) => last = found,
            Ok(Err(_)) | Err(_) => {}
        }
        if Instant::now() + pause >= link.end(patience) {
            return Err(format!("namespace {name}: {}", still_there(link, &last, patience)));
        }
        sleep(pause).await;
    }
}

fn still_there(link: &Link, namespace: &Namespace, patience: &Patience) -> String {
    let waited = shown(patience.begun.elapsed(), patience.limit);
    let meanwhile = match link.away(patience).as_secs() {
        0 => String::new(),
        away => format!("; the API server was away for {away} s of the run"),
    };
    format!("still there after {waited}{}{meanwhile}", blocker(namespace))
}

/// Deletes exactly that namespace, and no other of its name.
pub(super) async fn delete_namespace(link: &Link, api: &Api<Namespace>, found: &Namespace) -> Result<(), String> {
    delete_within(link, api, found, &Patience { outage: Duration::ZERO, ..link.patience(link.limits.call) }).await
}

async fn delete_within(link: &Link, api: &Api<Namespace>, found: &Namespace, patience: &Patience) -> Result<(), String> {
    if found.metadata.deletion_timestamp.is_some() {
        return Ok(());
    }
    let name = found.metadata.name.as_deref().unwrap_or_default();
    let this_one = Preconditions { uid: found.metadata.uid.clone(), resource_version: None };
    let params = DeleteParams::default().preconditions(this_one);
    match link.insist_within(patience, || api.delete(name, &params)).await {
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
