//! Every kind of mistake with its words and its place, in `mistakes.golden`: a suite, perhaps with `set NAME=VALUE`, and what
//! a person would have to read.

use super::*;

const GOLDEN: &str = include_str!("mistakes.golden");

/// The suites of the file, with their titles, their settings and what is expected of them.
fn golden() -> impl Iterator<Item = (&'static str, &'static str, Vec<(String, String)>, &'static str)> {
    GOLDEN.split("\n=== ").skip(1).map(|part| {
        let (title, rest) = part.split_once('\n').unwrap();
        let (text, expected) = rest.split_once("\n=>").unwrap();
        let (settings, expected) = expected.split_once('\n').unwrap();
        let pairs = settings.split_whitespace().filter_map(|setting| setting.split_once('='));
        (title, text, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), expected)
    })
}

/// White space at the ends of lines cannot be seen.
fn tidy(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[test]
fn mistakes_are_told_with_their_places() {
    let mut differences = String::new();
    for (title, text, settings, expected) in golden() {
        let reading = read(FILE, format!("{text}\n").as_bytes(), &settings);
        let found = drawn(&reading.diagnostics);
        if tidy(&found) != tidy(expected) {
            differences.extend(["\n=== ", title, "\n", text, "\n=> found:\n", &found]);
        }
        let failed = reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(reading.suite.is_none(), failed, "{title}");
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn every_code_has_its_example() {
    // These take more than a line or two; they are among the hostile ones.
    let elsewhere = [codes::TOO_BIG, codes::TOO_MANY_CASES, codes::AND_MORE];
    for (code, words) in codes::ALL.iter().filter(|(code, _)| !elsewhere.contains(code)) {
        assert!(GOLDEN.contains(code), "{code}: {words}");
    }
}
