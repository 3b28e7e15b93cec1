//! Numbers and durations as they are written. It must not know where they stand.

use super::units::{DurationRange, WholeRange};
use super::wrong::Wrong;
use crate::model::units::{Micros, Ppm, thousands};
use crate::suite::tree::{Literal, Scalar};

/// A whole number in the range.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_whole(scalar: &Scalar, range: &WholeRange) -> Result<u32, Wrong> {
    let number = if let Literal::Whole(number) = scalar.literal { u32::try_from(number).ok() } else { None };
    let quoted = scalar.literal == Literal::Text && scalar.text.parse::<u32>().is_ok();
    let help = quoted.then(|| "write it without quotes, and an expression without anything around it".to_owned());
    number.filter(|number| (range.least..=range.most).contains(number)).ok_or_else(|| Wrong::value(expected_whole(range)).help(help))
}

pub(super) fn expected_whole(range: &WholeRange) -> String {
    format!("a whole number from {} to {}", thousands(range.least.into()), thousands(range.most.into()))
}

/// In words, for "expected …".
pub(super) const EXPECTED_SHARE: &str = "a percentage above 0% and up to 100%, such as 30%";

/// A percentage above 0.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_share(scalar: &Scalar) -> Result<Ppm, Wrong> {
    let bare = matches!(scalar.literal, Literal::Whole(_) | Literal::Decimal);
    let help = bare.then(|| format!("a percentage has its sign: {}%", scalar.text));
    let share = Ppm::parse(&scalar.text).ok().filter(|share| share.0 > 0);
    share.ok_or_else(|| Wrong::value(EXPECTED_SHARE).help(help))
}

/// A duration in the range.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_duration(scalar: &Scalar, range: &DurationRange) -> Result<Micros, Wrong> {
    let bare = matches!(scalar.literal, Literal::Whole(_) | Literal::Decimal);
    let help = bare.then(|| format!("a duration has a unit: {}ms or {}s", scalar.text, scalar.text));
    let duration = Micros::parse(&scalar.text).ok().filter(|_| scalar.literal == Literal::Text);
    let fits = duration.filter(|duration| (range.least..=range.most).contains(duration));
    fits.ok_or_else(|| Wrong::value(expected_duration(range)).help(help))
}

pub(super) fn expected_duration(range: &DurationRange) -> String {
    let example = if range.least.0 < 1_000_000 { "10ms" } else { "30s" };
    format!("a duration from {} to {} with its unit, such as {example}", range.least, range.most)
}
