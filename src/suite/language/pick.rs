//! How many of several pods ask, as a suite writes it. It must not know which pods there are.

use std::num::NonZeroU32;

use super::numbers::{expected_whole, read_whole};
use super::units::WholeRange;
use super::wrong::Wrong;
use crate::model::suite::Pick;
use crate::suite::remarks::any_of;
use crate::suite::tree::{Literal, Scalar};

/// How many pods can be picked by number.
pub(super) static PICKED: WholeRange = WholeRange { least: 1, most: Pick::MOST };

/// Words for how many are picked.
pub(super) static PICKS: [(&str, Pick); 3] = [("all", Pick::All), ("onePerZone", Pick::OnePerZone), ("onePerNode", Pick::OnePerNode)];

/// In words, for "expected …".
pub(super) fn expected_pick() -> String {
    format!("{}, or {}", any_of(PICKS.iter().map(|(word, _)| *word)), expected_whole(&PICKED))
}

/// How many pods.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_pick(scalar: &Scalar) -> Result<Pick, Wrong> {
    let wrong = |wrong: Wrong| Wrong { expected: expected_pick(), ..wrong };
    if let Literal::Whole(_) = scalar.literal {
        let count = read_whole(scalar, &PICKED).map_err(wrong)?;
        return NonZeroU32::new(count).map(Pick::Some).ok_or_else(|| Wrong::value(expected_pick()));
    }
    let word = PICKS.iter().find(|(word, _)| *word == &*scalar.text);
    word.map(|(_, pick)| *pick).ok_or_else(|| Wrong::value(expected_pick()))
}
