//! YAML text as a tree in which every key and value knows its place. It must not know the suite language.

mod build;
mod node;
mod value;
mod write;
mod yaml;

pub(crate) use node::{Entry, Key, Literal, Node, Scalar, What, place_within};
pub(crate) use value::Value;
pub(crate) use write::written;

use super::remarks::Remarks;
use super::source::Text;

/// The tree of a text; none if it is not well-formed, which is then among the remarks.
pub(crate) fn parse(source: &Text, remarks: &mut Remarks) -> Option<Node> {
    let raw = yaml::read(source).map_err(|remark| remarks.add(*remark)).ok()?;
    Some(build::node(raw, source, remarks))
}
