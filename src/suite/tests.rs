//! The language from outside: text in, cases or remarks out.

use super::*;
use crate::model::diagnostic::{Diagnostic, Severity};

mod cases;
mod hostile;
mod keys;
mod mistakes;
mod schema;

const FILE: &str = "suite.yaml";

/// The shortest suite, and what tests are made from.
const LEAST: &str = "netcheck: v1\nsuite: s\ntests:\n  - id: t\n    from: pods\n    to: pods\n    probe: icmp\n";

/// A suite around one test's further keys, each a line without indentation.
fn with(keys: &str) -> String {
    let keys: String = keys.lines().map(|line| format!("    {line}\n")).collect();
    LEAST.replace("    probe: icmp\n", &keys)
}

fn sets(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[track_caller]
fn good(text: &str) -> crate::model::suite::Suite {
    let reading = read(FILE, text.as_bytes(), &[]);
    reading.suite.unwrap_or_else(|| panic!("{text}\n{}", drawn(&reading.diagnostics)))
}

/// As plain text: what a person would have to read.
fn drawn(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(draw).collect()
}

fn draw(diagnostic: &Diagnostic) -> String {
    let word = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    let mut text = format!("{word}[{}] {}\n", diagnostic.code, diagnostic.message);
    if let Some(span) = &diagnostic.span {
        let underline = " ".repeat(span.caret() as usize - 1) + &"^".repeat(span.length as usize);
        text += &format!("  {span}\n  {}\n  {underline} {}\n", span.text, diagnostic.label);
    }
    for (span, words) in &diagnostic.related {
        text += &format!("  {span} {words}\n");
    }
    for help in &diagnostic.help {
        text += &format!("  help: {help}\n");
    }
    text
}
