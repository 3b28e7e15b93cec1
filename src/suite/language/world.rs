//! The world language: the keys of a world file, from the outside in. It must not know what becomes of a world.

use super::leaf::Leaf;
use super::shape::{Expressions, Key, Language, Shape};
use super::units::{DurationRange, NamePattern, WholeRange, Words};
use super::words::{FAMILIES, PORT, VERSIONS};
use super::world_dns::DNS;
use super::world_hosts::HOSTS;
use super::world_nodes::NODES;
use super::world_services::{SERVICES, TRANSLATION};
use super::world_words::{DURING, SPAN, ZONE, is_node};
use super::world_workloads::WORKLOADS;
use crate::model::units::Micros;
use crate::model::vantage::Vantage;

/// The world language.
pub(crate) static WORLD: Language = Language {
    file: "world",
    help: "A made-up cluster with made-up faults, for the sandbox and the simulation; language version v1.",
    keys: KEYS,
    expressions: Expressions::Unknown,
};

/// `latency`.
pub(crate) static LATENCY: DurationRange = DurationRange { least: Micros(1), most: Micros(60_000_000) };

/// An MTU or a size: RFC 791 wants every link to take 68 bytes, and 65,535 is the largest packet of both families.
pub(crate) static SIZE: WholeRange = WholeRange { least: 68, most: 65_535 };

/// `seed`.
pub(crate) static SEED: WholeRange = WholeRange { least: 0, most: u32::MAX };

/// `delay` and `jitter`.
pub(crate) static SLOWNESS: DurationRange = DurationRange { least: Micros(1), most: Micros(60_000_000) };

/// How many outcomes an agent tells before its fault.
pub(crate) static OUTCOMES: WholeRange = WholeRange { least: 0, most: 1_000_000 };

/// How many bytes an agent says before something happens to its lines.
pub(crate) static SAID: WholeRange = WholeRange { least: 0, most: 1_000_000_000 };

/// A version of the wire.
pub(crate) static WIRE: WholeRange = WholeRange { least: 0, most: 1_000_000 };

/// The protocols of packets.
pub(crate) static PROTOCOLS: Words =
    Words { what: "protocol", now: &[("icmp", "ICMP echo, and ICMP errors."), ("udp", "UDP."), ("tcp", "TCP.")], later: &[] };

/// Who refuses.
pub(crate) static REFUSERS: Words = Words {
    what: "refuser",
    now: &[
        ("target", "As if nobody listened: TCP reset, ICMP port unreachable."),
        ("router", "The router before the sender, as a firewall: ICMP administratively prohibited."),
    ],
    later: &[],
};

/// What becomes of packets that are too big.
pub(crate) static TOO_BIG: Words = Words {
    what: "treatment",
    now: &[
        ("announced", "Lost, and the router before the sender says so: path MTU discovery works."),
        ("swallowed", "Lost without a word: a black hole."),
    ],
    later: &[],
};

/// Faults of agents that have no parameter.
pub(crate) static AGENT_WORDS: Words = Words {
    what: "fault of an agent",
    now: &[
        ("neverReady", "It starts and never says hello."),
        ("otherRun", "It belongs to another run."),
        ("noIcmp", "It has no ICMP socket."),
        ("noGateway", "Its network has no default gateway."),
        ("muteGateway", "Its default gateway answers nothing."),
    ],
    later: &[],
};

/// Events of a line that have no parameter.
pub(crate) static LINE_WORDS: Words = Words {
    what: "event",
    now: &[
        ("cut", "The connection breaks there, in the middle of a line perhaps; another may come about at once."),
        ("garble", "One byte comes as another."),
        ("double", "The line comes twice."),
    ],
    later: &[],
};

/// Who an agent is.
const VANTAGE: NamePattern = NamePattern {
    pattern: "^(?!(pods|hosts)([/:]|$))[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(/host|:[a-z0-9-]+/[a-z0-9.-]+)?$",
    words: "NODE for the agent in the pod network of that node, NODE/host for the one in its host network, or NODE:NAMESPACE/POD for that of a pod of `workloads`",
    fits: |name| name.parse::<Vantage>().is_ok_and(|vantage| is_node(vantage.node())),
};

/// One end of a way.
const PLACE: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(/(pod|host))?$",
    words: "NODE, NODE/pod, NODE/host, `pods`, `hosts`, { zone: ZONE } or { host: HOST }",
    fits: |name| {
        matches!(name, "pods" | "hosts") || is_node(name.strip_suffix("/pod").or_else(|| name.strip_suffix("/host")).unwrap_or(name))
    },
};

static KEYS: &[Key] = &[
    Key::required("netcheck", "The version of the language.", Shape::Constant(Leaf::Word(&VERSIONS))),
    Key::required("world", "The world's name.", Shape::Constant(Leaf::Id)),
    Key::required("nodes", "Its nodes, at most 5000; or just how many, which are then node1, node2, ….", NODES),
    Key::optional(
        "families",
        "The families that every agent has an address of; both by default.",
        Shape::List("a family", &Shape::Constant(Leaf::Word(&FAMILIES))),
    ),
    Key::optional(
        "latency",
        "From a question to its answer where no fault says otherwise; 250us by default. In the sandbox it is what the machine takes.",
        Shape::Constant(Leaf::Duration(&LATENCY)),
    ),
    Key::optional("mtu", "The largest packets, in bytes of the whole IP packet.", Shape::Keys(MTUS)),
    Key::optional("seed", "Decides what chance decides, in the sandbox; 1 by default.", Shape::Constant(Leaf::Whole(&SEED))),
    Key::optional(
        "faults",
        "What is wrong with packets, at most 1000. Faults act one after the other, each on what the ones before let through.",
        Shape::List("a fault", &Shape::Keys(FAULT)),
    ),
    Key::optional(
        "dns",
        "Its DNS server, which every world has at 10.244.255.53 and fd44::ff35; faults call it `{ host: dns }`.",
        Shape::Keys(DNS),
    ),
    Key::optional("hosts", "Hosts beside the cluster, by names of their own; at an address that nobody has, nothing is reached.", HOSTS),
    Key::optional(
        "services",
        "Its Services, by namespace and name, with the agents of its nodes behind them; a run may make others.",
        SERVICES,
    ),
    Key::optional("workloads", "Pods of the user's, from whose networks can be asked (`from: { workload: … }`).", WORKLOADS),
    Key::optional("translation", "What is wrong with the way from a Service's address to whoever stands behind it.", TRANSLATION),
    Key::optional("agents", "What is wrong with agents; those that are not named are well.", AGENTS),
];

static MTUS: &[Key] = &[
    Key::optional("pods", "From pod to pod; 1450 by default.", Shape::Constant(Leaf::Whole(&SIZE))),
    Key::optional("hosts", "From or to a host network; 1500 by default.", Shape::Constant(Leaf::Whole(&SIZE))),
];

const END: Shape = Shape::Either(&[
    Shape::Constant(Leaf::Name(&PLACE)),
    Shape::Keys(&[
        Key::one_of(OF_END, "zone", "All nodes of that zone, both networks of each.", ZONE),
        Key::one_of(OF_END, "host", "The host of that name, of `hosts`.", Shape::Constant(Leaf::Id)),
    ]),
]);

/// What exactly one key of an end says.
const OF_END: &str = "end";

static FAULT: &[Key] = &[
    Key::optional(
        "from",
        "Where the packets come from: NODE (both its networks), NODE/pod, NODE/host, pods, hosts, { zone: ZONE } or { host: HOST }.",
        END,
    ),
    Key::optional("to", "Where the packets go to.", END),
    Key::optional("between", "Two ends, and the packets in both directions between them.", Shape::List("an end", &END)),
    Key::optional("at", "One end, and the packets to it and from it.", END),
    Key::optional("family", "Packets of that family alone.", Shape::Constant(Leaf::Word(&FAMILIES))),
    Key::optional("protocol", "Packets of that protocol alone.", Shape::Constant(Leaf::Word(&PROTOCOLS))),
    Key::optional("port", "TCP and UDP packets to that port, or from it, alone.", Shape::Constant(Leaf::Whole(&PORT))),
    Key::optional("largerThan", "IP packets of more bytes than this alone.", Shape::Constant(Leaf::Whole(&SIZE))),
    Key::optional("share", "This share of all these alone; of all of them by default.", Shape::Constant(Leaf::Share)),
    Key::optional("during", "Then alone; from when the world begins, and as long as it lasts, by default.", Shape::Keys(DURING)),
    Key::one_of(EFFECT, "lose", "This share is lost; 100% is a cut.", Shape::Constant(Leaf::Share)),
    Key::one_of(EFFECT, "delay", "They take this much longer.", Shape::Constant(Leaf::Duration(&SLOWNESS))),
    Key::one_of(EFFECT, "jitter", "They take up to this much longer, each its own time.", Shape::Constant(Leaf::Duration(&SLOWNESS))),
    Key::one_of(EFFECT, "duplicate", "This share comes twice.", Shape::Constant(Leaf::Share)),
    Key::one_of(EFFECT, "reorder", "This share comes after the packet behind it.", Shape::Constant(Leaf::Share)),
    Key::one_of(EFFECT, "refuse", "Questions are refused: by whom.", Shape::Constant(Leaf::Word(&REFUSERS))),
    Key::one_of(EFFECT, "mtu", "A link takes no larger packets than this.", Shape::Keys(LIMIT)),
    Key::instead("cut", "lose: 100%"),
];

/// What exactly one key of a fault says.
const EFFECT: &str = "effect";

static LIMIT: &[Key] = &[
    Key::required("most", "The largest packet that it takes, in bytes of the whole IP packet.", Shape::Constant(Leaf::Whole(&SIZE))),
    Key::required("tooBig", "What becomes of larger ones.", Shape::Constant(Leaf::Word(&TOO_BIG))),
];

const AGENTS: Shape = Shape::Named {
    least: 0,
    what: "an agent",
    names: &VANTAGE,
    of: &Shape::Either(&[Shape::Constant(Leaf::Word(&AGENT_WORDS)), Shape::Keys(AGENT)]),
    keys: &[],
};

/// What exactly one key of an agent says.
const FAULT_OF_AGENT: &str = "fault";

static AGENT: &[Key] = &[
    Key::one_of(FAULT_OF_AGENT, "neverStarts", "It never starts, and this is said of it.", Shape::Constant(Leaf::Title)),
    Key::one_of(FAULT_OF_AGENT, "diesAfter", "It is gone after so many outcomes.", Shape::Constant(Leaf::Whole(&OUTCOMES))),
    Key::one_of(
        FAULT_OF_AGENT,
        "freezesAfter",
        "It says nothing more after so many outcomes, but its connection stays.",
        Shape::Constant(Leaf::Whole(&OUTCOMES)),
    ),
    Key::one_of(FAULT_OF_AGENT, "line", "What happens to its connection with the controller, in this order.", LINE),
    Key::one_of(FAULT_OF_AGENT, "noAddress", "It has no address of that family.", Shape::Constant(Leaf::Word(&FAMILIES))),
    Key::one_of(FAULT_OF_AGENT, "speaks", "It speaks this version of the wire.", Shape::Constant(Leaf::Whole(&WIRE))),
    Key::one_of(FAULT_OF_AGENT, "garblesAfter", "The record after so many outcomes is noise.", Shape::Constant(Leaf::Whole(&OUTCOMES))),
    Key::one_of(FAULT_OF_AGENT, "doublesAfter", "The outcome after so many comes twice.", Shape::Constant(Leaf::Whole(&OUTCOMES))),
    Key::one_of(FAULT_OF_AGENT, "dropsAfter", "The outcome after so many is left out.", Shape::Constant(Leaf::Whole(&OUTCOMES))),
];

const LINE: Shape = Shape::List("an event", &Shape::Keys(LINE_FAULT));

static LINE_FAULT: &[Key] = &[
    Key::required("after", "When the agent has said so many bytes, over all its connections.", Shape::Constant(Leaf::Whole(&SAID))),
    Key::required("then", "What happens.", Shape::Either(&[Shape::Constant(Leaf::Word(&LINE_WORDS)), Shape::Keys(LINE_EVENT)])),
];

/// What exactly one key of a line's event says.
const EVENT: &str = "event";

static LINE_EVENT: &[Key] = &[
    Key::one_of(EVENT, "cutOff", "The connection breaks, and no other comes about for so long.", Shape::Constant(Leaf::Duration(&SPAN))),
    Key::one_of(EVENT, "delay", "Nothing goes through for so long, then all that waited.", Shape::Constant(Leaf::Duration(&SPAN))),
];
