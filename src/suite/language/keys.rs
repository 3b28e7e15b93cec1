//! The keys of a suite, from the outside in. Everything about expectations is in `expectation`.

use super::expectation::EXPECT;
use super::leaf::Leaf;
use super::shape::{Expressions, Key, Kind, Language, Shape};
use super::units::{DurationRange, IDENTIFIER, LABEL, NODE_NAME, WholeRange, Words, ZONE_NAME};
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
        (
            "ring",
            "Each node to the next `k` in an order that no seed changes: each asks and is asked k times, the same pairs in every run.",
        ),
        ("circulant", "Each node to the nodes at the offsets 1, 2, 4, …: each is asked and asks ⌈log2 n⌉ times."),
        ("random", "Each node to the next `k` in an order that the seed decides: each asks and is asked k times."),
        ("perZone", "Each node to `k` nodes of every zone."),
        ("representatives", "One node of each zone to one of every other."),
    ],
    later: &[],
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

/// What may follow a strategy that would measure too many pairs.
pub(crate) static BEYOND: Words = Words {
    what: "strategy",
    now: &[
        ("ring", "Each node to the next `k` in an order that no seed changes."),
        ("circulant", "Each node to the nodes at the offsets 1, 2, 4, …."),
        ("random", "Each node to the next `k` in an order that the seed decides."),
        ("perZone", "Each node to `k` nodes of every zone."),
        ("representatives", "One node of each zone to one of every other."),
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
        ("udp", "Datagrams to the target's agent, which answers with their nonce."),
        ("tcp", "A connection for each question to the target's agent, which answers with its nonce."),
    ],
    later: &["http", "dns", "tls", "pmtu"],
};

/// `limit` of pairs: one agent on each of 5,000 nodes to every other is 24,995,000 pairs.
pub(crate) static LIMIT: WholeRange = WholeRange { least: 1, most: 100_000_000 };

/// `k` of pairs: 5,000 nodes with 1,000 targets each are 5,000,000 pairs.
pub(crate) static TARGETS: WholeRange = WholeRange { least: 1, most: 1_000 };

/// `count`.
pub(crate) static PROBE_COUNT: WholeRange = WholeRange { least: 1, most: Burst::MOST };

/// `interval`: below a millisecond a probe would be a load test.
pub(crate) static PROBE_INTERVAL: DurationRange = DurationRange { least: Micros(1_000), most: Micros(60_000_000) };

/// `timeout`.
pub(crate) static PROBE_TIMEOUT: DurationRange = DurationRange { least: Micros(1_000), most: Micros(60_000_000) };

/// `deadline`, of a case and of a suite.
pub(crate) static DEADLINE: DurationRange = DurationRange { least: Micros(1_000_000), most: Micros(86_400_000_000) };

const GROUP: Shape = Shape::Either(&[Shape::Scalar(Leaf::Word(&GROUPS)), Shape::Keys(GROUP_KEYS)]);

/// What exactly one key of a group says.
const OF_GROUP: &str = "group";

static GROUP_KEYS: &[Key] = &[
    Key::one_of(OF_GROUP, "pods", "The pod network of some nodes.", Shape::Keys(SELECTION)),
    Key::one_of(OF_GROUP, "nodes", "The host network of some nodes.", Shape::Keys(SELECTION)),
    Key::later("endpoints"),
    Key::later("fixture"),
    Key::later("host"),
    Key::later("service"),
    Key::later("workload"),
];

/// What exactly one key of a selection says.
const OF_SELECTION: &str = "selection";

static SELECTION: &[Key] = &[
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

const TIMEOUT: Shape = Shape::Scalar(Leaf::Duration(&PROBE_TIMEOUT));

const PAIRS: Shape = Shape::Either(&[
    Shape::Scalar(Leaf::Word(&STRATEGIES)),
    Shape::Keys(&[
        Key::optional("strategy", "Which pairs; `full` by default.", Shape::Scalar(Leaf::Word(&STRATEGIES))),
        Key::optional(
            "k",
            "Targets of each node with `ring` and `random`, and of each node in each zone with `perZone`, in `strategy` or `beyond`; 3 by default.",
            Shape::Scalar(Leaf::Whole(&TARGETS)),
        ),
        Key::optional(
            "limit",
            "The most pairs that `strategy` measures: where it would be more, `beyond` is used. 10000 by default for `full`; the others have none.",
            Shape::Scalar(Leaf::Whole(&LIMIT)),
        ),
        Key::optional(
            "beyond",
            "The strategy where the first would measure more than `limit`, if this one measures fewer; `circulant` by default for `full`.",
            Shape::Scalar(Leaf::Word(&BEYOND)),
        ),
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
            Key::optional(
                "sameNode",
                "Pairs of the two networks of one node, such as a pod and its own node; `exclude` by default.",
                Shape::Scalar(Leaf::Word(&SAME_NODE))
            ),
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
            Key::later("pace"), Key::later("retry"), Key::later("within"),
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
        Shape::Constant(Leaf::Flag),
    ),
];

const DATA: Shape = Shape::Either(&[Shape::Constant(Leaf::Variable), Shape::Data(Kind::List), Shape::Data(Kind::Map)]);

const VARS: Shape = Shape::Named {
    what: "a variable",
    names: &IDENTIFIER,
    of: &Shape::Either(&[Shape::Constant(Leaf::Variable), Shape::Data(Kind::List), Shape::KeysOrData(VARIABLE)]),
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
    Key::optional("include", "Files of parts, relative to this one; what this one says itself wins over what they say.", INCLUDE),
    Key::optional("tests", "What is tested; the tests of its parts come first.", TESTS),
    Key::optional(
        "deadline",
        "How long all cases together may take. What is not measured by then is errored: neither failed nor passed.",
        Shape::Scalar(Leaf::Duration(&DEADLINE)),
    ),
    Key::later("agents"),
    Key::later("discover"),
    Key::later("fixtures"),
    Key::later("secrets"),
];

const INCLUDE: Shape = Shape::List("a part", &Shape::Constant(Leaf::Path));

const TESTS: Shape = Shape::List("a test", &Shape::Keys(TEST));

/// The language of parts.
pub(crate) static PART: Language = Language {
    file: "part",
    help: "What several suites have in common, language version v1.",
    keys: &[
        Key::required("netcheck", "The version of the language.", Shape::Constant(Leaf::Word(&VERSIONS))),
        Key::required("part", "The part's name, for people.", Shape::Constant(Leaf::Id)),
        Key::optional("title", "A line for people.", Shape::Constant(Leaf::Title)),
        Key::optional("vars", "Variables of every suite that includes this part; a suite may declare one anew.", VARS),
        Key::optional("defaults", "What holds for every test of the suite; a key in the suite's own defaults wins.", Shape::Keys(DEFAULTS)),
        Key::optional("include", "Files of further parts, relative to this one.", INCLUDE),
        Key::optional("tests", "Tests of every suite that includes this part.", TESTS),
        Key::later("agents"),
        Key::later("discover"),
        Key::later("fixtures"),
        Key::later("secrets"),
    ],
    expressions: Expressions::Allowed,
};
