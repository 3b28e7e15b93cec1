//! The shape of `netcheck.results/v1`, apart from the model, so that the model may change freely and the shape may not:
//! within v1, fields are only ever added. It must not know how it is filled.

mod build;

mod build_case;

mod case;

mod collected;

mod figures;

pub(super) mod retries;

use schemars::JsonSchema;
use serde::Serialize;

use super::list::ShardDocument;
use super::origin::OriginDocument;
use crate::model::vantage::Network;
use case::CaseDocument;
use collected::CollectedDocument;

/// The results of one run of netcheck. Within v1, fields are only ever added.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    /// The name and version of this shape: `netcheck.results/v1`.
    pub schema: Version,
    /// The run as a whole.
    pub run: RunDocument,
    /// Every node of the cluster, tested or not, by name; also those that came while the run went on.
    pub nodes: Vec<NodeDocument>,
    /// The suites, in the order of the command line.
    pub suites: Vec<SuiteDocument>,
    /// What was collected for cases that failed or were not measured, because their suites want it; only there if there is something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collected: Vec<CollectedDocument>,
    /// What went wrong beside the cases.
    pub problems: Vec<ProblemDocument>,
    /// What cleaning up came to; null until it is done.
    pub clean_up: Option<CleanUpDocument>,
}

/// The versions of the shape.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) enum Version {
    /// The first.
    #[serde(rename = "netcheck.results/v1")]
    V1,
}

/// The run as a whole.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunDocument {
    /// Eight hexadecimal digits.
    pub id: String,
    /// When it began: RFC 3339, in UTC; null if the clock was out of range.
    pub started: Option<String>,
    /// From the command to the verdict.
    pub duration_ms: u64,
    /// How netcheck ends.
    pub exit: ExitDocument,
    /// What ran.
    pub tool: ToolDocument,
    /// `kubernetes`, `sandbox` or `simulated`.
    pub backend: String,
    /// The cluster, as people call it; empty if it was not reached.
    pub cluster: String,
    /// The cluster's own version; may be empty.
    pub cluster_version: String,
    /// The seed of sampled strategies.
    pub seed: u64,
    /// Equal for equal plans; empty if there was no plan.
    pub plan_hash: String,
    /// Which shard of the cases this was; only there with `--shard`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardDocument>,
    /// The signal that ended the run early: `SIGINT`, `SIGTERM` or `SIGHUP`; null if none did.
    pub interrupted: Option<String>,
    /// How long each phase took; null for one that was not reached.
    pub phases: Phases,
    /// What is worth knowing though it decides nothing; a line each.
    pub notes: Vec<String>,
}

/// How netcheck ends.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExitDocument {
    /// The exit code.
    pub code: u8,
    /// What it means.
    pub meaning: String,
}

/// What ran.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolDocument {
    /// `netcheck`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The phases of a run, one after the other.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names)] // the unit is a part of the name that readers see
pub(super) struct Phases {
    /// Until every agent's object was created.
    pub create_ms: Option<u64>,
    /// Until every agent ran, or never would.
    pub start_ms: Option<u64>,
    /// Until every running agent had said hello.
    pub attach_ms: Option<u64>,
    /// Until everything was measured.
    pub probe_ms: Option<u64>,
    /// Until every case had its verdict, and the nodes were looked at again.
    pub judge_ms: Option<u64>,
    /// Until everything that was created was removed, or given up.
    pub clean_up_ms: Option<u64>,
}

/// A node and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeDocument {
    /// Its name.
    pub name: String,
    /// Its zone, where it has one.
    pub zone: Option<String>,
    /// What became of it.
    pub state: NodeStateDocument,
    /// Why it was not tested; null if it was.
    pub why: Option<String>,
    /// The rule that excluded it; null if none did.
    pub rule: Option<String>,
    /// Its agents, one in each of its networks that the plan asks from or to; empty for an excluded node.
    pub agents: Vec<AgentDocument>,
    /// How it differs from when the run began; null if it does not. It decides nothing.
    pub change: Option<NodeChangeDocument>,
}

/// How a node can differ from when the run began.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum NodeChangeDocument {
    /// It was not there then.
    Added,
    /// It was there then, and was no more when the run looked again.
    Deleted,
}

/// An agent and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentDocument {
    /// In which of the node's networks it is.
    pub network: Network,
    /// The pod of the user's that it asks from, `NAMESPACE/NAME`; left out where it is in a network of the node's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// What became of it.
    pub state: AgentStateDocument,
    /// Why it was not ready; null if it was.
    pub why: Option<String>,
}

/// What can become of an agent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum AgentStateDocument {
    /// It had not answered when the run ended.
    Expected,
    /// It answered, and was there to the end.
    Ready,
    /// It never answered, or was lost.
    Unready,
}

/// What can become of a node.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum NodeStateDocument {
    /// An agent of it had not answered when the run ended.
    Expected,
    /// All its agents answered, and were there to the end.
    Tested,
    /// Not ready by its own condition, or an agent of it never answered or was lost.
    Unready,
    /// Left out by a rule.
    Excluded,
}

/// A suite and its cases.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuiteDocument {
    /// Its `suite:` key.
    pub id: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Its file, as the user named it.
    pub file: String,
    /// Every variable with the value that it had.
    pub vars: Vec<VarDocument>,
    /// Its cases, in the order of the plan.
    pub cases: Vec<CaseDocument>,
}

/// A variable.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VarDocument {
    /// Its name, without `vars.`.
    pub name: String,
    /// Its value, as `--set` takes it; empty where it had none.
    pub value: String,
    /// Who gave it the value.
    pub origin: OriginDocument,
    /// The file in which the value is written; null if it is in none.
    pub file: Option<String>,
    /// Where in that file; null if it is in none.
    pub line: Option<u32>,
}

/// Something that went wrong beside the cases.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProblemDocument {
    /// Stable: `api-unreachable`, `forbidden`, `report`, …; `usage`, `nothing-selected` or `setup` where the run was refused.
    pub code: String,
    /// In one line.
    pub message: String,
    /// Where suites or a world were refused: all remarks on them as the terminal draws them, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// What belongs to it, a line each.
    pub details: Vec<String>,
    /// What to try, a line each.
    pub help: Vec<String>,
}

/// What cleaning up came to.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CleanUpDocument {
    /// Kept on purpose (`--keep`).
    pub kept: Vec<String>,
    /// What could not be removed, with why; a line each.
    pub left: Vec<String>,
}
