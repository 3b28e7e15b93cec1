//! `pairs`: which of all pairs are measured.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{WholeRange, Words};

pub(super) const PAIRS: Shape = Shape::Either(&[
    Shape::Scalar(Leaf::Word(&STRATEGIES)),
    Shape::Keys(&[
        Key::optional("strategy", "Which pairs; `full` by default.", Shape::Scalar(Leaf::Word(&STRATEGIES))),
        Key::optional(
            "k",
            "Targets of each node with `ring` and `random`, and of each node in each zone with `perZone`, in `strategy` or `beyond`; 3 by default.",
            Shape::Scalar(Leaf::Whole(&TARGETS)),
        ),
        Key::optional(
            "by",
            "What `representatives` takes one node of each of, in `strategy` or `beyond`; `zone` by default.",
            Shape::Scalar(Leaf::Word(&DIVISIONS)),
        ),
        Key::optional(
            "limit",
            "The most pairs that `strategy` measures: where it would be more, `beyond` is used; 10000 by default for `full`, none for the others.",
            Shape::Scalar(Leaf::Whole(&LIMIT)),
        ),
        Key::optional(
            "beyond",
            "The strategy where the first would measure more than `limit`, if this one measures fewer; `circulant` by default for `full`.",
            Shape::Scalar(Leaf::Word(&BEYOND)),
        ),
    ]),
]);

/// Ways to choose pairs.
pub(crate) static STRATEGIES: Words = Words {
    what: "strategy",
    now: &[
        ("full", "Every node to every other, up to `limit` pairs."),
        (
            "ring",
            "Each node to the next `k` in an order that no seed changes: each asks and is asked k times, the same pairs in every run.",
        ),
        ("circulant", "Each node to the nodes at the offsets 1, 2, 4, …: each is asked and asks ⌈log2 n⌉ times."),
        ("random", "Each node to the next `k` in an order that the seed decides: each asks and is asked k times."),
        ("perZone", "Each node to `k` nodes of every zone."),
        ("representatives", "One node of each zone to one of every other; `by` names what else is told apart."),
    ],
    later: &[],
};

/// What may follow a strategy that would measure too many pairs.
pub(crate) static BEYOND: Words = Words {
    what: "strategy",
    now: &[
        ("ring", "Each node to the next `k` in an order that no seed changes."),
        ("circulant", "Each node to the nodes at the offsets 1, 2, 4, …."),
        ("random", "Each node to the next `k` in an order that the seed decides."),
        ("perZone", "Each node to `k` nodes of every zone."),
        ("representatives", "One node of each zone to one of every other; `by` names what else is told apart."),
    ],
    later: &[],
};

/// What `representatives` tells nodes apart by.
pub(crate) static DIVISIONS: Words = Words {
    what: "word",
    now: &[
        ("zone", "The label `topology.kubernetes.io/zone`. Nodes without it are one zone more."),
        (
            "pool",
            "The first of these labels that the node has: `karpenter.sh/nodepool`, `eks.amazonaws.com/nodegroup`, `cloud.google.com/gke-nodepool`, `kubernetes.azure.com/agentpool`. Nodes without any are one pool more.",
        ),
        ("kernel", "The release of the kernel that the node tells (`nodeInfo.kernelVersion`). Nodes that do not tell it are one more."),
    ],
    later: &[],
};

/// `limit` of pairs: one agent on each of 5,000 nodes to every other is 24,995,000 pairs.
pub(crate) static LIMIT: WholeRange = WholeRange { least: 1, most: 100_000_000 };

/// `k` of pairs: 5,000 nodes with 1,000 targets each are 5,000,000 pairs.
pub(crate) static TARGETS: WholeRange = WholeRange { least: 1, most: 1_000 };
