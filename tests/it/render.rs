//! `netcheck render`: what it prints is a suite that needs no part and no value, and plans as the original does.

use std::path::{Path, PathBuf};
use std::process::Command;

use netcheck::suite::{self, Given};
use serde_json::Value;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The words of a golden folder's command line that give variables values.
fn values(folder: &Path) -> Vec<String> {
    let arguments = std::fs::read_to_string(folder.join("args")).unwrap();
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let flags = words.windows(2).filter(|pair| matches!(pair[0], "--set" | "--set-string" | "--vars"));
    flags.flat_map(|pair| pair.iter().map(ToString::to_string)).collect()
}

fn netcheck(folder: &Path, words: &[String]) -> (Option<i32>, String) {
    let environment = std::fs::read_to_string(folder.join("env")).unwrap_or_default();
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    let output =
        command.args(words).current_dir(folder).envs(environment.lines().filter_map(|line| line.split_once('='))).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// A plan for programs, but for the places of tests and the words in which a condition says why it is false.
fn plan(folder: &Path, suite: &str, values: &[String]) -> Option<Value> {
    let world = folder.join("world.yaml");
    let mut words: Vec<String> = ["plan", suite, "--backend", "simulated", "--format", "json"].map(str::to_owned).to_vec();
    if world.exists() {
        words.extend(["--world".to_owned(), "world.yaml".to_owned()]);
    }
    words.extend_from_slice(values);
    let (exit, out) = netcheck(folder, &words);
    let mut plan: Value = (exit == Some(0)).then(|| serde_json::from_str(&out).unwrap())?;
    for case in plan["cases"].as_array_mut().unwrap() {
        let case = case.as_object_mut().unwrap();
        case.remove("file");
        case.remove("line");
        if case["skip"]["code"] == "when" {
            case["skip"]["why"] = Value::Null;
        }
    }
    Some(plan)
}

/// The suites of a golden folder.
fn suites(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "yaml") && name != "world.yaml");
    // A collection is none, and stands for those beside it.
    names.retain(|name| !std::fs::read_to_string(folder.join(name)).unwrap_or_default().contains("\ncollection:"));
    names.sort();
    names
}

/// The certificates that suites of a folder name lie beside what is rendered of them.
fn certificates(from: &Path, to: &Path) {
    let files = std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "pem")) {
        std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// The hash of a plan is over its seed, the ids, probes, strategies and bounds of its cases, and each single pair.
#[test]
fn what_is_rendered_plans_as_the_original_does_over_all_golden_suites() {
    let place = tempfile::tempdir().unwrap();
    let mut folders: Vec<_> = std::fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut compared = 0;
    for folder in folders {
        let values = values(&folder);
        for suite in suites(&folder) {
            let Some(original) = plan(&folder, &suite, &values) else { continue };
            let file = place.path().join("rendered.yaml").to_str().unwrap().to_owned();
            let words: Vec<String> = ["render".to_owned(), suite.clone()].into_iter().chain(values.clone()).collect();
            let (exit, text) = netcheck(&folder, &words);
            assert_eq!(exit, Some(0), "{}/{suite}", folder.display());
            std::fs::write(&file, &text).unwrap();
            certificates(&folder, place.path());
            assert!(!text.contains("\nvars:") && !text.contains("\ninclude:") && !text.contains("vars.x"), "{text}");
            assert_eq!(plan(&folder, &file, &[]), Some(original), "{}/{suite}\n{text}", folder.display());
            // What is rendered once is rendered to the same again, but for the comments.
            let beside = |path: &str| std::fs::read(place.path().join(path)).map_err(|error| error.to_string());
            let again = suite::render("s.yaml", text.as_bytes(), &[], &beside).unwrap();
            let body = |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(body(&again), body(&text), "{}/{suite}", folder.display());
            compared += 1;
        }
    }
    assert!(compared > 100, "only {compared} golden suites were compared");
}

fn rendered(text: &str, given: &[Given]) -> Result<String, String> {
    suite::render("s.yaml", text.as_bytes(), given, &crate::no_parts)
}

#[test]
fn what_cannot_be_written_as_a_suite_is_refused_and_not_made_up() {
    let head = "netcheck: v1\nsuite: s\nvars: { l: [a] }\ntests:\n";
    let test = "  - id: t\n    matrix: { x: [a, b] }\n    when: matrix.x == vars.l[0]\n    from: pods\n    to: pods\n    probe: icmp\n";
    let text = rendered(&format!("{head}{test}"), &[]).unwrap();
    assert!(text.contains("when: \"matrix.x == ['a'][0]\"\n"), "{text}");
    // The value of the variable has more bytes than an expression may have.
    let long = suite::set("l", &format!("[{}]", vec!["abcdefgh"; 200].join(", ")));
    let why = rendered(&format!("{head}{test}"), &[long]).unwrap_err();
    assert!(why.contains("more than 1000") && why.contains("NC"), "{why}");
    let why = rendered("netcheck: v1\nsuite: s\ntests: []\n", &[]).unwrap_err();
    assert!(why.contains("NC"), "{why}");
}

#[test]
fn matrices_stay_and_variables_go() {
    let text = r#"netcheck: v1
suite: s
vars: { loss: 2%, hosts: true, n: 30, p99: { type: duration, optional: true }, text: "yes" }
deadline: 5m
defaults: { from: pods, to: pods, owner: "${{ vars.text }}" }
tests:
  - id: t
    title: "$${{ ${{ vars.n }} of ${{ matrix.p }}"
    when: vars.hosts
    matrix: { p: [icmp, udp], q: { a: "${{ vars.n }}", b: 40 }, exclude: [{ p: udp, q: b }] }
    probe: { type: "${{ matrix.p }}", count: "${{ matrix.q }}", family: v4 }
    expect:
      each: { loss: "<= ${{ vars.loss if matrix.p == 'udp' else '1%' }}" }
      overall: { loss: "<= ${{ vars.loss }}", p99: "<= ${{ vars.p99 }}" }
"#;
    let expected = r#"# Rendered from s.yaml, with its parts and the values of its variables.
# vars.loss = 2%, default at s.yaml:3
# vars.hosts = true, default at s.yaml:3
# vars.n = 30, default at s.yaml:3
# vars.p99 has no value, optional at s.yaml:3
# vars.text = yes, default at s.yaml:3
netcheck: v1
suite: s
deadline: 5m
defaults:
  from: pods
  to: pods
  owner: "yes"
tests:
  - id: t
    title: "$${{ ${{ 30 }} of ${{ matrix.p }}"
    when: "true"
    matrix:
      p: [icmp, udp]
      q:
        a: 30
        b: 40
      exclude:
        - p: udp
          q: b
    probe:
      type: "${{ matrix.p }}"
      count: "${{ matrix.q }}"
      family: v4
    expect:
      each:
        loss: "<= ${{ '2%' if matrix.p == 'udp' else '1%' }}"
      overall:
        loss: <= 2%
        p99: "<= ${{ none }}"
"#;
    assert_eq!(rendered(text, &[]).unwrap(), expected);
}
