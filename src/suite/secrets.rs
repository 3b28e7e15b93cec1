//! Secrets in a suite: which there are, where their values come from, and where they may stand. It must not know a value: in expressions
//! a mark with the name stands for it, and a mark that is anywhere else than where a request needs it is a mistake.

use super::codes;
use super::expression::{ANY, Group};
use super::language::SECRET_MARK;
use super::remarks::{Remark, Remarks};
use super::source::Source;
use super::tree::{Entry, Literal, Node, Scalar, Value, What};
use crate::model::secret::{Declared, Origin, Part, SecretKey, Text};

/// The secrets that a suite declares.
pub(crate) fn declared(root: &Node, source: &Source) -> Vec<Declared> {
    let entries = root.get("secrets").map_or(&[][..], Node::entries);
    let declared = |entry: &Entry| {
        let (name, span) = (entry.key.name.to_string(), source.span(entry.key.at));
        Some(Declared { name, origin: origin(&entry.value)?, span })
    };
    entries.iter().filter_map(declared).collect()
}

/// What is none is among the remarks already.
fn origin(node: &Node) -> Option<Origin> {
    let text = |key: &str| node.get(key).and_then(Node::scalar).map(|scalar| scalar.text.to_string());
    let of_cluster = || text("k8s").and_then(|text| SecretKey::of(&text)).map(Origin::Cluster);
    text("env").map(Origin::Environment).or_else(|| text("file").map(Origin::File)).or_else(of_cluster)
}

/// Their names.
pub(crate) fn names(secrets: &[Declared]) -> Vec<String> {
    secrets.iter().map(|secret| secret.name.clone()).collect()
}

/// What expressions see of them.
pub(crate) fn group(names: &[String]) -> Group {
    let known = || names.iter().map(String::as_str).filter(|name| *name != ANY);
    let marked: Vec<_> = known().map(|name| Value::Scalar(Scalar::new(Literal::Text, &marked(name)))).collect();
    let group = Group::of(known().zip(marked.iter().map(Some)));
    if names.iter().any(|name| name == ANY) { group.open() } else { group }
}

fn marked(name: &str) -> String {
    format!("{SECRET_MARK}{name}{SECRET_MARK}")
}

/// A text with the names of secrets instead of their marks.
pub(super) fn parted(text: &str) -> Text {
    let parts = text.split(SECRET_MARK).enumerate().map(|(index, part)| match index % 2 {
        0 => Part::Plain(part.to_owned()),
        _ => Part::Secret(part.to_owned()),
    });
    Text(parts.filter(|part| !matches!(part, Part::Plain(text) if text.is_empty())).collect())
}

/// Remarks on secrets that stand where they would be shown, or are not used as they are.
pub(crate) fn misplaced(test: &Node, names: &[String], remarks: &mut Remarks) {
    look(test, &mut Vec::new(), names, remarks);
}

fn look<'n>(node: &'n Node, way: &mut Vec<&'n str>, names: &[String], remarks: &mut Remarks) {
    match &node.what {
        What::Scalar(scalar) if scalar.text.contains(SECRET_MARK) => {
            if let Some(remark) = wrong(node, &scalar.text, way, names) {
                remarks.add(remark);
            }
        }
        What::Map(_) => {
            for Entry { key, value } in node.entries() {
                way.push(&key.name);
                look(value, way, names, remarks);
                way.pop();
            }
        }
        What::List(items) => items.iter().for_each(|item| look(item, way, names, remarks)),
        What::Scalar(_) | What::Nothing | What::Template(_) | What::Unset(_) | What::Broken => {}
    }
}

fn wrong(node: &Node, text: &str, way: &[&str], names: &[String]) -> Option<Remark> {
    let known = |name: &str| names.iter().any(|known| known == name);
    let (message, help) = match way {
        ["probe", "token"] | ["probe", "headers", _] => {
            // Expressions use secrets as they are; this text has a mark that was written.
            let is_sound = text.matches(SECRET_MARK).count().is_multiple_of(2) && parted(text).secrets().all(known);
            if is_sound {
                return None;
            }
            ("this text has a character that is reserved for secrets", "write `${{ secrets.NAME }}`")
        }
        _ => ("a secret may not stand here, where it would be shown", "secrets are for `token` and `headers` of a probe"),
    };
    Some(Remark::error(codes::SECRET_PLACE, node.at, message).help([help]))
}
