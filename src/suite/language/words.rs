//! The words and the ranges of a suite: what may stand where a key wants one of a few, or a number.

use super::units::{DurationRange, WholeRange, Words};
use crate::model::agents::IcmpAccess;
use crate::model::burst::Burst;
use crate::model::path_mtu::PmtuProbe;
use crate::model::probe::Echoes;
use crate::model::retry::Retry;
use crate::model::suite::NodeAddress;
use crate::model::units::Micros;

/// The versions of every language.
pub(super) static VERSIONS: Words = Words { what: "version", now: &[("v1", "The first version of the language.")], later: &[] };

/// The families that can be required.
pub(super) static FAMILIES: Words = Words { what: "family", now: &[("v4", "IPv4."), ("v6", "IPv6.")], later: &[] };

/// The families of a probe.
pub(crate) static PROBE_FAMILY: Words = Words {
    what: "family",
    now: &[("v4", "IPv4 alone."), ("v6", "IPv6 alone."), ("each", "A case for IPv4 and a case for IPv6.")],
    later: &[],
};

/// All of one network of the nodes.
const NETWORKS: [(&str, &str); 2] = [
    ("pods", "The pod network of every node: an agent in a pod."),
    ("nodes", "The host network of every node: an agent that shares the node's addresses. ICMP needs none to answer it."),
];

/// Who asks.
pub(crate) static SOURCES: Words = Words { what: "group", now: &NETWORKS, later: &[] };

/// Who is asked.
pub(crate) static GROUPS: Words = Words {
    what: "group",
    now: &[
        NETWORKS[0],
        NETWORKS[1],
        ("gateway", "The default gateway of each source's own network, over icmp; many answer nothing. A source that has none fails."),
    ],
    later: &[],
};

/// Which nodes, where a word says it.
pub(crate) static SELECTED: Words = Words { what: "word", now: &[("all", "Every node that takes part.")], later: &[] };

/// At which of its addresses a node is asked.
pub(crate) static NODE_ADDRESSES: Words = Words {
    what: "address",
    now: &[
        (NodeAddress::Internal.word(), "Where the other nodes reach it (`InternalIP`)."),
        (NodeAddress::External.word(), "Where it is reached from outside the cluster (`ExternalIP`)."),
    ],
    later: &[],
};

/// The ways to a Service.
pub(crate) static VIAS: Words = Words {
    what: "way",
    now: &[
        ("clusterIP", "Its address in the cluster: who answers is chosen for each flow."),
        ("nodePort", "Its port at the internal address of every node that takes part, or of those that `nodes` says."),
        ("endpoints", "Everyone who is ready behind it, each by itself: nothing is translated."),
        ("loadBalancer", "The addresses that a load balancer has given it; a fixture has none."),
        ("externalIPs", "The addresses from outside the cluster that its specification names; a fixture has none."),
    ],
    later: &[],
};

/// Whom a node port passes on what comes to it.
pub(crate) static TRAFFIC_POLICIES: Words = Words {
    what: "policy",
    now: &[("cluster", "To any backend of the cluster."), ("local", "From outside the cluster, to backends on that very node.")],
    later: &[],
};

/// What a fixture answers.
pub(crate) static SERVED: Words = Words { what: "protocol", now: &[("udp", "UDP."), ("tcp", "TCP.")], later: &[] };

/// The Services of a fixture.
pub(crate) static FRONTS: Words = Words {
    what: "Service",
    now: &[
        ("clusterIP", "One with an address in the cluster."),
        ("nodePort", "One with a port at every node."),
        ("headless", "One without an address, for `via: endpoints`."),
    ],
    later: &["loadBalancer"],
};

/// The ports that questions leave from.
pub(crate) static SOURCE_PORTS: Words = Words {
    what: "choice",
    now: &[
        ("reused", "All questions to a target from one port: one flow."),
        ("fresh", "Each question from a port of its own: each is a new flow."),
        ("both", "By turns."),
    ],
    later: &[],
};

/// A TCP or UDP port.
pub(crate) static PORT: WholeRange = WholeRange { least: 1, most: 65_535 };

/// What a failure means for the run.
pub(crate) static SEVERITIES: Words = Words {
    what: "severity",
    now: &[
        ("error", "A failed case fails the run: exit 1."),
        ("warn", "A failed case is told as a warning, counted apart, and does not fail the run."),
    ],
    later: &[],
};

/// What of nodes a query can give instead of them.
pub(crate) static DISTINCT: Words = Words {
    what: "word",
    now: &[("zone", "The names of their zones. A node without the label `topology.kubernetes.io/zone` is in none.")],
    later: &[],
};

/// How agents in the pod network come by ICMP.
pub(crate) static ICMP_ACCESS: Words = Words {
    what: "way",
    now: &[
        (IcmpAccess::Auto.word(), "By unprivileged sockets, which a sysctl of their pods allows them: no user 0, no capability."),
        (
            IcmpAccess::Raw.word(),
            "By raw sockets, without that sysctl: with user 0 and the capability `NET_RAW`, in a namespace of the Pod Security level \"privileged\".",
        ),
    ],
    later: &[],
};

/// The protocols of a Service's ports, as Kubernetes writes them.
pub(crate) static PROTOCOLS: Words = Words { what: "protocol", now: &[("TCP", "TCP."), ("UDP", "UDP."), ("SCTP", "SCTP.")], later: &[] };

/// What a list without items means.
pub(crate) static EMPTY: Words = Words {
    what: "word",
    now: &[
        ("fail", "The suite cannot be run: a gate must not pass on nothing."),
        ("skip", "The test is one case, which is skipped and says why."),
    ],
    later: &[],
};

/// What becomes of the pairs of a node with itself.
pub(crate) static SAME_NODE: Words = Words {
    what: "word",
    now: &[
        ("exclude", "They are not measured."),
        ("include", "They are measured too, beside those that the strategy chooses."),
        ("only", "They alone are measured, each of them."),
    ],
    later: &[],
};

/// How to ask.
pub(crate) static PROBE_TYPES: Words = Words {
    what: "probe type",
    now: &[
        ("icmp", "ICMP echo; the kernel of the target answers."),
        ("udp", "Datagrams to the target's agent, which answers with their nonce; a host has to send them back as they came."),
        (
            "tcp",
            "A connection for each question to the target's agent, which answers with its nonce; to a host, the connection is the answer.",
        ),
        ("dns", "Queries to a server of DNS, each counted once; without `to`, since who is asked is the server."),
        ("pmtu", "The largest packet that the path takes, in each direction; with agents by UDP, with anybody else by ICMP or TCP."),
        (
            "http",
            "A request for each question, over a connection of its own, to the target's agent, which answers with its nonce; to a host, any response is an answer. No redirect is followed.",
        ),
        ("tls", "A TLS handshake for each question, with a host."),
    ],
    later: &[],
};

/// Over what HTTP is spoken.
pub(crate) static SCHEMES: Words =
    Words { what: "scheme", now: &[("http", "In the clear."), ("https", "Over TLS 1.2 or later.")], later: &[] };

/// What is done by HTTP.
pub(crate) static METHODS: Words =
    Words { what: "method", now: &[("GET", "Asks for head and body."), ("HEAD", "Asks for the head alone.")], later: &[] };

/// Who asks by HTTP.
pub(crate) static AUTHS: Words = Words {
    what: "word",
    now: &[("serviceAccount", "The agent's own service account, by its token, which never leaves the agent but in the request.")],
    later: &[],
};

/// What carries the packets of `pmtu`.
pub(crate) static PROBE_OVER: Words = Words {
    what: "carrier",
    now: &[
        ("udp", "Datagrams to the target's agent: each direction by itself. For agents, and their default."),
        ("icmp", "ICMP echo, which the kernel of the target answers: there and back at once. The default for hosts."),
        ("tcp", "Segments to a port, which the kernel of whoever answers acknowledges: the way there alone. For whoever is no agent."),
    ],
    later: &[],
};

/// `size` of `icmp`.
pub(crate) static ECHO_SIZE: WholeRange = WholeRange { least: Echoes::LEAST, most: Echoes::MOST };

/// `floor` and `ceiling` of `pmtu`.
pub(crate) static PACKET_SIZE: WholeRange = WholeRange { least: PmtuProbe::LEAST, most: PmtuProbe::MOST };

/// `count`.
pub(crate) static PROBE_COUNT: WholeRange = WholeRange { least: 1, most: Burst::MOST };

/// `interval`: below a millisecond a probe would be a load test.
pub(crate) static PROBE_INTERVAL: DurationRange = DurationRange { least: Micros(1_000), most: Micros(60_000_000) };

/// `timeout`.
pub(crate) static PROBE_TIMEOUT: DurationRange = DurationRange { least: Micros(1_000), most: Micros(60_000_000) };

/// `deadline`, of a case and of a suite.
pub(crate) static DEADLINE: DurationRange = DurationRange { least: Micros(1_000_000), most: Micros(86_400_000_000) };

/// `perNode` of `pace`: what is faster than 1,000 new flows a second, an agent does not send anyway.
pub(crate) static PACE_PER_NODE: WholeRange = WholeRange { least: 1, most: 1_000 };

/// `total` of `pace`: 5,000 nodes with 1,000 each.
pub(crate) static PACE_TOTAL: WholeRange = WholeRange { least: 1, most: 5_000_000 };

/// `attempts` of `retry`.
pub(crate) static RETRY_ATTEMPTS: WholeRange = WholeRange { least: 2, most: Retry::MOST };

/// `backoff` of `retry`.
pub(crate) static BACKOFF: DurationRange = DurationRange { least: Micros(1_000), most: Micros(300_000_000) };

/// Ways to fail that another attempt may follow.
pub(crate) static RETRY_ONLY: Words = Words {
    what: "way to fail",
    now: &[
        ("timeout", "No answer in time."),
        ("refused", "Nobody listens there: a reset instead of a connection."),
        ("reset", "A connection that was made ended before the answer."),
        ("unreachable", "There is no way there, or it is closed."),
        ("tooBig", "Larger than a link on the way takes."),
        ("wrongPeer", "Somebody else answered."),
        ("broken", "TLS or HTTP failed: what came was something else, or was refused."),
    ],
    later: &[],
};

/// What can be collected.
pub(crate) static COLLECT: Words = Words {
    what: "thing to collect",
    now: &[
        ("agentLog", "What the agent wrote, at most its last 200 lines."),
        ("events", "What the cluster says about the agent's pod, and about its node where it lets us look."),
        ("routes", "The interfaces, addresses, routes and name servers that the agent has."),
    ],
    later: &[],
};

/// What a pass on a later attempt means.
pub(crate) static FLAKY: Words = Words {
    what: "word",
    now: &[
        ("pass", "The case passes; reports tell which pairs needed another attempt."),
        ("warn", "The case passes with a warning: `FLAKY` on the terminal, `flakyFailure` in JUnit, exit 0."),
        ("fail", "The case fails: exit 1."),
    ],
    later: &[],
};

/// The types of variables.
pub(crate) static VARIABLE_TYPES: Words = Words {
    what: "type",
    now: &[
        ("string", "Text of at most 1,000 bytes."),
        ("int", "A whole number."),
        ("bool", "`true` or `false`."),
        ("duration", "A duration with its unit: `10ms`."),
        ("percent", "A percentage from 0% to 100%: `0.5%`."),
        ("size", "A number of bytes, perhaps with a unit: `1500`, `9KiB`, `1MB`. In expressions it is the number of bytes."),
        ("host", "A DNS name or an IP address, without a port."),
        ("cidr", "A network with the length of its prefix: `10.0.0.0/8`."),
        ("list", "A list of plain values: `[a, b]`."),
        ("map", "A map of plain values: `{a: 1, b: 2}`; `${{ vars.NAME.a }}` is one of them."),
    ],
    later: &[],
};
