//! What a file is by its top level, before it is read: for whoever finds files instead of being told of them. It must not know
//! what is in it beyond that.
//!
//! Whatever could be meant as a suite counts as one: reading it tells what is wrong, and passing it over would leave out tests
//! in silence.

use super::opening::decode;
use super::remarks::{Remarks, nearest};
use super::source::Source;
use super::tree::{self, Node};

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
        Some(root) => named(&root),
        None => meant(source.main().as_str()),
    }
}

/// Of a map, or of whatever else can be read.
fn named(root: &Node) -> FileKind {
    let kind = || KEYS.iter().find(|(key, _)| root.get(key).is_some()).map_or(FileKind::Suite, |(_, kind)| *kind);
    match root.get("netcheck") {
        // Worlds and collections have no tests: with some, it is a suite that calls itself by a wrong name.
        Some(version) if version.scalar().is_some() => match kind() {
            FileKind::World | FileKind::Collection if root.get("tests").is_some() => FileKind::Suite,
            kind => kind,
        },
        // Values of other tools may be about netcheck.
        Some(_) if root.get("suite").is_none() => FileKind::Other,
        Some(_) => FileKind::Suite,
        None if is_like_ours(root) => FileKind::Suite,
        None => FileKind::Other,
    }
}

/// Whether it may be ours with its first key left out or mistyped. Other tools have `suite` and `tests` too, but no such tests.
fn is_like_ours(root: &Node) -> bool {
    let mistyped = root.entries().iter().any(|entry| nearest(&entry.key.name.to_ascii_lowercase(), ["netcheck"]).is_some());
    let tests = root.get("tests").map_or(&[][..], Node::items);
    let probes = root.get("suite").is_some() && tests.iter().any(|test| test.get("probe").is_some());
    probes || (mistyped && (root.get("suite").is_some() || root.get("tests").is_some()))
}

/// Of a file that is no text, or more of it than a suite may be.
fn unreadable(bytes: &[u8]) -> FileKind {
    // UTF-16 has a zero beside each letter of ours, and marks its beginning.
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, 0 | 0xfe | 0xff)).collect();
    meant(&String::from_utf8_lossy(&text))
}

/// Of a text that is no YAML: whether `netcheck` is a key in it, wherever. Better to refuse a template of another tool
/// that has such a key than to pass over a suite that cannot be read.
fn meant(text: &str) -> FileKind {
    let is_key = |before: &str, after: &str| {
        let quotes = ['"', '\''];
        let begins = before.trim_end_matches(quotes).trim_end().trim_start_matches('\u{feff}');
        let asked = begins.ends_with('?');
        (begins.is_empty() || asked || begins.ends_with(['{', ',']))
            && (asked || after.trim_start_matches(quotes).trim_start().starts_with(':'))
    };
    let in_line = |line: &str| line.match_indices(NAME).any(|(at, name)| is_key(&line[..at], &line[at + name.len()..]));
    if text.lines().any(in_line) { FileKind::Suite } else { FileKind::Other }
}

const NAME: &str = "netcheck";

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
            ("suite: of another tool\ntests: [{ it: renders, asserts: [] }]\n", Other),
            ("netcheck: { image: x, tag: y }\nreplicas: 3\n", Other),
            ("netcheckOptions: []\nsuites: 3\n", Other),
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
            b"  netcheck: v1\n  suite: c\n  tests: [",
            b"{ \"suite\": \"e\", \"netcheck\": \"v1\",",
            b"? netcheck\n: v1\n: [\n",
            b"Netcheck: v1\nsuite: s\ntests: []\n",
            b"netchek: v1\nsuite: s\n",
            b"suite: s\ntests: [{ id: a, from: pods, to: pods, probe: udp }]\n",
            b"netcheck: v1\nworld: typo\ntests: []\n",
            b"netcheck: { v: 1 }\nsuite: s\n",
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
        for bytes in [&b"a: [\n"[..], b"a: \xff\n", b"# netcheck: [\na: [\n", b"a: netcheck: [\n", b"netcheckers: [\n", large.as_bytes()] {
            assert_eq!(kind_of(bytes), Other, "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
        }
    }
}
