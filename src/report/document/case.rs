//! The shape of a case in `netcheck.results/v1`. It must not know how it is filled.

use schemars::JsonSchema;
use serde::Serialize;

use super::figures::Figures;
use super::retries::RetriesDocument;

/// A case: one claim of the suite over many pairs, with its verdict.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct CaseDocument {
    /// Its stable name in the run: `overlay/pod-to-pod[proto=udp,family=v4]`.
    pub id: String,
    /// The same without the suite.
    pub name: String,
    /// Its matrix labels, label to value, in declared order.
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub key: serde_json::Map<String, serde_json::Value>,
    /// The file of its test.
    pub file: String,
    /// Where its test begins; from 1.
    pub line: u32,
    /// Its tags.
    pub tags: Vec<String>,
    /// A line for people; null where the test has none.
    pub title: Option<String>,
    /// Who is to be asked; null where the test names nobody.
    pub owner: Option<String>,
    /// Where to read on, a URL or a path; null where the test names none.
    pub runbook: Option<String>,
    /// What a failure means: a case that is `failed` with severity `warn` is a warning, and does not fail the run.
    pub severity: SeverityDocument,
    /// How it ended.
    pub status: Status,
    /// The stable code of the reason; null for a pass.
    pub code: Option<String>,
    /// The reason in one line; null for a pass.
    pub reason: Option<String>,
    /// From the first order to ask to the last answer; 0 if nothing was asked.
    pub duration_ms: u64,
    /// Every bound of the suite, held against what was measured; empty if nothing was.
    pub expectations: Vec<ExpectationDocument>,
    /// What the suite wants to see and does not judge, since its limit has no value; empty if nothing was measured.
    pub unjudged: Vec<UnjudgedDocument>,
    /// Over all measured pairs.
    pub metrics: Figures,
    /// The smallest loss, in parts per million, that the case would have found with a probability of 99.9 %.
    pub finds_loss_ppm: FindsLoss,
    /// How much of it was measured.
    pub coverage: CoverageDocument,
    /// Pairs that failed, the worst first; with those that were not measured at most 10,000.
    pub failing_pairs: Vec<FailingPair>,
    /// Pairs that could not be measured.
    pub unmeasured_pairs: Vec<UnmeasuredPair>,
    /// How many pairs failed, also those that are not listed; a case with `pairsOk` may pass nevertheless.
    pub pairs_failed: u64,
    /// How many pairs could not be measured, also those that are not listed.
    pub pairs_unmeasured: u64,
    /// Whether it passed, and only because pairs were asked again; only there in a case with `retry` that was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flaky: Option<bool>,
    /// What asking again came to; only there in a case with `retry` that was run. All figures are those of first attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<RetriesDocument>,
    /// What is worth knowing though it decides nothing.
    pub notes: Vec<String>,
}

/// How a case can end.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) enum Status {
    /// Measured, and as the suite wants it.
    Passed,
    /// Measured, and below what the suite wants.
    Failed,
    /// Not measured, or not enough: nothing is known.
    Errored,
    /// Not run, for a reason that is no trouble.
    Skipped,
}

/// What a failed case means for the run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) enum SeverityDocument {
    /// It fails the run.
    Error,
    /// It is a warning.
    Warn,
}

/// A bound, held against what was measured.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct ExpectationDocument {
    /// Of what: `each.loss`, `overall.p99`.
    pub path: String,
    /// Operator and limit: `<= 1%`.
    pub wanted: String,
    /// What was measured, in words; for `each`, of the worst pair.
    pub measured: String,
    /// How it came out.
    pub result: ResultDocument,
    /// Pairs that miss it; null unless it is missed and judges each pair.
    pub pairs_missed: Option<u64>,
    /// Why it cannot be told; null unless the result is `unknown`.
    pub reason: Option<String>,
    /// The file in which it is written.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Where its limit came from, if it was not written in place.
    pub origin: Option<String>,
}

/// A metric that was measured and not judged.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct UnjudgedDocument {
    /// Of what: `each.loss`, `overall.p99`.
    pub path: String,
    /// What was measured, in words; for `each`, of the worst pair.
    pub measured: String,
    /// The file in which it is written.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Why it has no limit.
    pub origin: Option<String>,
}

/// How a bound can come out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) enum ResultDocument {
    /// As wanted.
    Met,
    /// Not as wanted.
    Missed,
    /// Not as wanted of some pairs, which `overall.pairsOk` counts: by itself it fails nothing.
    Counted,
    /// It cannot be told.
    Unknown,
}

/// The smallest loss that would have been found, in parts per million; null where no bound judges loss.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct FindsLoss {
    /// On each pair.
    pub each: Option<u32>,
    /// Over all pairs together.
    pub overall: Option<u32>,
}

/// How much of a case was measured.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct CoverageDocument {
    /// Pairs that were measured.
    pub measured: u64,
    /// Pairs of the plan.
    pub planned: u64,
    /// Pairs that there are.
    pub total: u64,
    /// Which strategy chose the planned ones; empty if none were.
    pub strategy: String,
}

/// A pair that failed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct FailingPair {
    /// The node that asked.
    pub source: String,
    /// The node that was asked, or the address of the host.
    pub target: String,
    /// What is wrong with it, in one line.
    pub why: String,
    /// What was measured; on the first attempt, where there were several.
    pub metrics: Figures,
    /// What came of each attempt, in words; only there in a case with `retry`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<String>,
}

/// A pair that could not be measured.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct UnmeasuredPair {
    /// The node that should have asked.
    pub source: String,
    /// The node that should have been asked, or the address of the host.
    pub target: String,
    /// The stable code of the cause.
    pub code: String,
    /// The cause, in one line.
    pub why: String,
}
