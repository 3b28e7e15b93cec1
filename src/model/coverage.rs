//! How often each node takes part in a plan, counted in the pairs of its cases. It must not know by which strategy they were chosen.

use std::collections::HashMap;

use super::inventory::Standing;
use super::plan::Plan;
use super::target::Pair;

/// In how many pairs of all cases a node takes part, in whatever network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// In which it asks.
    pub asks: u64,
    /// In which it is asked: its agent, or itself. What a Service or a name leads to is not known beforehand.
    pub asked: u64,
}

impl Plan {
    /// Of each node that no rule leaves out, by name.
    #[must_use]
    pub fn coverage(&self) -> Vec<(&str, Coverage)> {
        let mut counts: HashMap<&str, Coverage> = HashMap::new();
        for (pairs, times) in self.lists() {
            for pair in pairs {
                counts.entry(pair.source.node()).or_default().asks += times;
                if let Some(asked) = pair.target.vantage() {
                    counts.entry(asked.node()).or_default().asked += times;
                }
            }
        }
        let taking_part = self.inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. }));
        taking_part.map(|node| (&*node.name, counts.get(&*node.name).copied().unwrap_or_default())).collect()
    }

    /// Cases share their lists of pairs: each list, and how many have it.
    fn lists(&self) -> impl Iterator<Item = (&[Pair], u64)> {
        let mut lists: HashMap<*const Pair, (&[Pair], u64)> = HashMap::new();
        for case in &self.cases {
            lists.entry(case.pairs.as_ptr()).or_insert((&case.pairs, 0)).1 += 1;
        }
        lists.into_values()
    }
}
