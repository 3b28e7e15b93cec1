//! A suite with the parts that it includes, as one tree: what the includer says itself wins, and parts must not contradict each
//! other. It must not know where files are: whoever reads a suite gives their content.

use std::collections::{HashMap, HashSet};

use super::check::check;
use super::codes;
use super::language::{PART, SUITE};
use super::opening::{decode, of_another_kind};
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source};
use super::tree::{self, Entry, Key, Node, What};

/// Gives the content of a file by its path, or says why there is none.
pub type Parts<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

/// The most parts of a suite.
const MOST: usize = 64;

/// The maps whose entries parts bring along.
const SHARED: [(&str, &str); 5] =
    [("vars", "variable"), ("discover", "query"), ("secrets", "secret"), ("defaults", "default"), ("agents", "term of agents")];

/// A suite with its parts.
#[derive(Debug)]
pub(crate) struct Whole {
    /// All of it that there is.
    pub(crate) root: Node,
    /// Whether a part is missing, which has its remark: what it would have brought along is missing too.
    pub(crate) lacks: bool,
}

/// The suite with all its parts. A part that is included twice is there once.
pub(crate) fn whole(root: Node, source: &mut Source, parts: Parts<'_>, remarks: &mut Remarks) -> Whole {
    let file = source.main().file().to_string();
    // An empty list has its remark, and names nothing that could be missing.
    let names_parts = |node: &Node| matches!(node.what, What::List(_)) && node.items().iter().all(|item| item.scalar().is_some());
    let unusable = root.get("include").is_some_and(|node| !names_parts(node));
    let mut inclusion =
        Inclusion { source, parts, remarks, way: Vec::new(), there: vec![file.clone()], read: HashMap::new(), incomplete: unusable };
    let root = inclusion.with_parts(root, &file);
    let lacks = inclusion.incomplete;
    if root.entry("tests").is_none() && !lacks {
        let place = root.entry("suite").map_or(root.at, |entry| entry.key.at);
        let remark = Remark::error(codes::MISSING_KEY, place, format!("the {} has no `tests`", SUITE.file));
        remarks.add(remark.help(["write them under `tests:`, or include a part that has some"]));
    }
    Whole { root, lacks }
}

struct Inclusion<'a> {
    source: &'a mut Source,
    parts: Parts<'a>,
    remarks: &'a mut Remarks,
    /// The files that lead to the one that is read, each with the place where it includes the next.
    way: Vec<(String, Place)>,
    /// All files so far.
    there: Vec<String>,
    /// Parts that were read, with their own parts.
    read: HashMap<String, Node>,
    /// Whether a part is missing.
    incomplete: bool,
}

impl Inclusion<'_> {
    fn with_parts(&mut self, node: Node, file: &str) -> Node {
        let items: Vec<(String, Place)> = node
            .get("include")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|item| Some((item.scalar()?.text.to_string(), item.at)))
            .collect();
        let mut parts = Vec::new();
        for (written, at) in items {
            let path = beside(file, &written);
            self.way.push((file.to_owned(), at));
            // A part that two others include is there twice, so that who overrides it is seen to contradict who does not.
            let part = self.read.get(&path).map(Node::without_tests).or_else(|| self.part(&path, at));
            self.incomplete |= part.is_none();
            parts.extend(part);
            self.way.pop();
        }
        merged(node, &parts, self.remarks)
    }

    fn part(&mut self, path: &str, at: Place) -> Option<Node> {
        if let Some(remark) = self.cycle(path, at) {
            self.remarks.add(remark);
            return None;
        }
        if self.there.len() > MOST {
            self.remarks.add(Remark::error(codes::TOO_BIG, at, format!("the suite includes more than {MOST} parts")));
            return None;
        }
        if self.there.iter().any(|other| other == path) {
            return None; // it could not be read, and was told of
        }
        self.there.push(path.to_owned());
        let root = self.load(path, at)?;
        let whole = self.with_parts(root, path);
        self.read.insert(path.to_owned(), whole.clone());
        Some(whole)
    }

    /// What is wrong if the file includes itself, by whatever way.
    fn cycle(&self, path: &str, at: Place) -> Option<Remark> {
        let begins = self.way.iter().position(|(file, _)| file == path)?;
        let remark = Remark::error(codes::CYCLE, at, format!("`{path}` would include itself"));
        let before = self.way.get(begins..self.way.len() - 1).unwrap_or_default();
        let remark = before.iter().fold(remark, |remark, (_, place)| remark.related(*place, "included by way of this"));
        Some(remark.help(["move what both need into a part of its own, and include that"]))
    }

    fn load(&mut self, path: &str, at: Place) -> Option<Node> {
        let bytes = match (self.parts)(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                let remark = Remark::error(codes::NOT_INCLUDED, at, format!("cannot include {path}: {why}"));
                self.remarks.add(remark.help(["the path is relative to the file that includes it"]));
                return None;
            }
        };
        let decoded = decode(&bytes, PART.file);
        let text = self.source.add(path, decoded.text);
        if decoded.wrong.is_some() {
            let remark = Remark::error(codes::NOT_INCLUDED, at, format!("cannot include {path}: it is too large, or not text in UTF-8"));
            self.remarks.add(remark.help(["a part is text in UTF-8 of some kilobytes"]));
            return None;
        }
        let mut root = tree::parse(text, self.remarks)?;
        if matches!(root.what, What::Nothing) {
            self.remarks.add(Remark::error(codes::NOT_INCLUDED, at, format!("cannot include {path}: the file is empty")));
            return None;
        }
        if let Some(remark) = self.foreign(&root, path, at) {
            self.remarks.add(remark);
            return None;
        }
        check(&mut root, &PART, self.remarks);
        Some(root)
    }

    /// What is wrong with a file that is no part at all.
    fn foreign(&self, root: &Node, path: &str, at: Place) -> Option<Remark> {
        let of_another_kind = of_another_kind(root, self.source, &PART);
        let suite = root.entry("suite").filter(|_| root.entry("part").is_none()).map(|entry| {
            let remark = Remark::error(codes::NOT_INCLUDED, at, format!("{path} is a suite, and only parts can be included"));
            remark
                .related(entry.key.at, "it is marked as a suite here")
                .help(["move what both suites need into a file that begins with `part: NAME`"])
        });
        of_another_kind.or(suite)
    }
}

/// The path of a file that another one names, without `.` and with as few `..` as there can be.
pub(crate) fn beside(file: &str, written: &str) -> String {
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let root = if file.starts_with('/') { "/" } else { "" };
    let mut steps: Vec<&str> = Vec::new();
    for step in directory.split('/').chain(written.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let path = format!("{root}{}", steps.join("/"));
    if path.is_empty() { ".".to_owned() } else { path }
}

/// The includer's tree with what its parts bring along.
fn merged(node: Node, parts: &[Node], remarks: &mut Remarks) -> Node {
    let Node { at, what: What::Map(mut entries) } = node else { return node };
    if let Some(defaults) = entries.iter_mut().find(|entry| &*entry.key.name == "defaults") {
        merge_probes(&mut defaults.value, parts, remarks);
    }
    for (key, noun) in SHARED {
        let brought = brought(key, noun, &entries, parts, remarks);
        extend(&mut entries, key, What::Map(brought), parts, What::add_entries);
    }
    let tests: Vec<Node> = parts.iter().filter_map(|part| part.get("tests")).flat_map(Node::items).cloned().collect();
    extend(&mut entries, "tests", What::List(tests), parts, What::put_before);
    let mut seen: HashSet<Place> = HashSet::new();
    let mut fixtures: Vec<Node> = Vec::new();
    for list in parts.iter().filter_map(|part| part.get("fixtures")).map(Node::items) {
        // By two ways from one part, it is there once; twice in one list, it is a mistake.
        fixtures.extend(list.iter().filter(|item| !seen.contains(&item.at)).cloned());
        seen.extend(list.iter().map(|item| item.at));
    }
    extend(&mut entries, "fixtures", What::List(fixtures), parts, What::put_before);
    Node { at, what: What::Map(entries) }
}

/// Completes the `probe` of the includer's defaults key by key, as the probe of a test is completed from them.
fn merge_probes(own: &mut Node, parts: &[Node], remarks: &mut Remarks) {
    let What::Map(entries) = &mut own.what else { return };
    let brings = |part: &Node| Some(Node { at: part.at, what: What::Map(vec![spelt_out(part.get("defaults")?.entry("probe")?)?]) });
    let brought_along: Vec<Node> = parts.iter().filter_map(brings).collect();
    // Beside `probe`, the includer's `timeout` wins over one in the `probe` of a part.
    let timed = entries.iter().any(|entry| &*entry.key.name == "timeout");
    let probe = match entries.iter().position(|entry| &*entry.key.name == "probe") {
        Some(index) => spelt_out(&entries[index]).map(|probe| (index, probe)),
        None if timed => brought_along.first().and_then(|part| part.entry("probe")).map(|first| {
            let value = Node { at: first.value.at, what: What::Map(Vec::new()) };
            (entries.len(), Entry { key: first.key.clone(), value })
        }),
        None => None,
    };
    let Some((index, mut probe)) = probe.filter(|_| !brought_along.is_empty()) else { return };
    let mut more = brought("probe", "probe's default", std::slice::from_ref(&probe), &brought_along, remarks);
    more.retain(|entry| !(timed && &*entry.key.name == "timeout"));
    probe.value.what.add_entries(What::Map(more));
    entries.splice(index..(index + 1).min(entries.len()), [probe]);
}

/// A `probe` as a map: one that is a single value is its `type`. None if it is neither.
fn spelt_out(probe: &Entry) -> Option<Entry> {
    match &probe.value.what {
        What::Map(_) => Some(probe.clone()),
        What::Scalar(_) | What::Template(_) => {
            let kind = Entry { key: Key { name: "type".into(), at: probe.value.at }, value: probe.value.clone() };
            Some(Entry { key: probe.key.clone(), value: Node { at: probe.value.at, what: What::Map(vec![kind]) } })
        }
        What::Nothing | What::Unset(_) | What::List(_) | What::Broken => None,
    }
}

/// What parts say under that key and the includer does not; each once.
fn brought(key: &str, noun: &str, own: &[Entry], parts: &[Node], remarks: &mut Remarks) -> Vec<Entry> {
    let says = |name: &str| own.iter().filter(|entry| &*entry.key.name == key).any(|entry| entry.value.entry(name).is_some());
    let mut brought: Vec<Entry> = Vec::new();
    for entry in parts.iter().filter_map(|part| part.get(key)).flat_map(Node::entries).filter(|entry| !says(&entry.key.name)) {
        if let Some(first) = brought.iter().find(|other| other.key.name == entry.key.name) {
            if first.key.at == entry.key.at {
                continue; // by two ways from one part
            }
            let message = format!("two parts give the {noun} `{}`", entry.key.name);
            let remark = Remark::error(codes::CLASH, entry.key.at, message).label("the second").related(first.key.at, "the first");
            remarks.add(remark.help([format!("leave it out of one of them, or say under `{key}` of the suite which it is")]));
        } else {
            brought.push(entry.clone());
        }
    }
    brought
}

/// Adds to what the includer says under that key; where it says nothing, what the first part says is where it stands.
fn extend(entries: &mut Vec<Entry>, key: &str, more: What, parts: &[Node], add: impl Fn(&mut What, What)) {
    if let Some(own) = entries.iter_mut().find(|entry| &*entry.key.name == key) {
        add(&mut own.value.what, more);
    } else if let Some(first) = parts.iter().find_map(|part| part.entry(key)) {
        entries.push(Entry { key: first.key.clone(), value: Node { at: first.value.at, what: more } });
    }
}

impl Node {
    /// A part that is there already: its tests are run once.
    fn without_tests(&self) -> Self {
        let What::Map(entries) = &self.what else { return self.clone() };
        let entries = entries.iter().filter(|entry| &*entry.key.name != "tests").cloned().collect();
        Self { at: self.at, what: What::Map(entries) }
    }
}

impl What {
    fn add_entries(&mut self, more: Self) {
        if let (Self::Map(entries), Self::Map(more)) = (self, more) {
            entries.extend(more);
        }
    }

    fn put_before(&mut self, more: Self) {
        if let (Self::List(items), Self::List(more)) = (self, more) {
            items.splice(0..0, more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_has_them() {
        for (file, written, expected) in [
            ("suite.yaml", "common.yaml", "common.yaml"),
            ("suites/overlay.yaml", "common.yaml", "suites/common.yaml"),
            ("suites/overlay.yaml", "./parts/../common.yaml", "suites/common.yaml"),
            ("suites/overlay.yaml", "../../common.yaml", "../common.yaml"),
            ("suite.yaml", "a/..", "."),
            ("../a/suite.yaml", "../b/part.yaml", "../b/part.yaml"),
            ("/etc/netcheck/suite.yaml", "common.yaml", "/etc/netcheck/common.yaml"),
        ] {
            assert_eq!(beside(file, written), expected, "{written} in {file}");
        }
    }
}
