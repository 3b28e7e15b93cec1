//! What was collected, in results. It must not know who collected it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::collect::{Collect, Collected, Found};
use crate::model::vantage::Network;

/// One thing of one agent's place, collected or not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct CollectedDocument {
    /// The node's name.
    pub node: String,
    /// In which of its networks the agent was.
    pub network: Network,
    /// The pod of the user's that the agent asked from, `NAMESPACE/NAME`; left out where it was in a network of the node's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// What it is.
    pub what: CollectDocument,
    /// The ids of the cases for which it was collected, at most 100: the first of them in the order of the plan.
    pub cases: Vec<String>,
    /// What it says, lines as others wrote them, at most about 64 KiB; null if it was not to be had.
    pub text: Option<String>,
    /// Why it was not to be had; null if it was.
    pub why: Option<String>,
}

/// What can be collected.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) enum CollectDocument {
    /// What the agent wrote, its last lines.
    AgentLog,
    /// What the cluster says about the agent's pod and its node.
    Events,
    /// The agent's interfaces, addresses, routes and name servers.
    Routes,
}

impl CollectedDocument {
    pub(super) fn of(collected: &Collected) -> Self {
        let (text, why) = match &collected.found {
            Found::Text(text) => (Some(text.clone()), None),
            Found::Nothing(why) => (None, Some(why.clone())),
        };
        Self {
            node: collected.vantage.node().to_owned(),
            network: collected.vantage.network(),
            workload: collected.vantage.of_workload().map(ToString::to_string),
            what: match collected.what {
                Collect::AgentLog => CollectDocument::AgentLog,
                Collect::Events => CollectDocument::Events,
                Collect::Routes => CollectDocument::Routes,
            },
            cases: collected.cases.iter().map(ToString::to_string).collect(),
            text,
            why,
        }
    }
}
