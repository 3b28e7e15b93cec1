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

/// What a failure means for the run.
pub(crate) static SEVERITIES: Words = Words {
    what: "severity",
    now: &[
        ("error", "A failed case fails the run: exit 1."),
        ("warn", "A failed case is told as a warning, counted apart, and does not fail the run."),
    ],
    later: &[],
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

/// `deadline`, of a case and of a suite.
pub(crate) static DEADLINE: DurationRange = DurationRange { least: Micros(1_000_000), most: Micros(86_400_000_000) };

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
            Key::optional("owner", "Who is to be asked when it fails; shown with the failure.", Shape::Scalar(Leaf::Line)),
            Key::optional("runbook", "Where to read on when it fails, a URL or a path; shown with the failure.", Shape::Scalar(Leaf::Runbook)),
            Key::optional("severity", "What a failed case means for the run; `error` by default.", Shape::Scalar(Leaf::Word(&SEVERITIES))),
            Key::optional(
                "deadline",
                "How long a case may take. What is not measured by then is errored: neither failed nor passed.",
                Shape::Scalar(Leaf::Duration(&DEADLINE))
            ),
            Key::optional("exclusive", "Nothing else is measured while a case of it is; `false` by default.", Shape::Scalar(Leaf::Flag)),
            Key::later("collect"), Key::later("control"), Key::later("hold"),
            Key::later("pace"), Key::later("retry"), Key::later("sameNode"), Key::later("within"),
        ]
    };
}

static DEFAULTS: &[Key] = and_of_tests![];

static TEST: &[Key] = and_of_tests![
    Key::required("id", "The test's name: part of the stable id of its cases.", Shape::Constant(Leaf::Id)),
    Key::optional("title", "A line for people, shown with a failure.", Shape::Scalar(Leaf::Title)),
    Key::optional("tags", "For selecting with `-t`.", Shape::List("a tag", &Shape::Constant(Leaf::Id))),
    Key::optional("matrix", "The test once for every combination; the last axis turns fastest.", MATRIX),
    Key::optional(
        "when",
        "Run a case only if this expression is true, such as `vars.NAME`; else it is skipped and says why.",
        Shape::Condition
    ),
    Key::later("empty"),
    Key::later("forEach"),
    Key::optional(
        "skipIf",
        "Reasons to skip a case: the first one that is true is told in all reports.",
        Shape::List("a reason to skip", &SKIP_IF)
    ),
    Key::optional(
        "needs",
        "Tests of this suite that run before; if a case of them fails or cannot be measured, this one is skipped.",
        Shape::List("an id of a test", &Shape::Constant(Leaf::Id))
    )
];

const SKIP_IF: Shape = Shape::Keys(&[
    Key::required("if", "Skip a case if this expression is true, such as `vars.NAME == 'x'`.", Shape::Condition),
    Key::required("because", "Why, for whoever reads the report.", Shape::Scalar(Leaf::Line)),
]);

const MATRIX: Shape = Shape::Named {
    what: "an axis",
    names: &IDENTIFIER,
    of: &Shape::Either(&[
        Shape::List("a value of an axis", &Shape::Constant(Leaf::Label)),
        Shape::Named { what: "a label", names: &LABEL, of: &Shape::Scalar(Leaf::Value), keys: &[] },
    ]),
    keys: &[
        Key::optional(
            "include",
            "Further combinations, each a map that gives every axis a label; after those of the axes.",
            Shape::List("a combination", &COMBINATION),
        ),
        Key::optional(
            "exclude",
            "Combinations to leave out, each a map from some axes to labels: whatever has all of them.",
            Shape::List("a combination", &COMBINATION),
        ),
    ],
};

const COMBINATION: Shape = Shape::Named { what: "an axis", names: &IDENTIFIER, of: &Shape::Constant(Leaf::Label), keys: &[] };

const VARS: Shape = Shape::Named {
    what: "a variable",
    names: &IDENTIFIER,
    of: &Shape::Either(&[
        Shape::Constant(Leaf::Variable),
        Shape::Later { kind: Kind::Map, what: "a variable described by a map" },
        Shape::Later { kind: Kind::List, what: "a list as the value of a variable" },
    ]),
    keys: &[],
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
    Key::optional("vars", "Values to use as `${{ vars.NAME }}` and to set with `--set NAME=VALUE`; the default gives the type.", VARS),
    Key::optional(
        "expectFamilies",
        "Families that must be there: where one is missing, its cases fail instead of being skipped.",
        Shape::List("a family", &Shape::Constant(Leaf::Word(&FAMILIES))),
    ),
    Key::optional("defaults", "What holds for every test that does not say otherwise.", Shape::Keys(DEFAULTS)),
    Key::required("tests", "What is tested.", Shape::List("a test", &Shape::Keys(TEST))),
    Key::optional(
        "deadline",
        "How long all cases together may take. What is not measured by then is errored: neither failed nor passed.",
        Shape::Scalar(Leaf::Duration(&DEADLINE)),
    ),
    Key::later("agents"),
    Key::later("discover"),
    Key::later("fixtures"),
    Key::later("include"),
    Key::later("secrets"),
];
