//! Every kind of mistake with its words and its place, in `mistakes.golden` and `worlds.golden`: a file, perhaps with
//! values for variables, and what a person would have to read. `NETCHECK_UPDATE=1` writes what is now.

use super::*;
use crate::model::inventory::Inventory;

const SUITES: &str = include_str!("mistakes.golden");

const WORLDS: &str = include_str!("worlds.golden");

/// Among the settings: the suite is read with an inventory.
const NODES: &str = "nodes";

/// Among the settings: with an inventory that has Services too.
const SERVICES: &str = "services";

/// One of the files, with its title, its settings and what is expected of it.
struct Example {
    title: &'static str,
    text: &'static str,
    settings: &'static str,
    expected: &'static str,
}

impl Example {
    /// What is known of the cluster, if anything is.
    fn inventory(&self) -> Option<Inventory> {
        let known = self.settings.split_whitespace().find(|setting| [NODES, SERVICES].contains(setting))?;
        let inventory = super::discover::four_nodes();
        Some(if known == SERVICES { inventory } else { Inventory { services: None, workloads: None, ..inventory } })
    }

    /// `NAME=VALUE` of `--set`, `string:NAME=VALUE` of `--set-string`, `env:NAME=VALUE` of the environment, `file:YAML` of a file.
    fn given(&self) -> (Vec<Given>, Vec<Diagnostic>) {
        let (mut all, mut diagnostics) = (Vec::new(), Vec::new());
        let pair = |text: &str, make: fn(&str, &str) -> Given| text.split_once('=').map(|(name, value)| make(name, value)).unwrap();
        for setting in self.settings.split_whitespace().filter(|setting| ![NODES, SERVICES].contains(setting)) {
            if let Some(text) = setting.strip_prefix("file:") {
                let (given, more) = read_values("values.yaml", text.as_bytes());
                all.extend(given);
                diagnostics.extend(more);
            } else if let Some(text) = setting.strip_prefix("env:") {
                all.push(pair(text, environment));
            } else if let Some(text) = setting.strip_prefix("string:") {
                all.push(pair(text, set_string));
            } else {
                all.push(pair(setting, set));
            }
        }
        (all, diagnostics)
    }
}

fn examples(golden: &'static str) -> impl Iterator<Item = Example> {
    golden.split("\n=== ").skip(1).map(|part| {
        let (title, rest) = part.split_once('\n').unwrap();
        let (text, expected) = rest.split_once("\n=>").unwrap();
        let (settings, expected) = expected.split_once('\n').unwrap();
        Example { title, text, settings, expected }
    })
}

/// White space at the ends of lines cannot be seen.
fn tidy(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// `read` says whether there is a result, and all remarks.
fn check(file: &str, golden: &'static str, read: impl Fn(&Example) -> (bool, Vec<Diagnostic>)) {
    let update = std::env::var_os("NETCHECK_UPDATE").is_some();
    let mut now = vec![golden.split("\n=== ").next().unwrap().trim_end().to_owned() + "\n"];
    for example in examples(golden) {
        let (there, diagnostics) = read(&example);
        let (title, text, found) = (example.title, example.text, drawn(&diagnostics));
        let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(there, !failed, "{title}");
        assert!(update || tidy(&found) == tidy(example.expected), "\n=== {title}\n{text}\n\nfound:\n{found}");
        now.push(format!("=== {title}\n{text}\n=>{}\n{}\n", example.settings, tidy(&found)));
    }
    if update {
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/suite/tests").join(file);
        std::fs::write(place, now.join("\n")).unwrap();
    }
}

#[test]
fn mistakes_are_told_with_their_places() {
    check("mistakes.golden", SUITES, |example| {
        let (given, mut diagnostics) = example.given();
        let text = format!("{}\n", example.text);
        let reading = if let Some(inventory) = example.inventory() {
            let seen = Seen { inventory: &inventory, start: &crate::model::run::Start::of_none(1) };
            complete(FILE, text.as_bytes(), &given, &|path| Err(format!("{path}: no such file")), seen)
        } else {
            read(FILE, text.as_bytes(), &given)
        };
        diagnostics.extend(reading.declared.iter().flat_map(|declared| undeclared(&given, &[declared])));
        let wrong = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        diagnostics.extend(reading.diagnostics);
        (reading.suite.is_some() && !wrong, diagnostics)
    });
    check("worlds.golden", WORLDS, |example| {
        let reading = read_world("world.yaml", format!("{}\n", example.text).as_bytes());
        (reading.world.is_some(), reading.diagnostics)
    });
}

#[test]
fn every_code_has_its_example() {
    // These take more than a line or two, or more than a file: they are among the hostile ones and in the golden folders.
    let large = [codes::TOO_BIG, codes::TOO_MANY_CASES, codes::AND_MORE];
    let elsewhere = [large, [codes::NOT_INCLUDED, codes::CYCLE, codes::CLASH]].concat();
    for known in codes::ALL.iter().filter(|known| !elsewhere.contains(&known.code)) {
        assert!(SUITES.contains(known.code) || WORLDS.contains(known.code), "{}: {}", known.code, known.meaning);
    }
}
