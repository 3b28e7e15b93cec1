//! Creates a run's objects, through the refusals and the silences that pass by themselves: names are given, so that asking
//! again is harmless. It must not know what they are for.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use tokio::time::{Instant, sleep};

use super::client::Link;
use super::names::EXPIRES;
use super::refusal::Refusal;
use super::watch::look;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(150);

/// Creates the namespace.
pub(super) async fn namespace(link: &Link, object: &Namespace) -> Result<(), Refusal> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let params = PostParams::default();
    let Err(refusal) = link.insist(|| api.create(&params, object)).await else { return Ok(()) };
    // A creation that was repeated meets its own work.
    if refusal.code() == Some(409) {
        let name = object.metadata.name.as_deref().unwrap_or_default();
        if let Ok(found) = link.insist(|| api.get(name)).await
            && found.metadata.annotations.as_ref().and_then(|all| all.get(EXPIRES))
                == object.metadata.annotations.as_ref().and_then(|all| all.get(EXPIRES))
        {
            return Ok(());
        }
    }
    Err(refusal)
}

/// Creates the pod, and gives it as it was accepted.
///
/// A fresh namespace refuses pods until its service account exists. Trying shows that as well as asking for the account
/// would, and takes no further right.
pub(super) async fn pod(link: &Link, api: &Api<Pod>, object: &Pod) -> Result<Pod, Refusal> {
    let patience = link.patience(link.limits.set_up);
    let params = PostParams::default();
    loop {
        let refusal = match link.insist(|| api.create(&params, object)).await {
            Ok(pod) => return Ok(pod),
            Err(refusal) => refusal,
        };
        if refusal.code() == Some(409) {
            if let Some(pod) = standing(link, api, object).await {
                return Ok(pod);
            }
        } else if !refusal.lacks_account() {
            return Err(refusal);
        }
        if Instant::now() + PAUSE >= link.end(&patience) {
            return Err(refusal);
        }
        sleep(PAUSE).await;
    }
}

/// Replaces a pod that its node refused.
pub(super) async fn pod_anew(link: &Link, api: &Api<Pod>, object: &Pod) -> Result<Pod, Refusal> {
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let by_force = DeleteParams::default().grace_period(0);
    match link.insist(|| api.delete(name, &by_force)).await {
        Ok(_) => {}
        Err(refusal) if refusal.code() == Some(404) => {}
        Err(refusal) => return Err(refusal),
    }
    pod(link, api, object).await
}

/// The pod of that name, if it is ours from an earlier attempt and is to stay.
async fn standing(link: &Link, api: &Api<Pod>, object: &Pod) -> Option<Pod> {
    let name = object.metadata.name.as_deref()?;
    let found = look(link, api, name).await.ok()??;
    let wanted = object.metadata.labels.as_ref()?;
    let labels = found.metadata.labels.as_ref()?;
    let ours = wanted.iter().all(|(key, value)| labels.get(key) == Some(value));
    (ours && found.metadata.deletion_timestamp.is_none()).then_some(found)
}
