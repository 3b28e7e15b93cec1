//! Who asks and who is asked: a network of all nodes, or of some.

use super::reader::Reader;
use crate::model::suite::{Group, Selection};
use crate::model::vantage::Network;
use crate::suite::language::{GROUPS, NODE_NAME, ZONE_NAME, read_name, read_selector};
use crate::suite::tree::{Entry, Node};

impl Reader<'_> {
    /// `from` or `to`.
    pub(super) fn group(&mut self, name: &'static str) -> Option<Group> {
        let entry = self.entry(name)?;
        let network = |word: &str| if word == "nodes" { Network::Host } else { Network::Pod };
        if entry.value.scalar().is_some() {
            return self.word(entry, &GROUPS).map(|word| Group { network: network(word), only: Selection::All });
        }
        // The shape check has refused more than one key, and less.
        let [group] = entry.value.entries() else { return None };
        let [selection] = group.value.entries() else { return None };
        self.selection(selection).map(|only| Group { network: network(&group.key.name), only })
    }

    fn selection(&mut self, entry: &Entry) -> Option<Selection> {
        match &*entry.key.name {
            "zone" => {
                self.value("zone", &entry.value, |scalar| read_name(scalar, &ZONE_NAME)).map(|zone| Selection::Zone(zone.to_string()))
            }
            "selector" => self.value("selector", &entry.value, read_selector).map(Selection::Labelled),
            "nodes" => self.names(&entry.value),
            // A test goes through all keys of the language.
            _ => None,
        }
    }

    /// Every name is read before the first that is wrong counts.
    fn names(&mut self, node: &Node) -> Option<Selection> {
        let (items, what) = if node.scalar().is_some() { (std::slice::from_ref(node), "nodes") } else { (node.items(), "a node") };
        let names: Vec<_> = items.iter().map(|item| self.value(what, item, |scalar| read_name(scalar, &NODE_NAME))).collect();
        let mut names = names.into_iter().collect::<Option<Vec<_>>>()?;
        names.sort_unstable();
        names.dedup();
        Some(Selection::Named(names))
    }
}
