//! Collections: several suites under one name, each of which stays a suite of its own. It must not know what is in the suites.

use super::check::check;
use super::language::COLLECTION;
use super::opening::{decode, of_another_kind, read_with};
use super::remarks::Remarks;
use super::source::Source;
use super::tree::{self, Node};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;

/// Everything known about a collection.
#[derive(Debug)]
pub struct CollectionReading {
    /// Its suites, unless there are errors.
    pub suites: Option<Vec<Member>>,
    /// All remarks, in the order of the file; at most 100, and one more that counts the rest.
    pub diagnostics: Vec<Diagnostic>,
}

/// A suite of a collection.
#[derive(Debug)]
pub struct Member {
    /// Its file as it is written.
    pub file: String,
    /// Where that is written.
    pub span: Span,
}

/// Reads a collection; none if the file is none. `file` is its name as the user gave it, `bytes` its content.
#[must_use]
pub fn read_collection(file: &str, bytes: &[u8]) -> Option<CollectionReading> {
    if !is_collection(bytes) {
        return None;
    }
    let (suites, diagnostics) = read_with(&COLLECTION, file, bytes, |source, remarks| {
        let mut root = tree::parse(source.main(), remarks)?;
        if let Some(remark) = of_another_kind(&root, source, &COLLECTION) {
            remarks.add(remark);
            return None;
        }
        check(&mut root, &COLLECTION, remarks);
        let suites = root.get("suites").map_or(&[][..], Node::items).iter();
        Some(suites.filter_map(|suite| Some(Member { file: suite.scalar()?.text.to_string(), span: source.span(suite.at) })).collect())
    });
    Some(CollectionReading { suites, diagnostics })
}

/// Whether its keys are those of a collection; of a file that is no YAML, whether a line of it begins so.
fn is_collection(bytes: &[u8]) -> bool {
    let decoded = decode(bytes, COLLECTION.file);
    // Most files are none, and reading a file twice takes twice as long.
    if decoded.wrong.is_some() || !KEYS.iter().any(|key| may_be_key(&decoded.text, key)) {
        return false;
    }
    let source = Source::new("", decoded.text);
    match tree::parse(source.main(), &mut Remarks::default()) {
        Some(root) => {
            ["suite", "part", "world"].iter().all(|key| root.get(key).is_none()) && KEYS.iter().any(|key| root.get(key).is_some())
        }
        None => source.main().as_str().lines().any(|line| line.starts_with("collection:")),
    }
}

/// The keys that only collections have at their top.
const KEYS: [&str; 2] = ["collection", "suites"];

/// Whether the word is a key somewhere: what follows it, behind a quote perhaps, is a colon, or it is asked for by a question mark.
fn may_be_key(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let after = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        let before = text[..at].trim_end_matches(['"', '\'']).trim_end();
        after.starts_with(':') || before.ends_with('?')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<Vec<String>, Vec<String>>> {
        let reading = read_collection("all.yaml", text.as_bytes())?;
        let remarks = reading.diagnostics.iter().map(|remark| remark.message.clone()).collect();
        Some(reading.suites.map(|all| all.into_iter().map(|one| one.file).collect()).ok_or(remarks))
    }

    #[test]
    fn a_collection_names_files_of_suites() {
        assert_eq!(read("netcheck: v1\nsuite: s\ntests: []\n"), None);
        assert_eq!(read("netcheck: v1\ncollection: all\nsuites: [a.yaml, b/c.yaml]\n"), Some(Ok(vec!["a.yaml".into(), "b/c.yaml".into()])));
        let in_one_line = Some(Ok(vec!["a.yaml".into()]));
        for text in [
            "\u{feff}collection: all\nnetcheck: v1\nsuites: [a.yaml]\n",
            "{netcheck: v1, collection: all, suites: [a.yaml]}",
            "{ 'netcheck': v1,\n  \"collection\": all,\n  suites: [ a.yaml ] }\n",
            "netcheck: v1\n? collection\n: all\nsuites: [a.yaml]\n",
        ] {
            assert_eq!(read(text), in_one_line, "{text}");
        }
        for suite in [
            "netcheck: v1\nsuite: collection\ntests: []\n",
            "# collection: x\nnetcheck: v1\nsuite: s\n",
            "collection\n",
            "suite: s\nsuites: []\n",
        ] {
            assert_eq!(read(suite), None, "{suite}");
        }
        for (wrong, part) in [
            ("netcheck: v1\nsuites: [a.yaml]\n", "`collection`"),
            ("collection: all\nsuites: [a.yaml\n", "YAML"),
            ("netcheck: v1\ncollection: all\n", "`suites`"),
            ("netcheck: v1\ncollection: all\nsuites: []\n", "`suites`"),
            ("netcheck: v1\ncollection: all\nsuites: [/etc/a.yaml]\n", "suite"),
            ("netcheck: v1\ncollection: all\nsuites: [a.yaml]\ntests: []\n", "tests"),
            ("collection: all\nsuites: [a.yaml]\n", "netcheck"),
        ] {
            let Some(Err(remarks)) = read(wrong) else { panic!("{wrong} is read") };
            assert!(remarks[0].contains(part), "{wrong}: {remarks:?}");
        }
    }
}
