//! What `netcheck explain` says is true: every wrong example gives its code and no other, every right one gives none, through the
//! real binary; and the index of errors is what the same source says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use netcheck::model::explanation::{Example, Explanation, Role};
use netcheck::{model, suite};

const INDEX: &str = "docs/errors.md";

fn all() -> impl Iterator<Item = &'static Explanation> {
    suite::codes::ALL.iter().chain(model::codes::ALL)
}

fn run(directory: &Path, words: &str, flags: &str) -> Output {
    // What is no flag is the environment.
    let (environment, flags): (Vec<&str>, Vec<&str>) = flags.split_whitespace().partition(|word| word.starts_with("NETCHECK_VAR_"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(words.split_whitespace().chain(flags)).current_dir(directory).env("NO_COLOR", "1");
    command.envs(environment.iter().filter_map(|variable| variable.split_once('='))).output().unwrap()
}

/// The codes of all messages of an output, each once; `also` are those that a run tells besides.
fn codes_in(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let codes = text.lines().filter_map(|line| line.strip_prefix("error[").or_else(|| line.strip_prefix("warning[")));
    let mut codes: Vec<String> = codes.filter_map(|rest| Some(rest.split_once(']')?.0.to_owned())).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// The codes that netcheck tells of an example, and its exit code.
fn found(example: &Example, all: &[Example]) -> (Vec<String>, Option<i32>) {
    let directory = tempfile::tempdir().unwrap();
    for part in all.iter().filter(|other| other.role == Role::Part) {
        std::fs::write(directory.path().join(part.flags), part.yaml).unwrap();
    }
    let suite = all.iter().find(|other| other.role == Role::Suite);
    std::fs::write(directory.path().join("example.yaml"), example.yaml).unwrap();
    let output = if let Some(suite) = suite {
        std::fs::write(directory.path().join("suite.yaml"), suite.yaml).unwrap();
        run(directory.path(), "run suite.yaml --backend simulated --world example.yaml", example.flags)
    } else if example.yaml.contains("\nworld:") {
        run(directory.path(), "discover --backend simulated --world example.yaml", example.flags)
    } else {
        run(directory.path(), "lint example.yaml", example.flags)
    };
    (codes_in(&output), output.status.code())
}

/// What is wrong with an explanation.
fn trouble(known: &Explanation) -> Vec<String> {
    let examples = known.examples();
    let of = |role| examples.iter().filter(move |example| example.role == role);
    let mut troubles = Vec::new();
    if of(Role::Wrong).count() == 0 || of(Role::Wrong).count() != of(Role::Right).count() {
        troubles.push(format!("{}: no wrong example, or no right one", known.code));
    }
    if known.what().len() < 40 || known.why().len() < 40 || known.what().contains('\n') || known.why().contains('\n') {
        troubles.push(format!("{}: too little is said, or in more than one line", known.code));
    }
    for wrong in of(Role::Wrong) {
        let (codes, exit) = found(wrong, &examples);
        // Whoever counts the rest tells of what it has shown as well.
        let alone = known.code == "NC1099" || codes.len() == 1;
        if !codes.iter().any(|code| code == known.code) || !alone {
            troubles.push(format!("{}: its wrong example gives {codes:?}, exit {exit:?}", known.code));
        }
    }
    for right in of(Role::Right) {
        let (codes, exit) = found(right, &examples);
        if !codes.is_empty() || exit != Some(0) {
            troubles.push(format!("{}: its right example gives {codes:?}, exit {exit:?}", known.code));
        }
    }
    troubles
}

#[test]
fn every_example_is_what_it_is_called() {
    let troubles: Vec<_> = all().flat_map(trouble).collect();
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

/// The test above can fail.
#[test]
fn an_explanation_that_is_not_true_is_found() {
    let right = "```yaml right\nnetcheck: v1\nsuite: s\ntests: [{ id: t, from: pods, to: pods, probe: icmp }]\n```\n";
    let words = "Words that say what the code means, and what is to be done about it.";
    let check = |code: &'static str, wrong: &str, right: &str, part: &str| {
        let text = format!("{words}\n\n{wrong}\n{right}\n{words}\n").leak();
        let found = trouble(&Explanation { code, meaning: "", text }).join("\n");
        assert!(if part.is_empty() { found.is_empty() } else { found.contains(part) }, "{found}");
    };
    check("NC1001", "```yaml wrong\n#\n```\n", right, "");
    check("NC1002", "```yaml wrong\n#\n```\n", right, "its wrong example gives [\"NC1001\"]");
    check("NC1001", &right.replace("right", "wrong"), right, "its wrong example gives []");
    check("NC1001", "```yaml wrong\n#\n```\n", "```yaml right\n#\n```\n", "its right example gives [\"NC1001\"], exit Some(2)");
    check("NC1001", "```yaml wrung\n#\n```\n", right, "no wrong example");
}

fn index() -> String {
    let mut text = "# Errors\n\nGenerated from the program: `NETCHECK_UPDATE=1 cargo test explain` writes it. `netcheck explain CODE` says the \
        same on the terminal.\n\nA code is never given a second meaning. NC10xx are errors in suites (and, where it fits, in worlds), NC11xx are \
        warnings, NC12xx are about worlds alone. NC2xxx are the network's: what was wanted of it, and \
        missed.\n\n"
        .to_owned();
    for known in all() {
        let _ = writeln!(text, "- [{0}](#{1}) {2}", known.code, known.code.to_lowercase(), known.meaning);
    }
    for known in all() {
        let _ = write!(text, "\n## {}\n\n**{}** {}\n", known.code, known.meaning, known.what());
        for example in known.examples() {
            let _ = write!(text, "\n{}\n\n```yaml\n{}```\n", title(known, &example), example.yaml);
        }
        let _ = write!(text, "\n{}\n", known.why());
    }
    text
}

fn title(known: &Explanation, example: &Example) -> String {
    let in_worlds = known.examples().iter().any(|example| example.role == Role::Suite);
    let words = match (example.role, in_worlds) {
        (Role::Suite, _) => "This suite",
        (Role::Part, _) => return format!("The part `{}`:", example.flags),
        (Role::Wrong, true) => "fails in this world",
        (Role::Right, true) => "and passes in this one",
        (Role::Wrong, false) => "Wrong",
        (Role::Right, false) => "Right",
    };
    if example.flags.is_empty() { format!("{words}:") } else { format!("{words}, with `{}`:", example.flags) }
}

#[test]
fn the_index_of_errors_is_current() {
    let (path, current) = (PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(INDEX), index());
    if std::env::var_os("NETCHECK_UPDATE").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == current, "{INDEX} is not what the program says: NETCHECK_UPDATE=1 cargo test explain");
}

/// The codes of suites and worlds that no golden folder shows; what only explains a code shows nothing of it.
fn unshown(folders: &Path) -> Vec<&'static str> {
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let runs = std::fs::read_dir(folders).unwrap().map(|entry| entry.unwrap().path());
    let runs = runs.filter(|folder| !read(folder.join("args")).starts_with("explain"));
    let told: String = runs.flat_map(|folder| ["stderr", "stdout"].map(|file| read(folder.join(file)))).collect();
    suite::codes::ALL.iter().map(|known| known.code).filter(|code| !told.contains(code)).collect()
}

#[test]
fn every_mistake_in_a_suite_has_a_golden_folder() {
    let lacking = unshown(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"));
    assert!(lacking.is_empty(), "no folder of tests/golden shows what is told of {}", lacking.join(", "));
}

/// The test above can fail.
#[test]
fn a_code_that_is_only_explained_has_no_golden_folder() {
    let folders = tempfile::tempdir().unwrap();
    for (name, args, file) in [("explained", "explain NC1001", "stdout"), ("told", "lint suite.yaml", "stderr")] {
        let folder = folders.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("args"), args).unwrap();
        std::fs::write(folder.join(file), if name == "told" { "error[NC1002]: not YAML" } else { "NC1001: not text" }).unwrap();
    }
    let lacking = unshown(folders.path());
    assert!(lacking.contains(&"NC1001") && !lacking.contains(&"NC1002"), "{lacking:?}");
}
