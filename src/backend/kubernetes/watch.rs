//! What becomes of a run's pods: one watch for all of them, never trusted for long. It must not know what anybody makes of it.

use std::convert::Infallible;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, WatchEvent, WatchParams};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::client::Link;
use super::refusal::Refusal;

/// One look at the pods.
#[derive(Debug)]
pub(super) enum Sight {
    /// All that there are, as of a moment not before that one.
    All(Vec<Pod>, Instant),
    /// One as it is now.
    Pod(Box<Pod>),
    /// One as it was when it went.
    Gone(Box<Pod>),
    /// There is nothing to be seen; the next look follows.
    Blind(Refusal),
}

/// The pod of that name as it is now. It takes no right but that to list, which a run needs anyway.
pub(super) async fn look(link: &Link, api: &Api<Pod>, name: &str) -> Result<Option<Pod>, Refusal> {
    let params = ListParams::default().fields(&format!("metadata.name={name}"));
    let list = link.call(|| api.list(&params)).await?;
    Ok(list.items.into_iter().find(|pod| pod.metadata.name.as_deref() == Some(name)))
}

/// Lists and watches, again and again: a watch that ends, fails or falls silent costs no more than [`super::Limits::relist`], and
/// while the API server is away it is asked less and less often.
pub(super) async fn follow(link: &Link, api: &Api<Pod>, selector: &str, sights: &mpsc::Sender<Sight>) -> Infallible {
    let shortest = (link.limits.relist / 20).min(Duration::from_millis(500));
    let mut pause = shortest;
    loop {
        let begun = Instant::now();
        let params = ListParams::default().labels(selector);
        let sight = match link.call(|| api.list(&params)).await {
            Ok(list) => {
                pause = shortest;
                let version = list.metadata.resource_version.unwrap_or_default();
                tell(sights, Sight::All(list.items, begun)).await;
                let limit = link.limits.relist;
                // The server is to end the watch; the margin is for one that does not.
                let watched = timeout(limit + limit / 4, watch((link, api), selector, (&version, limit), sights)).await;
                watched.unwrap_or_default()
            }
            Err(refusal) => {
                pause = (pause * 2).min(shortest * 4);
                Some(Sight::Blind(refusal))
            }
        };
        if let Some(sight) = sight {
            tell(sights, sight).await;
        }
        sleep_until(begun + pause).await;
    }
}

/// A listener that has gone drops us along with it.
async fn tell(sights: &mpsc::Sender<Sight>, sight: Sight) {
    if sights.send(sight).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn watch(
    (link, api): (&Link, &Api<Pod>),
    selector: &str,
    (version, limit): (&str, Duration),
    sights: &mpsc::Sender<Sight>,
) -> Option<Sight> {
    let seconds = u32::try_from(limit.as_secs().clamp(1, 290)).unwrap_or(290);
    let params = WatchParams::default().labels(selector).timeout(seconds);
    let stream = match api.watch(&params, version).await {
        Ok(stream) => stream,
        Err(error) => return Some(Sight::Blind(Refusal::of(&error))),
    };
    let mut events = std::pin::pin!(stream);
    while let Some(event) = events.next().await {
        match event {
            Ok(WatchEvent::Added(pod) | WatchEvent::Modified(pod)) => tell(sights, Sight::Pod(Box::new(pod))).await,
            Ok(WatchEvent::Deleted(pod)) => tell(sights, Sight::Gone(Box::new(pod))).await,
            Ok(WatchEvent::Bookmark(_)) => {}
            Ok(WatchEvent::Error(_)) => return None, // the version is too old: list anew
            Err(_) => {
                link.note_break();
                return None;
            }
        }
    }
    None
}
