//! Collections: several suites under one name, each of which stays a suite of its own. It must not know what is in the suites.

use super::check::check;
use super::language::COLLECTION;
use super::opening::{SIZE_LIMIT, of_another_kind, read_with};
use super::tree::{self, Node};
use crate::model::diagnostic::Diagnostic;

/// Everything known about a collection.
#[derive(Debug)]
pub struct CollectionReading {
    /// The files of its suites as they are written, unless there are errors.
    pub suites: Option<Vec<String>>,
    /// All remarks, in the order of the file; at most 100, and one more that counts the rest.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a collection; none if the file is none. `file` is its name as the user gave it, `bytes` its content.
#[must_use]
pub fn read_collection(file: &str, bytes: &[u8]) -> Option<CollectionReading> {
    let says_so = |text: &str| text.lines().any(|line| line.starts_with("collection:"));
    if bytes.len() > SIZE_LIMIT || !std::str::from_utf8(bytes).is_ok_and(says_so) {
        return None;
    }
    let (suites, diagnostics) = read_with(&COLLECTION, file, bytes, |source, remarks| {
        let root = tree::parse(source.main(), remarks)?;
        if let Some(remark) = of_another_kind(&root, source, &COLLECTION) {
            remarks.add(remark);
            return None;
        }
        check(&root, &COLLECTION, remarks);
        let suites = root.get("suites").map_or(&[][..], Node::items).iter();
        Some(suites.filter_map(Node::scalar).map(|scalar| scalar.text.to_string()).collect())
    });
    Some(CollectionReading { suites, diagnostics })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<Vec<String>, Vec<String>>> {
        let reading = read_collection("all.yaml", text.as_bytes())?;
        let remarks = reading.diagnostics.iter().map(|remark| remark.message.clone()).collect();
        Some(reading.suites.ok_or(remarks))
    }

    #[test]
    fn a_collection_names_files_of_suites() {
        assert_eq!(read("netcheck: v1\nsuite: s\ntests: []\n"), None);
        assert_eq!(read("netcheck: v1\ncollection: all\nsuites: [a.yaml, b/c.yaml]\n"), Some(Ok(vec!["a.yaml".into(), "b/c.yaml".into()])));
        for (wrong, part) in [
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
