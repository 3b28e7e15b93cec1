//! How many questions: a number, or the word for one that follows from the plan. It must not know what they are.

use super::numbers::{expected_whole, read_whole};
use super::words::PROBE_COUNT;
use super::wrong::Wrong;
use crate::suite::tree::{Literal, Scalar};

/// In words, for "expected …".
pub(super) fn expected_count() -> String {
    format!("{}, or auto", expected_whole(&PROBE_COUNT))
}

/// How many questions; none for `auto`.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_count(scalar: &Scalar) -> Result<Option<u32>, Wrong> {
    if scalar.literal == Literal::Text && &*scalar.text == AUTO {
        return Ok(None);
    }
    read_whole(scalar, &PROBE_COUNT).map(Some).map_err(|wrong| Wrong { expected: expected_count(), ..wrong })
}

/// The word for a number that follows from the plan.
pub(super) const AUTO: &str = "auto";
