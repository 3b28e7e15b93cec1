//! Typed values out of a tree that has been compared with the description: what does not fit is among the remarks already,
//! and is none here. It must not know what the values mean.

use crate::model::family::Family;
use crate::model::units::{Bytes, Micros, Ppm};
use crate::model::world::{During, Scope};
use crate::suite::codes;
use crate::suite::language::world_words::{MOMENT, SPAN};
use crate::suite::language::{DurationRange, WholeRange, Words, read_duration, read_share, read_whole, read_word};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::tree::{Node, Scalar};

pub(super) fn scalar<'n>(node: &'n Node, key: &str) -> Option<&'n Scalar> {
    node.get(key).and_then(Node::scalar)
}

pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    scalar(node, key).map(|scalar| &*scalar.text)
}

pub(super) fn whole(node: &Node, key: &str, range: &WholeRange) -> Option<u32> {
    read_whole(scalar(node, key)?, range).ok()
}

pub(super) fn bytes(node: &Node, key: &str, range: &WholeRange) -> Option<Bytes> {
    whole(node, key, range).map(|number| Bytes(u64::from(number)))
}

pub(super) fn duration(node: &Node, key: &str, range: &DurationRange) -> Option<Micros> {
    read_duration(scalar(node, key)?, range).ok()
}

pub(super) fn share(node: &Node, key: &str) -> Option<Ppm> {
    read_share(scalar(node, key)?).ok()
}

pub(super) fn word(node: &Node, key: &str, words: &Words) -> Option<&'static str> {
    read_word(scalar(node, key)?, words).ok()
}

/// That of a scalar's text.
pub(super) fn family_of(text: &str) -> Option<Family> {
    Family::ALL.into_iter().find(|family| family.to_string() == text)
}

pub(super) fn family(node: &Node, key: &str) -> Option<Family> {
    family_of(text(node, key)?)
}

/// Those of the world, in the order in which they are listed everywhere; both where the file says nothing.
pub(super) fn families(root: &Node) -> Vec<Family> {
    let Some(named) = root.get("families") else { return Family::ALL.to_vec() };
    let named: Vec<_> = named.items().iter().filter_map(Node::scalar).filter_map(|scalar| family_of(&scalar.text)).collect();
    Family::ALL.into_iter().filter(|family| named.contains(family)).collect()
}

/// A window of the world's time; all of it where the key is not there. An empty one is remarked on.
pub(super) fn window(node: &Node, key: &str, remarks: &mut Remarks) -> During {
    let Some(entry) = node.entry(key) else { return Scope::ALL.during };
    let from = duration(&entry.value, "from", &MOMENT).unwrap_or(Micros(0));
    let until = duration(&entry.value, "until", &SPAN);
    if let Some((end, written)) = until.zip(entry.value.get("until")).filter(|(end, _)| *end <= from) {
        let remark = Remark::error(codes::NO_EFFECT, written.at, "this window is empty");
        remarks.add(remark.label(format!("expected a moment after {from}, found {end}")));
    }
    During { from, until }
}
