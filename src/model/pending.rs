//! Cases that are known only once the nodes are: what stands for them until then.

use std::collections::BTreeSet;

use super::suite::Case;
use super::vantage::Station;

/// A test, or one combination of its matrix, whose cases depend on what the cluster has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Called as its cases will be, with `?` for what is not known: `zone-pairs[src=?,dst=?]`. Of the rest only its tags, its place
    /// and how it goes among others are those of its cases.
    pub stand_in: Case,
    /// What it depends on, each once: `discover.zones`.
    pub waits_for: Vec<String>,
    /// The stations where its cases may need agents.
    pub stations: BTreeSet<Station>,
    /// Whether its cases may ask a fixture.
    pub may_ask_fixture: bool,
}

impl Pending {
    /// Why there are no cases yet, without a full stop.
    #[must_use]
    pub fn why(&self) -> String {
        format!("its cases are known once the cluster is ({})", self.waits_for.join(", "))
    }
}
