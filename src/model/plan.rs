//! What a run will do, decided before anything is created.

use std::sync::Arc;

use super::inventory::Inventory;
use super::probe::Probe;
use super::suite::{Case, Group, Suite};
use super::vantage::{Pair, Vantage};
use super::verdict::Skip;

/// Ordered cases with their pairs, and the vantages that they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The suites, in the order of the command line, without their cases.
    pub suites: Vec<Arc<Suite>>,
    /// What there is.
    pub inventory: Inventory,
    /// In the order of the suites.
    pub cases: Vec<PlannedCase>,
    /// Where an agent runs, by node.
    pub vantages: Vec<Vantage>,
    /// Decides the order of nodes in sampled strategies.
    pub seed: u64,
    /// Equal for equal plans: 12 hexadecimal digits of a SHA-256.
    pub hash: String,
}

/// A case with its pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCase {
    /// Index of its suite in [`Plan::suites`].
    pub suite: usize,
    /// The case.
    pub case: Case,
    /// What is measured; an index into it names a pair on the wire. Empty when skipped. Cases of one strategy share it.
    pub pairs: Arc<[Pair]>,
    /// How many pairs there are at all.
    pub total: u64,
    /// The strategy that chose them, by its name in the language.
    pub strategy: &'static str,
    /// Why it is not run at all.
    pub skip: Option<Skip>,
}

impl PlannedCase {
    /// Whether its targets have to be agents: all but the addresses of nodes, whose kernel answers ICMP by itself.
    #[must_use]
    pub const fn needs_responder(&self) -> bool {
        !matches!((self.case.to, &self.case.probe), (Group::Nodes, Probe::Icmp(_)))
    }

    /// Questions that the whole case asks, warm-ups left out.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.pairs.len() as u64 * u64::from(self.case.probe.burst().count.get())
    }
}
