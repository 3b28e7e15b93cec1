//! What the documents say is true: every command line in them parses, the table of exit codes is the program's own, the
//! examples are YAML, worlds and the table of worlds are what there is, and the reference of the command line is the one that the
//! program prints.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::error::ErrorKind;
use netcheck::model::exit::{Exit, Signal};

const DOCUMENTS: &[&str] =
    &["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", WORLDS, TUTORIAL, LOOP, LANGUAGE, "docs/errors.md"];

/// Each with the fewest commands that it shows.
const EXAMPLES: &[(&str, usize)] =
    &[("ci-examples/gitlab-ci.yml", 3), ("ci-examples/github-actions.yml", 3), ("ci-examples/kind.yaml", 0), ("ci-examples/job.yaml", 0)];
const REFERENCE: &str = "docs/cli.md";
const WORLDS: &str = "docs/worlds.md";
const TUTORIAL: &str = "docs/tutorial.md";
const LOOP: &str = "docs/from-a-shell-loop.md";
const LANGUAGE: &str = "docs/language.md";

/// What a command line begins with where it stands for netcheck.
const PROGRAMS: &[&str] = &["netcheck ", "./netcheck ", "cargo run --release -- ", "target/x86_64-unknown-linux-musl/dist/netcheck "];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(root().join(path))
}

/// The lines of fenced blocks, without a prompt, and the code within lines.
fn code_in_markdown(text: &str) -> Vec<String> {
    let (mut found, mut fenced) = (Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            found.push(line.trim().trim_start_matches("$ ").to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Every line of every text in a YAML document.
fn lines_in_yaml(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => text.replace("\\\n", " ").lines().map(|line| line.trim().to_owned()).collect(),
        serde_json::Value::Array(items) => items.iter().flat_map(lines_in_yaml).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(lines_in_yaml).collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Vec::new(),
    }
}

/// The arguments of a line that calls netcheck, up to what only the shell reads.
fn arguments(line: &str) -> Option<Vec<String>> {
    let rest = PROGRAMS.iter().find_map(|program| line.strip_prefix(program))?;
    let words = rest.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
    Some(words.take_while(|word| !["||", "&&", "|", ";", ">", "2>", "#"].contains(&word.as_str())).collect())
}

/// Why a line that calls netcheck is none that netcheck takes.
fn trouble(line: &str) -> Option<String> {
    let words = arguments(line)?;
    if names_a_command(&words) {
        return None;
    }
    match netcheck::cli::command().try_get_matches_from(std::iter::once("netcheck".to_owned()).chain(words)) {
        Ok(_) => None,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => None,
        Err(error) => Some(format!("{line}\n{error}")),
    }
}

/// A command may be spoken of without what it needs: `netcheck run`.
fn names_a_command(words: &[String]) -> bool {
    let command = netcheck::cli::command();
    words.iter().try_fold(&command, |command, word| command.find_subcommand(word)).is_some()
}

fn assert_parse(path: &str, lines: &[String], least: usize) {
    let found: Vec<_> = lines.iter().filter_map(|line| trouble(line)).collect();
    assert!(found.is_empty(), "{path} shows commands that netcheck does not take:\n{}", found.join("\n"));
    let count = lines.iter().filter(|line| arguments(line).is_some()).count();
    assert!(count >= least, "{path}: only {count} commands were found");
}

#[test]
fn every_command_in_the_documents_parses() -> io::Result<()> {
    for path in DOCUMENTS {
        assert_parse(path, &code_in_markdown(&read(path)?), if *path == "README.md" { 8 } else { 0 });
    }
    Ok(())
}

#[test]
fn the_examples_are_yaml_and_every_command_in_them_parses() -> io::Result<()> {
    for (path, least) in EXAMPLES {
        let options = serde_saphyr::options! { strict_booleans: true };
        let value =
            serde_saphyr::from_str_with_options(&read(path)?, options).map_err(|error| io::Error::other(format!("{path}: {error}")))?;
        assert_parse(path, &lines_in_yaml(&value), *least);
    }
    Ok(())
}

#[test]
fn the_readme_names_exactly_the_exit_codes_that_there_are() -> io::Result<()> {
    let signals = [Signal::HangUp, Signal::Interrupt, Signal::Terminate].map(Exit::Signalled);
    let others = [Exit::Passed, Exit::Failed, Exit::Usage, Exit::NotMeasured, Exit::NothingRan];
    let there: BTreeSet<u8> = others.into_iter().chain(signals).map(Exit::code).collect();
    let readme = read("README.md")?;
    let (_, section) = readme.split_once("## Exit codes").ok_or_else(|| io::Error::other("README.md has no section Exit codes"))?;
    let rows = section.lines().take_while(|line| !line.starts_with("## ")).filter_map(|line| line.strip_prefix('|'));
    let cells = rows.filter_map(|row| row.split('|').next()).flat_map(|cell| cell.split(','));
    let named: BTreeSet<u8> = cells.filter_map(|number| number.trim().parse().ok()).collect();
    assert_eq!(named, there);
    Ok(())
}

/// One section a command, with the help that the program prints on a wide terminal, whatever the environment says.
fn reference() -> String {
    let mut command = netcheck::cli::command().term_width(100).mut_subcommands(plain);
    command.build();
    let mut text = "# Command line\n\nGenerated from the program: `NETCHECK_UPDATE=1 cargo test docs` writes it.\n".to_owned();
    describe(&mut command, &mut text);
    text
}

/// The current value of a variable of the environment is nobody else's.
fn plain(command: clap::Command) -> clap::Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(plain)
}

fn describe(command: &mut clap::Command, text: &mut String) {
    let name = command.get_bin_name().unwrap_or("netcheck").to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    text.extend(["\n## `", &name, "`\n\n```text\n", lines.join("\n").trim_end(), "\n```\n"]);
    for inner in command.get_subcommands_mut().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        describe(inner, text);
    }
}

#[test]
fn the_reference_of_the_command_line_is_current() -> io::Result<()> {
    let (path, current) = (root().join(REFERENCE), reference());
    if env::var_os("NETCHECK_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        return fs::write(path, current);
    }
    let committed = fs::read_to_string(path)?;
    assert!(committed == current, "{REFERENCE} is not what the program prints: NETCHECK_UPDATE=1 cargo test docs");
    Ok(())
}

/// The head of the table of shipped worlds, which ends its page.
const WORLDS_HEAD: &str = "| world | the trouble that it stands for | overlay |\n|---|---|---|\n";

/// The first paragraph of a world's comment: the trouble that it stands for.
fn trouble_of(world: &str) -> String {
    let comment = world.lines().skip(2).map_while(|line| line.strip_prefix("# "));
    comment.collect::<Vec<_>>().join(" ")
}

/// The exit code of the overlay on a world, in a word: as `worlds.rs` has found it.
fn overlay_on(name: &str, found: &str) -> Option<&'static str> {
    let mut lines = found.lines().skip_while(|line| *line != name).skip(1);
    match lines.next()?.strip_prefix("  overlay: exit ")? {
        "0" => Some("green"),
        "1" => Some("red"),
        "3" => Some("errored"),
        _ => None,
    }
}

fn worlds_table() -> io::Result<String> {
    let found = read("tests/it/worlds/table.txt")?;
    let mut paths = fs::read_dir(root().join("worlds"))?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    let mut table = WORLDS_HEAD.to_owned();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let (trouble, overlay) = (trouble_of(&fs::read_to_string(&path)?), overlay_on(&name, &found).unwrap_or("unknown"));
        table.extend(["| [", &name, "](../worlds/", &name, ".yaml) | ", &trouble, " | ", overlay, " |\n"]);
    }
    Ok(table)
}

#[test]
fn the_table_of_worlds_is_what_is_shipped() -> io::Result<()> {
    let (page, table) = (read(WORLDS)?, worlds_table()?);
    let (before, _) = page.split_once(WORLDS_HEAD).ok_or_else(|| io::Error::other("the page of worlds has no table of them"))?;
    if env::var_os("NETCHECK_UPDATE").is_some() {
        return fs::write(root().join(WORLDS), format!("{before}{table}"));
    }
    assert!(page == format!("{before}{table}"), "{WORLDS} does not show the worlds that there are: NETCHECK_UPDATE=1 cargo test docs");
    Ok(())
}

/// The parts of a page between fences of that language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_world_in_the_documents_can_be_read() -> io::Result<()> {
    for path in [WORLDS, "README.md"] {
        let text = read(path)?;
        let worlds: Vec<_> = blocks(&text, "yaml").into_iter().filter(|block| block.contains("\nworld:")).collect();
        assert!(!worlds.is_empty(), "{path} shows no world");
        for world in worlds {
            assert_eq!(netcheck::suite::read_world(path, world.as_bytes()).diagnostics, Vec::new(), "{path}: {world}");
        }
    }
    Ok(())
}

/// The suites of a page, and its worlds, each in a file of its own.
fn written(path: &str, directory: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (page, mut suites, mut worlds) = (read(path)?, Vec::new(), Vec::new());
    for (number, block) in blocks(&page, "yaml").into_iter().enumerate() {
        let file = directory.join(format!("{number:02}.yaml"));
        fs::write(&file, block)?;
        if block.contains("\nworld:") { worlds.push(file) } else { suites.push(file) }
    }
    Ok((suites, worlds))
}

/// The exit code of netcheck, and what it says.
fn netcheck(words: &str, files: &[&Path]) -> io::Result<(Option<i32>, String)> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netcheck"));
    for word in words.split_whitespace() {
        match word.strip_prefix('$').and_then(|number| files.get(number.parse::<usize>().ok()?)) {
            Some(file) => command.arg(file),
            None => command.arg(word),
        };
    }
    let output = command.output()?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn every_suite_in_the_pages_for_beginners_lints_and_plans() -> io::Result<()> {
    for (path, least) in [(TUTORIAL, 6), (LOOP, 2)] {
        let directory = tempfile::tempdir()?;
        let (suites, worlds) = written(path, directory.path())?;
        assert!(suites.len() >= least, "{path}: {suites:?}");
        for suite in &suites {
            for words in ["lint --deny warnings $0", "plan --backend simulated $0", "run --backend simulated $0"] {
                let (exit, said) = netcheck(words, &[suite])?;
                assert_eq!(exit, Some(0), "{path}: {words}\n{}\n{said}", fs::read_to_string(suite)?);
            }
        }
        // What is said to be found is found, by the suite before it.
        for world in &worlds {
            let last = suites.iter().rfind(|suite| *suite < world).ok_or_else(|| io::Error::other("no suite before the world"))?;
            let (exit, said) = netcheck("run --backend simulated $0 --world $1", &[last, world])?;
            assert_eq!(exit, Some(1), "{path}: {said}");
        }
    }
    Ok(())
}

/// A block as a suite: it is one, or a list of tests. A part, whose first line names its file, is none.
fn suite_of(block: &str) -> Option<String> {
    if block.starts_with("# file: ") {
        return None;
    }
    let tests = || format!("  {}\n", block.trim_end().replace('\n', "\n  "));
    Some(if block.starts_with("- ") { format!("netcheck: v1\nsuite: s\ntests:\n{}", tests()) } else { block.to_owned() })
}

/// What `lint` says of all blocks of a page, which may include its parts; and the parts that none includes.
fn lint_blocks(page: &str) -> (usize, String) {
    let blocks = blocks(page, "yaml");
    let name = |block: &str| block.lines().next().and_then(|line| line.strip_prefix("# file: ")).map(str::to_owned);
    let parts: BTreeMap<String, &str> = blocks.iter().filter_map(|block| Some((name(block)?, *block))).collect();
    let included = RefCell::new(BTreeSet::new());
    let part = |path: &str| {
        included.borrow_mut().insert(path.to_owned());
        parts.get(path).map(|text| text.as_bytes().to_vec()).ok_or_else(|| format!("{path}: no such file"))
    };
    let mut said = String::new();
    for suite in blocks.iter().filter_map(|block| suite_of(block)) {
        let collection = netcheck::suite::read_collection("suite.yaml", suite.as_bytes()).map(|reading| reading.diagnostics);
        let remarks = collection.unwrap_or_else(|| netcheck::suite::read("suite.yaml", suite.as_bytes(), &[], &part).diagnostics);
        for remark in remarks {
            said.extend([remark.code, " ", &remark.message, " in\n", &suite, "\n"]);
        }
    }
    let included = included.into_inner();
    said.extend(parts.keys().filter(|path| !included.contains(*path)).map(|path| format!("no suite includes {path}\n")));
    (blocks.len(), said)
}

#[test]
fn every_block_of_the_reference_of_the_language_lints() -> io::Result<()> {
    let (count, said) = lint_blocks(&read(LANGUAGE)?);
    assert!(count >= 10, "{count}");
    assert!(said.is_empty(), "{said}");
    Ok(())
}

/// What is wrong with the keys and values of a line of a suite, wherever in it the line belongs; what it lacks beside them does not count.
fn wrong_line(line: &str) -> Vec<String> {
    let key = line.split(':').next().unwrap_or_default();
    let suite = match key {
        "family" => format!("tests:\n  - id: t\n    probe: {{ type: udp, {line} }}\n"),
        "fixtures" | "discover" | "expectFamilies" | "agents" => {
            format!("{line}\ntests: [{{ id: t, from: pods, to: pods, probe: icmp }}]\n")
        }
        _ => format!("tests:\n  - id: t\n    {line}\n"),
    };
    let suite = format!("netcheck: v1\nsuite: s\n{suite}");
    let remarks = netcheck::suite::read("suite.yaml", suite.as_bytes(), &[], &|path| Err(format!("{path}: no such file"))).diagnostics;
    let wrong = remarks.iter().filter(|remark| ["NC1002", "NC1003", "NC1004", "NC1005", "NC1008", "NC1015"].contains(&remark.code));
    wrong.map(|remark| format!("{line}: {}", remark.message)).collect()
}

/// The lines of suites in a page: `key: value`, in the spans of code of its tables.
fn lines_of_suites(page: &str) -> Vec<String> {
    let rows = page.lines().filter(|line| line.starts_with("| ")).collect::<Vec<_>>().join("\n");
    let is_line = |code: &String| code.split_once(": ").is_some_and(|(key, _)| key.chars().all(char::is_alphabetic));
    code_in_markdown(&rows).into_iter().filter(is_line).filter(|code| !code.contains('…')).collect()
}

#[test]
fn every_line_of_a_suite_in_the_table_of_coverage_is_of_the_language() -> io::Result<()> {
    let lines = lines_of_suites(&read("docs/coverage.md")?);
    assert!(lines.len() >= 40, "{lines:#?}");
    let wrong: Vec<_> = lines.iter().flat_map(|line| wrong_line(line)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for line in ["to: { nods: all }", "probe: upd", "agents: { icmp: cooked }", "family: v5", "expect: { mtu: interfaec }"] {
        assert!(!wrong_line(line).is_empty(), "{line}");
    }
    Ok(())
}

/// The check above can fail.
#[test]
fn a_wrong_block_is_found() {
    let check = |block: &str, expected: &str| {
        let (_, said) = lint_blocks(&format!("```yaml\n{block}```\n"));
        assert!(if expected.is_empty() { said.is_empty() } else { said.contains(expected) }, "{block}{said}");
    };
    check("- { id: t, from: pods, to: pods, probe: icmp }\n", "");
    check("- { id: t, from: pods, to: pods, probe: icpm }\n", "NC1008");
    check("- { id: t, from: pods, to: pods, probe: icmp, expect: { loss: <= 100% } }\n", "NC1105");
    check("id: t\n", "NC1005");
    check("# file: a.yaml\nnetcheck: v1\npart: a\n", "no suite includes a.yaml");
}

/// The pairs of each strategy among so many nodes in three zones, as `plan` counts them.
fn planned(nodes: u32, strategies: &[&str]) -> io::Result<Vec<String>> {
    let directory = tempfile::tempdir()?;
    let file = |name: &str| directory.path().join(name);
    let each = |number: u32| format!("  - {{ name: node{number}, zone: zone-{} }}\n", number % 3);
    fs::write(file("world.yaml"), format!("netcheck: v1\nworld: w\nnodes:\n{}", (1..=nodes).map(each).collect::<String>()))?;
    let test = |strategy: &&str| {
        let k = if ["ring", "random", "perZone"].contains(strategy) { ", k: 3" } else { "" };
        format!(
            "  - {{ id: {strategy}, from: pods, to: pods, probe: {{ type: udp, family: v4 }}, pairs: {{ strategy: {strategy}{k} }} }}\n"
        )
    };
    fs::write(file("suite.yaml"), format!("netcheck: v1\nsuite: s\ntests:\n{}", strategies.iter().map(test).collect::<String>()))?;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netcheck"));
    let output =
        command.args("plan --backend simulated --format json --world world.yaml suite.yaml".split(' ')).current_dir(&directory).output()?;
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(io::Error::other)?;
    let cases = plan["cases"].as_array().ok_or_else(|| io::Error::other("a plan without cases"))?;
    Ok(cases.iter().map(|case| case["pairs"].to_string()).collect())
}

#[test]
fn the_costs_of_strategies_are_those_of_plans() -> io::Result<()> {
    let page = read(LANGUAGE)?;
    let (_, table) =
        page.split_once("| n = 100 | n = 5,000 |\n|---|---|---|---|---|\n").ok_or_else(|| io::Error::other("no table of costs"))?;
    let rows: Vec<Vec<&str>> =
        table.lines().take_while(|line| line.starts_with("| ")).map(|row| row.trim_matches(['|', ' ']).split(" | ").collect()).collect();
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let said = |column: usize| -> Vec<String> { rows.iter().map(|row| row[column].replace(',', "")).collect() };
    assert_eq!(names, ["full", "ring", "circulant", "random", "perZone", "representatives"]);
    assert_eq!(planned(100, &names)?, said(3));
    // All pairs of 5,000 nodes are n (n - 1), and too many for a test.
    assert_eq!(planned(5_000, &names[1..])?, said(4)[1..]);
    assert_eq!(said(4)[0], (5_000 * 4_999).to_string());
    Ok(())
}

/// Keys whose examples are about one node.
const OF_NODES: [&str; 11] =
    ["name", "zone", "labels", "taints", "notReady", "goneAfter", "listed", "tcp", "udp", "kubeletPort", "externalAddresses"];

/// Every key of the language stands in the page, and every example in its tables is one that the language takes.
#[test]
fn the_page_of_worlds_has_every_key_with_an_example_that_holds() -> io::Result<()> {
    let page = read(WORLDS)?;
    let (keys, rest) = page.split_once("\n### Faults of packets").ok_or_else(|| io::Error::other("no faults of packets"))?;
    let (packets, agents) = rest.split_once("\n### Faults of agents").ok_or_else(|| io::Error::other("no faults of agents"))?;
    let nodes = "netcheck: v1\nworld: w\nnodes: [{ name: node1, zone: site-a }, { name: node2 }, { name: node3 }]\n";
    for example in examples(keys) {
        let world = match example.split(':').next() {
            Some("netcheck" | "world" | "nodes") => replaced(nodes, &example),
            Some(key) if OF_NODES.contains(&key) => replaced(nodes, &node(&example)),
            _ => format!("{nodes}{example}\n"),
        };
        assert_holds(&world);
    }
    for example in examples(packets) {
        let effects = ["lose", "delay", "jitter", "duplicate", "reorder", "refuse", "mtu"];
        let lone = effects.iter().any(|effect| example.starts_with(effect));
        assert_holds(&format!("{nodes}faults: [{{ {example}{} }}]\n", if lone { "" } else { ", delay: 1ms" }));
    }
    for example in examples(agents) {
        assert_holds(&format!("{nodes}agents: {{ {example} }}\n"));
    }
    let unsaid: Vec<_> = keys_of(&netcheck::suite::world_schema()).into_iter().filter(|key| !is_said(&page, key)).collect();
    assert_eq!(unsaid, Vec::<String>::new());
    Ok(())
}

/// As a name, or with a value.
fn is_said(page: &str, key: &str) -> bool {
    [format!("`{key}`"), format!("`nodes[].{key}`"), format!(" {key}: ")].iter().any(|words| page.contains(words))
}

/// What the last column of a page's tables shows as code.
fn examples(text: &str) -> Vec<String> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let last = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    last.filter_map(|cell| Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned())).filter(|example| example.contains(": ")).collect()
}

/// A world whose line of that key is another one.
fn replaced(world: &str, line: &str) -> String {
    let key = line.split(':').next().unwrap_or_default();
    let lines = world.lines().map(|own| if own.starts_with(&format!("{key}:")) { line } else { own });
    lines.collect::<Vec<_>>().join("\n")
}

fn node(key: &str) -> String {
    let name = if key.starts_with("name") { "" } else { "name: node1, " };
    format!("nodes: [{{ {name}{key} }}]")
}

fn assert_holds(world: &str) {
    assert_eq!(netcheck::suite::read_world("example", world.as_bytes()).diagnostics, Vec::new(), "{world}");
}

/// Every name of a property in a schema.
fn keys_of(schema: &serde_json::Value) -> BTreeSet<String> {
    match schema {
        serde_json::Value::Object(map) => {
            let own = map.get("properties").and_then(serde_json::Value::as_object).into_iter().flat_map(|properties| properties.keys());
            own.cloned().chain(map.values().flat_map(keys_of)).collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(keys_of).collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::String(_) => {
            BTreeSet::new()
        }
    }
}

/// The checks can fail: what each line is taken for.
#[test]
fn a_wrong_command_is_found() {
    let check = |line: &str, wrong: bool| assert_eq!(trouble(line).is_some(), wrong, "{line}");
    check("netcheck run suites/overlay.yaml", false);
    check("netcheck run suites/overlay.yaml --report junit=out/junit.xml || code=$?", false);
    check("netcheck run --report xml=out/junit.xml suites/overlay.yaml", true);
    check("netcheck run", false);
    check("netcheck run --seed 1", true);
    check("netcheck image export", false);
    check("netcheck image import", true);
    check("netcheck walk", true);
    check("netcheck.tar is a file", false);
    check("cargo run --release -- run --backend sandbox suites/overlay.yaml", false);
    check("cargo run --release -- run --backend sandpit suites/overlay.yaml", true);
    let markdown = "Say `netcheck lint a.yaml`, then:\n```sh\n$ netcheck plan a.yaml\n```\nnetcheck walk is prose.\n";
    assert_eq!(code_in_markdown(markdown), ["netcheck lint a.yaml", "netcheck plan a.yaml"]);
    assert_eq!(keys_of(&serde_json::json!({ "properties": { "a": { "properties": { "b": {} } } } })), ["a", "b"].map(str::to_owned).into());
    assert!(is_said("| `a` | | `c: { b: 1 }` |", "a") && is_said("{ b: 1 }", "b") && !is_said("ab: 1", "b"));
    let yaml = serde_json::json!({ "script": ["a && b", "netcheck run \\\n  x.yaml\nnext"] });
    assert_eq!(lines_in_yaml(&yaml), ["a && b", "netcheck run    x.yaml", "next"]);
}
