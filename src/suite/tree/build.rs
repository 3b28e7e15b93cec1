//! From the library's raw tree to ours: names are text and stand once, `<<` is merged, and `{{ x }}`, which YAML reads as
//! nested maps, is told apart from them.

use std::collections::HashMap;
use std::sync::Arc;

use super::node::{Entry, Key, Literal, Node, Scalar, What};
use super::yaml::{Raw, RawWhat};
use crate::suite::codes;
use crate::suite::expression::of_braces;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::{Place, Text};

/// Our tree of a raw one.
pub(super) fn node(raw: Raw, source: &Text, remarks: &mut Remarks) -> Node {
    let at = raw.at;
    let written = |literal| What::Scalar(Scalar::new(literal, source.slice(at)));
    let what = match raw.what {
        RawWhat::Nothing => What::Nothing,
        RawWhat::Bool(value) => written(Literal::Bool(value)),
        RawWhat::Whole(value) => written(Literal::Whole(value)),
        RawWhat::Decimal => written(Literal::Decimal),
        RawWhat::Text(text) => What::Scalar(Scalar::new(Literal::Text, &text)),
        RawWhat::List(items) => What::List(items.into_iter().map(|item| node(item, source, remarks)).collect()),
        RawWhat::Map(entries) => map(entries, at, source, remarks),
    };
    Node { at, what }
}

fn map(raw: Vec<(Raw, Raw)>, at: Place, source: &Text, remarks: &mut Remarks) -> What {
    if let Some((Raw { what: RawWhat::Map(_), at: inner }, _)) = raw.first() {
        remarks.add(bare_braces(at, *inner, source));
        return What::Broken;
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(raw.len());
    let mut places: HashMap<Arc<str>, Place> = HashMap::new();
    let mut merged = Vec::new();
    for (key, value) in raw {
        let Some(key) = name(key, source, remarks) else { continue };
        if &*key.name == "<<" {
            merged.push(node(value, source, remarks));
            continue;
        }
        if let Some(first) = places.insert(Arc::clone(&key.name), key.at) {
            remarks.add(duplicate(&key, first));
            continue;
        }
        entries.push(Entry { key, value: node(value, source, remarks) });
    }
    for entry in merged.into_iter().flat_map(|value| mergeable(value, remarks)) {
        if places.insert(Arc::clone(&entry.key.name), entry.key.at).is_none() {
            entries.push(entry);
        }
    }
    What::Map(entries)
}

fn name(raw: Raw, source: &Text, remarks: &mut Remarks) -> Option<Key> {
    let name: Option<Arc<str>> = match raw.what {
        RawWhat::Text(text) => Some(Arc::from(text)),
        RawWhat::Bool(_) | RawWhat::Whole(_) | RawWhat::Decimal => Some(Arc::from(source.slice(raw.at))),
        RawWhat::Nothing | RawWhat::List(_) | RawWhat::Map(_) => None,
    };
    if name.is_none() {
        remarks.add(Remark::error(codes::NOT_YAML, raw.at, "this key has no name").label("expected a word as the key"));
    }
    name.map(|name| Key { name, at: raw.at })
}

fn duplicate(key: &Key, first: Place) -> Remark {
    Remark::error(codes::DUPLICATE_KEY, key.at, format!("the key `{}` is there twice", key.name))
        .label("the second")
        .related(first, "the first")
        .help(["leave out one of them"])
}

/// The entries that `<<` brings along: of a map or of several, where the earlier one wins.
fn mergeable(value: Node, remarks: &mut Remarks) -> Vec<Entry> {
    match value.what {
        What::Map(entries) => entries,
        What::List(maps) if maps.iter().all(|map| matches!(map.what, What::Map(_))) => {
            maps.into_iter().flat_map(|map| mergeable(map, remarks)).collect()
        }
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) => {
            let remark = Remark::error(codes::NOT_YAML, value.at, "`<<` has nothing to merge");
            remarks.add(remark.label(format!("expected a map or a list of maps, {}", value.found())));
            Vec::new()
        }
        What::Broken => Vec::new(),
    }
}

fn bare_braces(outer: Place, inner: Place, source: &Text) -> Remark {
    let rest: &str = source.rest(outer.start);
    let line = rest.lines().next().unwrap_or_default();
    let written = line.find("}}").and_then(|end| line.get(..end + 2)).filter(|text| text.starts_with("{{"));
    let Some(written) = written else {
        return Remark::error(codes::NOT_YAML, outer, "a key of this map is itself a map").label("expected a word as the key");
    };
    let place =
        Place { start: outer.start, end: outer.start + written.len() }.to(Place { start: inner.start, end: outer.start + written.len() });
    let quoted = || format!("write `${written}`; inside {{ }} and [ ] with quotes: \"${written}\"");
    let help = of_braces(written.trim_start_matches('{').trim_end_matches('}')).map_or_else(quoted, str::to_owned);
    Remark::error(codes::BARE_BRACES, place, "an expression begins with `${{`").label("YAML reads this as a map within a map").help([help])
}
