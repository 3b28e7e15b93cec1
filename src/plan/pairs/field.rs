//! The nodes among which pairs are chosen, with the orders in which strategies go through them. It must not know any strategy.

use std::cell::OnceCell;

use sha2::{Digest, Sha256};

use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::service::Service;
use crate::model::workload::WorkloadPod;

/// Every node that takes part, by name: also those that are not ready, whose pairs then cannot be measured and say so.
pub(in crate::plan) struct Field<'n> {
    pub(super) nodes: Vec<&'n Node>,
    /// Nodes that a rule leaves out, for words alone.
    pub(super) excluded: Vec<&'n Node>,
    /// The Services; nothing where nobody looked at them.
    pub(super) services: Option<&'n [Service]>,
    /// The user's pods; nothing where nobody looked at any.
    pub(super) workloads: Option<&'n [WorkloadPod]>,
    /// How people call the place.
    pub(super) cluster: &'n str,
    /// Decides what is picked.
    pub(super) seed: u64,
    fixed: OnceCell<Vec<u32>>,
    seeded: OnceCell<Vec<u32>>,
}

/// What decides an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The names alone.
    Fixed,
    /// The names and the seed.
    Seeded,
}

impl<'n> Field<'n> {
    /// Of an inventory.
    pub(in crate::plan) fn of(inventory: &'n Inventory, seed: u64) -> Self {
        let by_name = |out: bool| {
            let is_out = |node: &Node| matches!(node.standing, Standing::Excluded { .. });
            let mut nodes: Vec<&Node> = inventory.nodes.iter().filter(|node| is_out(node) == out).collect();
            nodes.sort_by(|one, other| one.name.cmp(&other.name));
            nodes
        };
        let (services, cluster) = (inventory.services.as_deref(), inventory.cluster.as_str());
        let workloads = inventory.workloads.as_deref();
        let (fixed, seeded) = (OnceCell::new(), OnceCell::new());
        Self { nodes: by_name(false), excluded: by_name(true), services, workloads, cluster, seed, fixed, seeded }
    }

    /// How many nodes take part.
    pub(in crate::plan) fn size(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// Whether there is one, and no other that a rule leaves out.
    pub(super) fn is_one_node(&self) -> bool {
        self.nodes.len() == 1 && self.excluded.is_empty()
    }

    /// Puts places of nodes into an order. Two nodes stand in the same order whichever others there are.
    pub(super) fn sorted(&self, order: Order, places: &[usize]) -> Vec<usize> {
        let ranks = self.ranks(order);
        let mut sorted = places.to_vec();
        sorted.sort_unstable_by_key(|place| ranks[*place]);
        sorted
    }

    /// Of each node its place in that order. Nodes are hashed once for all cases.
    pub(super) fn ranks(&self, order: Order) -> &[u32] {
        match order {
            Order::Fixed => self.fixed.get_or_init(|| ranks(&self.nodes, "ring")),
            Order::Seeded => self.seeded.get_or_init(|| ranks(&self.nodes, &self.seed.to_string())),
        }
    }
}

fn ranks(nodes: &[&Node], salt: &str) -> Vec<u32> {
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_cached_key(|place| Sha256::digest(format!("{salt}/{}", nodes[*place].name)));
    let mut ranks = vec![0; nodes.len()];
    for (rank, place) in (0..).zip(order) {
        ranks[place] = rank;
    }
    ranks
}
