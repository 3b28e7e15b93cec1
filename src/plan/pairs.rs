//! Which of all directed pairs are measured. It must not know what is asked of them.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::suite::PairStrategy;
use crate::model::vantage::{Network, Pair, Vantage};

/// The pairs of a case.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// What is measured, by source, then by target.
    pub(super) pairs: Arc<[Pair]>,
    /// How many pairs there are at all: n(n−1).
    pub(super) total: u64,
    /// The strategy that was used in the end.
    pub(super) strategy: &'static str,
}

/// Chooses among the pairs of these nodes, from the first network of one to the second of another.
pub(super) fn choose(strategy: PairStrategy, nodes: &[Arc<str>], networks: (Network, Network), seed: u64) -> Chosen {
    let count = nodes.len() as u64;
    let total = count * count.saturating_sub(1);
    let (chosen, strategy) = match strategy {
        PairStrategy::Full { limit } if total <= limit => (full(nodes), "full"),
        PairStrategy::Full { .. } | PairStrategy::Circulant => (circulant(nodes, seed), "circulant"),
    };
    let end = |network| nodes.iter().map(move |node| (&**node, Vantage::of(network, node))).collect::<HashMap<_, _>>();
    let (sources, targets) = (end(networks.0), end(networks.1));
    let pair = |(source, target): (&str, &str)| Some(Pair { source: sources.get(source)?.clone(), target: targets.get(target)?.clone() });
    Chosen { pairs: chosen.into_iter().filter_map(pair).collect(), total, strategy }
}

fn full(nodes: &[Arc<str>]) -> Vec<(&str, &str)> {
    nodes.iter().flat_map(|source| nodes.iter().filter(move |target| *target != source).map(move |target| (&**source, &**target))).collect()
}

/// Each node to those at the offsets 1, 2, 4, … of a seeded order: every node asks and is asked ⌈log2 n⌉ times.
fn circulant(nodes: &[Arc<str>], seed: u64) -> Vec<(&str, &str)> {
    let mut order: Vec<&str> = nodes.iter().map(|node| &**node).collect();
    order.sort_by_cached_key(|node| Sha256::digest(format!("{seed}/{node}")));
    let offsets = std::iter::successors(Some(1_usize), |offset| offset.checked_mul(2)).take_while(|offset| *offset < order.len());
    let mut pairs: Vec<_> =
        offsets.flat_map(|offset| order.iter().zip(order.iter().cycle().skip(offset))).map(|(source, target)| (*source, *target)).collect();
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const PODS: (Network, Network) = (Network::Pod, Network::Pod);

    fn nodes(count: usize) -> Vec<Arc<str>> {
        (1..=count).map(|number| format!("node{number}").into()).collect()
    }

    fn check(strategy: PairStrategy, count: usize, expected: (usize, u64, &str)) {
        let chosen = choose(strategy, &nodes(count), PODS, 1);
        assert_eq!((chosen.pairs.len(), chosen.total, chosen.strategy), expected, "{strategy:?} of {count}");
        assert!(chosen.pairs.iter().all(|pair| pair.source != pair.target));
        let distinct: std::collections::BTreeSet<_> = chosen.pairs.iter().collect();
        assert_eq!(distinct.len(), chosen.pairs.len(), "no pair twice");
    }

    #[test]
    fn counts_are_as_the_language_says() {
        let full = PairStrategy::Full { limit: PairStrategy::DEFAULT_LIMIT };
        for (count, pairs) in [(0, 0), (1, 0), (2, 2), (3, 6), (100, 9_900)] {
            check(full, count, (pairs, pairs as u64, "full"));
        }
        check(full, 101, (101 * 7, 10_100, "circulant"));
        check(PairStrategy::Full { limit: 5 }, 3, (6, 6, "circulant"));
        check(PairStrategy::Circulant, 2, (2, 2, "circulant"));
        check(PairStrategy::Circulant, 5, (15, 20, "circulant"));
        check(PairStrategy::Circulant, 8, (24, 56, "circulant"));
    }

    #[test]
    fn every_node_asks_and_is_asked_equally_often() {
        let mut asks = BTreeMap::new();
        let mut asked = BTreeMap::new();
        for pair in choose(PairStrategy::Circulant, &nodes(100), PODS, 7).pairs.iter() {
            *asks.entry(pair.source.clone()).or_insert(0) += 1;
            *asked.entry(pair.target.clone()).or_insert(0) += 1;
        }
        assert!(asks.len() == 100 && asks.values().all(|count| *count == 7));
        assert!(asked.len() == 100 && asked.values().all(|count| *count == 7));
    }

    #[test]
    fn the_seed_decides_the_sample_and_the_order_of_nodes_does_not() {
        let mut reversed = nodes(50);
        reversed.reverse();
        let sample = |nodes: &[Arc<str>], seed| choose(PairStrategy::Circulant, nodes, PODS, seed).pairs;
        assert_eq!(sample(&nodes(50), 1), sample(&reversed, 1));
        assert_ne!(sample(&nodes(50), 1), sample(&nodes(50), 2));
    }
}
