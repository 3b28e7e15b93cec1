//! `docs/language.md`: what stands between its marks is made from the description of the language, and every key is in one of its
//! tables. `<!-- keys PATH -->` is a table of what is below that path, but for what has a mark of its own; `PATH, OTHER` says that both
//! have the same keys.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::suite::expression::{FILTERS, TESTS};
use crate::suite::language::{Key, Leaf, Need, PART, SUITE, Shape, Standing, Words};
use crate::suite::remarks::any_of;

const PAGE: &str = "docs/language.md";

const END: &str = "<!-- end -->";

/// What a key says of itself, a cell each, and the words that it takes.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    path: String,
    cells: [String; 4],
    words: Vec<(&'static str, &'static str)>,
}

/// Everything below a path.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    later: Vec<(String, &'static str)>,
}

impl Table {
    fn of(keys: &'static [Key], prefix: &str, apart: &[String]) -> Self {
        let mut table = Self::default();
        table.keys(keys, prefix, apart);
        table
    }

    fn keys(&mut self, keys: &'static [Key], prefix: &str, apart: &[String]) {
        for key in keys {
            let path = if prefix.is_empty() { key.name.to_owned() } else { format!("{prefix}.{}", key.name) };
            match &key.standing {
                Standing::Now(shape) => {
                    let mut row = row(key, shape, &path);
                    let mut inner = Self::default();
                    inner.below(shape, &path, apart);
                    let shown = !apart.contains(&path);
                    // A word that stands for a map is told where the map is: `probe` and `probe.type`.
                    if inner.rows.iter().any(|inner| !row.words.is_empty() && inner.words == row.words) {
                        row.words.clear();
                    } else {
                        let later = leaves(shape).into_iter().filter_map(words_of).flat_map(|words| words.later);
                        self.later.extend(later.map(|word| (format!("{path}: {word}"), *word)));
                    }
                    self.rows.push(row);
                    if shown {
                        self.rows.extend(inner.rows);
                        self.later.extend(inner.later);
                    }
                }
                Standing::Later => self.later.push((path, key.name)),
                Standing::Instead(_) => {}
            }
        }
    }

    fn below(&mut self, shape: &'static Shape, path: &str, apart: &[String]) {
        match shape {
            Shape::Keys(keys) | Shape::KeysOrData(keys) => self.keys(keys, path, apart),
            Shape::List(_, of) => self.below(of, &format!("{path}[]"), apart),
            Shape::Named { what, of, keys, .. } => {
                self.keys(keys, path, apart);
                self.below(of, &format!("{path}.{}", placeholder(what)), apart);
            }
            Shape::Either(shapes) => shapes.iter().for_each(|shape| self.below(shape, path, apart)),
            Shape::Scalar(_) | Shape::Constant(_) | Shape::Condition | Shape::Data(_) => {}
        }
    }

    fn drawn(&self) -> String {
        let mut text = "| key | value | default | expression | what it says |\n|---|---|---|---|---|\n".to_owned();
        for Row { path, cells, .. } in &self.rows {
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(text, "| `{}` | {} |", shown(path), cells.join(" | "));
        }
        if self.rows.iter().any(|row| !row.words.is_empty()) {
            text += "\n| key | word | meaning |\n|---|---|---|\n";
        }
        let mut told: Vec<&[(&str, &str)]> = Vec::new();
        for row in &self.rows {
            if told.contains(&row.words.as_slice()) {
                continue;
            }
            told.push(&row.words);
            let same = self.rows.iter().filter(|other| other.words == row.words).map(|other| format!("`{}`", shown(&other.path)));
            let keys = same.collect::<Vec<_>>().join(", ");
            for (word, meaning) in &row.words {
                let _ = writeln!(text, "| {keys} | `{word}` | {} |", meaning.replace('|', "\\|"));
            }
        }
        let mut known = BTreeSet::new();
        let later: Vec<_> =
            self.later.iter().filter(|(_, name)| known.insert(*name)).map(|(path, _)| format!("`{}`", shown(path))).collect();
        if !later.is_empty() {
            let _ = writeln!(text, "\nNot carried out by this version, and refused with NC1006: {}.", later.join(", "));
        }
        text
    }
}

/// A path as it stands in a table: what is of a test begins at the test.
fn shown(path: &str) -> &str {
    path.strip_prefix("tests[].").unwrap_or(path)
}

/// `a variable` is `VARIABLE`.
fn placeholder(what: &str) -> String {
    what.rsplit(' ').next().unwrap_or(what).to_uppercase()
}

fn row(key: &Key, shape: &'static Shape, path: &str) -> Row {
    let (help, default) = match key.help.rsplit_once("; ") {
        Some((help, rest)) if rest.contains(" by default") => (format!("{help}."), rest.trim_end_matches('.').replace(" by default", "")),
        _ if key.help.contains("by default") => (key.help.to_owned(), "see what it says".to_owned()),
        _ => (key.help.to_owned(), String::new()),
    };
    let default = match key.need {
        Need::Required => "must be there".to_owned(),
        Need::OneOf(_) => "exactly one of these".to_owned(),
        Need::Optional => default,
    };
    let words = leaves(shape).into_iter().filter_map(words_of).flat_map(|words| words.now.iter().copied()).collect();
    Row { path: path.to_owned(), cells: [value(shape), default, expression(shape).to_owned(), help], words }
}

/// The single values that may stand there, in a list too.
fn leaves(shape: &'static Shape) -> Vec<&'static Leaf> {
    match shape {
        Shape::Scalar(leaf) | Shape::Constant(leaf) => vec![leaf],
        Shape::List(_, of) => leaves(of),
        Shape::Either(shapes) => shapes.iter().flat_map(leaves).collect(),
        Shape::Condition | Shape::Keys(_) | Shape::KeysOrData(_) | Shape::Data(_) | Shape::Named { .. } => Vec::new(),
    }
}

const fn words_of(leaf: &'static Leaf) -> Option<&'static Words> {
    if let Leaf::Word(words) = leaf { Some(words) } else { None }
}

fn value(shape: &'static Shape) -> String {
    match shape {
        Shape::Scalar(Leaf::Word(words)) | Shape::Constant(Leaf::Word(words)) => {
            let words: Vec<_> = words.now.iter().map(|(word, _)| format!("`{word}`")).collect();
            any_of(words.iter().map(String::as_str))
        }
        Shape::Scalar(leaf) | Shape::Constant(leaf) => leaf.expected(),
        Shape::Condition => "an expression that is true or false".to_owned(),
        Shape::List(_, of) => format!("a list, each {}", value(of)),
        Shape::Keys(_) | Shape::KeysOrData(_) => "a map with keys of its own".to_owned(),
        Shape::Data(_) => shape.expected(),
        Shape::Named { what, names, of, .. } => format!("a map from {} ({}) to {}", placeholder(what), names.words, value(of)),
        Shape::Either(shapes) => shapes.iter().map(value).collect::<Vec<_>>().join("; or "),
    }
}

/// Whether it may be an expression.
fn expression(shape: &'static Shape) -> &'static str {
    match shape {
        Shape::Scalar(_) => "yes",
        Shape::Constant(_) | Shape::Data(_) => "no",
        Shape::Condition => "is one, bare",
        Shape::List(_, of) => {
            if expression(of) == "yes" {
                "in its items"
            } else {
                expression(of)
            }
        }
        Shape::Named { of, .. } => {
            if expression(of) == "no" {
                "no"
            } else {
                "in its values"
            }
        }
        Shape::Keys(_) | Shape::KeysOrData(_) => "",
        Shape::Either(shapes) => {
            let all: Vec<_> = shapes.iter().map(expression).collect();
            ["yes", "in its items", "in its values", ""].into_iter().find(|words| all.contains(words)).unwrap_or("no")
        }
    }
}

/// The shape behind the key at a path.
fn at(path: &str) -> &'static Shape {
    fn find(shape: &'static Shape, path: &[&str]) -> Option<&'static Shape> {
        let Some((first, rest)) = path.split_first() else { return Some(shape) };
        match shape {
            Shape::Keys(keys) | Shape::KeysOrData(keys) => key(keys, first).and_then(|shape| find(shape, rest)),
            Shape::List(_, of) => find(of, path),
            Shape::Named { what, of, keys, .. } => {
                if placeholder(what) == *first {
                    find(of, rest)
                } else {
                    key(keys, first).and_then(|shape| find(shape, rest))
                }
            }
            Shape::Either(shapes) => shapes.iter().find_map(|shape| find(shape, path)),
            Shape::Scalar(_) | Shape::Constant(_) | Shape::Condition | Shape::Data(_) => None,
        }
    }
    fn key(keys: &'static [Key], name: &str) -> Option<&'static Shape> {
        keys.iter().find(|key| key.name == name).and_then(|key| if let Standing::Now(shape) = &key.standing { Some(shape) } else { None })
    }
    let steps: Vec<_> = path.split('.').map(|step| step.trim_end_matches("[]")).collect();
    let (first, rest) = steps.split_first().unwrap();
    key(SUITE.keys, first).and_then(|shape| find(shape, rest)).unwrap_or_else(|| panic!("{PAGE}: the language has no `{path}`"))
}

fn below(path: &str, apart: &[String]) -> Table {
    let mut table = Table::default();
    table.below(at(path), path, apart);
    table
}

/// What stands behind a mark.
fn made(mark: &str, apart: &[String]) -> Option<String> {
    if mark == "only tests" {
        return Some(format!("{}.\n", only_tests().join(", ")));
    }
    let paths = mark.strip_prefix("keys ")?;
    let (first, others) = paths.split_once(", ").unwrap_or((paths, ""));
    let table = match first {
        "suite" => Table::of(SUITE.keys, "", apart),
        // What is behind these keys is what is behind them in a suite.
        "part" => Table::of(PART.keys, "", &PART.keys.iter().map(|key| key.name.to_owned()).collect::<Vec<_>>()),
        path => below(path, apart),
    };
    for other in others.split(", ").filter(|other| !other.is_empty()) {
        let moved = |table: &Table, path: &str| -> Vec<Row> {
            table.rows.iter().map(|row| Row { path: row.path.replacen(path, "", 1), ..row.clone() }).collect()
        };
        // A path that has a mark is apart, and what the other has of its own would stand nowhere.
        assert_eq!(moved(&below(other, &[]), other), moved(&below(first, &[]), first), "{PAGE}: `{first}` and `{other}` differ");
    }
    Some(table.drawn())
}

/// The keys of a test that `defaults` cannot hold.
fn only_tests() -> Vec<String> {
    let [tests, defaults] = ["tests", "defaults"].map(|path| below(path, &[]).rows);
    let own = tests.iter().filter_map(|row| row.path.strip_prefix("tests[].").filter(|path| !path.contains(['.', '['])));
    let given: Vec<_> = defaults.iter().filter_map(|row| row.path.strip_prefix("defaults.")).collect();
    own.filter(|name| !given.contains(name)).map(|name| format!("`{name}`")).collect()
}

fn marks(page: &str) -> Vec<&str> {
    page.split("<!-- ").skip(1).filter_map(|part| Some(part.split_once(" -->")?.0)).collect()
}

/// The page with what its marks say.
fn filled(page: &str) -> String {
    let apart: Vec<_> = marks(page)
        .iter()
        .filter_map(|mark| mark.strip_prefix("keys "))
        .flat_map(|paths| paths.split(", "))
        .chain(["defaults"])
        .map(str::to_owned)
        .collect();
    let mut parts = page.split("<!-- ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let made = part.split_once(" -->").and_then(|(mark, _)| Some((mark, made(mark, &apart)?)));
        match made {
            Some((mark, table)) => text.extend(["<!-- ", mark, " -->\n\n", &table, "\n"]),
            None => text.extend(["<!-- ", part]),
        }
    }
    text
}

fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)
}

#[test]
fn the_reference_of_the_language_is_current() {
    let page = std::fs::read_to_string(path()).unwrap();
    let (begun, ended) = (page.matches("<!-- ").count() - page.matches(END).count(), page.matches(END).count());
    assert_eq!(begun, ended, "{PAGE}: every mark has its end");
    let current = filled(&page);
    assert_eq!(filled(&current), current, "{PAGE}: filled twice is filled once");
    if std::env::var_os("NETCHECK_UPDATE").is_some() {
        return std::fs::write(path(), current).unwrap();
    }
    assert!(page == current, "{PAGE} is not what the language is: NETCHECK_UPDATE=1 cargo test --lib reference");
}

/// Below the marks of the page is all of the language: `defaults` are keys of a test, a part has keys of a suite.
#[test]
fn every_key_is_in_the_reference() {
    let page = std::fs::read_to_string(path()).unwrap();
    let same: Vec<_> = marks(&page).into_iter().filter_map(|mark| mark.strip_prefix("keys ")?.split_once(", ")).collect();
    for row in Table::of(SUITE.keys, "", &["defaults".to_owned()]).rows {
        let twin = same.iter().find_map(|(first, other)| Some(format!("{first}.{}", row.path.strip_prefix(other)?.strip_prefix('.')?)));
        let path = twin.unwrap_or(row.path);
        assert!(page.contains(&format!("\n| `{}` | ", shown(&path))), "{path}");
    }
    let named = |table: Table, prefix: &str| -> Vec<Row> {
        table.rows.into_iter().map(|row| Row { path: row.path.replacen(prefix, "", 1), ..row }).collect()
    };
    let (defaults, tests) = (named(below("defaults", &[]), "defaults."), named(below("tests", &[]), "tests[]."));
    assert!(defaults.len() > 30, "{defaults:?}");
    assert!(defaults.iter().all(|row| tests.contains(row)), "{PAGE} says that what `defaults` hold is what a test holds");
    let (part, suite) = (Table::of(PART.keys, "", &[]), Table::of(SUITE.keys, "", &[]));
    let inner = |table: Table| -> Vec<Row> { table.rows.into_iter().filter(|row| row.path.contains(['.', '['])).collect() };
    let suite = inner(suite);
    assert!(inner(part).iter().all(|row| suite.contains(row)), "{PAGE} says that behind the keys of a part stands what stands in a suite");
}

/// The rows of the table with that head, cell by cell.
fn cells<'p>(page: &'p str, head: &str) -> Vec<Vec<&'p str>> {
    let (_, rest) = page.split_once(head).unwrap_or_else(|| panic!("{PAGE} has no table {head}"));
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches(['|', ' ']).split(" | ").map(|cell| cell.trim_matches(['`', ' '])).collect()).collect()
}

/// What the page says of filters and tests is what they do.
#[test]
fn every_example_of_a_filter_and_of_a_test_holds() {
    let page = std::fs::read_to_string(path()).unwrap();
    for (head, known) in [("| filter | example | gives |", &FILTERS[..]), ("| test | example | gives |", &TESTS[..])] {
        let rows = cells(&page, head);
        let named: Vec<_> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(named, known, "{head}");
        for row in &rows {
            let expression = row[1].replace("\\|", "|");
            assert!(expression.contains(row[0]), "{expression} is no example of {}", row[0]);
            let suite = with(&format!("probe: icmp\ntitle: \"${{{{ {expression} }}}}\""))
                .replace("tests:", "vars: { none: { type: int, optional: true }, list: [3, 1, 2] }\ntests:");
            let title = good(&suite).cases[0].about.title.clone();
            assert_eq!(title.as_deref(), Some(row[2]), "{expression}");
        }
    }
}
