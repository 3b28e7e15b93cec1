//! The JSON report `netcheck.results/v1`, and its schema. It must not know where the text goes.

use super::document::Document;
use crate::model::run::Run;

/// The report of a run as far as it has come, with a line break at the end.
///
/// # Errors
/// None is known: the document is plain data with string keys.
pub(super) fn render(run: &Run) -> std::io::Result<String> {
    let mut text = serde_json::to_string_pretty(&Document::of(run))?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema (2020-12) of `netcheck.results/v1`.
#[must_use]
pub fn results_schema() -> serde_json::Value {
    super::schema::of::<Document>("netcheck.results/v1")
}
