//! Pairs by the numbers: inventories to choose from, and what was chosen, counted.

mod promises;
mod refusals;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proptest::prelude::{ProptestConfig, Strategy as Anything, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest};

use super::*;
use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::selector::Selector;
use crate::model::suite::Beyond;
use crate::model::vantage::Network;

fn node(name: &str, zone: Option<&str>, standing: Standing) -> Node {
    Node { zone: zone.map(str::to_owned), ..Node::named(name, standing) }
}

fn inventory(nodes: Vec<Node>) -> Inventory {
    Inventory { cluster: String::new(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads: None }
}

fn unready() -> Standing {
    Standing::Unready { why: "NotReady".to_owned() }
}

fn excluded() -> Standing {
    Standing::Excluded { rule: "not-linux".into(), why: "kubernetes.io/os=windows".to_owned() }
}

/// A cluster from numbers: of each node its zone (0 for none), and whether it is ready (0, 1: not; 2: takes no part).
fn cluster(nodes: &[(u8, u8)]) -> Inventory {
    let one = |(number, (zone, standing)): (usize, &(u8, u8))| {
        let zone = (*zone > 0).then(|| format!("zone{zone}"));
        let standing = match standing {
            0 | 1 => unready(),
            2 => excluded(),
            _ => Standing::Expected,
        };
        told(node(&format!("node{number}"), zone.as_deref(), standing), number)
    };
    inventory(nodes.iter().enumerate().map(one).collect())
}

/// With a pool and a kernel, or without: of seven nodes two are in a pool, two in one of that name by another label, and one has two
/// labels; of five nodes four tell their kernel.
fn told(mut node: Node, number: usize) -> Node {
    let [karpenter, eks] = ["karpenter.sh/nodepool", "eks.amazonaws.com/nodegroup"];
    let labels: &[(&str, &str)] = match number % 7 {
        0 | 1 => &[(karpenter, "blue")],
        2 | 3 => &[(eks, "blue")],
        4 => &[(eks, "blue"), (karpenter, "green")],
        _ => &[("pool", "blue")],
    };
    node.labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let kernel = number % 5;
    node.kernel = (kernel > 0).then(|| format!("6.{}", kernel % 3));
    node
}

/// What a node says of itself, of that.
fn said(by: Division, node: &Node) -> Option<String> {
    match by {
        Division::Zone => node.zone.clone(),
        Division::Kernel => node.kernel.clone(),
        Division::Pool => {
            let label = |key: &str| node.labels.get(key).map(|value| format!("{key}={value}"));
            label("karpenter.sh/nodepool").or_else(|| label("eks.amazonaws.com/nodegroup"))
        }
    }
}

/// 1 to 2,000 nodes in 1 to 9 zones.
fn clusters() -> impl Anything<Value = Inventory> {
    (1_u8..10, prop_oneof![1_usize..12, 12_usize..120, 120_usize..2_001])
        .prop_flat_map(|(zones, count)| proptest::collection::vec((0..zones, 0_u8..12), count))
        .prop_map(|nodes| cluster(&nodes))
}

fn every(pairs: PairStrategy) -> Wish {
    Wish { from: Source::Group(Group::PODS), to: Destination::Agents(Group::PODS), pairs, same_node: SameNode::Exclude, by: None }
}

fn plain(strategy: Strategy) -> Wish {
    every(PairStrategy::plain(strategy))
}

fn chosen(wish: &Wish, inventory: &Inventory, seed: u64) -> Chosen {
    choose(wish, &Field::of(inventory, seed))
}

type Names = BTreeSet<(String, String)>;

fn names(chosen: &Chosen) -> Names {
    let names: Names =
        chosen.pairs.iter().map(|pair| (pair.source.node().to_owned(), pair.target.agent().unwrap().node().to_owned())).collect();
    assert_eq!(names.len(), chosen.pairs.len(), "no pair twice");
    names
}

/// How often each node asks, and is asked.
fn counts(pairs: &Names) -> (HashMap<&str, usize>, HashMap<&str, usize>) {
    let (mut asks, mut asked) = (HashMap::new(), HashMap::new());
    for (source, target) in pairs {
        *asks.entry(source.as_str()).or_default() += 1;
        *asked.entry(target.as_str()).or_default() += 1;
    }
    (asks, asked)
}

fn taking_part(inventory: &Inventory) -> Vec<&Node> {
    inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).collect()
}

/// Whether each of these nodes asks, and is asked, that often.
fn each(pairs: &Names, nodes: &[&Node], times: usize) -> bool {
    let (asks, asked) = counts(pairs);
    let of = |counts: &HashMap<&str, usize>| nodes.iter().all(|node| counts.get(&*node.name).copied().unwrap_or(0) == times);
    of(&asks) && of(&asked) && pairs.len() == nodes.len() * times
}

/// Nodes of each zone.
fn zones<'n>(nodes: &[&'n Node]) -> BTreeMap<Option<&'n str>, Vec<&'n Node>> {
    let mut zones: BTreeMap<Option<&str>, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        zones.entry(node.zone.as_deref()).or_default().push(node);
    }
    zones
}

/// ⌈log2 n⌉, without logarithms.
fn log2(n: usize) -> usize {
    (0..64).find(|exponent| 1_usize << exponent >= n.max(1)).unwrap()
}

/// The first inventory, and the same with one node more.
fn grown(inventory: &Inventory, zone: u8) -> Inventory {
    let mut nodes = inventory.nodes.clone();
    nodes.push(node("another", Some(&format!("zone{zone}")), Standing::Expected));
    self::inventory(nodes)
}

const ALL: [Strategy; 6] =
    [Strategy::Full, Strategy::Ring { k: 3 }, Strategy::Circulant, Strategy::Random { k: 3 }, Strategy::PerZone { k: 2 }, REPRESENTATIVES];

const REPRESENTATIVES: Strategy = Strategy::Representatives { by: Division::Zone };

/// All pairs of 2,000 nodes are 4 millions: too many to look at in a test.
fn affordable(strategy: Strategy, inventory: &Inventory) -> bool {
    strategy != Strategy::Full || inventory.nodes.len() <= 120
}
