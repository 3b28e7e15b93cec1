//! What a suite can ask of the cluster before it has cases.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{IDENTIFIER, NODE_NAME, ZONE_NAME};
use super::words::DISTINCT;

/// What exactly one key of a query says.
const OF_QUERY: &str = "query";

static QUERY: &[Key] = &[
    Key::one_of(
        OF_QUERY,
        "nodes",
        "Nodes that take part, each with its `key`, its `name` (the same) and its `zone`, by name; those that fit all that is said, or all.",
        Shape::Keys(NODES),
    ),
    Key::later("endpoints"),
    Key::later("services"),
];

static NODES: &[Key] = &[
    Key::optional("selector", "Those with such labels, as Kubernetes writes it: `a=b,c!=d,e in (x,y),!f`.", Shape::Scalar(Leaf::Selector)),
    Key::optional(
        "names",
        "Those of these names. Where one of them does not take part, the suite cannot be run.",
        Shape::Either(&[Shape::Scalar(Leaf::Name(&NODE_NAME)), Shape::List("a node", &Shape::Scalar(Leaf::Name(&NODE_NAME)))]),
    ),
    Key::optional("zone", "Those of that zone (`topology.kubernetes.io/zone`).", Shape::Scalar(Leaf::Name(&ZONE_NAME))),
    Key::optional("distinct", "Not the nodes themselves, but what they have, each once and sorted.", Shape::Scalar(Leaf::Word(&DISTINCT))),
];

pub(super) const DISCOVER: Shape = Shape::Named { what: "a query", names: &IDENTIFIER, of: &Shape::Keys(QUERY), keys: &[] };
