//! Which nodes and how many agents a plan has, as JSON. It must not know what they ask.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::agents::AgentTerms;
use crate::model::coverage::Coverage;
use crate::model::inventory::{Node, Standing};
use crate::model::plan::Plan;
use crate::model::vantage::Station;

/// A node that a rule leaves out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExcludedDocument<'a> {
    /// Its name.
    node: &'a str,
    /// The name of the rule.
    rule: &'a str,
    /// What of the node met the rule.
    why: &'a str,
}

impl<'a> ExcludedDocument<'a> {
    pub(super) fn of(node: &'a Node) -> Option<Self> {
        let Standing::Excluded { rule, why } = &node.standing else { return None };
        Some(Self { node: &node.name, rule, why })
    }
}

/// How often a node takes part.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageDocument<'a> {
    /// Its name.
    node: &'a str,
    /// In how many pairs it asks.
    asks: u64,
    /// In how many pairs it is asked. What a Service or a name leads to is not known beforehand.
    asked: u64,
}

impl<'a> CoverageDocument<'a> {
    pub(super) const fn of((node, Coverage { asks, asked }): (&'a str, Coverage)) -> Self {
        Self { node, asks, asked }
    }
}

/// How many agents run in each network.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentsDocument {
    /// In the pod network.
    pods: usize,
    /// In the nodes' own network.
    hosts: usize,
    /// In the network namespaces of the user's pods.
    workloads: usize,
    /// How long they have to be ready, in milliseconds, by what the suites say; `--ready-within` of a run wins.
    ready_within_ms: u64,
    /// How those in the pod network come by ICMP: `auto`, or `raw` (user 0 and the capability `NET_RAW`).
    icmp: &'static str,
}

impl AgentsDocument {
    pub(super) fn of(plan: &Plan) -> Self {
        let agents = |station| plan.vantages.iter().filter(|vantage| vantage.station() == station).count();
        Self {
            pods: agents(Station::Pod),
            hosts: agents(Station::Host),
            workloads: agents(Station::Workload),
            ready_within_ms: plan.patience().unwrap_or(AgentTerms::READY_WITHIN).0 / 1_000,
            icmp: plan.icmp_access().word(),
        }
    }
}
