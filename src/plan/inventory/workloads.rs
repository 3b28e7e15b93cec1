//! Pods of the user's in a file of an inventory.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DISCOVER, LONGEST_NAME, NoInventory};
use crate::model::vantage::PodName;
use crate::model::workload::{PodState, WorkloadPod};

/// A pod.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PodDocument {
    /// Its namespace.
    namespace: String,
    /// Its name; no two of a namespace have one.
    name: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    /// Whether an agent can ask from its network.
    state: PodStateDocument,
}

/// Whether an agent can ask from the network of a pod.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum PodStateDocument {
    /// It is ready, in a network namespace of its own.
    Ready {
        /// The node that it is on.
        node: String,
    },
    /// It is not ready.
    Unready {
        /// In the words of whoever knows.
        why: String,
    },
    /// It shares the network of its node.
    OnHost,
    /// In its network something takes connections over before they leave.
    Proxied {
        /// Its name.
        by: String,
    },
}

/// In order, and none twice.
pub(super) fn all_pods(documents: &[PodDocument]) -> Result<Vec<WorkloadPod>, NoInventory> {
    let mut pods: BTreeMap<PodName, WorkloadPod> = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        let wrong = |what: String| NoInventory { message: format!("number {} of `workloads`: {what}", index + 1), help: DISCOVER };
        let pod = document.pod().map_err(wrong)?;
        let name = pod.pod.clone();
        if pods.insert(name.clone(), pod).is_some() {
            return Err(wrong(format!("{name} is there already")));
        }
    }
    Ok(pods.into_values().collect())
}

impl PodDocument {
    pub(super) fn of(pod: &WorkloadPod) -> Self {
        let state = match &pod.state {
            PodState::Ready { node } => PodStateDocument::Ready { node: node.to_string() },
            PodState::Unready { why } => PodStateDocument::Unready { why: why.clone() },
            PodState::OnHost => PodStateDocument::OnHost,
            PodState::Proxied { by } => PodStateDocument::Proxied { by: by.clone() },
        };
        let PodName { namespace, name } = &pod.pod;
        Self { namespace: namespace.to_string(), name: name.to_string(), labels: pod.labels.clone(), state }
    }

    /// # Errors
    /// What no pod is called.
    fn pod(&self) -> Result<WorkloadPod, String> {
        for (what, name) in [("namespace", &self.namespace), ("name", &self.name)] {
            let fits = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "-.".contains(character);
            if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
                let found = name.chars().take(60).collect::<String>();
                return Err(format!("expected a {what} of lower-case letters, digits, `-` and `.`, found {found:?}"));
            }
        }
        let state = match &self.state {
            PodStateDocument::Ready { node } => PodState::Ready { node: node.as_str().into() },
            PodStateDocument::Unready { why } => PodState::Unready { why: why.clone() },
            PodStateDocument::OnHost => PodState::OnHost,
            PodStateDocument::Proxied { by } => PodState::Proxied { by: by.clone() },
        };
        let pod = PodName { namespace: self.namespace.as_str().into(), name: self.name.as_str().into() };
        Ok(WorkloadPod { pod, labels: self.labels.clone(), state })
    }
}

/// For tests: a pod in each state.
#[cfg(test)]
pub(super) fn sample() -> Vec<WorkloadPod> {
    let states = [
        PodState::Ready { node: "node1".into() },
        PodState::Unready { why: "Pending".to_owned() },
        PodState::OnHost,
        PodState::Proxied { by: "istio-proxy".to_owned() },
    ];
    let pod = |(number, state): (usize, PodState)| {
        let labels = [("app".to_owned(), "cart".to_owned())].into_iter().filter(|_| number > 0).collect();
        WorkloadPod { pod: PodName { namespace: "shop".into(), name: format!("cart-{number}").into() }, labels, state }
    };
    states.into_iter().enumerate().map(pod).collect()
}
