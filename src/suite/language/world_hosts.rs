//! The hosts of a world file: what stands beside its cluster. It must not know what becomes of them.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{ID, NamePattern, Words};
use super::words::PORT;

/// Hosts by their names.
pub(super) const HOSTS: Shape = Shape::Named { least: 0, what: "a host", names: &HOST_NAME, of: &Shape::Keys(HOST), keys: &[] };

static HOST: &[Key] = &[
    Key::required(
        "addresses",
        "Where it is: addresses that no node has (those of nodes are in 10.244.0.0/14 and fd44::/14).",
        Shape::List("an address", &Shape::Constant(Leaf::Address)),
    ),
    Key::optional("icmp", "How it treats echo requests; `answers` by default.", Shape::Constant(Leaf::Word(&ECHO_MANNERS))),
    Key::optional("tcp", "Its TCP ports, and how it treats connections to each; all others refuse.", PORTS),
    Key::optional("apiServer", "It is the API server of the cluster, over TLS.", Shape::Keys(API_SERVER)),
    Key::optional("udp", "Its UDP ports, and how it treats datagrams to each; all others refuse.", PORTS),
];

static API_SERVER: &[Key] = &[
    Key::optional("port", "Where it answers, beside the ports of `tcp`; 443 by default.", Shape::Constant(Leaf::Whole(&PORT))),
    Key::optional("certificate", "What it shows; `valid` by default.", Shape::Constant(Leaf::Word(&CERTIFICATES))),
    Key::optional(
        "failing",
        "The checks of `/readyz` that fail: it answers 500, and names them.",
        Shape::List("a check", &Shape::Constant(Leaf::Id)),
    ),
];

/// The certificate of an API server.
pub(crate) static CERTIFICATES: Words = Words {
    what: "certificate",
    now: &[
        ("valid", "One of the cluster's authority, for its addresses and for `kubernetes.default.svc`, with a year left."),
        ("expired", "It ended three days ago."),
        ("endsSoon", "It ends in three days."),
        ("otherName", "It is for other.example."),
        ("otherAuthority", "Another authority has signed it."),
    ],
    later: &[],
};

/// The ports of a host or a node.
pub(super) const PORTS: Shape =
    Shape::Named { least: 0, what: "a port", names: &PORT_NAME, of: &Shape::Constant(Leaf::Word(&MANNERS)), keys: &[] };

/// How a port treats what comes.
pub(crate) static MANNERS: Words = Words {
    what: "manner",
    now: &[
        ("answers", "TCP: the connection is accepted. UDP: the datagram is sent back as it came."),
        ("refuses", "As if nobody listened: TCP reset, ICMP port unreachable."),
        ("silent", "Nothing is said, as by a firewall that drops."),
    ],
    later: &[],
};

/// How a host treats echo requests.
pub(crate) static ECHO_MANNERS: Words =
    Words { what: "manner", now: &[("answers", "It answers."), ("silent", "It says nothing.")], later: &[] };

/// A port as a key.
const PORT_NAME: NamePattern = NamePattern {
    pattern: "^[1-9][0-9]{0,4}$",
    words: "a port from 1 to 65,535",
    fits: |name| !name.starts_with('0') && name.parse::<u16>().is_ok_and(|port| port > 0),
};

/// The name of a host.
const HOST_NAME: NamePattern = NamePattern { words: "a host's name: as an id", ..ID };
