//! The strategies: of places of nodes at two ends, couples; in no order, none twice, and none of a node with itself.
//! What each promises stands at [`Strategy`].

use std::collections::{BTreeMap, HashSet};

use super::field::Order;
use super::{Couple, Field};
use crate::model::inventory::{Node, Standing};
use crate::model::suite::{Division, Strategy};

/// What a strategy chooses.
pub(super) fn couples(strategy: Strategy, field: &Field<'_>, sources: &[usize], targets: &[usize]) -> Vec<Couple> {
    let sorted = |order| (field.sorted(order, sources), field.sorted(order, targets));
    match strategy {
        Strategy::Full => each_to_every(sources, targets),
        Strategy::Ring { k } => {
            let (sources, targets) = sorted(Order::Fixed);
            to_the_next(&sources, &targets, k)
        }
        Strategy::Random { k } => {
            let (sources, targets) = sorted(Order::Seeded);
            to_the_next(&sources, &targets, k)
        }
        Strategy::Circulant => {
            let (sources, targets) = sorted(Order::Seeded);
            if sources.len() >= targets.len() {
                at_offsets(&sources, &targets)
            } else {
                at_offsets(&targets, &sources).into_iter().map(|(target, source)| (source, target)).collect()
            }
        }
        Strategy::PerZone { k } => {
            let (sources, targets) = (divided(Division::Zone, field, sources), divided(Division::Zone, field, targets));
            let zones = sources.values().flat_map(|from| targets.values().map(move |to| (from, to)));
            zones.flat_map(|(from, to)| to_the_next(from, to, k)).collect()
        }
        Strategy::Representatives { by } => {
            let (sources, targets) = (representatives(by, field, sources), representatives(by, field, targets));
            // Where not the same nodes ask and are asked, one group may be represented by another node at each end.
            let apart = |(source, target): &Couple| common(by, field.nodes[*source]) != common(by, field.nodes[*target]);
            each_to_every(&sources, &targets).into_iter().filter(apart).collect()
        }
    }
}

/// One node of each zone, or of what else divides them, a ready one if there is.
pub(super) fn representatives(by: Division, field: &Field<'_>, places: &[usize]) -> Vec<usize> {
    let not_ready = |place: &&usize| field.nodes[**place].standing != Standing::Expected;
    // The nodes of a zone are in their order already, and the first of the least is taken.
    divided(by, field, places).values().filter_map(|zone| zone.iter().min_by_key(not_ready).copied()).collect()
}

fn each_to_every(sources: &[usize], targets: &[usize]) -> Vec<Couple> {
    sources.iter().flat_map(|source| targets.iter().filter(move |target| *target != source).map(move |target| (*source, *target))).collect()
}

/// Each source to the `k` targets behind its own place in the circle of targets. The place is in proportion, so that sources stand evenly
/// among the targets; if both are the same nodes it is the node's own.
fn to_the_next(sources: &[usize], targets: &[usize], k: u32) -> Vec<Couple> {
    let k = usize::try_from(k).unwrap_or(usize::MAX);
    let next = |(number, source): (usize, &usize)| {
        let source = *source;
        let start = number * targets.len() / sources.len() + 1;
        circle(targets, start).filter(move |target| *target != source).take(k).map(move |target| (source, target)).collect::<Vec<_>>()
    };
    sources.iter().enumerate().flat_map(next).collect()
}

/// Each of the first to those of the second, which are not more, at the offsets 1, 2, 4, … behind its place. One that is the node itself, or is
/// taken already, gives way to the next.
fn at_offsets(many: &[usize], few: &[usize]) -> Vec<Couple> {
    let mut couples = Vec::new();
    let mut own: Vec<usize> = Vec::new();
    let members: HashSet<usize> = few.iter().copied().collect();
    for (number, one) in many.iter().enumerate() {
        let available = few.len() - usize::from(members.contains(one));
        let start = number * few.len() / many.len();
        own.clear();
        for offset in std::iter::successors(Some(1_usize), |offset| offset.checked_mul(2)).take_while(|offset| *offset <= available) {
            let other = circle(few, start + offset).find(|other| other != one && !own.contains(other));
            own.extend(other);
        }
        couples.extend(own.iter().map(|other| (*one, *other)));
    }
    couples
}

/// All of them once, from that place on, round and round.
fn circle(places: &[usize], start: usize) -> impl Iterator<Item = usize> {
    (0..places.len()).map(move |step| places[(start + step) % places.len()])
}

/// What nodes that are alike have in common; nothing for those that do not say. Pools of one name that two labels give are two.
type Common<'f> = Option<(&'static str, &'f str)>;

/// Those that are alike, each in the seeded order; those that do not say what they are, are alike.
fn divided<'f>(by: Division, field: &'f Field<'_>, places: &[usize]) -> BTreeMap<Common<'f>, Vec<usize>> {
    let mut groups: BTreeMap<Common<'_>, Vec<usize>> = BTreeMap::new();
    for place in field.sorted(Order::Seeded, places) {
        groups.entry(common(by, field.nodes[place])).or_default().push(place);
    }
    groups
}

/// What that node says of itself.
pub(super) fn common(by: Division, node: &Node) -> Common<'_> {
    match by {
        Division::Zone => node.zone.as_deref().map(|zone| ("zone", zone)),
        Division::Pool => node.pool(),
        Division::Kernel => node.kernel.as_deref().map(|kernel| ("kernel", kernel)),
    }
}
