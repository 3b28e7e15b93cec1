//! The house rules that the compiler does not keep: layers, who may touch what, sizes, names. Plain text scanning.
//! It must not know what the code does. A refused line is a design question first, and a line in a table here second.

mod scan;

use std::path::Path;
use std::{fs, io};

use scan::{Source, files_under, imports, is_part_of_name, position_of_word};

/// Each module with the modules that it may import. `ARCHITECTURE.md` shows the same table to people.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &["model"]),
    ("suite", &["model"]),
    ("plan", &["model"]),
    ("judge", &["model"]),
    ("probe", &["model", "wire"]),
    ("report", &["model"]),
    ("agent", &["model", "wire", "probe"]),
    ("backend", &["model", "wire", "probe", "agent"]),
    ("run", &["model", "wire", "plan", "judge", "report", "backend"]),
    ("cli", &["model", "wire", "suite", "plan", "judge", "probe", "report", "agent", "backend", "run"]),
];

/// Layers 1 and 2: tables of input and expected output.
const PURE: &[&str] = &["src/model/", "src/wire.rs", "src/suite/", "src/plan/", "src/judge/"];

/// Where a word may stand, each place with its reason.
struct Rule {
    words: &'static [&'static str],
    places: &'static [(&'static str, &'static str)],
}

const RULES: &[Rule] = &[
    Rule { words: &["kube::", "k8s_openapi::"], places: &[("src/backend/kubernetes/", "the one place that knows the cluster's API")] },
    Rule { words: &["clap::", "anyhow::", "anyhow!"], places: &[("src/cli/", "the command line")] },
    Rule { words: &["std::env"], places: &[("src/cli/", "what the environment says becomes orders for the layers below")] },
    Rule { words: &["process::exit", "process::abort"], places: &[("src/cli/signals.rs", "the second signal means now")] },
    Rule {
        words: &["socket2", "tokio::net", "nix::sys::socket", "std::net::TcpStream", "std::net::TcpListener", "std::net::UdpSocket"],
        places: &[
            ("src/probe/", "asks"),
            ("src/agent/", "answers, and is attached to"),
            ("src/backend/sandbox/connecting.rs", "connects with agents"),
            ("src/backend/sandbox/door.rs", "listens for an agent before it is there"),
            ("src/backend/sandbox/listening.rs", "servers of a world listen"),
            ("src/backend/sandbox/names.rs", "the DNS server of a world"),
            ("src/backend/sandbox/hosts.rs", "the hosts of a world"),
            ("src/backend/sandbox/api_server.rs", "the API server of a world"),
            ("src/backend/sandbox/netlink.rs", "tells the kernel of addresses and routes"),
        ],
    },
    Rule {
        words: &["std::fs", "tokio::fs"],
        places: &[
            ("src/agent/", "its own addresses, and its socket's mode"),
            ("src/probe/interface.rs", "what an interface takes stands in files of the system"),
            ("src/probe/gateway.rs", "so do the default routes"),
            ("src/backend/content.rs", "what a user names: suites, worlds, kubeconfigs, and what these name"),
            ("src/backend/sandbox/", "network namespaces are files, and so are the doors of agents and the register of worlds"),
            ("src/report/", "reports are files"),
            ("src/cli/", "suites, worlds and the image archive are files"),
        ],
    },
    Rule {
        words: &["std::process", "tokio::process"],
        places: &[
            ("src/main.rs", "the exit code"),
            ("src/report/atomic.rs", "the process id tells two writers of one report apart"),
            ("src/backend/sandbox/", "a child process a node"),
            ("src/cli/", "the exit code, and a run's id"),
        ],
    },
    Rule {
        words: &["Instant", "SystemTime::now", "Timestamp::now", "Zoned::now"],
        places: &[
            ("src/probe/", "latencies and pace"),
            ("src/report/console/", "progress while a run goes on"),
            ("src/agent/", "beats, and its own end"),
            ("src/backend/", "every call has a deadline"),
            ("src/run/", "phases, deadlines, signs of life"),
            ("src/cli/run.rs", "when the run began"),
            ("src/cli/arguments/seed.rs", "a seed may be today's"),
        ],
    },
    Rule {
        words: &["println!", "print!", "eprintln!", "eprint!", "io::stdout", "io::stderr"],
        places: &[
            ("src/report/", "reports are told"),
            ("src/agent/", "standard input and output are the wire of the sandbox"),
            ("src/cli/", "what was asked for, and errors"),
        ],
    },
];

/// What layers 1 and 2 do not do: input and output, time, randomness, waiting.
const IMPURE: &[&str] = &["async", "await", "tokio", "futures", "std::io", "std::thread", "RandomState", "rand::", "getrandom::"];

/// Lines without tests: above the first a file must be named below, above the second it is refused.
const NOTICED: usize = 300;
const REFUSED: usize = 500;

/// Files that are longer than [`NOTICED`], each with the reason.
const LONG: &[(&str, &str)] = &[("src/model/run.rs", "the fold of all events is one noun")];

const NO_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "imp"];

fn layers(source: &Source) -> Vec<String> {
    let Some(module) = source.module() else { return Vec::new() };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{}: module `{module}` has no line in LAYERS", source.path)];
    };
    let known = |import: &&&str| LAYERS.iter().any(|(name, _)| name == *import);
    let refused = imports(&source.all);
    let refused = refused.iter().filter(known).filter(|import| **import != module && !allowed.contains(import));
    let mut found: Vec<_> = refused.map(|import| format!("{}: `{module}` may not import `{import}`", source.path)).collect();
    if source.code.contains(&"super::".repeat(source.depth())) {
        found.push(format!("{}: write `crate::` where `super::` would reach the root of the crate", source.path));
    }
    let places = ["kubernetes", "sandbox", "simulated"].map(|place| format!("backend::{place}"));
    if module == "run" && places.iter().any(|place| source.all.contains(place)) {
        found.push(format!("{}: `run` knows the trait of backends, and none of them", source.path));
    }
    found
}

fn words(source: &Source) -> Vec<String> {
    let pure = PURE.iter().any(|place| source.path.starts_with(place));
    let forbidden = RULES.iter().filter(|rule| !rule.places.iter().any(|(place, _)| source.path.starts_with(place)));
    let impure = IMPURE.iter().filter(|_| pure);
    let found = forbidden.flat_map(|rule| rule.words).chain(impure).filter(|word| position_of_word(&source.code, word).is_some());
    found.map(|word| format!("{}: `{word}` has no place here", source.path)).collect()
}

fn shape(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if !source.opens_well {
        found.push(format!("{}: does not open with `//! `: what it is for, and what it must not know", source.path));
    }
    let known = LONG.iter().any(|(path, _)| *path == source.path);
    if source.lines > REFUSED || (source.lines > NOTICED && !known) {
        found.push(format!("{}: {} lines without tests; which noun is missing?", source.path, source.lines));
    }
    let names = source.path.trim_end_matches(".rs").split('/');
    found.extend(names.filter(|name| NO_NAMES.contains(name)).map(|name| format!("{}: `{name}` names nothing", source.path)));
    found
}

/// Paths that exist on somebody's machine alone. Written in two parts, so that this file may stand by its own rule.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let places = [("/ro", "ot/"), ("/ho", "me/"), ("/wo", "rk/"), ("/Us", "ers/")].map(|(a, b)| format!("{a}{b}"));
    // Made-up people in test data have a home called `ci`.
    let at_start = |position: usize| {
        !text[position..].starts_with("/home/ci/")
            && !is_part_of_name(text[..position].chars().next_back())
            && !text[..position].ends_with(['.', '}'])
    };
    let found = places.iter().filter(|place| text.match_indices(place.as_str()).any(|(position, _)| at_start(position)));
    found.map(|place| format!("{path}: names a path of one machine, {place}")).collect()
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{} house rules broken (tests/it/tidy.rs says which and why):\n  {}", found.len(), found.join("\n  "));
}

#[test]
fn every_source_file_keeps_the_house_rules() -> io::Result<()> {
    let files = files_under("src", &[".rs"])?;
    assert!(files.len() > 20, "src/ was not found");
    let sources = files.iter().map(|(path, text)| Source::new(path, text));
    assert_none(&sources.flat_map(|source| [layers(&source), words(&source), shape(&source)].concat()).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn modules_stand_in_the_order_of_their_layers() -> io::Result<()> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))?;
    let order: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    for (index, module) in order.iter().enumerate() {
        let allowed = LAYERS.iter().find(|(name, _)| name == module).map(|(_, allowed)| *allowed);
        assert!(allowed.is_some(), "module `{module}` has no line in LAYERS");
        for import in allowed.unwrap_or_default() {
            assert!(order[..index].contains(import), "lib.rs: `{module}` stands above `{import}`, which it may import");
        }
    }
    assert_eq!(order.len(), LAYERS.len(), "LAYERS names a module that lib.rs does not");
    Ok(())
}

#[test]
fn nothing_names_a_path_of_one_machine() -> io::Result<()> {
    let endings = [".rs", ".md", ".toml", ".yaml", ".yml", ".json", ".xml", ".sh"];
    let mut found = Vec::new();
    for directory in ["src", "tests", "suites", "worlds", "schemas", "docs", "bench", "examples", "ci-examples", ".ci"] {
        found.extend(files_under(directory, &endings)?.iter().flat_map(|(path, text)| machine_paths(path, text)));
    }
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml", "deny.toml", "clippy.toml"] {
        found.extend(machine_paths(name, &fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))?));
    }
    assert_none(&found);
    Ok(())
}

#[test]
fn every_place_and_every_long_file_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = RULES.iter().flat_map(|rule| rule.places).chain(LONG).map(|(place, _)| *place).chain(PURE.iter().copied());
    for place in places {
        assert!(root.join(place).exists(), "tidy.rs makes an exception for {place}, which is not there");
    }
}

/// The rules can be broken: each line of code, where it stands, and what is said of it (nothing if it is right).
#[test]
fn the_rules_can_be_broken() {
    let check = |path: &str, code: &str, expected: &str| {
        let source = Source::new(path, &format!("//! Words.\n{code}\n"));
        let found = [layers(&source), words(&source), shape(&source), machine_paths(path, code)].concat().join("\n");
        let right = if expected.is_empty() { found.is_empty() } else { found.contains(expected) };
        assert!(right, "{path}: {code}\n  found {found:?}, expected {expected:?}");
    };
    check("src/judge/mod.rs", "use crate::model::units::Ppm;", "");
    check("src/judge/mod.rs", "use crate::run::Orders;", "`judge` may not import `run`");
    check(
        "src/judge/mod.rs",
        "use crate::{\n    model::{units::Ppm, run::Run},\n    report::Style,\n};",
        "`judge` may not import `report`",
    );
    check("src/judge/mod.rs", "fn f(a: crate::suite::Tree) {}", "`judge` may not import `suite`");
    check("src/judge/mod.rs", "use super::suite;", "write `crate::`");
    check("src/judge/bounds.rs", "use super::figures;", "");
    check("src/judge/bounds.rs", "use super::super::suite;", "write `crate::`");
    check("src/run/mod.rs", "use crate::backend::kubernetes::Kubernetes;", "none of them");
    check("src/spare/mod.rs", "", "has no line in LAYERS");
    check("src/run/mod.rs", "use kube::Client;", "`kube::` has no place here");
    check("src/run/mod.rs", "let kubeconfig = 1;", "");
    check("src/run/mod.rs", "use std::{env, fs};", "`std::env` has no place here");
    check("src/run/mod.rs", "use std::{env, fs};", "`std::fs` has no place here");
    check("src/run/mod.rs", "// use std::fs;", "");
    check("src/run/mod.rs", "#[cfg(test)]\nmod tests {\n    use std::fs;\n}", "");
    check("src/run/mod.rs", "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\nuse std::fs;", "`std::fs` has no place here");
    check("src/run/mod.rs", "#[cfg(test)]\nmod tests;\nuse std::fs;", "`std::fs` has no place here");
    check("src/backend/mod.rs", "use tokio::net::TcpStream;", "`tokio::net` has no place here");
    check("src/probe/tcp.rs", "use tokio::net::TcpStream;", "");
    check("src/plan/mod.rs", "let now = std::time::Instant::now();", "`Instant` has no place here");
    check("src/model/run.rs", "use std::time::SystemTime;", "");
    check("src/suite/mod.rs", "pub async fn read() {}", "`async` has no place here");
    check("src/run/mod.rs", "println!(\"\");", "`println!` has no place here");
    check("src/run/utils.rs", "", "`utils` names nothing");
    check("src/run/mod.rs", &"let a = 1;\n".repeat(NOTICED), "which noun is missing?");
    check("src/model/run.rs", &"let a = 1;\n".repeat(NOTICED), "");
    check("src/model/run.rs", &"let a = 1;\n".repeat(REFUSED), "which noun is missing?");
    check("src/run/mod.rs", concat!("const A: &str = \"/ho", "me/me/a\";"), "names a path of one machine");
    check("src/cli/mod.rs", "const A: &str = \"~/.kube/config\";", "");
    assert!(shape(&Source::new("src/run/mod.rs", "use std::fmt;")).join("").contains("does not open with"));
}
