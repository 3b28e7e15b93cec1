//! `from` and `to`: who asks, and who is asked.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{FIXTURE_NAME, NODE_NAME, SERVICE_NAME, ZONE_NAME};
use super::words::{GROUPS, NODE_ADDRESSES, SELECTED, SOURCES, TRAFFIC_POLICIES, VIAS};
use super::workload::WORKLOAD;

pub(super) const SOURCE: Shape = Shape::Either(&[Shape::Scalar(Leaf::Word(&SOURCES)), Shape::Keys(SOURCE_KEYS)]);

pub(super) const TARGET: Shape = Shape::Either(&[Shape::Scalar(Leaf::Word(&GROUPS)), Shape::Keys(TARGET_KEYS)]);

/// What exactly one key of `from` and of `to` says.
const OF_GROUP: &str = "group";

/// Beside what `nodes` of `to` is no group of its own.
const WITH_NODES: &[&str] = &["service", "fixture"];

static SOURCE_KEYS: &[Key] = &[
    Key::one_of(OF_GROUP, "pods", "The pod network of some nodes.", SELECTION),
    Key::one_of(OF_GROUP, "nodes", "The host network of some nodes.", SELECTION),
    Key::one_of(
        OF_GROUP,
        "workload",
        "Pods of yours: agents ask from their network namespaces, with their addresses, under the policies that hold for them.",
        WORKLOAD,
    ),
];

static TARGET_KEYS: &[Key] = &[
    Key::one_of(OF_GROUP, "pods", "The pod network of some nodes.", SELECTION),
    Key::one_of_or_with(
        (OF_GROUP, WITH_NODES),
        "nodes",
        "The host network of some nodes. Beside `service` or `fixture` with `via: nodePort`: at which nodes that port is asked; where it is left out, at all that take part.",
        SELECTION,
    ),
    Key::one_of(
        OF_GROUP,
        "host",
        "An IPv4 or IPv6 address or a DNS name, whoever is there: each source asks it. Nothing but the probe is sent to it. A name is looked up by each source itself, once for each pair, as applications in its place do: with the name servers and the search path of its resolv.conf; where it leads to no address of the probe's family, that source fails.",
        Shape::Scalar(Leaf::Host),
    ),
    Key::one_of(
        OF_GROUP,
        "service",
        "A Service, with its namespace: each source asks it. Where it is not there, the case is an error; where nobody is ready behind it, it fails.",
        Shape::Scalar(Leaf::Name(&SERVICE_NAME)),
    ),
    Key::one_of(
        OF_GROUP,
        "endpoints",
        "Who is ready behind a Service, each by itself; the same as `service` with `via: endpoints`.",
        Shape::Scalar(Leaf::Name(&SERVICE_NAME)),
    ),
    Key::one_of(
        OF_GROUP,
        "fixture",
        "One of `fixtures`: Services that the run makes, with its own agents in the pod network behind them, one a node.",
        Shape::Scalar(Leaf::Name(&FIXTURE_NAME)),
    ),
    Key::optional(
        "port",
        "Which port of `host` or `nodes` is asked, by number; or of `service` or `endpoints`, by number or name, and the only one that fits the probe where it is left out. icmp has no ports. With it, `nodes` are the nodes' own addresses and whoever listens there: no agent has to be there. `kubelet` is the port that each node states of its own kubelet.",
        Shape::Scalar(Leaf::Port),
    ),
    Key::optional(
        "address",
        "Beside `nodes` with `port`, or over icmp: at which of its own addresses each node is asked; `internal` by default.",
        Shape::Scalar(Leaf::Word(&NODE_ADDRESSES)),
    ),
    Key::optional(
        "via",
        "On which way a Service is asked; `clusterIP` by default, of a headless one `endpoints`.",
        Shape::Scalar(Leaf::Word(&VIAS)),
    ),
    Key::optional(
        "trafficPolicy",
        "Whom a node port of `fixture` passes on what comes to it (`externalTrafficPolicy`); `cluster` by default.",
        Shape::Scalar(Leaf::Word(&TRAFFIC_POLICIES)),
    ),
    Key::later("workload"),
];

/// What exactly one key of a selection says.
const OF_SELECTION: &str = "selection";

const SELECTION: Shape = Shape::Either(&[Shape::Scalar(Leaf::Word(&SELECTED)), Shape::Keys(SELECTION_KEYS)]);

static SELECTION_KEYS: &[Key] = &[
    Key::one_of(
        OF_SELECTION,
        "zone",
        "Those of that zone (`topology.kubernetes.io/zone`). Where there is none, the case is an error.",
        Shape::Scalar(Leaf::Name(&ZONE_NAME)),
    ),
    Key::one_of(
        OF_SELECTION,
        "nodes",
        "Those of these names. Where one of them does not take part, the case is an error.",
        Shape::Either(&[Shape::Scalar(Leaf::Name(&NODE_NAME)), Shape::List("a node", &Shape::Scalar(Leaf::Name(&NODE_NAME)))]),
    ),
    Key::one_of(
        OF_SELECTION,
        "selector",
        "Those with such labels, as Kubernetes writes it: `a=b,c!=d,e in (x,y),!f`. Where there is none, the case is an error.",
        Shape::Scalar(Leaf::Selector),
    ),
];
