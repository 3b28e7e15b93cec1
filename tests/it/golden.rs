//! Golden folders: a suite and a world through the real binary → exit code, terminal, JUnit, JSON.
//!
//! `tests/golden/<name>/args` holds the command line; `$OUT` in it is a folder of the test's own. `env` may hold lines `NAME=VALUE` of the environment. Whatever of `exit`, `stdout`,
//! `stderr`, `junit.xml` and `results.json` lies beside it is compared. `NETCHECK_UPDATE=1` writes them anew: read the difference.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn golden_folders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders: Vec<PathBuf> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 30, "the golden folders are there");
    let differences: Vec<String> = folders.iter().flat_map(|folder| check(folder)).collect();
    assert!(differences.is_empty(), "{}\n(NETCHECK_UPDATE=1 writes what is now; read it before you commit it)", differences.join("\n"));
}

fn check(folder: &Path) -> Vec<String> {
    let out = tempfile::tempdir().unwrap();
    let place = out.path().to_str().unwrap();
    let arguments = fs::read_to_string(folder.join("args")).unwrap();
    let environment = fs::read_to_string(folder.join("env")).unwrap_or_default();
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("NETCHECK_VAR_"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    for name in ours {
        command.env_remove(name);
    }
    let output = command
        .args(arguments.split_whitespace().map(|word| word.replace("$OUT", place)))
        .current_dir(folder)
        .env_remove("NETCHECK_IMAGE")
        .env("NO_COLOR", "1")
        .envs(environment.lines().filter_map(|line| line.split_once('=')))
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let results = fs::read_to_string(out.path().join("results.json")).unwrap_or_default();
    let redact = Redaction::of(&stderr, &results, place, !arguments.contains("simulated"));
    let mut found = vec![
        ("exit", format!("{}\n", output.status.code().unwrap_or(-1))),
        ("stdout", redact.text(&String::from_utf8(output.stdout).unwrap())),
        ("stderr", redact.text(&stderr)),
    ];
    for report in ["junit.xml", "results.json"] {
        if let Ok(text) = fs::read_to_string(out.path().join(report)) {
            found.push((report, redact.text(&text)));
        }
    }
    compare(folder, &found)
}

fn compare(folder: &Path, found: &[(&str, String)]) -> Vec<String> {
    let name = folder.file_name().unwrap().to_string_lossy();
    if std::env::var_os("NETCHECK_UPDATE").is_some() {
        for (file, text) in found.iter().filter(|(_, text)| !text.is_empty()) {
            fs::write(folder.join(file), text).unwrap();
        }
        return Vec::new();
    }
    let mut differences = Vec::new();
    for file in ["exit", "stdout", "stderr", "junit.xml", "results.json"] {
        let expected = fs::read_to_string(folder.join(file)).unwrap_or_default();
        let found = found.iter().find(|(known, _)| *known == file).map_or("", |(_, text)| text);
        if expected != *found {
            differences.push(format!("{name}/{file}: {}", first_difference(&expected, found)));
        }
    }
    differences
}

fn first_difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for number in 1.. {
        match (expected.next(), found.next()) {
            (None, None) => return "line breaks differ".to_owned(),
            (one, other) if one == other => {}
            (one, other) => {
                return format!("line {number}\n  expected {}\n  found    {}", one.unwrap_or("(end)"), other.unwrap_or("(end)"));
            }
        }
    }
    unreachable!("lines end")
}

/// What differs from run to run: ids, moments, the version, the test's own folder. Durations do not: the simulation's clock is its own.
struct Redaction {
    words: Vec<(String, &'static str)>,
    /// Outside the simulation, durations differ as well.
    durations: bool,
}

impl Redaction {
    /// The run's id is on the terminal, and where it was refused in the results alone.
    fn of(stderr: &str, results: &str, place: &str, durations: bool) -> Self {
        let mut words = vec![(place.to_owned(), "$OUT"), (env!("CARGO_PKG_VERSION").to_owned(), "VERSION")];
        let told = stderr.split("run ").skip(1).chain(results.split("\"id\": \"").skip(1));
        let mut ids = told.map(|rest| rest.chars().take(8).collect::<String>());
        if let Some(id) = ids.find(|id| id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            words.push((id, "RUNID"));
        }
        Self { words, durations }
    }

    fn text(&self, text: &str) -> String {
        let text = self.words.iter().fold(text.to_owned(), |text, (word, placeholder)| text.replace(word, placeholder));
        let lines = text.split('\n').map(moment);
        let lines: Vec<String> = if self.durations { lines.map(|line| duration(&line)).collect() } else { lines.collect() };
        lines.join("\n")
    }
}

/// Replaces the durations of terminal, JUnit and JSON.
fn duration(line: &str) -> String {
    // The last phase has no comma behind it.
    let between = [("[", "] "), ("time=\"", "\""), ("Ms\": ", ","), ("\"cleanUpMs\": ", "\n")];
    let replaced = between.iter().fold(format!("{line}\n"), |line, (begin, end)| {
        let Some((before, rest)) = line.split_once(begin) else { return line };
        match rest.split_once(end) {
            Some((value, after)) if value.trim_start().starts_with(|c: char| c.is_ascii_digit()) => {
                format!("{before}{begin}TIME{end}{after}")
            }
            _ => line,
        }
    });
    replaced.trim_end_matches('\n').to_owned()
}

/// Replaces RFC 3339 moments.
fn moment(line: &str) -> String {
    let Some(at) = line.find("202").filter(|at| line.get(*at..*at + 19).is_some_and(is_moment)) else { return line.to_owned() };
    let rest = &line[at + 19..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-:.Z".contains(c))).unwrap_or(rest.len());
    format!("{}MOMENT{}", &line[..at], &rest[end..])
}

fn is_moment(text: &str) -> bool {
    text.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    })
}
