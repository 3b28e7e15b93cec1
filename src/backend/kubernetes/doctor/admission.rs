//! Whether the cluster would take a run's objects: they are created on trial (a dry run of the API server's), as the run would
//! create them, through every quota, limit, Pod Security level, policy and webhook. Nothing of it stays.

use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::Api;
use kube::api::PostParams;
use tokio::time::{Duration, Instant, sleep};

use super::sample::Sample;
use super::verdict::{Trial, altered, refused};
use crate::backend::kubernetes::client::Link;
use crate::backend::kubernetes::refusal::Refusal;
use crate::model::finding::{Finding, Grade};

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(150);

/// What became of a trial: what is to be said, and the pod as the cluster would have it.
pub(super) type Tried = (Vec<Finding>, Option<Pod>);

/// Tries the namespace of the run's own, if it is to have one.
pub(super) async fn namespace(link: &Link, sample: &Sample) -> Vec<Finding> {
    let Some(object) = &sample.own else { return Vec::new() };
    let api: Api<Namespace> = Api::all(link.client.clone());
    let params = PostParams { dry_run: true, ..PostParams::default() };
    match link.call(|| api.create(&params, object)).await {
        Ok(accepted) => vec![namespace_accepted(object, &accepted, sample)],
        Err(refusal) => vec![refused(&refusal, &Trial::Namespace, sample)],
    }
}

/// Some clusters set the level themselves, whatever is asked for.
fn namespace_accepted(asked: &Namespace, accepted: &Namespace, sample: &Sample) -> Finding {
    const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
    let level =
        |namespace: &Namespace| namespace.metadata.labels.as_ref().and_then(|labels| labels.get(ENFORCE)).cloned().unwrap_or_default();
    let (wanted, found) = (level(asked), level(accepted));
    if wanted == found {
        return Finding::new(Grade::Fine, "namespace", format!("a namespace of Pod Security level {wanted} may be made"));
    }
    let what = format!("the cluster gives the namespace of {} the Pod Security level {found:?}, not {wanted:?}", sample.agent());
    Finding::new(Grade::Doubtful, "namespace", what).help([sample.another_namespace()])
}

/// Tries the pod of one agent, in the namespace that is given, or in one that stands in for it.
pub(super) async fn pod(link: &Link, sample: &Sample, stand_in: &str) -> Tried {
    let trial = match &sample.given {
        Some(namespace) => Trial::Pod { namespace: namespace.clone(), stands_in: false },
        None => Trial::Pod { namespace: stand_in.to_owned(), stands_in: true },
    };
    let api: Api<Pod> = Api::namespaced(link.client.clone(), trial.namespace());
    match create(link, &api, &sample.pod).await {
        Ok(accepted) => (altered(&sample.pod, &accepted, &trial, sample), Some(accepted)),
        Err(refusal) if refusal.says("sysctl") => without_sysctl(link, &api, &refusal, (&trial, sample)).await,
        Err(refusal) => (vec![refused(&refusal, &trial, sample)], None),
    }
}

/// As a run does, it gives a fresh namespace a moment to get its service account.
async fn create(link: &Link, api: &Api<Pod>, pod: &Pod) -> Result<Pod, Refusal> {
    let params = PostParams { dry_run: true, ..PostParams::default() };
    let deadline = Instant::now() + link.limits.call;
    loop {
        match link.call(|| api.create(&params, pod)).await {
            Err(refusal) if refusal.lacks_account() && Instant::now() + PAUSE < deadline => sleep(PAUSE).await,
            result => return result,
        }
    }
}

/// A run goes without what lets agents open ICMP sockets, and so does its trial.
async fn without_sysctl(link: &Link, api: &Api<Pod>, refusal: &Refusal, (trial, sample): (&Trial, &Sample)) -> Tried {
    let what = format!("ICMP cannot be asked: the cluster refuses the sysctl net.ipv4.ping_group_range: {refusal}");
    let icmp = Finding::new(Grade::Doubtful, "pod", what).help([
        "allow it to the namespace (it is safe), or leave ICMP cases out",
        "or have agents ask without it: `agents: { icmp: raw }` in the suite (user 0 and NET_RAW, Pod Security level privileged)",
    ]);
    match create(link, api, &sample.frugal).await {
        Ok(accepted) => ([vec![icmp], altered(&sample.frugal, &accepted, trial, sample)].concat(), Some(accepted)),
        Err(refusal) => (vec![icmp, refused(&refusal, trial, sample)], None),
    }
}
