//! Reads single values of an expanded case, the test's own or those of the suite's defaults.

use crate::model::expect::{Claim, Metric};
use crate::model::secret::Text;
use crate::model::units::Micros;
use crate::suite::files::Files;
use crate::suite::language::{
    DurationRange, Leaf, WholeRange, Words, Wrong, read_claim, read_duration, read_flag, read_whole, read_word, read_words,
};
use crate::suite::remarks::Remarks;
use crate::suite::secrets::parted;
use crate::suite::tree::{Entry, Node, Scalar};

/// The keys of one case, and where to put remarks about them.
pub(super) struct Reader<'a> {
    /// The test, expanded.
    pub(super) test: &'a Node,
    /// The suite's defaults, expanded.
    pub(super) defaults: Option<&'a Node>,
    /// The case, where the test has more than one.
    pub(super) case: Option<&'a str>,
    /// The files that a case may name.
    pub(super) files: Files<'a>,
    /// What is wrong.
    pub(super) remarks: &'a mut Remarks,
}

impl<'a> Reader<'a> {
    /// A key of the test, or else of the defaults.
    pub(super) fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.test.entry(name).or_else(|| self.defaults.and_then(|defaults| defaults.entry(name)))
    }

    /// One of some words; none if it is something else, which is then among the remarks.
    pub(super) fn word(&mut self, entry: &Entry, words: &Words) -> Option<&'static str> {
        self.read(entry, |scalar| read_word(scalar, words))
    }

    /// A whole number.
    pub(super) fn whole(&mut self, entry: &Entry, range: &WholeRange) -> Option<u32> {
        self.read(entry, |scalar| read_whole(scalar, range))
    }

    /// A duration.
    pub(super) fn duration(&mut self, entry: &Entry, range: &DurationRange) -> Option<Micros> {
        self.read(entry, |scalar| read_duration(scalar, range))
    }

    /// Whether something is so.
    pub(super) fn flag(&mut self, entry: &Entry) -> Option<bool> {
        self.read(entry, read_flag)
    }

    /// Words for people, as that leaf wants them.
    pub(super) fn words(&mut self, entry: &Entry, leaf: Leaf) -> Option<String> {
        self.read(entry, |scalar| read_words(scalar, leaf))
    }

    /// An operator and a limit.
    pub(super) fn claim(&mut self, entry: &Entry, metric: Metric) -> Option<Claim> {
        self.read(entry, |scalar| read_claim(scalar, metric))
    }

    /// A text that may have secrets in it.
    pub(super) fn secretive(&mut self, name: &str, node: &Node) -> Option<Text> {
        let text = self.value(name, node, |scalar| read_words(scalar, Leaf::Secretive))?;
        Some(parted(&text))
    }

    /// What is no single value has been refused by the shape check.
    fn read<T>(&mut self, entry: &Entry, read: impl FnOnce(&Scalar) -> Result<T, Wrong>) -> Option<T> {
        self.value(&entry.key.name, &entry.value, read)
    }

    /// A value of that name, or an item of a list: then `name` says what it is, with its article.
    pub(super) fn value<T>(&mut self, name: &str, node: &Node, read: impl FnOnce(&Scalar) -> Result<T, Wrong>) -> Option<T> {
        let scalar = node.scalar()?;
        read(scalar).map_err(|why| self.remarks.add(why.remark(name, node, scalar).case(self.case))).ok()
    }
}
