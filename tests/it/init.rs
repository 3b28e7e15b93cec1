//! `netcheck init` writes suites that can be run as they are, and never over anything; `netcheck completion` knows every command.

use std::path::Path;
use std::process::{Command, Output};

fn netcheck(directory: &Path, words: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netcheck"))
        .args(words.split_whitespace())
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

#[track_caller]
fn check(directory: &Path, words: &str, exit: i32, part: &str) {
    let output = netcheck(directory, words);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{words}: {text}");
    assert!(text.contains(part), "{words}: {text}");
}

#[test]
fn a_first_suite_runs_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    check(place, "init mine", 0, "mine.netcheck.yaml: written");
    check(place, "lint mine.netcheck.yaml --deny warnings", 0, "1 suite with 3 cases: can be run\n");
    check(place, "run mine.netcheck.yaml --backend simulated --set lossMax=0.5% -t smoke", 0, "3 passed");
    let written = std::fs::read_to_string(place.join("mine.netcheck.yaml")).unwrap();
    assert!(written.contains("mine/mesh[proto=icmp]") && !written.contains("NAME") && !written.contains("FILE"), "{written}");
    let commands: Vec<_> = written.split("netcheck ").skip(1).filter(|rest| rest.contains("mine.netcheck.yaml")).collect();
    assert!(commands.len() >= 6, "{written}");
}

#[test]
fn a_suite_that_is_built_in_is_copied_under_another_name() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    check(place, "init mine --builtin overlay -o some.yaml", 0, "some.yaml: written");
    check(place, "lint some.yaml --deny warnings", 0, "can be run\n");
    check(place, "list some.yaml", 0, "mine/pod-to-pod[proto=icmp,family=v4]");
    let written = std::fs::read_to_string(place.join("some.yaml")).unwrap();
    assert!(written.contains("some.yaml") && !written.contains("suites/") && !written.contains("../"), "{written}");
    check(place, "init mine --builtin overlya", 2, "there is no built-in suite \"overlya\"");
}

#[test]
fn nothing_is_written_over_and_no_wrong_name_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    std::fs::write(place.join("mine.netcheck.yaml"), "precious").unwrap();
    check(place, "init mine", 2, "is there already, and stays as it is");
    assert_eq!(std::fs::read_to_string(place.join("mine.netcheck.yaml")).unwrap(), "precious");
    for name in ["-mine", ".mine", "mine/yours", "a:b", "#"] {
        check(place, &format!("init -o wrong.yaml -- {name}"), 2, "cannot be the name of a suite");
    }
    check(place, "init mine -o nowhere/mine.yaml", 2, "cannot write nowhere/mine.yaml");
    assert_eq!(std::fs::read_dir(place).unwrap().count(), 1);
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = netcheck(Path::new("."), &format!("completion {shell}"));
        let script = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let command = netcheck::cli::command();
        let unknown: Vec<_> =
            command.get_subcommands().filter(|known| !known.is_hide_set() && !script.contains(known.get_name())).collect();
        assert!(unknown.is_empty() && script.contains("shard"), "{shell}: {unknown:?}");
    }
    // A script that its own shell cannot read helps nobody.
    let syntax = Command::new("bash").arg("-n").stdin(std::process::Stdio::piped()).spawn();
    if let Ok(mut bash) = syntax {
        use std::io::Write;
        let script = netcheck(Path::new("."), "completion bash").stdout;
        bash.stdin.take().unwrap().write_all(&script).unwrap();
        assert!(bash.wait().unwrap().success());
    }
}
