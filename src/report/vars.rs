//! The variables of suites for programs: `netcheck.vars/v1`. Within v1, fields are only ever added.
//! It must not know where values are looked for.

use schemars::JsonSchema;
use serde::Serialize;

use super::origin::OriginDocument;
use crate::model::suite::Var;

/// What `netcheck vars --format json` prints. Within v1, fields are only ever added.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    /// The name and version of this shape: `netcheck.vars/v1`.
    schema: Version,
    /// The suites, in the order of the command line.
    suites: Vec<SuiteDocument<'a>>,
}

/// The versions of the shape.
#[derive(Debug, Serialize, JsonSchema)]
enum Version {
    /// The first.
    #[serde(rename = "netcheck.vars/v1")]
    V1,
}

/// A suite.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SuiteDocument<'a> {
    /// Its file, as it was named.
    file: &'a str,
    /// Its variables, in the order in which they are declared.
    vars: Vec<VarDocument<'a>>,
}

/// A variable.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VarDocument<'a> {
    /// As `--set` takes it.
    name: &'a str,
    /// As a declaration states it; empty where the declaration is a mistake.
    #[serde(rename = "type")]
    kind: &'a str,
    /// As `--set` takes it; null without one.
    value: Option<&'a str>,
    /// Who gave it.
    origin: OriginDocument,
    /// The file in which the value is written; null if that is in none.
    file: Option<&'a str>,
    /// The line of that file, from 1.
    line: Option<u32>,
    /// What it is for; null if the suite does not say.
    help: Option<&'a str>,
    /// The values that it may have; empty if the type alone decides.
    choices: &'a [String],
    /// Where it is declared.
    declared: PlaceDocument<'a>,
}

/// A line of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PlaceDocument<'a> {
    /// As it was named.
    file: &'a str,
    /// From 1.
    line: u32,
}

/// The variables of suites, each by its file, as `netcheck.vars/v1`, with a line break at the end.
///
/// # Errors
/// None is known: the document is plain data with string keys.
pub fn json(suites: &[(&str, &[Var])]) -> std::io::Result<String> {
    let suites = suites.iter().map(|(file, vars)| SuiteDocument { file, vars: vars.iter().map(VarDocument::of).collect() }).collect();
    Ok(serde_json::to_string_pretty(&Document { schema: Version::V1, suites })? + "\n")
}

/// The JSON Schema (2020-12) of `netcheck.vars/v1`.
#[must_use]
pub fn schema() -> serde_json::Value {
    super::schema::of::<Document<'_>>("netcheck.vars/v1")
}

impl<'a> VarDocument<'a> {
    fn of(var: &'a Var) -> Self {
        let (origin, span) = OriginDocument::of(&var.origin);
        Self {
            name: &var.name,
            kind: var.kind,
            value: Some(var.value.as_str()).filter(|_| var.has_value()),
            origin,
            file: span.map(|span| &*span.file),
            line: span.map(|span| span.line),
            help: var.help.as_deref(),
            choices: &var.choices,
            declared: PlaceDocument { file: &var.declared.file, line: var.declared.line },
        }
    }
}
