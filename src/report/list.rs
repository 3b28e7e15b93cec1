//! The cases of suites, as `netcheck list` shows them: a line each, or `netcheck.list/v1`. Within v1, fields are only ever added.
//! It must not know how cases are selected.

use schemars::JsonSchema;
use serde::Serialize;

use super::clean::one_line;
use super::document::retries::RetryDocument;
use crate::model::shard::Shard;
use crate::model::suite::{Case, Pending, Suite, Traffic, Weight};
use crate::model::verdict::{Mismatch, Skip};

/// What `netcheck list --format json` prints. Within v1, fields are only ever added.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document {
    /// The name and version of this shape: `netcheck.list/v1`.
    schema: Version,
    /// The shard that was asked for; null if none was.
    shard: Option<ShardDocument>,
    /// The selected cases, in the order of the suites.
    cases: Vec<CaseDocument>,
}

/// The versions of the shape.
#[derive(Debug, Serialize, JsonSchema)]
enum Version {
    /// The first.
    #[serde(rename = "netcheck.list/v1")]
    V1,
}

/// A shard.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShardDocument {
    /// Its number, from 1.
    index: u32,
    /// How many there are.
    of: u32,
}

impl From<Shard> for ShardDocument {
    fn from(shard: Shard) -> Self {
        Self { index: shard.index(), of: shard.of() }
    }
}

/// A case.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CaseDocument {
    /// Its stable name, as `--case` takes it.
    id: String,
    /// Its suite.
    suite: String,
    /// Its test.
    test: String,
    /// Its tags.
    tags: Vec<String>,
    /// The file of its suite.
    file: String,
    /// The line on which its test begins, from 1.
    line: u32,
    /// How it goes among the others, and whom it concerns.
    #[serde(flatten)]
    terms: TermsDocument,
    /// What its cases depend on, such as `discover.zones`, where this stands for cases that are known once the nodes are: then `id`
    /// has `?` for what is not known, and nothing but `needs`, `tags` and the place is. Else null.
    waits_for: Option<Vec<String>>,
    /// Why the suite itself leaves it out; null if it does not. What a place cannot do skips cases as well, and is not known here.
    skip: Option<ReasonDocument>,
}

/// How a case goes among the others, and whom it concerns.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TermsDocument {
    /// Tests of its suite that come before it; it is skipped if one of their cases failed or was not measured.
    needs: Vec<String>,
    /// Whether nothing else is measured while it is.
    exclusive: bool,
    /// How long it may take, in milliseconds; null if it has no deadline of its own.
    deadline_ms: Option<u64>,
    /// How often a pair is asked that fails; only there where something is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<RetryDocument>,
    /// `error`, or `warn` where its failure is told and does not fail the run.
    severity: &'static str,
    /// Who is to be asked when it fails; null if nobody is named.
    owner: Option<String>,
}

impl TermsDocument {
    pub(super) fn of(case: &Case) -> Self {
        let (conduct, about) = (&case.conduct, &case.about);
        Self {
            needs: conduct.needs.iter().map(ToString::to_string).collect(),
            exclusive: conduct.traffic == Traffic::Alone,
            // Deadlines are of at least a second.
            deadline_ms: conduct.deadline.map(|deadline| deadline.0 / 1_000),
            retry: case.retry.as_ref().map(RetryDocument::of),
            severity: about.weight.word(),
            owner: about.owner.clone(),
        }
    }
}

/// The same in a line of its own words, each only where there is something to say: `needs base, sound · alone · deadline 5s`.
#[must_use]
pub fn terms(case: &Case) -> String {
    let (conduct, about) = (&case.conduct, &case.about);
    let needs = (!conduct.needs.is_empty()).then(|| format!("needs {}", conduct.needs.join(", ")));
    let alone = (conduct.traffic == Traffic::Alone).then(|| "alone".to_owned());
    let deadline = conduct.deadline.map(|deadline| format!("deadline {deadline}"));
    let retry = case.retry.as_ref().map(|retry| format!("up to {} attempts", retry.attempts));
    let warns = (about.weight == Weight::Warns).then(|| "only warns".to_owned());
    let owner = about.owner.as_ref().map(|owner| format!("owner {}", one_line(owner)));
    let words: Vec<_> = [needs, alone, deadline, retry, warns, owner].into_iter().flatten().collect();
    words.join(" · ")
}

/// Why a case is not run, or fails without being run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReasonDocument {
    /// Stable.
    code: String,
    /// In a line.
    why: String,
}

impl ReasonDocument {
    pub(super) fn of_mismatch(mismatch: &Mismatch) -> Self {
        Self { code: mismatch.code.to_owned(), why: mismatch.message.clone() }
    }

    pub(super) fn of(skip: &Skip) -> Self {
        Self { code: skip.code.to_owned(), why: skip.why.clone() }
    }
}

/// The cases of suites; behind those of each what stands for cases that are not known yet.
fn lines(suites: &[Suite]) -> impl Iterator<Item = (&Case, Option<&Pending>)> {
    suites.iter().flat_map(|suite| {
        let pending = suite.pending.iter().map(|pending| (&pending.stand_in, Some(pending)));
        suite.cases.iter().map(|case| (case, None)).chain(pending)
    })
}

/// A line for each case: its id, its tags, how it goes among the others, and why it would be skipped.
#[must_use]
pub fn text(suites: &[Suite]) -> String {
    let cases: Vec<_> = lines(suites).map(|(case, pending)| (one_line(&case.id.to_string()), case.tags.join(","), case, pending)).collect();
    let ids = cases.iter().map(|(id, ..)| id.chars().count()).max().unwrap_or(0);
    let tags = cases.iter().map(|(_, tags, ..)| tags.chars().count()).max().unwrap_or(0);
    let line = |(id, own, case, pending): &(String, String, &Case, Option<&Pending>)| {
        let skip = case.skip.as_ref().map(|skip| format!("skipped: {}", one_line(&skip.why)));
        let waits = pending.map(|pending| format!("{}: give --inventory FILE", pending.why()));
        let rest: Vec<_> = [Some(terms(case)).filter(|terms| !terms.is_empty()), skip, waits].into_iter().flatten().collect();
        format!("{}\n", format!("{id:ids$}  {own:tags$}  {}", rest.join(" · ")).trim_end())
    };
    cases.iter().map(line).collect()
}

/// The cases as `netcheck.list/v1`, with a line break at the end.
///
/// # Errors
/// None is known: the document is plain data with string keys.
pub fn json(suites: &[Suite], shard: Option<Shard>) -> std::io::Result<String> {
    let cases = lines(suites).map(|(case, pending)| CaseDocument::of(case, pending)).collect();
    let document = Document { schema: Version::V1, shard: shard.map(ShardDocument::from), cases };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

impl CaseDocument {
    fn of(case: &Case, pending: Option<&Pending>) -> Self {
        Self {
            id: case.id.to_string(),
            suite: case.id.suite.to_string(),
            test: case.id.test.to_string(),
            tags: case.tags.clone(),
            file: case.span.file.to_string(),
            line: case.span.line,
            terms: TermsDocument::of(case),
            waits_for: pending.map(|pending| pending.waits_for.clone()),
            skip: case.skip.as_ref().map(ReasonDocument::of),
        }
    }
}

/// The JSON Schema (2020-12) of `netcheck.list/v1`.
#[must_use]
pub fn schema() -> serde_json::Value {
    super::schema::of::<Document>("netcheck.list/v1")
}
