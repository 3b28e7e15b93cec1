//! How a suite declares variables.

use super::leaf::Leaf;
use super::shape::{Key, Kind, Shape};
use super::units::IDENTIFIER;
use super::words::VARIABLE_TYPES;

/// A variable described by a map.
pub(crate) static VARIABLE: &[Key] = &[
    Key::optional("type", "What its values are; that of `default` where it is left out.", Shape::Constant(Leaf::Word(&VARIABLE_TYPES))),
    Key::optional("default", "Its value where nobody gives it another. Without one, and not `optional`, it must be given.", DATA),
    Key::optional("help", "What it is for, in a line: `netcheck vars` shows it.", Shape::Constant(Leaf::Title)),
    Key::optional("choices", "The values that it may have; any by default.", Shape::List("a choice", &Shape::Constant(Leaf::Variable))),
    Key::optional(
        "optional",
        "With `true` it may have no value: it is none in expressions, and a bound that expands to none is shown, not judged.",
        Shape::Constant(Leaf::Flag),
    ),
];

const DATA: Shape = Shape::Either(&[Shape::Constant(Leaf::Variable), Shape::Data(Kind::List), Shape::Data(Kind::Map)]);

pub(super) const VARS: Shape = Shape::Named {
    least: 0,
    what: "a variable",
    names: &IDENTIFIER,
    of: &Shape::Either(&[Shape::Constant(Leaf::Variable), Shape::Data(Kind::List), Shape::KeysOrData(VARIABLE)]),
    keys: &[],
};
