//! The table of faults and suites: what must fail, may fail, must be errored under each fault, and that all else passes.
//! The rows are data (`table.yaml`); it must not know what a fault does.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::Fault;
use crate::kit::{Cluster, Finished};

/// Every shipped suite.
const SUITES: &str = "suites/all.yaml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// As the driver takes them.
    faults: Vec<String>,
    /// Values of variables.
    #[serde(default)]
    set: Vec<String>,
    /// Patterns of cases that must fail, with their failing pairs; any pairs where none are named.
    #[serde(default)]
    fail: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    may: Vec<String>,
    #[serde(default)]
    open: Vec<String>,
    #[serde(default)]
    errored: Vec<String>,
    #[serde(default)]
    says: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cluster_faults/table.yaml")).unwrap();
    let rows: Vec<Row> = serde_saphyr::from_str(&text).unwrap();
    let only = std::env::var("NETCHECK_TEST_ROW").unwrap_or_default();
    rows.into_iter().filter(|row| row.name.contains(&only)).collect()
}

/// `*` is anything; all else stands for itself.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn pairs(case: &Value) -> Vec<String> {
    let pairs = case["failingPairs"].as_array().unwrap().iter();
    let mut pairs: Vec<_> =
        pairs.map(|pair| format!("{}>{}", pair["source"].as_str().unwrap(), pair["target"].as_str().unwrap())).collect();
    pairs.sort();
    pairs
}

/// What is wrong with a case under the faults of a row.
fn wrong(row: &Row, case: &Value) -> Option<String> {
    let (id, status) = (case["id"].as_str().unwrap(), case["status"].as_str().unwrap());
    let any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, id));
    let failing = row.fail.iter().find(|(pattern, _)| fits(pattern, id));
    let wanted: &[&str] = match failing {
        _ if status == "skipped" => return None,
        Some(_) => &["failed"],
        None if any(&row.may) => &["failed", "passed"],
        None if any(&row.open) => &["failed", "passed", "errored"],
        None if any(&row.errored) => &["errored"],
        None => &["passed"],
    };
    if !wanted.contains(&status) {
        return Some(format!("{id} is {status}, not {}: {}", wanted.join(" or "), case["reason"]));
    }
    let (found, expected) = (pairs(case), failing.map(|(_, pairs)| pairs.clone()).unwrap_or_default());
    (!expected.is_empty() && found != expected).then(|| format!("{id} fails {found:?}, not {expected:?}"))
}

/// Patterns that no case fits would demand nothing.
fn idle<'r>(row: &'r Row, run: &Finished) -> Vec<&'r String> {
    let cases = run.cases();
    let fits_none =
        |pattern: &&String| !cases.iter().any(|case| case["status"] != "skipped" && fits(pattern, case["id"].as_str().unwrap()));
    row.fail.keys().chain(&row.may).chain(&row.open).chain(&row.errored).filter(fits_none).collect()
}

fn check(row: &Row) -> Vec<String> {
    let cluster = Cluster::turn();
    let faults: Vec<Fault> = row.faults.iter().map(|fault| Fault::make(&fault.split(' ').collect::<Vec<_>>())).collect();
    let mut words = vec![SUITES];
    words.extend(row.set.iter().flat_map(|set| ["--set", set]));
    let run = cluster.run(&words);
    // One heals all.
    faults.into_iter().skip(1).for_each(std::mem::forget);
    let mut all: Vec<String> = run.cases().iter().filter_map(|case| wrong(row, case)).collect();
    all.extend(idle(row, &run).iter().map(|pattern| format!("no case is {pattern}")));
    all.extend(row.says.iter().filter(|words| !run.stderr.contains(*words)).map(|words| format!("{words:?} is not said")));
    let exit = if row.fail.is_empty() { if row.errored.is_empty() { 0 } else { 3 } } else { 1 };
    if row.may.is_empty() && run.status.code() != Some(exit) {
        all.push(format!("it exits with {:?}, not {exit}", run.status.code()));
    }
    all.extend(cluster.ours().iter().map(|left| format!("left behind: {left}")));
    if !all.is_empty() {
        eprintln!("--- {}\n{}", row.name, run.stderr);
    }
    all
}

/// Every row is tried, so that one run shows all that is wrong.
#[test]
fn every_fault_is_found_and_nothing_else() {
    let wrong: Vec<String> = rows().iter().flat_map(|row| check(row).into_iter().map(|wrong| format!("{}: {wrong}", row.name))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn patterns_stand_for_whole_names() {
    for (pattern, name, fit) in [
        ("a/b", "a/b", true),
        ("a/b", "a/bc", false),
        ("a/*", "a/b", true),
        ("a/*c", "a/bcd", false),
        ("*v4*", "a[family=v4]", true),
        ("a*b*c", "a-c-b", false),
    ] {
        assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
    }
}
