//! How the keys of a query are read, and how items and messages are written, of whatever kind it is. It must not know any of them.

use std::sync::Arc;

use crate::model::units::Port;
use crate::suite::language::Wrong;
use crate::suite::remarks::Remarks;
use crate::suite::tree::{Literal, Node, Scalar, Value};

/// The most names that a message lists.
const LISTED: usize = 10;

/// Something is a mistake, which is among the remarks.
#[derive(Debug)]
pub(super) struct Told;

/// What a key says, if it is there.
pub(super) fn optional<T>(
    node: &Node,
    key: &str,
    read: impl FnOnce(&Scalar) -> Result<T, Wrong>,
    remarks: &mut Remarks,
) -> Result<Option<T>, Told> {
    let Some(value) = node.get(key) else { return Ok(None) };
    self::value(key, value, read, remarks).map(Some).ok_or(Told)
}

pub(super) fn value<T>(what: &str, node: &Node, read: impl FnOnce(&Scalar) -> Result<T, Wrong>, remarks: &mut Remarks) -> Option<T> {
    let scalar = node.scalar()?;
    read(scalar).map_err(|why| remarks.add(why.remark(what, node, scalar))).ok()
}

pub(super) fn text(text: &str) -> Value {
    Value::Scalar(Scalar::new(Literal::Text, text))
}

pub(super) fn number(port: Port) -> Value {
    Value::Scalar(Scalar::new(Literal::Whole(port.get().into()), &port.to_string()))
}

pub(super) fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())
}

pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [first @ .., _] if names.len() > LISTED => format!("{} and {} more", first[..LISTED].join(", "), names.len() - LISTED),
        all => all.join(", "),
    }
}
