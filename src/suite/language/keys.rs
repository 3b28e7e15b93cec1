//! The keys of a suite, from the outside in. Everything about expectations is in `expectation`.

use super::expectation::EXPECT;
use super::leaf::Leaf;
use super::shape::{Expressions, Key, Kind, Language, Shape};
use super::units::{DurationRange, IDENTIFIER, LABEL, WholeRange, Words};
use crate::model::probe::Burst;
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

/// Who asks and who is asked.
pub(crate) static GROUPS: Words = Words {
    what: "group",
    now: &[
        ("pods", "The pod network of every node: an agent in a pod."),
        ("nodes", "The host network of every node: an agent that shares the node's addresses. ICMP needs none to answer it."),
    ],
    later: &["gateway"],
};

/// Ways to choose pairs.
pub(crate) static STRATEGIES: Words = Words {
    what: "strategy",
    now: &[
        ("full", "Every node to every other, up to `limit` pairs."),
        ("circulant", "Each node to the nodes at the offsets 1, 2, 4, …: each is asked and asks ⌈log2 n⌉ times."),
    ],
    later: &["ring", "random", "perZone", "representatives"],
};

static BEYOND: Words = Words {
    what: "strategy",
    now: &[("circulant", "Each node to the nodes at the offsets 1, 2, 4, ….")],
    later: &["ring", "random", "perZone", "representatives"],
};

/// How to ask.
pub(crate) static PROBE_TYPES: Words = Words {
    what: "probe type",
    now: &[
        ("icmp", "ICMP echo; the kernel of the target answers."),
        ("udp", "Datagrams to the target's agent, which answers with their nonce."),
        ("tcp", "A connection for each question to the target's agent, which answers with its nonce."),
    ],
    later: &["http", "dns", "tls", "pmtu"],
};

/// `limit` of pairs: one agent on each of 5,000 nodes to every other is 24,995,000 pairs.
pub(crate) static LIMIT: WholeRange = WholeRange { least: 1, most: 100_000_000 };

/// `count`.
pub(crate) static PROBE_COUNT: WholeRange = WholeRange { least: 1, most: Burst::MOST };

/// `interval`: below a millisecond a probe would be a load test.
pub(crate) static PROBE_INTERVAL: DurationRange = DurationRange { least: Micros(1_000), most: Micros(60_000_000) };

/// `timeout`.
pub(crate) static PROBE_TIMEOUT: DurationRange = DurationRange { least: Micros(1_000), most: Micros(60_000_000) };

const GROUP: Shape =
    Shape::Either(&[Shape::Scalar(Leaf::Word(&GROUPS)), Shape::Later { kind: Kind::Map, what: "a selection written as a map" }]);

const TIMEOUT: Shape = Shape::Scalar(Leaf::Duration(&PROBE_TIMEOUT));

const PAIRS: Shape = Shape::Either(&[
    Shape::Scalar(Leaf::Word(&STRATEGIES)),
    Shape::Keys(&[
        Key::optional("strategy", "Which pairs; `full` by default.", Shape::Scalar(Leaf::Word(&STRATEGIES))),
        Key::optional("limit", "The most pairs that `full` measures; 10000 by default.", Shape::Scalar(Leaf::Whole(&LIMIT))),
        Key::optional("beyond", "The strategy where `full` would be more than `limit`.", Shape::Scalar(Leaf::Word(&BEYOND))),
        Key::later("k"),
    ]),
]);

const PROBE: Shape = Shape::Either(&[
    Shape::Scalar(Leaf::Word(&PROBE_TYPES)),
    Shape::Keys(&[
        Key::optional("type", "How to ask.", Shape::Scalar(Leaf::Word(&PROBE_TYPES))),
        Key::optional("count", "Questions to each target, the warm-up left out; 20 by default.", Shape::Scalar(Leaf::Whole(&PROBE_COUNT))),
        Key::optional("interval", "From one question to the next; 10ms by default.", Shape::Scalar(Leaf::Duration(&PROBE_INTERVAL))),
        Key::optional("timeout", "From a question until its answer is late; 1s by default.", TIMEOUT),
        Key::optional("family", "Address family; `each` by default.", Shape::Scalar(Leaf::Word(&PROBE_FAMILY))),
        Key::later("auth"),
        Key::later("ceiling"),
        Key::later("floor"),
        Key::later("name"),
        Key::later("over"),
        Key::later("path"),
        Key::later("resolver"),
        Key::later("scheme"),
        Key::later("server"),
        Key::later("serverName"),
        Key::later("transport"),
    ]),
]);

/// The keys that a test can have and that the suite's `defaults` can give, then others.
macro_rules! and_of_tests {
    ($($key:expr),*) => {
        &[
            $($key,)*
            Key::optional("from", "Who asks.", GROUP),
            Key::optional("to", "Who is asked.", GROUP),
            Key::optional("pairs", "Which of the pairs between them; `full` by default.", PAIRS),
            Key::optional("probe", "How to ask.", PROBE),
            Key::optional("timeout", "From a question until its answer is late, unless `probe.timeout` says otherwise.", TIMEOUT),
            Key::optional("expect", "What should be true; `reachable` by default.", EXPECT),
            Key::later("collect"), Key::later("control"), Key::later("deadline"), Key::later("exclusive"), Key::later("hold"),
            Key::later("owner"), Key::later("pace"), Key::later("retry"), Key::later("runbook"), Key::later("sameNode"),
            Key::later("severity"), Key::later("within"),
        ]
    };
}

static DEFAULTS: &[Key] = and_of_tests![];

static TEST: &[Key] = and_of_tests![
    Key::required("id", "The test's name: part of the stable id of its cases.", Shape::Constant(Leaf::Id)),
    Key::optional("tags", "For selecting with `-t`.", Shape::List("a tag", &Shape::Constant(Leaf::Id))),
    Key::optional("matrix", "The test once for every combination; the last axis turns fastest.", MATRIX),
    Key::optional(
        "when",
        "Run a case only if this expression is true, such as `vars.NAME`; else it is skipped and says why.",
        Shape::Condition
    ),
    Key::later("empty"),
    Key::later("forEach"),
    Key::later("needs"),
    Key::later("skipIf"),
    Key::later("title")
];

const MATRIX: Shape = Shape::Named {
    what: "an axis",
    names: &IDENTIFIER,
    of: &Shape::Either(&[
        Shape::List("a value of an axis", &Shape::Constant(Leaf::Label)),
        Shape::Named { what: "a label", names: &LABEL, of: &Shape::Scalar(Leaf::Value), later: &[] },
    ]),
    later: &["include", "exclude"],
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

/// A variable described by a map.
pub(crate) static VARIABLE: &[Key] = &[
    Key::optional("type", "What its values are; that of `default` where it is left out.", Shape::Constant(Leaf::Word(&VARIABLE_TYPES))),
    Key::optional("default", "Its value where nobody gives it another. Without one, and not `optional`, it must be given.", DATA),
    Key::optional("help", "What it is for, in a line: `netcheck vars` shows it.", Shape::Constant(Leaf::Title)),
    Key::optional("choices", "The values that it may have; any by default.", Shape::List("a choice", &Shape::Constant(Leaf::Variable))),
    Key::optional(
        "optional",
        "With `true` it may have no value: it is none in expressions, and a bound that expands to none is shown, not judged.",
        Shape::Constant(Leaf::Truth),
    ),
];

const DATA: Shape = Shape::Either(&[Shape::Constant(Leaf::Variable), Shape::Data(Kind::List), Shape::Data(Kind::Map)]);

const VARS: Shape = Shape::Named {
    what: "a variable",
    names: &IDENTIFIER,
    of: &Shape::Either(&[Shape::Constant(Leaf::Variable), Shape::Data(Kind::List), Shape::KeysOrData(VARIABLE)]),
    later: &[],
};

/// The suite language.
pub(crate) static SUITE: Language = Language {
    file: "suite",
    help: "What the network of a cluster must do, language version v1.",
    keys: KEYS,
    expressions: Expressions::Allowed,
};

static KEYS: &[Key] = &[
    Key::required("netcheck", "The version of the language.", Shape::Constant(Leaf::Word(&VERSIONS))),
    Key::required("suite", "The suite's name: part of the stable id of its cases.", Shape::Constant(Leaf::Id)),
    Key::optional("title", "A line for people.", Shape::Constant(Leaf::Title)),
    Key::optional(
        "vars",
        "Values to use as `${{ vars.NAME }}` and to set with `--set NAME=VALUE`: each its default, which gives the type, or a map that describes it.",
        VARS,
    ),
    Key::optional(
        "expectFamilies",
        "Families that must be there: where one is missing, its cases fail instead of being skipped.",
        Shape::List("a family", &Shape::Constant(Leaf::Word(&FAMILIES))),
    ),
    Key::optional("defaults", "What holds for every test that does not say otherwise.", Shape::Keys(DEFAULTS)),
    Key::required("tests", "What is tested.", Shape::List("a test", &Shape::Keys(TEST))),
    Key::later("agents"),
    Key::later("deadline"),
    Key::later("discover"),
    Key::later("fixtures"),
    Key::later("include"),
    Key::later("secrets"),
];
