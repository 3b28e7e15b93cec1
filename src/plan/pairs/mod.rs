//! Which of all directed pairs are measured. It must not know what is asked of them.

mod ends;
mod field;
mod nodes;
mod same;
mod services;
mod sources;
mod strategies;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::model::family::Family;
use crate::model::inventory::Node;
use crate::model::plan::Ends;
use crate::model::service::Transport;
use crate::model::suite::{Destination, Division, Group, PairStrategy, SameNode, Selection, Source, Strategy};
use crate::model::target::{Pair, Target};
use crate::model::vantage::Vantage;
use crate::model::verdict::Mismatch;

pub(super) use field::Field;
use sources::Sources;

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
    /// Who fits the case's source and does not ask, and why.
    pub(super) left_out: Option<String>,
    /// Why there is no pair; none if there is one.
    pub(super) why_none: Option<Nothing>,
}

/// Why there is no pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Nothing {
    /// It cannot be measured.
    Impossible(String),
    /// The cluster has a single node, and no suite can want another of it.
    Alone,
    /// What is asked is there, and not in that family.
    NoFamily(String),
    /// What the suite expects cannot be so.
    Refuted(Mismatch),
}

/// What a case says of its pairs. Equal wishes get equal pairs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Wish {
    pub(super) from: Source,
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
        Destination::Nodes { only, address, port } => nodes::choose(wish, &nodes::Asked { only, address: *address, port: *port }, field),
        Destination::Host(endpoint) => towards(wish, &Target::Host(*endpoint), field),
        Destination::Named(named) => towards(wish, &Target::Named(Arc::new(named.clone()), None), field),
        Destination::Gateway => towards(wish, &Target::Gateway(None), field),
        Destination::Resolver => towards(wish, &Target::Resolver, field),
        Destination::Service(offer) => services::choose(wish, offer, field),
    }
}

/// From every source to the one target that there is, or to its own: no strategy has anything to choose.
fn towards(wish: &Wish, target: &Target, field: &Field<'_>) -> Chosen {
    let sources = match Sources::of(&wish.from, field) {
        Ok(sources) => sources,
        Err(why) => return nothing(wish, why),
    };
    let pairs: Arc<[Pair]> = sources.voices().map(|source| Pair { source: source.clone(), target: target.clone() }).collect();
    let total = sources.count();
    let why_none = pairs.is_empty().then(|| Nothing::Impossible("no node takes part".to_owned()));
    let ends = Ends { sources: total, targets: 1 };
    Chosen { pairs, total, ends, strategy: Strategy::Full.word(), left_out: sources.left_out, why_none }
}

/// Among the pairs of two networks of nodes.
fn between(wish: &Wish, asked: &Selection, field: &Field<'_>, target: impl Fn(&Node) -> Target) -> Chosen {
    let both = (Sources::of(&wish.from, field), ends::of(asked, field));
    let (sources, targets) = match both {
        (Ok(sources), Ok(targets)) => (sources, targets),
        (Err(why), _) => return nothing(wish, why),
        (_, Err(why)) => return nothing(wish, format!("`to: {}` {why}", wish.to)),
    };
    let common = same::common(sources.places(), &targets);
    let (from, to, own) = (sources.count(), targets.len() as u64, sources.count_on(&targets));
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
    let why_none = couples.is_empty().then(|| {
        let is_alone = is_full(wish, asked) && field.is_one_node();
        let why = || why_none(wish, asked, strategy, (field, sources.places(), &targets));
        if is_alone { Nothing::Alone } else { Nothing::Impossible(why()) }
    });
    let ends = Ends { sources: from, targets: to };
    let pairs = named(&sources, field, &couples, target);
    Chosen { pairs, total, ends, strategy: strategy.words(), left_out: sources.left_out, why_none }
}

/// What the strategy measures, or, where that is more than its limit, what follows it, if that is less. Pairs of a node with itself,
/// which `own` gives, count as any other.
fn within_limit(
    pairs: PairStrategy,
    field: &Field<'_>,
    sources: &Sources,
    targets: &[usize],
    own: impl Fn(Strategy) -> Vec<Couple>,
) -> (Strategy, Vec<Couple>) {
    let all = |strategy| {
        let mut couples = strategies::couples(strategy, field, sources.places(), targets);
        couples.extend(own(strategy));
        let pairs = sources.pairs(&couples);
        (strategy, couples, pairs)
    };
    let plain = |(strategy, couples, _): (Strategy, Vec<Couple>, u64)| (strategy, couples);
    let Some(beyond) = pairs.beyond else { return plain(all(pairs.strategy)) };
    // Of thousands of nodes all pairs are millions: they are counted before they are made.
    let common: Vec<Couple> = same::common(sources.places(), targets).into_iter().map(|place| (place, place)).collect();
    let full = (sources.voices().len() * targets.len()) as u64 - sources.pairs(&common) + sources.pairs(&own(Strategy::Full));
    if pairs.strategy == Strategy::Full {
        if full <= beyond.limit {
            return plain(all(Strategy::Full));
        }
        let second = all(beyond.strategy);
        return plain(if second.2 < full { second } else { all(Strategy::Full) });
    }
    let first = all(pairs.strategy);
    if first.2 <= beyond.limit {
        return plain(first);
    }
    let second = all(beyond.strategy);
    plain(if second.2 < first.2 { second } else { first })
}

/// Everyone on a node asks whom it asks; by source, then by target.
fn named(sources: &Sources, field: &Field<'_>, couples: &[Couple], target: impl Fn(&Node) -> Target) -> Arc<[Pair]> {
    let targets: Vec<_> = field.nodes.iter().map(|node| target(node)).collect();
    let of_node = |couples: &[Couple]| {
        let asks = |source: &Vantage| -> Vec<Pair> {
            couples.iter().map(|(_, target)| Pair { source: source.clone(), target: targets[*target].clone() }).collect()
        };
        couples.first().into_iter().flat_map(|(place, _)| sources.on(*place).flat_map(asks)).collect::<Vec<_>>()
    };
    couples.chunk_by(|one, other| one.0 == other.0).flat_map(of_node).collect()
}

fn nothing(wish: &Wish, why: String) -> Chosen {
    without(wish, Nothing::Impossible(why))
}

fn without(wish: &Wish, why: Nothing) -> Chosen {
    let strategy = wish.pairs.strategy.words();
    Chosen { pairs: Arc::default(), total: 0, ends: Ends::default(), strategy, left_out: None, why_none: Some(why) }
}

/// Whether every node asks, and is asked by others.
fn is_full(wish: &Wish, to: &Selection) -> bool {
    let all = Source::Group(Group { network: wish.from.network(), only: Selection::All });
    wish.same_node == SameNode::Exclude && wish.from == all && *to == Selection::All
}

/// Both ends have nodes, and there is no pair.
fn why_none(wish: &Wish, to: &Selection, strategy: Strategy, (field, sources, targets): (&Field<'_>, &[usize], &[usize])) -> String {
    if wish.same_node == SameNode::Only {
        return format!(
            "`sameNode: only` measures nodes that are at both ends, and `from: {}` and `to: {}` have none in common",
            wish.from, wish.to
        );
    }
    if let Source::Workload(_) = wish.from {
        let help = "`sameNode: include` asks there too";
        return format!("all pods of `from: {}` are on the only node of `to: {}`; {help}", wish.from, wish.to);
    }
    if is_full(wish, to) && sources.len() < 2 {
        return "fewer than two nodes take part".to_owned();
    }
    if sources == targets && sources.len() == 1 {
        return format!("`from: {}` and `to: {}` are one and the same node", wish.from, wish.to);
    }
    if let Strategy::Representatives { by } = strategy {
        let nodes = sources.iter().chain(targets).map(|place| field.nodes[*place]);
        return one_alone(by, nodes);
    }
    "the two ends have no two nodes that differ".to_owned()
}

/// One representative has nobody to ask; where nobody says what divides them, that is why.
fn one_alone<'n>(by: Division, mut nodes: impl Iterator<Item = &'n Node>) -> String {
    let what = by.word();
    if nodes.any(|node| strategies::common(by, node).is_some()) {
        return format!("the strategy representatives takes one node of each {what}, and there is one {what}");
    }
    let unknown = match by {
        Division::Zone => "no node is in a zone".to_owned(),
        Division::Pool => format!("no node has one of the labels {}", Node::POOL_LABELS.join(", ")),
        Division::Kernel => "no node tells its kernel; an inventory of an older netcheck does not have it".to_owned(),
    };
    format!("the strategy representatives takes one node of each {what}, and {unknown}")
}
