//! A plan for programs: `netcheck.plan/v1`. Within v1, fields are only ever added.
//! It must not know how a plan is made, nor what a backend creates: it is told.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::list::{ReasonDocument, ShardDocument, TermsDocument};
use crate::model::outlook::{Creation, NeededRight, Outlook};
use crate::model::plan::{Plan, PlannedCase};

use nodes::{AgentsDocument, CoverageDocument, ExcludedDocument};
use outbound::OutboundDocument;

mod nodes;
mod outbound;

/// Objects of one kind in one namespace.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CreationDocument {
    /// `Namespace` or `Pod`.
    kind: &'static str,
    /// How many.
    count: usize,
    /// The namespace that is created, or that they are in; `<run>` in it stands for the id that the run will have.
    namespace: String,
    /// The same in words.
    description: String,
}

/// A right, as `kubectl auth can-i` spells it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RightDocument {
    /// `create`.
    verb: &'static str,
    /// `pods/exec`; all are in the core group.
    resource: &'static str,
    /// On that object alone; left out for all of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// In which namespace; null for all of them, and for what belongs to none.
    namespace: Option<String>,
    /// What for.
    why: &'static str,
    /// False if a run measures and cleans up without it.
    needed: bool,
}

/// What `netcheck plan --format json` prints. Within v1, fields are only ever added.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    /// The name and version of this shape: `netcheck.plan/v1`.
    schema: Version,
    /// Equal for equal plans.
    hash: &'a str,
    /// The seed of sampled strategies.
    seed: u64,
    /// The shard that was asked for; null if none was.
    shard: Option<ShardDocument>,
    /// The cluster, as people call it.
    cluster: &'a str,
    /// The cluster's own version; may be empty.
    cluster_version: &'a str,
    /// How many nodes there are, tested or not.
    nodes: usize,
    /// Nodes that rules leave out.
    excluded: Vec<ExcludedDocument<'a>>,
    /// Which suite leaves out nodes that others use, in words.
    notes: Vec<String>,
    /// How many agents run in each network.
    agents: AgentsDocument,
    /// In how many pairs of all cases each node takes part that no rule leaves out, by name.
    coverage: Vec<CoverageDocument<'a>>,
    /// The cases, in the order of the suites.
    cases: Vec<CaseDocument>,
    /// All cases together.
    totals: TotalsDocument,
    /// What leaves for hosts that the suites name, and that are none of the run's agents.
    outbound: Vec<OutboundDocument>,
    /// What a run creates in the cluster, and removes again.
    creates: Vec<CreationDocument>,
    /// What a run has to be allowed.
    rights: Vec<RightDocument>,
    /// The command that prints these rights as a manifest for kubectl; null where none are needed.
    rights_command: Option<&'a str>,
}

/// The versions of the shape.
#[derive(Debug, Serialize, JsonSchema)]
enum Version {
    /// The first.
    #[serde(rename = "netcheck.plan/v1")]
    V1,
}

/// A case.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CaseDocument {
    /// Its stable name.
    id: String,
    /// Its tags.
    tags: Vec<String>,
    /// The file of its suite.
    file: String,
    /// The line on which its test begins, from 1.
    line: u32,
    /// The kind of its probe: `icmp`, `udp` or `tcp`.
    probe: &'static str,
    /// `v4` or `v6`.
    family: String,
    /// The strategy that chose its pairs.
    strategy: &'static str,
    /// How many pairs are measured; 0 if it is skipped.
    pairs: u64,
    /// How many pairs there are.
    total_pairs: u64,
    /// In how many pairs a node asks: the least and the most of any node at its end.
    asks: TimesDocument,
    /// In how many pairs a node is asked.
    asked: TimesDocument,
    /// Packets, or connections, of all pairs; warm-ups left out.
    packets: u64,
    /// The same if every attempt at every pair fails; only there where something is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    packets_at_most: Option<u64>,
    /// How long it asks at least: where nothing is lost, and no agent waits for its turn or for a processor.
    asking_ms: u64,
    /// How it goes among the others, and whom it concerns.
    #[serde(flatten)]
    terms: TermsDocument,
    /// Why it is not run; null if it is.
    skip: Option<ReasonDocument>,
    /// Why there is no pair to measure, so that it will be errored; null if there is one, or it is skipped.
    no_pairs: Option<String>,
    /// Who fits its source and does not ask, and why; only there where somebody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<String>,
    /// Which pairs cannot be asked, since the node to be asked does not state where; only there where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    unstated: Option<String>,
    /// A bound that it could never judge, and why, so that it will be errored; only there where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    too_few: Option<String>,
    /// A bound on the loss of all pairs that allows some, and none of so few packets; only there where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    acts_as_zero: Option<String>,
    /// What fails it before anybody is asked; only there where something does.
    #[serde(skip_serializing_if = "Option::is_none")]
    fails: Option<ReasonDocument>,
}

/// How often something happens to the nodes of a case.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TimesDocument {
    /// To the node to which it happens least.
    least: u64,
    /// To the node to which it happens most.
    most: u64,
}

impl From<(u64, u64)> for TimesDocument {
    fn from((least, most): (u64, u64)) -> Self {
        Self { least, most }
    }
}

/// All cases together.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TotalsDocument {
    /// How many cases.
    cases: usize,
    /// How many of them are skipped.
    skipped: usize,
    /// How many pairs are measured.
    pairs: u64,
    /// Packets, or connections, of all pairs; warm-ups left out.
    packets: u64,
    /// The same if every attempt at every pair fails; only there where something is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    packets_at_most: Option<u64>,
    /// How long they ask at least: each agent one case after the other, beside the other agents. Launch and clean-up come on top.
    asking_ms: u64,
}

/// The plan as `netcheck.plan/v1`, with a line break at the end.
///
/// # Errors
/// None is known: the document is plain data with string keys.
pub fn json(outlook: &Outlook<'_>) -> std::io::Result<String> {
    Ok(serde_json::to_string_pretty(&Document::of(outlook))? + "\n")
}

/// The JSON Schema (2020-12) of `netcheck.plan/v1`.
#[must_use]
pub fn schema() -> serde_json::Value {
    super::schema::of::<Document<'_>>("netcheck.plan/v1")
}

impl<'a> Document<'a> {
    fn of(outlook: &'a Outlook<'a>) -> Self {
        let plan = outlook.plan;
        Self {
            schema: Version::V1,
            hash: &plan.hash,
            seed: plan.seed,
            shard: outlook.shard.map(ShardDocument::from),
            cluster: &plan.inventory.cluster,
            cluster_version: &plan.inventory.version,
            nodes: plan.inventory.nodes.len(),
            excluded: plan.inventory.nodes.iter().filter_map(ExcludedDocument::of).collect(),
            notes: plan.avoided(),
            agents: AgentsDocument::of(plan),
            coverage: plan.coverage().into_iter().map(CoverageDocument::of).collect(),
            cases: plan.cases.iter().zip(&outlook.asking).map(|(planned, asking)| CaseDocument::of((plan, planned), *asking)).collect(),
            totals: TotalsDocument::of(outlook),
            outbound: plan.outbound().iter().filter_map(OutboundDocument::of).collect(),
            creates: outlook.creates.iter().map(CreationDocument::of).collect(),
            rights: outlook.rights.iter().map(RightDocument::of).collect(),
            rights_command: outlook.rights_command.as_deref(),
        }
    }
}

impl CaseDocument {
    fn of((plan, planned): (&Plan, &PlannedCase), asking: Duration) -> Self {
        let (case, spread) = (&planned.case, planned.spread());
        Self {
            id: case.id.to_string(),
            tags: case.tags.clone(),
            file: case.span.file.to_string(),
            line: case.span.line,
            probe: case.probe.kind(),
            family: case.probe.burst().family.to_string(),
            strategy: planned.strategy,
            pairs: planned.pairs.len() as u64,
            total_pairs: planned.total,
            asks: spread.asks.into(),
            asked: spread.asked.into(),
            packets: planned.packets(),
            packets_at_most: planned.case.retry.as_ref().map(|_| planned.packets_at_most()),
            asking_ms: millis(asking),
            terms: TermsDocument::of(case),
            skip: planned.skip.as_ref().map(ReasonDocument::of),
            no_pairs: planned.no_pairs.clone(),
            left_out: planned.left_out.clone(),
            unstated: plan.unstated(planned),
            too_few: planned.too_few.clone(),
            acts_as_zero: planned.acts_as_zero.clone(),
            fails: planned.refuted.as_ref().map(ReasonDocument::of_mismatch),
        }
    }
}

impl CreationDocument {
    fn of(creation: &Creation) -> Self {
        let Creation { kind, count, namespace, words } = creation;
        Self { kind, count: *count, namespace: namespace.clone(), description: words.clone() }
    }
}

impl RightDocument {
    fn of(right: &NeededRight) -> Self {
        let NeededRight { verb, resource, name, namespace, why, needed } = right;
        Self { verb, resource, name: name.clone(), namespace: namespace.clone(), why, needed: *needed }
    }
}

impl TotalsDocument {
    fn of(outlook: &Outlook<'_>) -> Self {
        let cases = &outlook.plan.cases;
        let again = cases.iter().any(|planned| planned.case.retry.is_some());
        Self {
            cases: cases.len(),
            skipped: cases.iter().filter(|planned| planned.skip.is_some()).count(),
            pairs: cases.iter().map(|planned| planned.pairs.len() as u64).sum(),
            packets: cases.iter().map(PlannedCase::packets).sum(),
            packets_at_most: again.then(|| cases.iter().map(PlannedCase::packets_at_most).sum()),
            asking_ms: millis(outlook.together),
        }
    }
}

/// Rounded up, so that what takes time never takes none.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
}
