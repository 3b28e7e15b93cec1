//! What a file is by its top level, before it is read: for whoever finds files instead of being told of them. It must not know
//! what is in it beyond that.
//!
//! Whatever could be meant as a suite counts as one: reading it tells what is wrong, and passing it over would leave out tests
//! in silence.

use super::opening::decode;
use super::remarks::Remarks;
use super::source::Source;
use super::tree;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A suite, or of our language without being anything else: to be read as a suite.
    Suite,
    /// A collection.
    Collection,
    /// A part.
    Part,
    /// A world.
    World,
    /// Not of our language: it does not say `netcheck` at its top.
    Other,
}

/// The keys that say what a file is, a suite first: beside it the others are mistakes in a suite.
const KEYS: [(&str, FileKind); 5] = [
    ("suite", FileKind::Suite),
    ("part", FileKind::Part),
    ("world", FileKind::World),
    ("collection", FileKind::Collection),
    ("suites", FileKind::Collection),
];

/// What that file is. The key `netcheck` decides whether it is ours at all: tests of other tools have `suite` and `tests` as well.
#[must_use]
pub fn kind_of(bytes: &[u8]) -> FileKind {
    let decoded = decode(bytes, "suite");
    if decoded.wrong.is_some() {
        return unreadable(bytes);
    }
    let source = Source::new("", decoded.text);
    match tree::parse(source.main(), &mut Remarks::default()) {
        Some(root) if root.get("netcheck").is_none() => FileKind::Other,
        Some(root) => KEYS.iter().find(|(key, _)| root.get(key).is_some()).map_or(FileKind::Suite, |(_, kind)| *kind),
        None => meant(source.main().as_str()),
    }
}

/// Of a file that is no text, or more of it than a suite may be.
fn unreadable(bytes: &[u8]) -> FileKind {
    // UTF-16 has a zero beside each letter of ours, and marks its beginning.
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, 0 | 0xfe | 0xff)).collect();
    meant(&String::from_utf8_lossy(&text))
}

/// Of a text that is no YAML: whether a line of it begins as our files do.
fn meant(text: &str) -> FileKind {
    let begins = |line: &str| {
        let key = line.trim_start_matches('\u{feff}').trim_start_matches(['{', ' ']);
        let begun = line.len() == key.len() || line.trim_start_matches('\u{feff}').starts_with('{');
        let rest = key.trim_start_matches(['"', '\'']).strip_prefix("netcheck");
        begun && rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    if text.lines().any(begins) { FileKind::Suite } else { FileKind::Other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FileKind::{Collection, Other, Part, Suite, World};

    #[test]
    fn a_file_is_what_its_top_level_says() {
        for (text, kind) in [
            ("netcheck: v1\nsuite: s\ntests: []\n", Suite),
            ("{ \"netcheck\": v1, suite: s }", Suite),
            ("\u{feff}tests: []\nsuite: s\nnetcheck: v9\n", Suite),
            ("netcheck: v1\npart: p\n", Part),
            ("netcheck: v1\nworld: w\nnodes: [{ name: a }]\n", World),
            ("netcheck: v1\ncollection: c\nsuites: [a.yaml]\n", Collection),
            ("netcheck: v1\nsuites: [a.yaml]\n", Collection),
            ("apiVersion: v1\nkind: ConfigMap\ndata: { a: \"netcheck: v1\" }\n", Other),
            ("suite: of another tool\ntests: []\n", Other),
            ("lossMax: 1%\n", Other),
            ("- netcheck: v1\n", Other),
            ("", Other),
            ("# netcheck: v1\n", Other),
            ("{{- if .Values.on }}\na: b\n  netcheck: v1\n{{- end }}\n", Other),
        ] {
            assert_eq!(kind_of(text.as_bytes()), kind, "{text}");
        }
    }

    #[test]
    fn what_could_be_a_suite_is_read_as_one() {
        let large = format!("# {}\nnetcheck: v1\nsuite: s\n", "x".repeat(1000)) + &"#\n".repeat(1 << 20);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("netcheck: v1\n".bytes().flat_map(|byte| [byte, 0])).collect();
        let latin = b"netcheck: v1\nsuite: s\ntitle: \xe9t\xe9\n";
        for bytes in [
            &b"netcheck: v1\n"[..],
            b"netcheck: v1\nsiute: s\n",
            b"netcheck: v1\nsuite: s\npart: p\n",
            b"netcheck: v1\nsuite: [\n",
            b"netcheck : v1\n\tsuite: s\n",
            b"{netcheck: v1, suite: s",
            b"a: b\n---\nnetcheck: v1\nsuite: s\n",
            b"\xef\xbb\xbfnetcheck: v1\nsuite: [\n",
            b"'netcheck': v1\nsuite: [\n",
            large.as_bytes(),
            &wide,
            latin,
        ] {
            assert_eq!(kind_of(bytes), Suite, "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
        }
    }

    #[test]
    fn what_is_neither_readable_nor_ours_is_passed_over() {
        let large = "# netcheck is not meant\n".to_owned() + &"a: b\n".repeat(1 << 20);
        for bytes in [&b"a: [\n"[..], b"a: \xff\n", b"  netcheck: [\n", b"netcheckers: [\n", large.as_bytes()] {
            assert_eq!(kind_of(bytes), Other, "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
        }
    }
}
