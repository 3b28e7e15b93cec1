//! The axes of a test's matrix and their combinations. It must not know what the values are used for.

use super::codes;
use super::expand::{Sight, compiled};
use super::expression::Context;
use super::remarks::{Remark, Remarks};
use super::source::Place;
use super::tree::{Entry, Node, Scalar, What};

/// An axis of a matrix.
#[derive(Debug)]
pub(crate) struct Axis {
    /// Its name.
    pub(crate) name: String,
    /// Where it was written.
    pub(crate) at: Place,
    /// What cases are called by, and what `matrix.NAME` is in them.
    pub(crate) values: Vec<(String, Scalar)>,
}

/// The axes of a test; none without a matrix.
pub(crate) fn axes(test: &Node, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Vec<Axis> {
    let Some(matrix) = test.entry("matrix") else { return Vec::new() };
    let axes: Vec<_> = matrix.value.entries().iter().map(|entry| axis(entry, sight, context, remarks)).collect();
    if matches!(&matrix.value.what, What::Map(entries) if entries.is_empty()) {
        remarks.add(Remark::error(codes::BAD_MATRIX, matrix.key.at, "the matrix has no axes").label("expected at least one"));
    }
    axes
}

fn axis(entry: &Entry, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Axis {
    let mut axis = Axis { name: entry.key.name.to_string(), at: entry.key.at, values: Vec::new() };
    let mut places: Vec<(String, Place)> = Vec::new();
    for item in entry.value.items() {
        let Some(scalar) = item.scalar() else { continue };
        let label = scalar.text.to_string();
        if let Some((_, first)) = places.iter().find(|(other, _)| *other == label) {
            let remark = Remark::error(codes::BAD_MATRIX, item.at, format!("the axis `{}` has `{label}` twice", axis.name));
            remarks.add(remark.label("the second").related(*first, "the first"));
            continue;
        }
        places.push((label.clone(), item.at));
        axis.values.push((label, scalar.clone()));
    }
    for entry in entry.value.entries() {
        let value = compiled(&entry.value, sight, remarks).expanded(context, None, sight.source, remarks);
        if let Some(scalar) = value.scalar() {
            axis.values.push((entry.key.name.to_string(), scalar.clone()));
        }
    }
    if matches!(&entry.value.what, What::Map(entries) if entries.is_empty()) {
        let remark = Remark::error(codes::BAD_MATRIX, entry.key.at, format!("the axis `{}` has no values", axis.name));
        remarks.add(remark.label("expected at least one: with none the test would have no case"));
    }
    axis
}

/// How many combinations there are.
pub(crate) fn size(axes: &[Axis]) -> usize {
    axes.iter().fold(1, |size, axis| size.saturating_mul(axis.values.len()))
}

/// The combination of that number: of each axis its value. The last axis turns fastest.
pub(crate) fn combination(axes: &[Axis], number: usize) -> Vec<(&Axis, &(String, Scalar))> {
    let mut rest = number;
    let mut chosen: Vec<_> = axes
        .iter()
        .rev()
        .filter_map(|axis| {
            let length = axis.values.len().max(1);
            let value = axis.values.get(rest % length)?;
            rest /= length;
            Some((axis, value))
        })
        .collect();
    chosen.reverse();
    chosen
}
