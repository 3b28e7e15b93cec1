//! `include` and `exclude` of a matrix: what each entry says, and what is wrong with it. It must not know what cases are.

use super::{Axis, Chosen};
use crate::suite::codes;
use crate::suite::language::Kind;
use crate::suite::remarks::{Remark, Remarks, did_you_mean};
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node, Scalar};

/// The most entries of each: every combination is compared with every one of them.
const MOST: usize = 100;

/// A combination beside those of the axes.
#[derive(Debug)]
pub(super) struct Include {
    at: Place,
    /// In the order of the axes.
    values: Vec<(String, Scalar)>,
}

/// Combinations that are left out.
#[derive(Debug)]
pub(super) struct Exclude {
    pub(super) at: Place,
    /// The index of an axis, and its label.
    labels: Vec<(usize, String)>,
}

impl Include {
    /// As a combination.
    pub(super) fn chosen<'a>(&'a self, axes: &'a [Axis]) -> Vec<Chosen<'a>> {
        axes.iter().zip(&self.values).collect()
    }

    fn labels(&self) -> impl Iterator<Item = &String> {
        self.values.iter().map(|(label, _)| label)
    }
}

impl Exclude {
    /// Whether a combination has all its labels.
    pub(super) fn matches(&self, chosen: &[Chosen<'_>]) -> bool {
        self.labels.iter().all(|(axis, label)| chosen.get(*axis).is_some_and(|(_, (own, _))| own == label))
    }

    /// Whether it leaves out whatever the other one does.
    fn covers(&self, other: &Self) -> bool {
        self.labels.iter().all(|label| other.labels.contains(label))
    }
}

/// What is left out.
pub(super) fn excludes(matrix: &Node, axes: &[Axis], remarks: &mut Remarks) -> Vec<Exclude> {
    let mut all: Vec<Exclude> = Vec::new();
    for item in items(matrix, "exclude", remarks) {
        let Some(exclude) = exclude(item, axes, remarks) else { continue };
        match all.iter().find(|earlier| earlier.covers(&exclude)) {
            Some(earlier) => {
                let remark = Remark::error(codes::BAD_COMBINATION, item.at, "this is left out already");
                remarks.add(remark.label("it matches nothing that is still there").related(earlier.at, "here"));
            }
            None => all.push(exclude),
        }
    }
    all
}

fn exclude(item: &Node, axes: &[Axis], remarks: &mut Remarks) -> Option<Exclude> {
    let mut labels = Vec::new();
    for entry in item.entries() {
        let index = axis(entry, axes, remarks)?;
        let label = &entry.value.scalar()?.text;
        let axis = &axes[index];
        if !axis.values.iter().any(|(known, _)| **known == **label) {
            let message = format!("no combination has `{}: {label}`: there is nothing to leave out", axis.name);
            remarks.add(Remark::error(codes::BAD_COMBINATION, entry.value.at, message).help([known(label, axis)]));
            return None;
        }
        labels.push((index, label.to_string()));
    }
    if labels.is_empty() {
        nothing(item, remarks);
        return None;
    }
    Some(Exclude { at: item.at, labels })
}

/// What is there beside the axes' own combinations.
pub(super) fn includes(matrix: &Node, axes: &[Axis], excludes: &[Exclude], remarks: &mut Remarks) -> Vec<Include> {
    let mut all: Vec<Include> = Vec::new();
    for item in items(matrix, "include", remarks) {
        let Some(include) = include(item, axes, remarks) else { continue };
        let again = || Remark::error(codes::BAD_COMBINATION, item.at, "this combination is there already");
        if let Some(first) = all.iter().find(|first| first.labels().eq(include.labels())) {
            remarks.add(again().label("the second").related(first.at, "the first"));
        } else if is_of_axes(&include, axes) && !excludes.iter().any(|exclude| exclude.matches(&include.chosen(axes))) {
            remarks
                .add(again().label("the axes give it by themselves").help(["leave it out, or give an axis a label that it has not got"]));
        } else {
            all.push(include);
        }
    }
    all
}

fn include(item: &Node, axes: &[Axis], remarks: &mut Remarks) -> Option<Include> {
    let mut given: Vec<Option<(String, Scalar)>> = vec![None; axes.len()];
    for entry in item.entries() {
        let index = axis(entry, axes, remarks)?;
        given[index] = Some(value(entry, &axes[index], remarks)?);
    }
    let missing: Vec<_> =
        axes.iter().zip(&given).filter(|(_, given)| given.is_none()).map(|(axis, _)| format!("`{}`", axis.name)).collect();
    if item.entries().is_empty() {
        nothing(item, remarks);
    } else if !missing.is_empty() {
        let message = format!("this combination has no {}", missing.join(" and no "));
        remarks.add(Remark::error(codes::BAD_COMBINATION, item.at, message).label("expected a label for every axis"));
    }
    Some(Include { at: item.at, values: given.into_iter().collect::<Option<_>>()? })
}

/// A label with its value: the axis' own, or that of a list is the label itself.
fn value(entry: &Entry, axis: &Axis, remarks: &mut Remarks) -> Option<(String, Scalar)> {
    let scalar = entry.value.scalar()?;
    let own = axis.values.iter().find(|(label, _)| **label == *scalar.text);
    if own.is_none() && axis.kind == Some(Kind::Map) {
        let message = format!("the axis `{}` has no label `{}`, so nobody knows its value", axis.name, scalar.text);
        let help = did_you_mean(&scalar.text, axis.values.iter().map(|(label, _)| label.as_str()));
        let help = help.unwrap_or_else(|| format!("give it one in the axis, `{}: VALUE`, and leave out what you do not want", scalar.text));
        remarks.add(Remark::error(codes::BAD_COMBINATION, entry.value.at, message).help([help]));
        return None;
    }
    Some(own.cloned().unwrap_or_else(|| (scalar.text.to_string(), scalar.clone())))
}

fn is_of_axes(include: &Include, axes: &[Axis]) -> bool {
    include.chosen(axes).iter().all(|(axis, (label, _))| axis.values.iter().any(|(known, _)| known == label))
}

/// The axis that an entry names.
fn axis(entry: &Entry, axes: &[Axis], remarks: &mut Remarks) -> Option<usize> {
    let index = axes.iter().position(|axis| *axis.name == *entry.key.name);
    if index.is_none() {
        let names = || axes.iter().map(|axis| axis.name.as_str());
        let remark = Remark::error(codes::BAD_COMBINATION, entry.key.at, format!("the matrix has no axis `{}`", entry.key.name));
        let expected = format!("expected one of {}", names().collect::<Vec<_>>().join(", "));
        remarks.add(remark.label(expected).help(did_you_mean(&entry.key.name, names())));
    }
    index
}

fn known(label: &str, axis: &Axis) -> String {
    let labels = || axis.values.iter().map(|(label, _)| label.as_str());
    did_you_mean(label, labels()).unwrap_or_else(|| format!("`{}` has {}", axis.name, labels().collect::<Vec<_>>().join(", ")))
}

fn nothing(item: &Node, remarks: &mut Remarks) {
    let remark = Remark::error(codes::BAD_COMBINATION, item.at, "this combination names no axis");
    remarks.add(remark.label("expected a map from axes to labels"));
}

fn items<'a>(matrix: &'a Node, name: &str, remarks: &mut Remarks) -> &'a [Node] {
    let Some(entry) = matrix.entry(name) else { return &[] };
    let items = entry.value.items();
    if items.len() > MOST {
        let message = format!("`{name}` has {} entries, and a matrix may have {MOST}", items.len());
        remarks.add(Remark::error(codes::BAD_COMBINATION, entry.key.at, message).help(["write several tests, or a `when`"]));
        return &[];
    }
    items
}
