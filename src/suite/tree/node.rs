//! The located tree. The same type serves before and after expressions are compiled and evaluated.

use std::sync::Arc;

use crate::suite::expression::Template;
use crate::suite::source::{Place, Source};

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its own text. Of a map in block style only the place of its first key.
    pub(crate) at: Place,
    /// The value.
    pub(crate) what: What,
}

/// What a value can be.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// `key:` with nothing behind it, `~` or `null`.
    Nothing,
    /// A single value.
    Scalar(Scalar),
    /// A single value with expressions in it: between compiling and evaluating.
    Template(Arc<Template>),
    /// Several values.
    List(Vec<Node>),
    /// Named values: no name twice.
    Map(Vec<Entry>),
    /// An expression gave none; the variables that it uses.
    Unset(Vec<String>),
    /// Something that a remark has been made about already.
    Broken,
}

/// A named value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) key: Key,
    /// The value.
    pub(crate) value: Node,
}

/// A name and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The name.
    pub(crate) name: Arc<str>,
    /// Its place.
    pub(crate) at: Place,
}

/// A single value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    /// With its native type.
    pub(crate) literal: Literal,
    /// As text: of a number as it was written.
    pub(crate) text: Arc<str>,
    /// The variables that it was computed from, such as `vars.lossMax`.
    pub(crate) uses: Vec<String>,
}

/// The native type of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Decimal,
    /// Text.
    Text,
}

impl Scalar {
    /// A value that was written in place.
    pub(crate) fn new(literal: Literal, text: &str) -> Self {
        Self { literal, text: Arc::from(text), uses: Vec::new() }
    }
}

impl Node {
    /// The value of a key, if this is a map that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// A key with its value, if this is a map that has it.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key.name == name)
    }

    /// How many values are in it, itself among them.
    pub(crate) fn size(&self) -> usize {
        let inner = self.items().iter().chain(self.entries().iter().map(|entry| &entry.value));
        inner.map(Self::size).sum::<usize>() + 1
    }

    /// All keys with their values; none if this is not a map.
    pub(crate) fn entries(&self) -> &[Entry] {
        if let What::Map(entries) = &self.what { entries } else { &[] }
    }

    /// The same, to be changed.
    pub(crate) fn entries_mut(&mut self) -> &mut [Entry] {
        if let What::Map(entries) = &mut self.what { entries } else { &mut [] }
    }

    /// All items; none if this is not a list.
    pub(crate) fn items(&self) -> &[Self] {
        if let What::List(items) = &self.what { items } else { &[] }
    }

    /// The same, to be changed.
    pub(crate) fn items_mut(&mut self) -> &mut [Self] {
        if let What::List(items) = &mut self.what { items } else { &mut [] }
    }

    /// The single value, if it is one.
    pub(crate) const fn scalar(&self) -> Option<&Scalar> {
        if let What::Scalar(scalar) = &self.what { Some(scalar) } else { None }
    }

    /// In words, for "found …".
    pub(crate) fn found(&self) -> String {
        match &self.what {
            What::Nothing => "found nothing".to_owned(),
            What::Scalar(scalar) => scalar.found(),
            What::Template(_) => "found an expression".to_owned(),
            What::Unset(_) => "found none".to_owned(),
            What::List(_) => "found a list".to_owned(),
            What::Map(_) => "found a map".to_owned(),
            What::Broken => "found a mistake".to_owned(),
        }
    }
}

impl Scalar {
    /// In words, for "found …".
    pub(crate) fn found(&self) -> String {
        match self.literal {
            Literal::Bool(_) => format!("found the truth value {}", self.text),
            Literal::Whole(_) | Literal::Decimal => format!("found the number {}", self.text),
            Literal::Text => format!("found the text {:?}", shortened(&self.text)),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let short: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() { short + "…" } else { short }
}

/// The place of a part of a scalar's text (a range of its bytes). The text of a plain, quoted or block scalar is its source
/// but for white space, so characters other than that are counted; where it has escapes, the place is the whole scalar.
pub(crate) fn place_within(source: &Source, whole: Place, text: &str, part: std::ops::Range<usize>) -> Place {
    let written = source.slice(whole);
    let unquoted = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    let inner = [(written, 0), (unquoted, 1)].into_iter().find(|(inner, _)| solid(inner).eq(solid(text)));
    let Some((inner, skipped)) = inner else { return whole };
    let (before, inside) = (text.get(..part.start), text.get(part.clone()));
    let first = solid(before.unwrap_or_default()).count();
    let length = solid(inside.unwrap_or_default()).count();
    let mut characters = inner.char_indices().filter(|(_, character)| !character.is_whitespace()).skip(first);
    let Some((start, _)) = characters.next() else { return whole };
    // The first of them is taken already.
    let end = if length < 2 { Some((start, '\0')) } else { characters.nth(length - 2) };
    let offset = whole.start + skipped;
    let end = end.map_or(inner.len(), |(at, _)| at + inner[at..].chars().next().map_or(0, char::len_utf8));
    Place { start: offset + start, end: offset + end }
}

fn solid(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| !character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, text: &str, part: &str, expected: &str) {
        let start = text.find(part).unwrap();
        let whole = Place { start: 2, end: 2 + source.len() };
        let source = Source::new("suite.yaml", format!("- {source}"));
        assert_eq!(source.slice(place_within(&source, whole, text, start..start + part.len())), expected);
    }

    #[test]
    fn parts_of_a_scalar_are_found_in_its_source() {
        check("${{ vars.x }}", "${{ vars.x }}", "vars.x", "vars.x");
        check("'${{ vars.x }}'", "${{ vars.x }}", "vars.x", "vars.x");
        check("\"ä ${{ vars.x }}\"", "ä ${{ vars.x }}", "vars.x", "vars.x");
        check("a\n  b\n  ${{ vars.x }}", "a b ${{ vars.x }}", "vars.x", "vars.x");
        check("'it''s ${{ vars.x }}'", "it's ${{ vars.x }}", "vars.x", "'it''s ${{ vars.x }}'");
        check("x", "x", "x", "x");
    }
}
