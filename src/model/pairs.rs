//! What a suite says of the pairs of a case: who asks, who is asked, and how pairs are chosen. It must not know which nodes there are.

use std::fmt;
use std::sync::Arc;

use super::selector::Selector;
use super::vantage::Network;

/// A set of vantages: a network of all nodes, or of some.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Group {
    /// Which network of each node.
    pub network: Network,
    /// Which nodes.
    pub only: Selection,
}

/// Which of the nodes that take part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selection {
    /// All.
    All,
    /// Those of that zone.
    Zone(String),
    /// Those of these names, in order, none twice. Each has to take part: to do without one would test less than was meant.
    Named(Vec<Arc<str>>),
    /// Those with such labels.
    Labelled(Selector),
}

impl Group {
    /// The pod network of every node.
    pub const PODS: Self = Self { network: Network::Pod, only: Selection::All };
    /// The host network of every node.
    pub const NODES: Self = Self { network: Network::Host, only: Selection::All };
}

impl fmt::Display for Group {
    /// As a suite writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.network {
            Network::Pod => "pods",
            Network::Host => "nodes",
        };
        match &self.only {
            Selection::All => f.write_str(word),
            Selection::Zone(zone) => write!(f, "{word}: {{ zone: {zone} }}"),
            Selection::Named(names) => write!(f, "{word}: {{ nodes: [{}] }}", names.join(", ")),
            Selection::Labelled(selector) => write!(f, "{word}: {{ selector: {selector} }}"),
        }
    }
}

/// What becomes of the pairs of two networks of one node. Within one network there is no such pair: an agent would ask itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SameNode {
    /// They are not measured, and not counted among all pairs.
    Exclude,
    /// Each of them is measured, beside those that the strategy chooses.
    Include,
    /// They alone are measured, all of them.
    Only,
}

/// Which pairs of all possible ones are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PairStrategy {
    /// How they are chosen.
    pub strategy: Strategy,
    /// What is done instead where that would be too many.
    pub beyond: Option<Beyond>,
}

/// What is done instead of a strategy that would measure too many pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Beyond {
    /// The most pairs that the first strategy may measure.
    pub limit: u64,
    /// The other one; the first stays if this one would measure no fewer.
    pub strategy: Strategy,
}

/// A way to choose pairs. `from` and `to` are the nodes at the two ends, n each if they are the same ones. A pair of a node with
/// itself is never chosen here: that is [`SameNode`]'s. No strategy chooses a pair twice, and equal nodes and an equal seed
/// give equal pairs on every machine, whatever the order of the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Each source to every target: n(n−1) pairs. A node more adds its own pairs and changes no other.
    Full,
    /// Each source to the next `k` targets in an order that nothing but the names decides (their hashes), so that runs measure the
    /// same pairs whatever their seed. Each source asks k targets, or all if there are fewer. If both ends are the same nodes,
    /// each node is also asked k times, and a node more or less changes at most 3k pairs: k of its own each way, and k that
    /// led past it. Of two sets without a common node, each target is asked ⌊k·from/to⌋ or ⌈k·from/to⌉ times; where only some
    /// nodes are common, at least once less than the former.
    Ring {
        /// Targets of each source.
        k: u32,
    },
    /// Each source to the targets at the offsets 1, 2, 4, … of a seeded order: if both ends are the same nodes, each asks and is
    /// asked ⌈log2 n⌉ times, and when a node comes or goes, at most 2n of the pairs among the others go and as many come. Of two
    /// different sets, each node of the larger one is paired so with nodes of the smaller one: ⌊log2 of their number⌋ + 1 of
    /// them; so everyone is in some pair.
    Circulant,
    /// As [`Strategy::Ring`], with all that it promises, in an order that the seed decides: another seed gives other pairs, each
    /// pair with the same chance of k/(n−1).
    Random {
        /// Targets of each source.
        k: u32,
    },
    /// Each source to `k` targets of every zone, its own among them, or all where a zone has fewer: every ordered pair of zones that
    /// has a pair of nodes is measured. Within a zone as [`Strategy::Ring`], so each is asked k times by nodes of its own zone; from
    /// one zone to another each target is asked ⌊k·from/to⌋ or ⌈k·from/to⌉ times. Nodes without a zone are a zone of their own.
    /// Seeded. How much a further node changes is not promised.
    PerZone {
        /// Targets of each source in each zone.
        k: u32,
    },
    /// One node of each zone to one of every other: each ordered pair of zones once; or of each of what else nodes are told apart by.
    /// It is a node that is ready where the zone has one; among these the seed decides. Nodes without a zone are a zone of their own.
    Representatives {
        /// What has a representative.
        by: Division,
    },
}

/// What divides nodes into those that are alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Division {
    /// The zone.
    #[default]
    Zone,
    /// The node pool.
    Pool,
    /// The release of the kernel.
    Kernel,
}

impl Division {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Zone, Self::Pool, Self::Kernel];

    /// Its name in the language, and in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Pool => "pool",
            Self::Kernel => "kernel",
        }
    }
}

impl Strategy {
    /// `k`, where the suite gives none.
    pub const DEFAULT_K: u32 = 3;

    /// Its name in the language.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Ring { .. } => "ring",
            Self::Circulant => "circulant",
            Self::Random { .. } => "random",
            Self::PerZone { .. } => "perZone",
            Self::Representatives { .. } => "representatives",
        }
    }

    /// What plans and reports call it: its name, and by what it divides the nodes, if not by zones.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Representatives { by: Division::Pool } => "representatives by pool",
            Self::Representatives { by: Division::Kernel } => "representatives by kernel",
            Self::Representatives { by: Division::Zone }
            | Self::Full
            | Self::Ring { .. }
            | Self::Circulant
            | Self::Random { .. }
            | Self::PerZone { .. } => self.word(),
        }
    }
}

impl PairStrategy {
    /// `limit` of `full`, where the suite gives none.
    pub const DEFAULT_LIMIT: u64 = 10_000;

    /// Where the suite says nothing.
    pub const DEFAULT: Self =
        Self { strategy: Strategy::Full, beyond: Some(Beyond { limit: Self::DEFAULT_LIMIT, strategy: Strategy::Circulant }) };

    /// That strategy, however many pairs it measures.
    #[must_use]
    pub const fn plain(strategy: Strategy) -> Self {
        Self { strategy, beyond: None }
    }
}
