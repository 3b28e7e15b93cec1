//! Queries for nodes and for what nodes have. It must not know of other kinds of queries.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reading::{Told, listed, optional, text, value};
use crate::model::inventory::{Inventory, Node as Found, Standing};
use crate::model::selector::Selector;
use crate::model::units::counted;
use crate::suite::codes;
use crate::suite::language::{DISTINCT, NODE_NAME, ZONE_NAME, read_name, read_selector, read_word};
use crate::suite::remarks::{Remark, Remarks, did_you_mean};
use crate::suite::source::Place;
use crate::suite::tree::{Node, Value, What};

/// The label that says in which zone a node is.
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// Which nodes, and what of them.
#[derive(Debug)]
pub(super) struct Nodes {
    names: Vec<(Arc<str>, Place)>,
    zone: Option<Arc<str>>,
    selector: Option<Selector>,
    /// Where zones are asked for instead of the nodes.
    distinct: Option<Place>,
}

impl Nodes {
    /// Every key is read before the first that is wrong counts.
    ///
    /// # Errors
    /// [`Told`] if one is.
    pub(super) fn of(node: &Node, remarks: &mut Remarks) -> Result<Self, Told> {
        let What::Map(_) = node.what else { return Err(Told) };
        let selector = optional(node, "selector", read_selector, remarks);
        let zone = optional(node, "zone", |scalar| read_name(scalar, &ZONE_NAME), remarks);
        let distinct = optional(node, "distinct", |scalar| read_word(scalar, &DISTINCT), remarks);
        let names = node.get("names").map_or_else(|| Ok(Vec::new()), |names| self::names(names, remarks).ok_or(Told));
        let distinct = distinct?.and_then(|_| node.entry("distinct")).map(|entry| entry.key.at);
        Ok(Self { names: names?, zone: zone?, selector: selector?, distinct })
    }

    /// The fields of what is found.
    pub(super) const fn fields(&self) -> &'static [&'static str] {
        if self.distinct.is_some() { &[] } else { &["key", "name", "zone"] }
    }

    /// What there is, and why, if that is nothing. None if a node is not there that was named, which is then among the remarks.
    pub(super) fn ask(&self, name: &str, inventory: &Inventory, remarks: &mut Remarks) -> Option<(Vec<Value>, String)> {
        let mut there: Vec<&Found> = inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).collect();
        there.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        self.absent(&there, inventory, remarks)?;
        let fitting: Vec<&Found> = there.iter().copied().filter(|node| self.fits(node)).collect();
        let Some(distinct) = self.distinct else {
            return Some((fitting.iter().map(|node| item(node)).collect(), self.nothing(&there)));
        };
        let zones: BTreeSet<&str> = fitting.iter().filter_map(|node| node.zone.as_deref()).collect();
        if let Some(remark) = without_zone(name, distinct, &fitting).filter(|_| !zones.is_empty()) {
            remarks.add(remark);
        }
        let nothing = if fitting.is_empty() {
            self.nothing(&there)
        } else {
            format!(
                "none of {} has the label {ZONE_LABEL} ({})",
                counted(fitting.len(), "node"),
                listed(fitting.iter().map(|node| &*node.name))
            )
        };
        Some((zones.into_iter().map(text).collect(), nothing))
    }

    fn fits(&self, node: &Found) -> bool {
        let named = self.names.is_empty() || self.names.iter().any(|(name, _)| *name == node.name);
        let zone = self.zone.as_deref().is_none_or(|zone| node.zone.as_deref() == Some(zone));
        named && zone && self.selector.as_ref().is_none_or(|selector| selector.fits(&node.labels))
    }

    /// To do without one of them would test less than was meant, and nobody would read of it.
    fn absent(&self, there: &[&Found], inventory: &Inventory, remarks: &mut Remarks) -> Option<()> {
        let missing = |name: &str| there.binary_search_by(|node| (*node.name).cmp(name)).is_err();
        let missing: Vec<_> = self.names.iter().filter(|(name, _)| missing(name)).collect();
        for (name, at) in &missing {
            let excluded = inventory.nodes.iter().find(|node| node.name == *name).map(|node| &node.standing);
            let message = match excluded {
                Some(Standing::Excluded { rule, why }) => format!("the rule {rule} leaves the node `{name}` out: {why}"),
                Some(_) | None => format!("there is no node `{name}`"),
            };
            let near = did_you_mean(name, there.iter().map(|node| &*node.name)).filter(|_| excluded.is_none());
            let remark = Remark::error(codes::NODE_MISSING, *at, message).label("expected a node that takes part").help(near);
            remarks.add(remark.help([format!("there are the nodes {}", listed(there.iter().map(|node| &*node.name)))]));
        }
        missing.is_empty().then_some(())
    }

    /// Why no node fits, as the end of a sentence.
    fn nothing(&self, there: &[&Found]) -> String {
        if there.is_empty() {
            return "there is no node that takes part".to_owned();
        }
        let nodes = format!("none of {} ({})", counted(there.len(), "node"), listed(there.iter().map(|node| &*node.name)));
        let zones: BTreeSet<&str> = there.iter().filter_map(|node| node.zone.as_deref()).collect();
        if let Some(zone) = self.zone.as_ref().filter(|zone| !zones.contains(&***zone)) {
            let there = if zones.is_empty() { "none is in a zone".to_owned() } else { format!("there are the zones {}", listed(zones)) };
            return format!("{nodes} is in the zone {zone}; {there}");
        }
        let unmet = self.selector.as_ref().and_then(|selector| Some((selector, selector.unmet(&there.iter().map(|node| &node.labels))?)));
        let Some((selector, key)) = unmet else { return format!("{nodes} fits all that the query says") };
        let values: BTreeSet<&str> = there.iter().filter_map(|node| node.labels.get(key)).map(String::as_str).collect();
        if values.is_empty() {
            return format!("{nodes} fits `{selector}`; none has the label {key}");
        }
        format!("{nodes} fits `{selector}`; of the label {key} there are the values {}", listed(values))
    }
}

/// Nodes that a query for zones does not see: to lose them in silence would test less than was meant.
fn without_zone(name: &str, at: Place, fitting: &[&Found]) -> Option<Remark> {
    let without: Vec<&str> = fitting.iter().filter(|node| node.zone.is_none()).map(|node| &*node.name).collect();
    let (verb, they) = if without.len() == 1 { ("is", "it is") } else { ("are", "they are") };
    let message = format!(
        "{} of {} {verb} in no zone, so {they} in nothing that `discover.{name}` finds",
        without.len(),
        counted(fitting.len(), "node")
    );
    let remark = Remark::warning(codes::WITHOUT_ZONE, at, message)
        .label(format!("without the label {ZONE_LABEL}: {}", listed(without.iter().copied())));
    let help = format!("label them, or test them too: `nodes: {{ selector: \"!{ZONE_LABEL}\" }}` finds them");
    (!without.is_empty()).then(|| remark.help([help]))
}

fn names(node: &Node, remarks: &mut Remarks) -> Option<Vec<(Arc<str>, Place)>> {
    let (items, what) = if node.scalar().is_some() { (std::slice::from_ref(node), "names") } else { (node.items(), "a node") };
    let names: Vec<_> =
        items.iter().map(|item| value(what, item, |scalar| read_name(scalar, &NODE_NAME), remarks).map(|name| (name, item.at))).collect();
    // What is no list of names has been refused by the shape check.
    names.into_iter().collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

/// A node as expressions see it: `key` is what its cases are called by.
fn item(node: &Found) -> Value {
    let zone = node.zone.as_deref().map_or(Value::None, text);
    Value::Map(vec![(Arc::from("key"), text(&node.name)), (Arc::from("name"), text(&node.name)), (Arc::from("zone"), zone)])
}
