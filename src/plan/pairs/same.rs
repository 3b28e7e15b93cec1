//! Pairs of two networks of one node.

use super::strategies::representatives;
use super::{Couple, Field};
use crate::model::suite::Strategy;

/// Nodes that are at both ends; both lists ascend.
pub(super) fn common(sources: &[usize], targets: &[usize]) -> Vec<usize> {
    sources.iter().copied().filter(|place| targets.binary_search(place).is_ok()).collect()
}

/// Each node with itself; of the strategy that takes one node of each zone, or of what else divides them, those.
pub(super) fn of(strategy: Strategy, field: &Field<'_>, common: &[usize]) -> Vec<Couple> {
    let nodes = match strategy {
        Strategy::Representatives { by } => representatives(by, field, common),
        Strategy::Full | Strategy::Ring { .. } | Strategy::Circulant | Strategy::Random { .. } | Strategy::PerZone { .. } => {
            common.to_vec()
        }
    };
    nodes.into_iter().map(|place| (place, place)).collect()
}
