//! The nodes as they are now, and the agents that a run would put on them. It must not know how they are asked for.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Node as ApiNode;

use super::demand::Demand;
use super::examination::Examination;
use super::sample::Sample;
use crate::model::inventory::{Inventory, Standing};
use crate::model::vantage::Vantage;

/// The nodes, as the API server has them and as a run sees them.
pub(super) struct Snapshot {
    pub(super) inventory: Inventory,
    pub(super) nodes: Vec<ApiNode>,
    pub(super) vantages: Vec<Vantage>,
    pub(super) enough: usize,
}

impl Snapshot {
    pub(super) fn of(inventory: Inventory, nodes: Vec<ApiNode>, about: &Examination<'_>) -> Self {
        // Nodes that no suite tolerates take no part.
        let (inventory, vantages) = (about.planned)(inventory);
        let taking_part = inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).count();
        Self { inventory, nodes, vantages, enough: (about.enough)(taking_part) }
    }

    pub(super) fn node(&self, name: &str) -> Option<&ApiNode> {
        self.nodes.iter().find(|node| node.metadata.name.as_deref() == Some(name))
    }

    /// Each node that gets an agent, once.
    pub(super) fn with_agents(&self) -> Vec<&ApiNode> {
        let names: BTreeSet<&str> = self.vantages.iter().map(Vantage::node).collect();
        names.into_iter().filter_map(|name| self.node(name)).collect()
    }

    /// What the agents of each node ask for.
    pub(super) fn demand(&self, samples: &[Sample]) -> BTreeMap<String, Demand> {
        let mut demand: BTreeMap<String, Demand> = BTreeMap::new();
        for vantage in &self.vantages {
            for sample in samples.iter().filter(|sample| sample.station == vantage.station()) {
                demand.entry(vantage.node().to_owned()).or_default().join(&Demand::of(&sample.pod));
            }
        }
        demand
    }
}
