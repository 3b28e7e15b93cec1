//! Runs that are refused before they begin: their reports say so, in the place of what an earlier run left there. A pipeline that
//! publishes reports must not publish yesterday's green.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const YESTERDAY: &str = "yesterday's, and green";

const SUITE: &str = "netcheck: v1
suite: s
secrets: { token: { env: NETCHECK_TEST_NO_SUCH_VARIABLE } }
tests:
  - { id: a, from: pods, to: pods, probe: tcp }
  - { id: b, from: pods, to: { host: 10.0.0.1, port: 443 }, probe: { type: http, token: '${{ secrets.token }}' } }
";

fn run(place: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.arg("run").args(["--report", "junit=junit.xml", "--report", "json=out/results.json"]).args(words);
    command.current_dir(place).env_remove("KUBECONFIG").env("HOME", place).output().unwrap()
}

/// The reports of a run that ends so, of which the terminal and the reports say these words.
#[track_caller]
fn check(words: &[&str], exit: i32, code: &str, said: &str) {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    fs::create_dir(path("out")).unwrap();
    for report in ["junit.xml", "out/results.json"] {
        fs::write(path(report), YESTERDAY).unwrap();
    }
    fs::write(path("suite.yaml"), SUITE).unwrap();
    fs::write(path("world.yaml"), "netcheck: v1\nworld: w\nnodes: 3\nfoo: bar\n").unwrap();
    fs::write(path("kubeconfig"), "kind: Config\n").unwrap();
    fs::write(path("mistaken.yaml"), SUITE.replace("probe: tcp", "probe: tpc")).unwrap();
    let output = run(home.path(), words);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(exit), "{stderr}");
    let results: Value = serde_json::from_slice(&fs::read(path("out/results.json")).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&netcheck::report::results_schema()).unwrap();
    assert!(schema.is_valid(&results), "{results:#}");
    assert_eq!((&results["run"]["exit"]["code"], &results["problems"][0]["code"]), (&exit.into(), &code.into()), "{results:#}");
    let junit = fs::read_to_string(path("junit.xml")).unwrap();
    assert!(
        junit.contains("tests=\"1\" skipped=\"0\" failures=\"0\" errors=\"1\"") && junit.contains(&format!("type=\"{code}\"")),
        "{junit}"
    );
    for text in [&stderr, &junit, &results["problems"][0].to_string()] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Read aloud, what belongs to an error comes behind it.
    let place = |text: &str, words: &Value| text.find(words.as_str().unwrap());
    let problem = &results["problems"][0];
    for detail in problem["details"].as_array().unwrap() {
        assert!(place(&junit, detail) > junit.rfind(problem["message"].as_str().unwrap()), "{junit}");
    }
}

#[test]
fn what_is_refused_is_in_the_reports_and_nothing_of_an_earlier_run() {
    check(&["mistaken.yaml", "--backend", "simulated"], 2, "usage", "found the text");
    check(&["no-such.yaml", "--backend", "simulated"], 2, "usage", "no-such.yaml");
    check(&["suite.yaml", "--backend", "simulated", "--world", "no-such.yaml"], 2, "usage", "no-such.yaml");
    check(&["suite.yaml", "--backend", "simulated", "--kubeconfig", "k"], 2, "usage", "--kubeconfig has no effect");
    check(&["suite.yaml", "--backend", "simulated", "--world", "world.yaml"], 2, "usage", "unknown key `foo`");
    check(&["suite.yaml"], 2, "usage", "no kubeconfig");
    check(&["suite.yaml", "--kubeconfig", "kubeconfig"], 2, "usage", "no current context");
    check(&["suite.yaml", "--backend", "simulated", "--report", "json=suite.yaml/none.json"], 2, "usage", "none.json cannot be written");
    check(&["suite.yaml", "--backend", "simulated", "--report", "json=junit.xml"], 2, "usage", "two reports would be written to junit.xml");
    check(&["suite.yaml", "--backend", "simulated"], 2, "usage", "NETCHECK_TEST_NO_SUCH_VARIABLE");
    check(&["suite.yaml", "--backend", "simulated", "--case", "s/c"], 4, "nothing-selected", "nothing is selected");
}

#[test]
fn what_is_refused_is_one_document_on_standard_output_too() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["no-such.yaml", "--backend", "simulated", "--report", "json=-"]);
    let results: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results["run"]["exit"]["code"], 2);
}

#[test]
fn a_report_that_cannot_be_written_changes_nothing_for_the_others() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["no-such.yaml", "--backend", "simulated", "--report", "json=/dev/full"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/dev/full cannot be written"));
    assert!(fs::read_to_string(home.path().join("junit.xml")).unwrap().contains("no-such.yaml"));
}

/// A pipe to which nobody writes is waited for; a signal meanwhile ends the run as a signal does, and no empty file is made up.
#[test]
fn a_signal_before_the_run_began_is_one_in_the_reports() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("suite.yaml"), SUITE).unwrap();
    let pipe = home.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(["run", "suite.yaml", "--kubeconfig", "pipe", "--report", "json=results.json"]).current_dir(home.path());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    // That there is a writer shows that it reads; it says that it heard the signal before it finds the end.
    let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("SIGTERM: ending in order"));
    drop(writer);
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(143), "{told:?}");
    let results: Value = serde_json::from_slice(&fs::read(home.path().join("results.json")).unwrap()).unwrap();
    assert_eq!((&results["run"]["exit"]["code"], &results["run"]["interrupted"]), (&143.into(), &"SIGTERM".into()), "{results:#}");
}
