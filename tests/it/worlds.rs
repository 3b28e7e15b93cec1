//! The shipped worlds: each is a valid world with one fault, and suites go red on it for the reason that it states.
//! `worlds/table.txt` holds what they say of every world; `NETCHECK_UPDATE=1` writes it anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use netcheck::suite;
use serde_json::Value;

/// Worlds that no suite here finds anything wrong with, as their comments say.
const GREEN: [&str; 3] = ["api-server", "duplicates", "healthy"];

const OVERLAY: &str = "suites/overlay.yaml";

/// Asked where there is an API server.
const API_SERVER: &str = "suites/apiserver.yaml";

/// Asked of every world: small packets do not meet what this one finds.
const PMTU: &str = "suites/pmtu.yaml";

/// Asked where the overlay is well: the first bounds what that one leaves open.
const FURTHER: [&str; 3] = ["tests/it/worlds/latency.yaml", "suites/dns.yaml", "suites/service-udp.yaml"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn worlds() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("worlds")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 20, "worlds are shipped");
    paths
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_world_is_valid_and_says_what_it_stands_for() {
    let schema = jsonschema::validator_for(&suite::world_schema()).unwrap();
    for path in worlds() {
        let (text, name) = (std::fs::read_to_string(&path).unwrap(), name(&path));
        let reading = suite::read_world(&path.to_string_lossy(), text.as_bytes());
        assert_eq!(reading.diagnostics, Vec::new(), "{name}");
        assert_eq!(reading.world.unwrap().name, name);
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("# yaml-language-server: $schema=../schemas/world.schema.json"), "{name}");
        let words: Vec<&str> = lines.take_while(|line| line.starts_with('#')).collect();
        assert!(words.len() > 1, "{name} says what real trouble it stands for");
    }
}

#[test]
fn suites_go_red_for_the_reasons_that_worlds_state() {
    let mut table = Vec::new();
    for path in worlds() {
        let name = name(&path);
        let with_api_server = std::fs::read_to_string(&path).unwrap().contains("apiServer:");
        let (mut exit, mut words) = tell(if with_api_server { API_SERVER } else { OVERLAY }, &path);
        if exit == 0 && !with_api_server {
            for suite in FURTHER {
                let told = tell(suite, &path);
                (exit, words) = (exit.max(told.0), words + &told.1);
            }
        }
        let pmtu = tell(PMTU, &path);
        (exit, words) = (exit.max(pmtu.0), words + &pmtu.1);
        assert_eq!(exit == 0, GREEN.contains(&name.as_str()), "{name}: {words}");
        table.push(format!("{name}\n{words}"));
    }
    let (table, place) = (table.join("\n"), root().join("tests/it/worlds/table.txt"));
    if std::env::var_os("NETCHECK_UPDATE").is_some() {
        std::fs::write(&place, &table).unwrap();
    }
    let expected = std::fs::read_to_string(&place).unwrap_or_default();
    let difference = expected.lines().zip(table.lines()).find(|(expected, found)| expected != found);
    assert!(expected == table, "the first difference, expected and found: {difference:#?}\n(NETCHECK_UPDATE=1 writes what is now)");
}

/// The exit code of a suite on a world, and in words all that is not well.
fn tell(suite: &str, world: &Path) -> (i32, String) {
    let out = tempfile::tempdir().unwrap();
    let report = out.path().join("results.json");
    let status = Command::new(env!("CARGO_BIN_EXE_netcheck"))
        .args(["run", "--quiet", "--backend", "simulated", "--world"])
        .arg(world)
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .arg(root().join(suite))
        .output()
        .unwrap()
        .status;
    let results: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let mut lines = vec![format!("  {}: exit {}", name(Path::new(suite)), status.code().unwrap())];
    // What cases have in common is said once.
    let cases = results["suites"].as_array().unwrap().iter().flat_map(|suite| suite["cases"].as_array().unwrap());
    for (said, names) in grouped(cases.filter_map(|case| Some((said(case)?, text(&case["name"]))))) {
        lines.push(format!("    {}", names.join(" ")));
        lines.extend(said.into_iter().map(|line| format!("      {line}")));
    }
    (status.code().unwrap(), lines.join("\n") + "\n")
}

/// The values that have a key in common, in the order of the first of them.
fn grouped<K: Ord + Clone>(all: impl Iterator<Item = (K, String)>) -> Vec<(K, Vec<String>)> {
    let (mut places, mut groups) = (BTreeMap::new(), Vec::<(K, Vec<String>)>::new());
    for (key, value) in all {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[place].1.push(value);
    }
    groups
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What there is to say of a case; none if it is well.
fn said(case: &Value) -> Option<Vec<String>> {
    let list = |key: &str| case[key].as_array().into_iter().flatten();
    let pair = |pair: &Value| format!("{} → {}", text(&pair["source"]), text(&pair["target"]));
    let odd = ["duplicates", "reordered"].into_iter().filter(|key| case["metrics"][key].as_u64().is_some_and(|count| count > 0));
    let odd: Vec<String> = odd.map(|key| format!("{} {key}", case["metrics"][key])).collect();
    if matches!(case["status"].as_str(), Some("passed" | "skipped")) && odd.is_empty() {
        return None;
    }
    let bounds = list("expectations").filter(|bound| bound["result"] == "missed");
    let bounds = bounds.map(|bound| format!("missed {} {}", text(&bound["path"]), text(&bound["wanted"])));
    let misses = case["metrics"]["missed"].as_array().into_iter().flatten();
    let misses = misses.map(|missed| format!("{} {}", missed["count"], text(&missed["words"])));
    let unmeasured = grouped(list("unmeasuredPairs").map(|unmeasured| (text(&unmeasured["why"]), pair(unmeasured))));
    let unmeasured = unmeasured.into_iter().map(|(why, pairs)| format!("{why}: {}", pairs.join(", ")));
    let failing: Vec<String> = list("failingPairs").map(pair).collect();
    let failing = (!failing.is_empty()).then(|| failing.join(", "));
    Some([text(&case["status"])].into_iter().chain(bounds).chain(misses).chain(odd).chain(failing).chain(unmeasured).collect())
}
