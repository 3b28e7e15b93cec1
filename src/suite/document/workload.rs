//! `from: { workload: … }`: pods of the user's as sources.

use super::reader::Reader;
use crate::model::suite::{Pick, Which, Workload};
use crate::suite::language::{NAMESPACE, POD_NAME, WORKLOAD_WAYS, read_name, read_pick, read_selector, read_word};
use crate::suite::tree::Node;

impl Reader<'_> {
    /// All of it is read before the first that is wrong counts.
    pub(super) fn workload(&mut self, node: &Node) -> Option<Workload> {
        let namespace = node.get("namespace").and_then(|name| self.value("namespace", name, |scalar| read_name(scalar, &NAMESPACE)));
        let which = self.which(node);
        // There is one way yet, which has to be said all the same: each takes rights of its own, and leaves something else behind.
        let via = node.get("via").and_then(|via| self.value("via", via, |scalar| read_word(scalar, &WORKLOAD_WAYS)));
        via?;
        Some(Workload { namespace: namespace?, which: which? })
    }

    fn which(&mut self, node: &Node) -> Option<Which> {
        if let Some(name) = node.get("name") {
            let name = self.value("name", name, |scalar| read_name(scalar, &POD_NAME));
            if let Some(pick) = node.entry("pick") {
                return self.idle(pick, "`name`", "leave it out: a name is that of one pod");
            }
            return name.map(Which::Named);
        }
        let selector = node.get("selector").and_then(|selector| self.value("selector", selector, read_selector));
        let pick = node.get("pick").map_or(Some(Pick::default()), |pick| self.value("pick", pick, read_pick));
        Some(Which::Labelled { selector: selector?, pick: pick? })
    }
}
