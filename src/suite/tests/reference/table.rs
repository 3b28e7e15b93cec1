//! A table of the reference: the keys below a path of the language, a row each.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::PAGE;
use crate::suite::language::{Key, Leaf, Need, SUITE, Shape, Standing, Words};
use crate::suite::remarks::any_of;

/// What a key says of itself, a cell each, and the words that it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) path: String,
    cells: [String; 4],
    words: Vec<(&'static str, &'static str)>,
}

impl Row {
    /// The same, named from below that path.
    pub(super) fn below(mut self, path: &str) -> Self {
        self.path = self.path.replacen(path, "", 1);
        self
    }
}

/// Everything below a path.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    later: Vec<(String, &'static str)>,
}

impl Table {
    pub(super) fn of(keys: &'static [Key], prefix: &str, apart: &[String]) -> Self {
        let mut table = Self::default();
        table.keys(keys, prefix, apart);
        table
    }

    fn keys(&mut self, keys: &'static [Key], prefix: &str, apart: &[String]) {
        for key in keys {
            let path = if prefix.is_empty() { key.name.to_owned() } else { format!("{prefix}.{}", key.name) };
            match &key.standing {
                Standing::Now(shape) => {
                    let mut row = row(key, shape, &path);
                    let mut inner = Self::default();
                    inner.below(shape, &path, apart);
                    let shown = !apart.contains(&path);
                    // A word that stands for a map is told where the map is: `probe` and `probe.type`.
                    if inner.rows.iter().any(|inner| !row.words.is_empty() && inner.words == row.words) {
                        row.words.clear();
                    } else {
                        let later = leaves(shape).into_iter().filter_map(words_of).flat_map(|words| words.later);
                        self.later.extend(later.map(|word| (format!("{path}: {word}"), *word)));
                    }
                    self.rows.push(row);
                    if shown {
                        self.rows.extend(inner.rows);
                        self.later.extend(inner.later);
                    }
                }
                Standing::Later => self.later.push((path, key.name)),
                Standing::Instead(_) => {}
            }
        }
    }

    fn below(&mut self, shape: &'static Shape, path: &str, apart: &[String]) {
        match shape {
            Shape::Keys(keys) | Shape::KeysOrData(keys) => self.keys(keys, path, apart),
            Shape::List(_, of) => self.below(of, &format!("{path}[]"), apart),
            Shape::Named { what, of, keys, .. } => {
                self.keys(keys, path, apart);
                self.below(of, &format!("{path}.{}", placeholder(what)), apart);
            }
            Shape::Either(shapes) => shapes.iter().for_each(|shape| self.below(shape, path, apart)),
            Shape::Scalar(_) | Shape::Constant(_) | Shape::Condition | Shape::Data(_) => {}
        }
    }

    pub(super) fn drawn(&self) -> String {
        let mut text = "| key | value | default | expression | what it says |\n|---|---|---|---|---|\n".to_owned();
        for Row { path, cells, .. } in &self.rows {
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(text, "| `{}` | {} |", shown(path), cells.join(" | "));
        }
        if self.rows.iter().any(|row| !row.words.is_empty()) {
            text += "\n| key | word | meaning |\n|---|---|---|\n";
        }
        let mut told: Vec<&[(&str, &str)]> = Vec::new();
        for row in &self.rows {
            if told.contains(&row.words.as_slice()) {
                continue;
            }
            told.push(&row.words);
            let same = self.rows.iter().filter(|other| other.words == row.words).map(|other| format!("`{}`", shown(&other.path)));
            let keys = same.collect::<Vec<_>>().join(", ");
            for (word, meaning) in &row.words {
                let _ = writeln!(text, "| {keys} | `{word}` | {} |", meaning.replace('|', "\\|"));
            }
        }
        let mut known = BTreeSet::new();
        let later: Vec<_> =
            self.later.iter().filter(|(_, name)| known.insert(*name)).map(|(path, _)| format!("`{}`", shown(path))).collect();
        if !later.is_empty() {
            let _ = writeln!(text, "\nNot carried out by this version, and refused with NC1006: {}.", later.join(", "));
        }
        text
    }
}

/// A path as it stands in a table: what is of a test begins at the test.
pub(super) fn shown(path: &str) -> &str {
    path.strip_prefix("tests[].").unwrap_or(path)
}

/// `a variable` is `VARIABLE`.
fn placeholder(what: &str) -> String {
    what.rsplit(' ').next().unwrap_or(what).to_uppercase()
}

fn row(key: &Key, shape: &'static Shape, path: &str) -> Row {
    let (help, default) = match key.help.rsplit_once("; ") {
        Some((help, rest)) if rest.contains(" by default") => (format!("{help}."), rest.trim_end_matches('.').replace(" by default", "")),
        _ if key.help.contains("by default") => (key.help.to_owned(), "see what it says".to_owned()),
        _ => (key.help.to_owned(), String::new()),
    };
    let default = match key.need {
        Need::Required => "must be there".to_owned(),
        Need::OneOf(_) => "exactly one of these".to_owned(),
        Need::OneOfOrWith(_, others) => {
            let others: Vec<_> = others.iter().map(|other| format!("`{other}`")).collect();
            format!("exactly one of these, or beside {}", any_of(others.iter().map(String::as_str)))
        }
        Need::Optional => default,
    };
    let words = leaves(shape).into_iter().filter_map(words_of).flat_map(|words| words.now.iter().copied()).collect();
    Row { path: path.to_owned(), cells: [value(shape), default, expression(shape).to_owned(), help], words }
}

/// The single values that may stand there, in a list too.
fn leaves(shape: &'static Shape) -> Vec<&'static Leaf> {
    match shape {
        Shape::Scalar(leaf) | Shape::Constant(leaf) => vec![leaf],
        Shape::List(_, of) => leaves(of),
        Shape::Either(shapes) => shapes.iter().flat_map(leaves).collect(),
        Shape::Condition | Shape::Keys(_) | Shape::KeysOrData(_) | Shape::Data(_) | Shape::Named { .. } => Vec::new(),
    }
}

const fn words_of(leaf: &'static Leaf) -> Option<&'static Words> {
    if let Leaf::Word(words) = leaf { Some(words) } else { None }
}

fn value(shape: &'static Shape) -> String {
    match shape {
        Shape::Scalar(Leaf::Word(words)) | Shape::Constant(Leaf::Word(words)) => {
            let words: Vec<_> = words.now.iter().map(|(word, _)| format!("`{word}`")).collect();
            any_of(words.iter().map(String::as_str))
        }
        Shape::Scalar(leaf) | Shape::Constant(leaf) => leaf.expected(),
        Shape::Condition => "an expression that is true or false".to_owned(),
        Shape::List(_, of) => format!("a list, each {}", value(of)),
        Shape::Keys(_) | Shape::KeysOrData(_) => "a map with keys of its own".to_owned(),
        Shape::Data(_) => shape.expected(),
        Shape::Named { what, names, of, .. } => format!("a map from {} ({}) to {}", placeholder(what), names.words, value(of)),
        Shape::Either(shapes) => shapes.iter().map(value).collect::<Vec<_>>().join("; or "),
    }
}

/// Whether it may be an expression.
fn expression(shape: &'static Shape) -> &'static str {
    match shape {
        Shape::Scalar(_) => "yes",
        Shape::Constant(_) | Shape::Data(_) => "no",
        Shape::Condition => "is one, bare",
        Shape::List(_, of) => {
            if expression(of) == "yes" {
                "in its items"
            } else {
                expression(of)
            }
        }
        Shape::Named { of, .. } => {
            if expression(of) == "no" {
                "no"
            } else {
                "in its values"
            }
        }
        Shape::Keys(_) | Shape::KeysOrData(_) => "",
        Shape::Either(shapes) => {
            let all: Vec<_> = shapes.iter().map(expression).collect();
            ["yes", "in its items", "in its values", ""].into_iter().find(|words| all.contains(words)).unwrap_or("no")
        }
    }
}

/// The shape behind the key at a path.
pub(super) fn at(path: &str) -> &'static Shape {
    fn find(shape: &'static Shape, path: &[&str]) -> Option<&'static Shape> {
        let Some((first, rest)) = path.split_first() else { return Some(shape) };
        match shape {
            Shape::Keys(keys) | Shape::KeysOrData(keys) => key(keys, first).and_then(|shape| find(shape, rest)),
            Shape::List(_, of) => find(of, path),
            Shape::Named { what, of, keys, .. } => {
                if placeholder(what) == *first {
                    find(of, rest)
                } else {
                    key(keys, first).and_then(|shape| find(shape, rest))
                }
            }
            Shape::Either(shapes) => shapes.iter().find_map(|shape| find(shape, path)),
            Shape::Scalar(_) | Shape::Constant(_) | Shape::Condition | Shape::Data(_) => None,
        }
    }
    fn key(keys: &'static [Key], name: &str) -> Option<&'static Shape> {
        keys.iter().find(|key| key.name == name).and_then(|key| if let Standing::Now(shape) = &key.standing { Some(shape) } else { None })
    }
    let steps: Vec<_> = path.split('.').map(|step| step.trim_end_matches("[]")).collect();
    let (first, rest) = steps.split_first().unwrap();
    key(SUITE.keys, first).and_then(|shape| find(shape, rest)).unwrap_or_else(|| panic!("{PAGE}: the language has no `{path}`"))
}

pub(super) fn below(path: &str, apart: &[String]) -> Table {
    let mut table = Table::default();
    table.below(at(path), path, apart);
    table
}
