//! `nodes` of a world. It must not know what becomes of them.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{LABEL_KEY, LABEL_VALUE, WholeRange};
use super::words::PORT;
use super::world_hosts::PORTS;
use super::world_words::{DURING, NODE, SPAN, ZONE};
use crate::model::world::World;

/// Nodes that only have a number, and the `nodes` of a world that has none.
pub(crate) static NODE_COUNT: WholeRange = WholeRange { least: 0, most: World::NODES_LIMIT };

pub(super) const NODES: Shape = Shape::Either(&[
    Shape::List(
        "a node",
        &Shape::Keys(&[
            Key::required("name", "Its name.", Shape::Constant(Leaf::Name(&NODE))),
            Key::optional("zone", "Its zone.", ZONE),
            Key::optional("kernel", "The release of the kernel that it says it runs, for `pairs`.", Shape::Constant(Leaf::Title)),
            Key::optional("labels", "Its labels, for selectors; the zone is none of them unless it is written here too.", LABELS),
            Key::optional(
                "taints",
                "Its taints, for `agents.tolerations` of suites.",
                Shape::List("a taint", &Shape::Constant(Leaf::Taint)),
            ),
            Key::optional("notReady", "Its own condition says, in these words, that it cannot take part.", Shape::Constant(Leaf::Title)),
            Key::optional(
                "goneAfter",
                "So long after the world began it is gone for good, as by a loss of power: nothing comes to it or from it, packets or lines.",
                Shape::Constant(Leaf::Duration(&SPAN)),
            ),
            Key::optional(
                "tcp",
                "What listens on its own TCP ports beside agents, such as its kubelet, and how it treats connections; all others refuse.",
                PORTS,
            ),
            Key::optional("udp", "The same of its UDP ports, and datagrams.", PORTS),
            Key::optional(
                "kubeletPort",
                "The port that it states of its kubelet, for `port: kubelet` of suites; it answers there, unless `tcp` says otherwise.",
                Shape::Constant(Leaf::Whole(&PORT)),
            ),
            Key::optional(
                "externalAddresses",
                "Where it is reached from outside of the cluster, too, at most one address of each family, for `address: external` of suites.",
                Shape::List("an address", &Shape::Constant(Leaf::Address)),
            ),
            Key::optional(
                "listed",
                "When the list of nodes has it: one that joins later gets no agent, one that leaves keeps its agents. Always by default.",
                Shape::Keys(DURING),
            ),
        ]),
    ),
    Shape::Constant(Leaf::Whole(&NODE_COUNT)),
]);

const LABELS: Shape =
    Shape::Named { least: 0, what: "a label", names: &LABEL_KEY, of: &Shape::Constant(Leaf::Name(&LABEL_VALUE)), keys: &[] };
