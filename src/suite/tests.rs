//! The language from outside: text in, cases or remarks out.

use super::*;
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::suite::language::{Key, Shape, Standing};

mod agents;
mod cases;
mod discover;
mod ends;
mod hostile;
mod keys;
mod lacking;
mod mistakes;
mod reference;
mod schema;
mod services;
mod surroundings;
mod unread;
mod variables;
mod world_keys;
mod worlds;

/// Of a suite that includes nothing.
fn read(file: &str, bytes: &[u8], given: &[Given]) -> Reading {
    super::read(file, bytes, given, &|path| Err(format!("{path}: no such file")))
}

const FILE: &str = "suite.yaml";

/// The shortest suite, and what tests are made from.
const LEAST: &str = "netcheck: v1\nsuite: s\ntests:\n  - id: t\n    from: pods\n    to: pods\n    probe: icmp\n";

/// A suite around one test's further keys, each a line without indentation.
fn with(keys: &str) -> String {
    let keys: Vec<_> = keys.lines().map(|line| format!("    {line}\n")).collect();
    LEAST.replace("    probe: icmp\n", &keys.concat())
}

fn sets(pairs: &[(&str, &str)]) -> Vec<Given> {
    pairs.iter().map(|(name, value)| set(name, value)).collect()
}

#[track_caller]
fn good(text: &str) -> crate::model::suite::Suite {
    let reading = read(FILE, text.as_bytes(), &[]);
    reading.suite.unwrap_or_else(|| panic!("{text}\n{}", drawn(&reading.diagnostics)))
}

/// As plain text: what a person would have to read.
fn drawn(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(draw).collect::<Vec<_>>().concat()
}

fn draw(diagnostic: &Diagnostic) -> String {
    let word = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    let mut lines = vec![format!("{word}[{}] {}", diagnostic.code, diagnostic.message)];
    if let Some(span) = &diagnostic.span {
        let underline = " ".repeat(span.caret() as usize - 1) + &"^".repeat(span.length as usize);
        lines.extend([format!("  {span}"), format!("  {}", span.text), format!("  {underline} {}", diagnostic.label)]);
    }
    lines.extend(diagnostic.related.iter().map(|(span, words)| format!("  {span} {words}")));
    lines.extend(diagnostic.help.iter().map(|help| format!("  help: {help}")));
    lines.join("\n") + "\n"
}

/// The paths of all supported keys, each behind what it holds.
fn key_paths(keys: &'static [Key]) -> Vec<String> {
    let mut found = Vec::new();
    paths(keys, "", &mut found);
    found
}

fn paths(keys: &'static [Key], before: &str, found: &mut Vec<String>) {
    for key in keys {
        let Standing::Now(shape) = &key.standing else { continue };
        let path = format!("{before}{}", key.name);
        inside(shape, &format!("{path}."), found);
        found.push(path);
    }
}

fn inside(shape: &'static Shape, before: &str, found: &mut Vec<String>) {
    match shape {
        Shape::Keys(keys) | Shape::KeysOrData(keys) => paths(keys, before, found),
        Shape::List(_, of) => inside(of, before, found),
        Shape::Named { of, keys, .. } => {
            paths(keys, before, found);
            inside(of, before, found);
        }
        Shape::Either(shapes) => shapes.iter().for_each(|shape| inside(shape, before, found)),
        Shape::Scalar(_) | Shape::Constant(_) | Shape::Condition | Shape::Data(_) => {}
    }
}
