//! What there is to collect of an agent in a pod: its log, the events about it, and the routes that its network has. It must not
//! know what it is collected for.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, AttachedProcess, ListParams, LogParams};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::client::Link;
use super::manifest::CONTAINER;
use super::pages::pages;
use super::refusal::{Operation, Refusal, one_line};
use super::rights::OF_NODES;
use super::security::lodging;
use super::workloads::Entry;
use super::{Kubernetes, names};
use crate::model::collect::{Collect, Collected};
use crate::model::vantage::Vantage;

/// Lines of a log.
const LINES: i64 = 200;

/// What is read of anything, in bytes; of it so much is kept as reports keep.
const READ: usize = 4 * Collected::BYTES;

/// How long output may take to arrive after the word that it has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Kubernetes {
    /// An error says in one line why it is not to be had.
    pub(super) async fn collected(&self, vantage: &Vantage, what: Collect) -> Result<String, String> {
        let namespace = &self.sites.of(lodging(vantage.station())).namespace;
        let pod = names::pod(&self.settings.run, vantage);
        let place = Place { link: &self.link, namespace, pod: &pod, entry: self.entry(vantage) };
        match what {
            Collect::AgentLog => place.log().await,
            Collect::Events => place.events(vantage.node()).await,
            Collect::Routes => place.routes().await,
        }
    }
}

/// The pod of an agent.
struct Place<'a> {
    link: &'a Link,
    namespace: &'a str,
    pod: &'a str,
    /// The pod of the user's whose network its agent has entered, if it has.
    entry: Option<Entry>,
}

impl Place<'_> {
    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.link.client.clone(), self.namespace)
    }

    fn refused(&self, refusal: &Refusal, verb: &'static str, resource: &'static str) -> String {
        self.link.error(refusal, &Operation::within(verb, resource, self.namespace)).message
    }

    async fn log(&self) -> Result<String, String> {
        let params = LogParams {
            container: Some(CONTAINER.to_owned()),
            tail_lines: Some(LINES),
            limit_bytes: i64::try_from(READ).ok(),
            ..LogParams::default()
        };
        let pods = self.pods();
        let log = self.link.call(|| pods.logs(self.pod, &params)).await;
        log.map_err(|refusal| self.refused(&refusal, "get", "pods/log"))
    }

    /// Those about the pod and those about its node, by their time. Whoever may see but the ones gets the ones.
    async fn events(&self, node: &str) -> Result<String, String> {
        let (of_pod, of_node) = tokio::join!(self.events_about(self.namespace, "Pod", self.pod), self.events_about(OF_NODES, "Node", node));
        match (of_pod, of_node) {
            (Ok(of_pod), Ok(of_node)) => Ok(told(of_pod.into_iter().chain(of_node))),
            (Ok(found), Err(why)) | (Err(why), Ok(found)) => Ok(format!("{}(not all: {why})", told(found.into_iter()))),
            (Err(why), Err(_)) => Err(why),
        }
    }

    async fn events_about(&self, namespace: &str, kind: &str, name: &str) -> Result<Vec<Event>, String> {
        let api: Api<Event> = Api::namespaced(self.link.client.clone(), namespace);
        let params = ListParams::default().fields(&format!("involvedObject.kind={kind},involvedObject.name={name}"));
        let found = pages(self.link, &api, params).await;
        found.map_err(|refusal| self.link.error(&refusal, &Operation::within("list", "events", namespace)).message)
    }

    /// By an exec of its own: the agent itself may stand still.
    async fn routes(&self) -> Result<String, String> {
        let mut words = ["/netcheck", "agent", "routes"].map(str::to_owned).to_vec();
        // An exec begins in the network of the agent's own pod.
        if let Some(entry) = &self.entry {
            let addresses: Vec<String> = entry.addresses.iter().map(ToString::to_string).collect();
            words.extend(["--netns-of".to_owned(), entry.names.join(","), "--addresses".to_owned(), addresses.join(",")]);
        }
        let params = AttachParams::default().container(CONTAINER).stdin(false).stdout(true).stderr(true);
        let process = self.pods().exec(self.pod, words, &params).await;
        let process = process.map_err(|error| self.refused(&Refusal::of(&error), "get", "pods/exec"))?;
        output(process).await
    }
}

/// What it says, once it has ended well.
async fn output(mut process: AttachedProcess) -> Result<String, String> {
    let (Some(stdout), Some(stderr), Some(status)) = (process.stdout(), process.stderr(), process.take_status()) else {
        return Err("its exec has no streams".to_owned());
    };
    let _ending = Aborting(process);
    let mut reading = std::pin::pin!(async { tokio::join!(read(stdout), read(stderr)) });
    let mut status = std::pin::pin!(status);
    let mut said = None;
    let status = loop {
        tokio::select! {
            status = &mut status => break status,
            read = &mut reading, if said.is_none() => said = Some(read),
        }
    };
    // Output of a connection that broke never ends.
    let (text, words) = match said {
        Some(said) => said,
        None => timeout(LAST_WORDS, reading).await.unwrap_or_default(),
    };
    outcome(status.as_ref(), text, &words)
}

fn outcome(status: Option<&Status>, text: String, words: &str) -> Result<String, String> {
    let Some(status) = status else { return Err("its exec broke before it had ended".to_owned()) };
    if status.status.as_deref() == Some("Success") {
        return Ok(text);
    }
    let why = status.message.as_deref().unwrap_or("no reason is given");
    Err(one_line(&[why, words].join(" ")).trim_end().to_owned())
}

/// An exec that ends when this is dropped, which kube does not do.
struct Aborting(AttachedProcess);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// All that it says; what is more than enough is read and forgotten, since unread it would hold the end up.
async fn read(mut from: impl AsyncRead + Unpin) -> String {
    let (mut text, mut chunk) = (Vec::new(), vec![0; 16 << 10]);
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        text.extend_from_slice(&chunk[..length.min(READ.saturating_sub(text.len()))]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A line each, the newest last.
fn told(events: impl Iterator<Item = Event>) -> String {
    let mut events: Vec<(Option<Timestamp>, String)> = events.map(|event| (time(&event), line(event))).collect();
    events.sort();
    events.into_iter().map(|(time, line)| time.map_or_else(String::new, |time| format!("{time} ")) + &line + "\n").collect()
}

/// When it was seen last: whoever writes them fills in one of several fields.
fn time(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref()).map(|time| time.0);
    let seen = series.or_else(|| event.last_timestamp.as_ref().map(|time| time.0)).or_else(|| event.event_time.as_ref().map(|time| time.0));
    seen.or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0))
}

/// `Warning Pod netcheck-…: Unhealthy: words (12 times)`
fn line(event: Event) -> String {
    let count = event.series.as_ref().and_then(|series| series.count).or(event.count).unwrap_or(1);
    let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
    let object = [event.involved_object.kind, event.involved_object.name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let words = [event.reason, event.message].into_iter().flatten().collect::<Vec<_>>().join(": ");
    one_line(&format!("{} {object}: {words}{times}", event.type_.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_told_by_their_time_whichever_field_has_it() {
        let event = |reason: &str, more: serde_json::Value| {
            let mut event = json!({ "metadata": {}, "involvedObject": { "kind": "Pod", "name": "p" }, "type": "Normal", "reason": reason, "message": "a\nb" });
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<Event>(event).unwrap()
        };
        let found = told(
            [
                event("D", json!({ "lastTimestamp": "2026-01-01T00:00:04Z", "count": 3 })),
                event("B", json!({ "eventTime": "2026-01-01T00:00:02.000000Z" })),
                event("C", json!({ "eventTime": "2026-01-01T00:00:01.000000Z", "series": { "count": 7, "lastObservedTime": "2026-01-01T00:00:03.000000Z" } })),
                event("A", json!({})),
            ]
            .into_iter(),
        );
        let expected = "Normal Pod p: A: a b\n2026-01-01T00:00:02Z Normal Pod p: B: a b\n2026-01-01T00:00:03Z Normal Pod p: C: a b (7 times)\n2026-01-01T00:00:04Z Normal Pod p: D: a b (3 times)\n";
        assert_eq!(found, expected);
    }

    #[test]
    fn only_an_exec_that_ended_well_has_something_to_say() {
        let status = |text: &str| serde_json::from_value::<Status>(serde_json::from_str(text).unwrap()).unwrap();
        let check = |status: Option<Status>, expected: Result<&str, &str>| {
            let found = outcome(status.as_ref(), "routes".to_owned(), "error: no\n");
            assert_eq!(found.as_deref().map_err(String::as_str), expected);
        };
        check(Some(status(r#"{ "status": "Success" }"#)), Ok("routes"));
        let failed = r#"{ "status": "Failure", "message": "command terminated with exit code 2" }"#;
        check(Some(status(failed)), Err("command terminated with exit code 2 error: no"));
        check(None, Err("its exec broke before it had ended"));
    }
}
