//! Values that several keys of a world share: nodes, zones, spans of time. It must not know which keys.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{DurationRange, NamePattern};
use crate::model::units::Micros;

/// A moment since the world began, or how long something lasts: at most a day.
pub(crate) static SPAN: DurationRange = DurationRange { least: Micros(1), most: Micros(86_400_000_000) };

/// The beginning of a window.
pub(crate) static MOMENT: DurationRange = DurationRange { least: Micros(0), ..SPAN };

/// A node's name (RFC 1123, as Kubernetes has it), which is no other word for an end.
pub(super) const NODE: NamePattern = NamePattern {
    pattern: "^(?!(pods|hosts)$)[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
    words: "a node's name: lower-case letters, digits, `-` and `.`, at most 253, and neither `pods` nor `hosts`",
    fits: is_node,
};

pub(super) fn is_node(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(inner) && name.bytes().next_back().is_some_and(inner);
    let all = name.bytes().all(|byte| inner(byte) || matches!(byte, b'.' | b'-'));
    ends && all && name.len() <= 253 && !matches!(name, "pods" | "hosts")
}

/// A zone's name.
pub(super) const ZONE: Shape = Shape::Constant(Leaf::Id);

/// A window of time.
pub(super) static DURING: &[Key] = &[
    Key::optional("from", "Since when, after the world began; from its beginning by default.", Shape::Constant(Leaf::Duration(&MOMENT))),
    Key::optional("until", "Until when; as long as the world lasts by default.", Shape::Constant(Leaf::Duration(&SPAN))),
];
