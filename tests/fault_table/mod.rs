//! A table of faults and suites: what must fail, may fail, must be errored under each fault, and that all else passes.
//! The rows are data; it must not know what a fault does, nor where a run takes place.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::Value;

/// What a run under the faults of a row must come to. Cases are named by patterns, in which `*` is anything. The first of these lists
/// that has a case counts; every other case that runs must pass.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// As whoever makes them calls them.
    pub(crate) faults: Vec<String>,
    /// What is run.
    #[serde(default = "all_suites")]
    pub(crate) suite: String,
    /// Values of variables.
    #[serde(default)]
    pub(crate) set: Vec<String>,
    /// Cases that must fail, with patterns of their failing pairs: those that end in `?` may fail, all others must.
    /// Of several patterns that a case fits the longest counts.
    #[serde(default)]
    fail: BTreeMap<String, Vec<String>>,
    /// Those that may fail or pass, with patterns of the pairs that may fail.
    #[serde(default)]
    may: BTreeMap<String, Vec<String>>,
    /// Those that may be errored or pass, and never fail.
    #[serde(default)]
    unsure: Vec<String>,
    /// Those that must be errored.
    #[serde(default)]
    errored: Vec<String>,
    /// Those that may be skipped, and those of the first row: nothing else, or a fault could hide by it.
    #[serde(default)]
    skipped: Vec<String>,
    /// What the terminal says.
    #[serde(default)]
    says: Vec<String>,
}

fn all_suites() -> String {
    "suites/all.yaml".to_owned()
}

/// What a run came to.
pub(crate) struct Came<'a> {
    pub(crate) exit: Option<i32>,
    /// Of every suite.
    pub(crate) cases: &'a [Value],
    pub(crate) terminal: &'a str,
}

/// The rows of a table; only some of them where `NETCHECK_TEST_ROW` is a part of their names.
pub(crate) fn rows(table: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = serde_saphyr::from_str(table).unwrap();
    let anywhere = rows[0].skipped.clone();
    rows.iter_mut().skip(1).for_each(|row| row.skipped.extend(anywhere.clone()));
    let only = std::env::var("NETCHECK_TEST_ROW").unwrap_or_default();
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.name.contains(&only)).collect();
    assert!(!rows.is_empty(), "no row is called {only:?}");
    rows
}

/// Tries every row, so many at once; every one of them, so that one run shows all that is wrong.
pub(crate) fn check(rows: &[Row], at_once: usize, wrong: impl Fn(&Row) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        let own = std::iter::from_fn(|| rows.get(next.fetch_add(1, Ordering::Relaxed)));
        own.flat_map(|row| wrong(row).into_iter().map(|wrong| format!("{}: {wrong}", row.name))).collect::<Vec<_>>()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Row {
    /// All that is not as it must be, in words.
    pub(crate) fn wrong(&self, came: &Came<'_>) -> Vec<String> {
        let mut all: Vec<String> = came.cases.iter().filter_map(|case| self.wrong_case(case)).collect();
        all.extend(came.cases.iter().filter(|case| !is_told(case, came.terminal)).map(|case| {
            let id = case["id"].as_str().unwrap();
            format!("{id} fails, and the terminal names none of its pairs")
        }));
        all.extend(self.idle(came).iter().map(|pattern| format!("no case is {pattern}")));
        all.extend(self.says.iter().filter(|words| !came.terminal.contains(*words)).map(|words| format!("{words:?} is not said")));
        let exit = if !self.fail.is_empty() {
            1
        } else if self.errored.is_empty() {
            0
        } else {
            3
        };
        // With a case that must fail it is 1, whatever else may.
        if (self.may.is_empty() || !self.fail.is_empty()) && came.exit != Some(exit) {
            all.push(format!("it exits with {:?}, not {exit}", came.exit));
        }
        all
    }

    /// What is wrong with a case under the faults.
    fn wrong_case(&self, case: &Value) -> Option<String> {
        let (id, status) = (case["id"].as_str().unwrap(), case["status"].as_str().unwrap());
        let any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, id));
        let (failing, possible) = (longest(&self.fail, id), longest(&self.may, id));
        let wanted: &[&str] = match (failing, possible) {
            (Some(_), _) => &["failed"],
            (None, _) if status == "skipped" && any(&self.skipped) => return None,
            (None, Some(_)) => &["failed", "passed"],
            (None, None) if any(&self.unsure) => &["passed", "errored"],
            (None, None) if any(&self.errored) => &["errored"],
            (None, None) => &["passed"],
        };
        if !wanted.contains(&status) {
            return Some(format!("{id} is {status}, not {}: {}", wanted.join(" or "), case["reason"]));
        }
        let found = pairs(case);
        let (expected, fit) = match (failing, possible) {
            (Some(expected), _) => (expected, are(expected, &found)),
            (None, Some(possible)) => (possible, are_among(possible, &found)),
            (None, None) => return None,
        };
        (!fit).then(|| format!("{id} fails {found:?}, not {expected:?}"))
    }

    /// Patterns that no case fits would demand nothing.
    fn idle(&self, came: &Came<'_>) -> Vec<&String> {
        let fits_none =
            |pattern: &&String| !came.cases.iter().any(|case| case["status"] != "skipped" && fits(pattern, case["id"].as_str().unwrap()));
        self.fail.keys().chain(self.may.keys()).chain(&self.unsure).chain(&self.errored).filter(fits_none).collect()
    }
}

/// What is said of a case: by the longest of the patterns that it fits.
fn longest<'a>(said: &'a BTreeMap<String, Vec<String>>, id: &str) -> Option<&'a [String]> {
    said.iter().filter(|(pattern, _)| fits(pattern, id)).max_by_key(|(pattern, _)| pattern.len()).map(|(_, pairs)| &**pairs)
}

/// Whether each of these pairs is one of those; what fails by all pairs together names none.
fn are_among(possible: &[String], found: &[String]) -> bool {
    found.iter().all(|pair| possible.iter().any(|pattern| fits(pattern, pair)))
}

/// Whether these pairs are those: each of them is one of those, and each of those that must be there is. No pair at all is none.
fn are(expected: &[String], found: &[String]) -> bool {
    let demands: Vec<(&str, bool)> =
        expected.iter().map(|words| words.strip_suffix('?').map_or((&**words, true), |words| (words, false))).collect();
    let known = |pair: &&String| demands.iter().any(|(pattern, _)| fits(pattern, pair));
    let there = |(pattern, must): &(&str, bool)| !must || found.iter().any(|pair| fits(pattern, pair));
    !found.is_empty() && found.iter().all(|pair| known(&pair)) && demands.iter().all(there)
}

/// `*` is anything; all else stands for itself.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn pairs(case: &Value) -> Vec<String> {
    let mut pairs: Vec<_> = ends(case).map(|(source, target)| format!("{source}>{target}")).collect();
    pairs.sort();
    pairs
}

/// The failing pairs: who asked, and whom.
fn ends(case: &Value) -> impl Iterator<Item = (&str, &str)> {
    let pairs = case["failingPairs"].as_array().unwrap().iter();
    pairs.map(|pair| (pair["source"].as_str().unwrap(), pair["target"].as_str().unwrap()))
}

/// Whether somebody who reads the terminal alone learns of a case that fails which way does; what all pairs miss together names none.
fn is_told(case: &Value, terminal: &str) -> bool {
    let mut pairs = ends(case).map(|(source, target)| terminal.contains(&format!("\n  {source} → {target}  "))).peekable();
    case["status"] != "failed" || pairs.peek().is_none() || pairs.any(|is_said| is_said)
}

#[test]
fn failing_pairs_are_those_that_are_named() {
    let all = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (expected, found, fit) in [
        ("a>b b>a", "a>b b>a", true),
        ("a>b b>a", "a>b", false),
        ("a>b", "a>b a>c", false),
        ("a>b a>c?", "a>b", true),
        ("a>b? a>c?", "a>c", true),
        ("a>*", "a>b a>c", true),
        ("a>*", "a>b b>c", false),
        ("a>* c>*", "a>b", false),
        ("", "a>b", false),
        ("a>b?", "", false),
    ] {
        assert_eq!(are(&all(expected), &all(found)), fit, "{expected} {found}");
    }
}

#[test]
fn pairs_that_may_fail_are_those_that_are_named() {
    let all = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (possible, found, fit) in [("a>* b>a", "b>a", true), ("a>* b>a", "a>c b>c", false), ("a>*", "", true), ("", "a>b", false)] {
        assert_eq!(are_among(&all(possible), &all(found)), fit, "{possible} {found}");
    }
}

#[test]
fn patterns_stand_for_whole_names() {
    for (pattern, name, fit) in [
        ("a/b", "a/b", true),
        ("a/b", "a/bc", false),
        ("a/*", "a/b", true),
        ("a/*c", "a/bcd", false),
        ("*v4*", "a[family=v4]", true),
        ("a*b*c", "a-c-b", false),
    ] {
        assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
    }
}
