//! What a suite can ask of the cluster before it has cases.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{IDENTIFIER, NAMESPACE, NODE_NAME, SERVICE_NAME, ZONE_NAME};
use super::words::{DISTINCT, PROTOCOLS};

/// What exactly one key of a query says.
const OF_QUERY: &str = "query";

static QUERY: &[Key] = &[
    Key::one_of(
        OF_QUERY,
        "nodes",
        "Nodes that take part, each with its `key`, its `name` (the same) and its `zone`, by name; those that fit all that is said, or all.",
        Shape::Keys(NODES),
    ),
    Key::one_of(
        OF_QUERY,
        "services",
        "Services with an address of their own, each with each port that fits: `key`, `service`, `namespace`, `name`, `ip`, `ipv4`, `ipv6`, `port`, `portName` and `protocol`. One key at least says which.",
        Shape::Keys(SERVICES),
    ),
    Key::one_of(
        OF_QUERY,
        "endpoints",
        "Who is ready to answer for a Service, each with `ip`, `port`, `family`, and its `node` and `zone` if they are known; by address.",
        Shape::Keys(ENDPOINTS),
    ),
];

const PORT: Shape = Shape::Scalar(Leaf::Port);
const PROTOCOL: Shape = Shape::Scalar(Leaf::Word(&PROTOCOLS));
const SERVICE: Shape = Shape::Scalar(Leaf::Name(&SERVICE_NAME));

static SERVICES: &[Key] = &[
    Key::optional("selector", "Those with such labels, as Kubernetes writes it: `a=b,c!=d,e in (x,y),!f`.", Shape::Scalar(Leaf::Selector)),
    Key::optional("name", "That one, with its namespace. Where it is not there, the suite cannot be run.", SERVICE),
    Key::optional("namespace", "Those of that namespace; of all by default.", Shape::Scalar(Leaf::Name(&NAMESPACE))),
    Key::optional("protocol", "Ports of that protocol; of any by default.", PROTOCOL),
    Key::optional("port", "Ports of that name or number; all by default.", PORT),
];

static ENDPOINTS: &[Key] = &[
    Key::required("service", "Of that Service, with its namespace. Where it is not there, the suite cannot be run.", SERVICE),
    Key::optional(
        "optional",
        "Where that Service is not there, or has no such port, nothing is found, and the suite can be run; no by default.",
        Shape::Constant(Leaf::Flag),
    ),
    Key::optional("port", "Behind the Service's port of that name or number; may be left out where it has a single one.", PORT),
    Key::optional("protocol", "Behind a port of that protocol; of any by default.", PROTOCOL),
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

pub(super) const DISCOVER: Shape = Shape::Named { least: 0, what: "a query", names: &IDENTIFIER, of: &Shape::Keys(QUERY), keys: &[] };
