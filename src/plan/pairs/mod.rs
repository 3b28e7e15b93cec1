//! Which of all directed pairs are measured. It must not know what is asked of them.

mod ends;
mod field;
mod same;
mod services;
mod strategies;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::model::family::Family;
use crate::model::inventory::Node;
use crate::model::plan::Ends;
use crate::model::service::Transport;
use crate::model::suite::{Destination, Group, PairStrategy, SameNode, Selection, Strategy};
use crate::model::target::{Pair, Target};
use crate::model::vantage::Vantage;
use crate::model::verdict::Mismatch;

pub(super) use field::Field;

/// Places of two nodes in the field.
type Couple = (usize, usize);

/// The pairs of a case.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// What is measured, by source, then by target.
    pub(super) pairs: Arc<[Pair]>,
    /// How many pairs there are at all between the two ends.
    pub(super) total: u64,
    /// How many nodes there are at the two ends.
    pub(super) ends: Ends,
    /// The strategy that was used in the end.
    pub(super) strategy: &'static str,
    /// Why there is no pair; none if there is one.
    pub(super) why_none: Option<Nothing>,
}

/// Why there is no pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Nothing {
    /// It cannot be measured.
    Impossible(String),
    /// What is asked is there, and not in that family.
    NoFamily(String),
    /// What the suite expects cannot be so.
    Refuted(Mismatch),
}

/// What a case says of its pairs. Equal wishes get equal pairs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Wish {
    pub(super) from: Group,
    pub(super) to: Destination,
    pub(super) pairs: PairStrategy,
    pub(super) same_node: SameNode,
    /// By what a Service is asked; none where no Service is.
    pub(super) by: Option<(Family, Transport)>,
}

/// Chooses among the pairs of the nodes that take part.
pub(super) fn choose(wish: &Wish, field: &Field<'_>) -> Chosen {
    match &wish.to {
        Destination::Agents(group) => between(wish, &group.only, field, |node| Target::Agent(Vantage::of(group.network, &node.name))),
        Destination::Nodes { only, port } => between(wish, only, field, |node| Target::Node { at: Vantage::host(&node.name), port: *port }),
        Destination::Host(endpoint) => towards(wish, &Target::Host(*endpoint), field),
        Destination::Gateway => towards(wish, &Target::Gateway(None), field),
        Destination::Resolver => towards(wish, &Target::Resolver, field),
        Destination::Service(offer) => services::choose(wish, offer, field),
    }
}

/// From every source to the one target that there is, or to its own: no strategy has anything to choose.
fn towards(wish: &Wish, target: &Target, field: &Field<'_>) -> Chosen {
    let sources = match ends::of(&wish.from.only, field) {
        Ok(sources) => sources,
        Err(why) => return nothing(wish, format!("`from: {}` {why}", wish.from)),
    };
    let source = |place: &usize| Vantage::of(wish.from.network, &field.nodes[*place].name);
    let pairs: Arc<[Pair]> = sources.iter().map(|place| Pair { source: source(place), target: target.clone() }).collect();
    let total = pairs.len() as u64;
    let why_none = pairs.is_empty().then(|| Nothing::Impossible("no node takes part".to_owned()));
    Chosen { pairs, total, ends: Ends { sources: total, targets: 1 }, strategy: Strategy::Full.word(), why_none }
}

/// Among the pairs of two networks of nodes.
fn between(wish: &Wish, asked: &Selection, field: &Field<'_>, target: impl Fn(&Node) -> Target) -> Chosen {
    let both = (ends::of(&wish.from.only, field), ends::of(asked, field));
    let (sources, targets) = match both {
        (Ok(sources), Ok(targets)) => (sources, targets),
        (Err(why), _) => return nothing(wish, format!("`from: {}` {why}", wish.from)),
        (_, Err(why)) => return nothing(wish, format!("`to: {}` {why}", wish.to)),
    };
    let common = same::common(&sources, &targets);
    let (from, to, own) = (sources.len() as u64, targets.len() as u64, common.len() as u64);
    let total = match wish.same_node {
        SameNode::Exclude => from * to - own,
        SameNode::Include => from * to,
        SameNode::Only => own,
    };
    let (strategy, mut couples) = match wish.same_node {
        SameNode::Exclude => within_limit(wish.pairs, field, &sources, &targets, |_| Vec::new()),
        SameNode::Include => within_limit(wish.pairs, field, &sources, &targets, |strategy| same::of(strategy, field, &common)),
        SameNode::Only => (Strategy::Full, same::of(Strategy::Full, field, &common)),
    };
    couples.sort_unstable();
    let why_none = couples.is_empty().then(|| Nothing::Impossible(why_none(wish, asked, strategy, (&sources, &targets))));
    let ends = Ends { sources: from, targets: to };
    Chosen { pairs: named(wish, field, &couples, target), total, ends, strategy: strategy.word(), why_none }
}

/// What the strategy measures, or, where that is more than its limit, what follows it, if that is less. Pairs of a node with itself,
/// which `own` gives, count as any other.
fn within_limit(
    pairs: PairStrategy,
    field: &Field<'_>,
    sources: &[usize],
    targets: &[usize],
    own: impl Fn(Strategy) -> Vec<Couple>,
) -> (Strategy, Vec<Couple>) {
    let all = |strategy| {
        let mut couples = strategies::couples(strategy, field, sources, targets);
        couples.extend(own(strategy));
        (strategy, couples)
    };
    let Some(beyond) = pairs.beyond else { return all(pairs.strategy) };
    // Of thousands of nodes all pairs are millions: they are counted before they are made.
    let common = same::common(sources, targets).len();
    let full = (sources.len() * targets.len() - common + own(Strategy::Full).len()) as u64;
    if pairs.strategy == Strategy::Full {
        if full <= beyond.limit {
            return all(Strategy::Full);
        }
        let second = all(beyond.strategy);
        return if (second.1.len() as u64) < full { second } else { all(Strategy::Full) };
    }
    let first = all(pairs.strategy);
    if first.1.len() as u64 <= beyond.limit {
        return first;
    }
    let second = all(beyond.strategy);
    if second.1.len() < first.1.len() { second } else { first }
}

fn named(wish: &Wish, field: &Field<'_>, couples: &[Couple], target: impl Fn(&Node) -> Target) -> Arc<[Pair]> {
    let sources: Vec<_> = field.nodes.iter().map(|node| Vantage::of(wish.from.network, &node.name)).collect();
    let targets: Vec<_> = field.nodes.iter().map(|node| target(node)).collect();
    couples.iter().map(|(source, target)| Pair { source: sources[*source].clone(), target: targets[*target].clone() }).collect()
}

fn nothing(wish: &Wish, why: String) -> Chosen {
    without(wish, Nothing::Impossible(why))
}

fn without(wish: &Wish, why: Nothing) -> Chosen {
    let strategy = wish.pairs.strategy.word();
    Chosen { pairs: Arc::default(), total: 0, ends: Ends::default(), strategy, why_none: Some(why) }
}

/// Both ends have nodes, and there is no pair.
fn why_none(wish: &Wish, to: &Selection, strategy: Strategy, (sources, targets): (&[usize], &[usize])) -> String {
    if wish.same_node == SameNode::Only {
        return format!(
            "`sameNode: only` measures nodes that are at both ends, and `from: {}` and `to: {}` have none in common",
            wish.from, wish.to
        );
    }
    if wish.from.only == Selection::All && *to == Selection::All && sources.len() < 2 {
        return "fewer than two nodes take part".to_owned();
    }
    if sources == targets && sources.len() == 1 {
        return format!("`from: {}` and `to: {}` are one and the same node", wish.from, wish.to);
    }
    if strategy == Strategy::Representatives {
        return "the strategy representatives takes one node of each zone, and there is one zone".to_owned();
    }
    "the two ends have no two nodes that differ".to_owned()
}
