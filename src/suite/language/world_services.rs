//! The Services of a world file, and what is wrong with their translation. It must not know what becomes of them.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{LABEL_KEY, LABEL_VALUE, NODE_NAME, PORT_NAME, SERVICE_NAME, Words};
use super::words::{FAMILIES, PORT, PROTOCOLS};

/// Services by their names, with their namespaces.
pub(super) const SERVICES: Shape = Shape::Named { least: 0, what: "a Service", names: &SERVICE_NAME, of: &Shape::Keys(SERVICE), keys: &[] };

static SERVICE: &[Key] = &[
    Key::required("ports", "Where it listens.", Shape::List("a port", &Shape::Keys(PORTS))),
    Key::optional("labels", "Its labels.", LABELS),
    Key::optional(
        "families",
        "The families that it has an address of; those of the world by default.",
        Shape::List("a family", &Shape::Constant(Leaf::Word(&FAMILIES))),
    ),
    Key::optional("headless", "It has no address at all; `false` by default.", Shape::Constant(Leaf::Flag)),
    Key::optional(
        "loadBalancer",
        "A load balancer has given it an address of each of its families; `false` by default.",
        Shape::Constant(Leaf::Flag),
    ),
    Key::optional("externalIPs", "It has an external address of each of its families; `false` by default.", Shape::Constant(Leaf::Flag)),
    Key::optional("ready", "The nodes whose agents in the pod network are ready behind it, or `none`; all by default.", NODES_OR_NONE),
];

static PORTS: &[Key] = &[
    Key::required("port", "Its number at the address of the Service.", Shape::Constant(Leaf::Whole(&PORT))),
    Key::required("protocol", "How it is spoken with.", Shape::Constant(Leaf::Word(&PROTOCOLS))),
    Key::optional("name", "Its name.", Shape::Constant(Leaf::Name(&PORT_NAME))),
    Key::optional("nodePort", "Its number at every node.", Shape::Constant(Leaf::Whole(&PORT))),
];

const LABELS: Shape =
    Shape::Named { least: 0, what: "a label", names: &LABEL_KEY, of: &Shape::Constant(Leaf::Name(&LABEL_VALUE)), keys: &[] };

const NODES: Shape = Shape::List("a node", &Shape::Constant(Leaf::Name(&NODE_NAME)));

const NODES_OR_NONE: Shape =
    Shape::Either(&[Shape::Constant(Leaf::Word(&NONE)), Shape::List("a node", &Shape::Constant(Leaf::Name(&NODE_NAME)))]);

/// Nobody.
pub(crate) static NONE: Words = Words { what: "word", now: &[("none", "Nobody is.")], later: &[] };

/// What is wrong with the translation of Services.
pub(super) const TRANSLATION: Shape = Shape::Keys(&[
    Key::optional("broken", "Nodes on which nothing that is asked of a Service arrives: its rules were never written there.", NODES),
    Key::optional("dead", "Nodes whose agents are ready behind Services, and what is translated to them is lost.", NODES),
    Key::optional(
        "stale",
        "Nodes that remember a backend which is gone: what is asked there by UDP over a port that was used before is lost.",
        NODES,
    ),
]);
