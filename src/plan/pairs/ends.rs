//! Which nodes a selection takes, and the words where it takes none. It must not know what they are taken for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Field;
use crate::model::inventory::{Node, Standing};
use crate::model::selector::Selector;
use crate::model::suite::Selection;

/// The most names that a message lists.
const LISTED: usize = 10;

/// Places of nodes in the field, ascending.
///
/// # Errors
/// There is no such node, or one of those named does not take part: what was asked for is not there, and there is what.
pub(super) fn of(selection: &Selection, field: &Field<'_>) -> Result<Vec<usize>, String> {
    let found = match selection {
        Selection::All => return Ok((0..field.nodes.len()).collect()),
        Selection::Zone(zone) => those(field, |node| node.zone.as_deref() == Some(zone)),
        Selection::Labelled(selector) => those(field, |node| selector.fits(&node.labels)),
        Selection::Named(names) => return named(names, field),
    };
    if found.is_empty() {
        return Err(match selection {
            Selection::Labelled(selector) => unlabelled(selector, field),
            Selection::All | Selection::Zone(_) | Selection::Named(_) => no_zone(field),
        });
    }
    Ok(found)
}

fn those(field: &Field<'_>, fits: impl Fn(&Node) -> bool) -> Vec<usize> {
    field.nodes.iter().enumerate().filter(|(_, node)| fits(node)).map(|(place, _)| place).collect()
}

/// To do without one of them would test less than was meant, and nobody would read of it.
fn named(names: &[Arc<str>], field: &Field<'_>) -> Result<Vec<usize>, String> {
    let mut places = Vec::with_capacity(names.len());
    let mut missing = Vec::new();
    for name in names {
        match field.nodes.binary_search_by(|node| node.name.cmp(name)) {
            Ok(place) => places.push(place),
            Err(_) => missing.push(absent(name, field)),
        }
    }
    if missing.is_empty() {
        places.sort_unstable();
        places.dedup();
        return Ok(places);
    }
    let there = listed("there is no node", "there are the nodes", field.nodes.iter().map(|node| &*node.name));
    Err(format!("asks for {}; {there}", missing.join(", ")))
}

pub(super) fn absent(name: &str, field: &Field<'_>) -> String {
    let excluded = field.excluded.iter().find(|node| *node.name == *name).map(|node| &node.standing);
    match excluded {
        Some(Standing::Excluded { rule, why }) => format!("{name}, which the rule {rule} leaves out ({why})"),
        Some(Standing::Expected | Standing::Unready { .. }) | None => format!("{name}, which is no node of the cluster"),
    }
}

fn no_zone(field: &Field<'_>) -> String {
    let zones: BTreeSet<&str> = field.nodes.iter().filter_map(|node| node.zone.as_deref()).collect();
    format!("fits none of {}; {}", count(field), listed("none is in a zone", "there are the zones", zones.into_iter()))
}

fn unlabelled(selector: &Selector, field: &Field<'_>) -> String {
    let Some(key) = selector.unmet(&field.nodes.iter().map(|node| &node.labels)) else {
        return "fits none, as there is no node".to_owned();
    };
    let values: BTreeSet<&str> = field.nodes.iter().filter_map(|node| node.labels.get(key)).map(String::as_str).collect();
    let there = listed(&format!("none has the label {key}"), &format!("of the label {key} there are the values"), values.into_iter());
    format!("fits none of {}; {there}", count(field))
}

fn count(field: &Field<'_>) -> String {
    match field.nodes.len() {
        1 => "1 node".to_owned(),
        several => format!("{several} nodes"),
    }
}

fn listed<'n>(none: &str, some: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.collect();
    match names.as_slice() {
        [] => none.to_owned(),
        [first @ .., _] if names.len() > LISTED => format!("{some} {} and {} more", first[..LISTED].join(", "), names.len() - LISTED),
        all => format!("{some} {}", all.join(", ")),
    }
}
