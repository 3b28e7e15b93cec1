//! The axes of a test's matrix and their combinations, with those that are included and excluded.
//! It must not know what the values are used for.

mod entries;

use super::codes;
use super::expand::{Sight, Stage, compiled};
use super::expression::Context;
use super::language::{Kind, kind_of};
use super::remarks::{Remark, Remarks};
use super::source::Place;
use super::tree::{Entry, Node, Scalar};

use entries::{Exclude, Include};

/// An axis of a matrix.
#[derive(Debug)]
pub(crate) struct Axis {
    /// Its name.
    pub(crate) name: String,
    /// Where it was written.
    pub(crate) at: Place,
    /// A list of labels that are their own values, or a map from labels to values.
    kind: Option<Kind>,
    /// What cases are called by, and what `matrix.NAME` is in them.
    pub(crate) values: Vec<(String, Scalar)>,
    /// Whether one of the values is a mistake, which has its remark.
    broken: bool,
}

/// The label and the value that a combination has on an axis.
pub(crate) type Chosen<'a> = (&'a Axis, &'a (String, Scalar));

/// What a test is expanded over. Without a matrix there is one combination, of nothing.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    /// In declared order.
    pub(crate) axes: Vec<Axis>,
    includes: Vec<Include>,
    excludes: Vec<Exclude>,
}

/// The matrix of a test.
pub(crate) fn matrix(test: &Node, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Matrix {
    let Some(matrix) = test.entry("matrix") else { return Matrix::default() };
    let is_axis = |entry: &&Entry| !matches!(&*entry.key.name, "include" | "exclude");
    let axes: Vec<_> = matrix.value.entries().iter().filter(is_axis).map(|entry| axis(entry, sight, context, remarks)).collect();
    if axes.is_empty() {
        // What is no map has been refused by the shape check.
        if kind_of(&matrix.value) == Some(Kind::Map) {
            remarks.add(Remark::error(codes::BAD_MATRIX, matrix.key.at, "the matrix has no axes").label("expected at least one"));
        }
        return Matrix::default();
    }
    // Of an axis of which a value is a mistake nobody knows all labels.
    if axes.iter().any(|axis| axis.broken) {
        return Matrix { axes, ..Matrix::default() };
    }
    let excludes = entries::excludes(&matrix.value, &axes, remarks);
    let includes = entries::includes(&matrix.value, &axes, &excludes, remarks);
    Matrix { axes, includes, excludes }
}

impl Matrix {
    /// How many combinations there are at most: before any is left out.
    pub(crate) fn size(&self) -> usize {
        self.product().saturating_add(self.includes.len())
    }

    fn product(&self) -> usize {
        self.axes.iter().fold(1, |size, axis| size.saturating_mul(axis.values.len()))
    }

    /// Those of the axes, the last axis turning fastest, without the excluded ones; then the included ones.
    pub(crate) fn combinations(&self) -> Vec<Vec<Chosen<'_>>> {
        let of_axes = (0..self.product()).map(|number| combination(&self.axes, number));
        let kept = of_axes.filter(|chosen| !self.excludes.iter().any(|exclude| exclude.matches(chosen)));
        kept.chain(self.includes.iter().map(|include| include.chosen(&self.axes))).collect()
    }

    /// Where everything is left out, if it is.
    pub(crate) fn left_out(&self) -> Option<Place> {
        let last = self.excludes.last()?;
        (self.product() > 0 && self.combinations().is_empty()).then_some(last.at)
    }
}

fn axis(entry: &Entry, sight: Sight<'_>, context: &Context, remarks: &mut Remarks) -> Axis {
    let mut axis =
        Axis { name: entry.key.name.to_string(), at: entry.key.at, kind: kind_of(&entry.value), values: Vec::new(), broken: false };
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
        let compiled = compiled(&entry.value, sight, remarks);
        let value = Stage::new(context, sight.source).expanded(&compiled, None, remarks);
        match value.scalar() {
            Some(scalar) => axis.values.push((entry.key.name.to_string(), scalar.clone())),
            None => axis.broken = true,
        }
    }
    if axis.kind == Some(Kind::Map) && entry.value.entries().is_empty() {
        let remark = Remark::error(codes::BAD_MATRIX, entry.key.at, format!("the axis `{}` has no values", axis.name));
        remarks.add(remark.label("expected at least one: with none the test would have no case"));
    }
    axis
}

/// The combination of that number: of each axis its value. The last axis turns fastest.
fn combination(axes: &[Axis], number: usize) -> Vec<Chosen<'_>> {
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
