//! What the cluster has to say about pods beside their status: a network plugin's failing shows nowhere else.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Event;
use kube::Api;
use kube::api::ListParams;

use super::client::Link;
use super::refusal::one_line;

/// The last warning about each object, by its name. Without the right to read events, and without an answer: none.
pub(super) async fn warnings(link: &Link, namespace: &str) -> BTreeMap<String, String> {
    let api: Api<Event> = Api::namespaced(link.client.clone(), namespace);
    let params = ListParams::default().fields("type=Warning").limit(500);
    let asked = tokio::time::timeout(link.limits.call / 3, api.list(&params)).await;
    match asked {
        Ok(Ok(list)) => last_of_each(list.items),
        Ok(Err(_)) | Err(_) => BTreeMap::new(),
    }
}

fn last_of_each(mut events: Vec<Event>) -> BTreeMap<String, String> {
    events.sort_by_key(|event| event.last_timestamp.as_ref().map(|time| time.0));
    let describe = |event: Event| {
        let words = [event.reason, event.message].into_iter().flatten().collect::<Vec<_>>().join(": ");
        (event.involved_object.name.unwrap_or_default(), one_line(&words))
    };
    events.into_iter().map(describe).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_warning_counts() {
        let event = |time: &str, reason: &str| json!({ "metadata": {}, "involvedObject": { "name": "p" }, "reason": reason, "message": "a\nb", "lastTimestamp": time });
        let events = json!([event("2026-01-01T00:00:02Z", "FailedCreatePodSandBox"), event("2026-01-01T00:00:01Z", "FailedMount")]);
        let found = last_of_each(serde_json::from_value(events).unwrap());
        assert_eq!(found, BTreeMap::from([("p".to_owned(), "FailedCreatePodSandBox: a b".to_owned())]));
    }
}
