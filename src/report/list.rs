//! The cases of suites, as `netcheck list` shows them: a line each, or `netcheck.list/v1`. Within v1, fields are only ever added.
//! It must not know how cases are selected.

use schemars::JsonSchema;
use serde::Serialize;

use super::clean::one_line;
use crate::model::shard::Shard;
use crate::model::suite::{Case, Suite};
use crate::model::verdict::Skip;

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
    /// Why the suite itself leaves it out; null if it does not. What a place cannot do skips cases as well, and is not known here.
    skip: Option<SkipDocument>,
}

/// Why a case is not run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SkipDocument {
    /// Stable.
    code: String,
    /// In a line.
    why: String,
}

impl SkipDocument {
    pub(super) fn of(skip: &Skip) -> Self {
        Self { code: skip.code.to_owned(), why: skip.why.clone() }
    }
}

/// A line for each case: its id, its tags, and why it would be skipped.
#[must_use]
pub fn text(suites: &[Suite]) -> String {
    let cases: Vec<(String, String, &Case)> =
        suites.iter().flat_map(|suite| &suite.cases).map(|case| (one_line(&case.id.to_string()), case.tags.join(","), case)).collect();
    let ids = cases.iter().map(|(id, ..)| id.chars().count()).max().unwrap_or(0);
    let tags = cases.iter().map(|(_, tags, _)| tags.chars().count()).max().unwrap_or(0);
    let line = |(id, own, case): &(String, String, &Case)| {
        let skip = case.skip.as_ref().map_or_else(String::new, |skip| format!("skipped: {}", one_line(&skip.why)));
        format!("{}\n", format!("{id:ids$}  {own:tags$}  {skip}").trim_end())
    };
    cases.iter().map(line).collect()
}

/// The cases as `netcheck.list/v1`, with a line break at the end.
///
/// # Errors
/// None is known: the document is plain data with string keys.
pub fn json(suites: &[Suite], shard: Option<Shard>) -> std::io::Result<String> {
    let cases = suites.iter().flat_map(|suite| suite.cases.iter().map(CaseDocument::of)).collect();
    let document = Document { schema: Version::V1, shard: shard.map(ShardDocument::from), cases };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

impl CaseDocument {
    fn of(case: &Case) -> Self {
        Self {
            id: case.id.to_string(),
            suite: case.id.suite.to_string(),
            test: case.id.test.to_string(),
            tags: case.tags.clone(),
            file: case.span.file.to_string(),
            line: case.span.line,
            skip: case.skip.as_ref().map(SkipDocument::of),
        }
    }
}

/// The JSON Schema (2020-12) of `netcheck.list/v1`.
#[must_use]
pub fn schema() -> serde_json::Value {
    super::json::schema_of::<Document>("netcheck.list/v1")
}
