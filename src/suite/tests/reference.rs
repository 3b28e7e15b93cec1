//! `docs/language.md`: what stands between its marks is made from the description of the language, and every key is in one of its
//! tables. `<!-- keys PATH -->` is a table of what is below that path, but for what has a mark of its own; `PATH, OTHER` says that both
//! have the same keys.

mod table;

use table::{Row, Table, below, shown};

use super::*;
use crate::suite::expression::{FILTERS, TESTS};
use crate::suite::language::{PART, SUITE};
use crate::suite::surroundings::FACTS;

const PAGE: &str = "docs/language.md";

const END: &str = "<!-- end -->";

/// What stands behind a mark.
fn made(mark: &str, apart: &[String]) -> Option<String> {
    if mark == "only tests" {
        return Some(format!("{}.\n", only_tests().join(", ")));
    }
    if mark == "facts" {
        let rows = FACTS.iter().map(|(name, help)| format!("| `{name}` | {help} |\n"));
        return Some(format!("| name | what it says |\n|---|---|\n{}", rows.collect::<String>()));
    }
    let paths = mark.strip_prefix("keys ")?;
    let (first, others) = paths.split_once(", ").unwrap_or((paths, ""));
    let mut table = match first {
        "suite" => Table::of(SUITE.keys, "", apart),
        // What is behind these keys is what is behind them in a suite.
        "part" => Table::of(PART.keys, "", &PART.keys.iter().map(|key| key.name.to_owned()).collect::<Vec<_>>()),
        path => below(path, apart),
    };
    for other in others.split(", ").filter(|other| !other.is_empty()) {
        let moved = |table: &Table, path: &str| -> Vec<Row> { table.rows.iter().map(|row| row.clone().below(path)).collect() };
        let (own, common) = (moved(&below(other, &[]), other), moved(&below(first, &[]), first));
        let strange = common.iter().find(|row| !own.contains(row));
        assert!(strange.is_none(), "{PAGE}: `{first}` and `{other}` differ: {strange:?}");
        // What the other has of its own stands behind what both have.
        table.rows.extend(below(other, &[]).rows.into_iter().filter(|row| !common.contains(&row.clone().below(other))));
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
        let stands = |path: &str| page.contains(&format!("\n| `{}` | ", shown(path)));
        assert!(stands(&row.path) || twin.is_some_and(|twin| stands(&twin)), "{}", row.path);
    }
    let named = |table: Table, prefix: &str| -> Vec<Row> { table.rows.into_iter().map(|row| row.below(prefix)).collect() };
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
