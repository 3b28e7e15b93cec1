//! What asking again came to, in `netcheck.results/v1`, and how often it is asked, there and in plans. It must not know what else
//! there is of a case.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::case::{Rescued, Retries};
use crate::model::retry::{MissKind, Retry};

/// How often a pair is asked that fails.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct RetryDocument {
    /// How often at most, the first time included.
    pub attempts: u32,
    /// From when it is known which pairs failed until they are asked again, in milliseconds.
    pub backoff_ms: u64,
    /// The ways to fail that another attempt may follow; any if it is empty.
    pub only: Vec<&'static str>,
    /// What a pass on a later attempt means: `pass`, `warn` or `fail`.
    pub flaky: &'static str,
}

/// What asking again came to.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct RetriesDocument {
    /// How often a pair is asked that fails.
    #[serde(flatten)]
    pub retry: RetryDocument,
    /// Pairs that passed on a later attempt; at most 10,000.
    pub rescued_pairs: Vec<RescuedPair>,
    /// How many pairs did, also those that are not listed.
    pub pairs_rescued: u64,
}

/// A pair that passed on a later attempt.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct RescuedPair {
    /// Who asked.
    pub source: String,
    /// Who was asked.
    pub target: String,
    /// The attempt on which it passed; from 2.
    pub passed_on: usize,
    /// What came of each attempt before, in words.
    pub failed: Vec<String>,
}

impl RetryDocument {
    pub(in crate::report) fn of(retry: &Retry) -> Self {
        Self {
            attempts: retry.attempts,
            backoff_ms: super::build::millis(retry.backoff),
            only: retry.only.iter().map(|kind| MissKind::word(*kind)).collect(),
            flaky: retry.flaky.word(),
        }
    }
}

impl RetriesDocument {
    pub(super) fn of(retries: &Retries) -> Self {
        let Retries { retry, rescued, pairs_rescued } = retries;
        let rescued_pairs = rescued.iter().map(RescuedPair::of).collect();
        Self { retry: RetryDocument::of(retry), rescued_pairs, pairs_rescued: *pairs_rescued }
    }
}

impl RescuedPair {
    fn of(rescued: &Rescued) -> Self {
        let (source, target) = (rescued.pair.source.to_string(), rescued.pair.target.to_string());
        Self { source, target, passed_on: rescued.passed_on(), failed: rescued.failed.clone() }
    }
}
