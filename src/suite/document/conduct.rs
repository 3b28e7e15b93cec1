//! How the cases of a test go among others: what they need, whether they are measured alone, how long they may
//! take, how fast they ask, what is collected if they fail.
//! It must not know who runs them.

use std::sync::Arc;

use super::reader::Reader;
use crate::model::collect::Collect;
use crate::model::suite::{Conduct, Traffic};
use crate::model::units::Micros;
use crate::suite::files::Files;
use crate::suite::language::{COLLECT, DEADLINE, read_word};
use crate::suite::remarks::Remarks;
use crate::suite::tree::{Entry, Node};

impl Reader<'_> {
    /// `exclusive`, `deadline`, `pace` and `collect`, the test's own or the defaults'. What it needs, its cases share: see [`needs`].
    pub(super) fn conduct(&mut self) -> Option<Conduct> {
        let exclusive = self.entry("exclusive").map_or(Some(false), |entry| self.flag(entry));
        let deadline = self.entry("deadline").map(|entry| self.duration(entry, &DEADLINE));
        let pace = self.pace();
        let collect = self.entry("collect").map_or(Some(Vec::new()), |entry| self.collect(entry));
        let traffic = if exclusive? { Traffic::Alone } else { Traffic::Shared };
        let deadline = match deadline {
            Some(read) => Some(read?),
            None => None,
        };
        Some(Conduct { needs: Arc::default(), traffic, deadline, pace: pace?, collect: collect? })
    }

    fn collect(&mut self, entry: &Entry) -> Option<Vec<Collect>> {
        let word = |node: &Node| self.value("an item of `collect`", node, |scalar| read_word(scalar, &COLLECT));
        let words: Vec<Option<&str>> = entry.value.items().iter().map(word).collect();
        let words: Vec<&str> = words.into_iter().collect::<Option<_>>()?;
        Some(Collect::ALL.into_iter().filter(|what| words.contains(&what.word())).collect())
    }
}

/// The tests that a test needs.
pub(super) fn needs(test: &Node) -> Arc<[Arc<str>]> {
    let items = test.get("needs").map_or(&[][..], Node::items);
    items.iter().filter_map(Node::scalar).map(|scalar| Arc::clone(&scalar.text)).collect()
}

/// The `deadline` of a suite, expanded; none if it is wrong, which is then among the remarks.
pub(crate) fn suite_deadline(entry: &Entry, remarks: &mut Remarks) -> Option<Micros> {
    Reader { test: &entry.value, defaults: None, case: None, files: Files::none(), remarks }.duration(entry, &DEADLINE)
}
