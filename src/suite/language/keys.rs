//! The keys of a suite, from the outside in. Everything about expectations is in `expectation`.

use super::agents::AGENTS;
use super::discover::DISCOVER;
use super::ends::{SOURCE, TARGET};
use super::expectation::EXPECT;
use super::fixtures::FIXTURES;
use super::leaf::Leaf;
use super::pairs::PAIRS;
use super::probe::{PROBE, TIMEOUT};
use super::shape::{Expressions, Key, Kind, Language, Shape};
use super::units::{IDENTIFIER, LABEL, SECRET_KEY};
use super::variables::VARS;
use super::words::{
    BACKOFF, COLLECT, DEADLINE, EMPTY, FAMILIES, FLAKY, PACE_PER_NODE, PACE_TOTAL, RETRY_ATTEMPTS, RETRY_ONLY, SAME_NODE, SEVERITIES,
    VERSIONS,
};

const PACE: Shape = Shape::Keys(&[
    Key::optional(
        "perNode",
        "The most questions a second of one agent: packets of icmp and udp, connections of tcp, each with its warm-up.",
        Shape::Scalar(Leaf::Whole(&PACE_PER_NODE)),
    ),
    Key::optional(
        "total",
        "The most questions a second of all agents of a case together. Each has a part of it as large as its part of the pairs.",
        Shape::Scalar(Leaf::Whole(&PACE_TOTAL)),
    ),
]);

const WAY_TO_FAIL: Shape = Shape::Scalar(Leaf::Word(&RETRY_ONLY));

const RETRY: Shape = Shape::Keys(&[
    Key::required("attempts", "How often a pair is asked at most, the first time included.", Shape::Scalar(Leaf::Whole(&RETRY_ATTEMPTS))),
    Key::optional(
        "backoff",
        "From when it is known which pairs failed until they are asked again; 1s by default.",
        Shape::Scalar(Leaf::Duration(&BACKOFF)),
    ),
    Key::optional("only", "The ways to fail that another attempt may follow; all by default.", Shape::List("a way to fail", &WAY_TO_FAIL)),
    Key::optional("flaky", "What a pass on a later attempt means; `warn` by default.", Shape::Scalar(Leaf::Word(&FLAKY))),
]);

const TO_COLLECT: Shape = Shape::Scalar(Leaf::Word(&COLLECT));

/// The keys that a test can have and that the suite's `defaults` can give, then others.
macro_rules! and_of_tests {
    ($($key:expr),*) => {
        &[
            $($key,)*
            Key::optional("from", "Who asks.", SOURCE),
            Key::optional("to", "Who is asked.", TARGET),
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
            Key::optional("pace", "How fast a case asks at most; without it each agent sends up to 1,000 first and 2,000 further packets a second.", PACE),
            Key::optional(
                "retry",
                "Pairs that fail are asked again, where something is asked once: a single connection, request, handshake or lookup, without bounds on loss or latency. Never by default.",
                RETRY
            ),
            Key::optional(
                "collect",
                "What is collected of the agents at both ends of failed and unmeasured pairs, for the reports; nothing by default.",
                Shape::List("a thing to collect", &TO_COLLECT)
            ),
            Key::later("control"), Key::later("hold"), Key::later("within"),
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
    Key::optional(
        "forEach",
        "The test once for each item of a list, by a name that expressions know: `${{ NAME }}` or `${{ NAME.field }}`.",
        FOR_EACH
    ),
    Key::optional("empty", "What a list of `forEach` without items means; `fail` by default.", Shape::Constant(Leaf::Word(&EMPTY))),
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

const FOR_EACH: Shape = Shape::Named {
    least: 1,
    what: "an item",
    names: &IDENTIFIER,
    of: &Shape::Either(&[Shape::Scalar(Leaf::Value), Shape::Data(Kind::List)]),
    keys: &[],
};

const SKIP_IF: Shape = Shape::Keys(&[
    Key::required("if", "Skip a case if this expression is true, such as `vars.NAME == 'x'`.", Shape::Condition),
    Key::required("because", "Why, for whoever reads the report.", Shape::Scalar(Leaf::Line)),
]);

const MATRIX: Shape = Shape::Named {
    least: 1,
    what: "an axis",
    names: &IDENTIFIER,
    of: &Shape::Either(&[
        Shape::List("a value of an axis", &Shape::Constant(Leaf::Label)),
        Shape::Named { least: 1, what: "a label", names: &LABEL, of: &Shape::Scalar(Leaf::Value), keys: &[] },
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

const COMBINATION: Shape = Shape::Named { least: 1, what: "an axis", names: &IDENTIFIER, of: &Shape::Constant(Leaf::Label), keys: &[] };

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
    Key::optional(
        "discover",
        "What the cluster has, by names that expressions know as `discover.NAME`: looked up once, before anything is created.",
        DISCOVER,
    ),
    Key::optional("agents", "The terms on which it takes the agents that ask for it.", AGENTS),
    Key::optional("fixtures", "What the run makes to be asked, and removes with itself.", FIXTURES),
    Key::optional(
        "secrets",
        "Values that are never shown, by names that expressions know as `secrets.NAME`, in `token` and `headers` of a probe alone.",
        SECRETS,
    ),
];

/// What a secret has one of.
const SECRET_SOURCE: &str = "source of its value";

const SECRETS: Shape = Shape::Named {
    least: 0,
    what: "a secret",
    names: &IDENTIFIER,
    of: &Shape::Keys(&[
        Key::one_of(
            SECRET_SOURCE,
            "env",
            "The variable of the environment that has the value, of whoever runs the suite.",
            Shape::Constant(Leaf::Line),
        ),
        Key::one_of(
            SECRET_SOURCE,
            "file",
            "The file that has the value, where the suite is run; a line break at its end is left out.",
            Shape::Constant(Leaf::Line),
        ),
        Key::one_of(
            SECRET_SOURCE,
            "k8s",
            "The key of a Secret of the cluster that has the value, read with the rights of whoever runs the suite; a line break at its end is left out.",
            Shape::Constant(Leaf::Name(&SECRET_KEY)),
        ),
    ]),
    keys: &[],
};

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
        Key::optional("discover", "Queries of every suite that includes this part; a suite may write one anew.", DISCOVER),
        Key::optional("agents", "The terms on which suites that include this part take agents; a key in the suite's own wins.", AGENTS),
        Key::optional("fixtures", "What the run makes to be asked, and removes with itself.", FIXTURES),
        Key::optional("secrets", "Secrets of every suite that includes this part; a suite may declare one anew.", SECRETS),
    ],
    expressions: Expressions::Allowed,
};

/// The language of collections.
pub(crate) static COLLECTION: Language = Language {
    file: "collection",
    help: "Several suites under one name, each of which stays a suite of its own, language version v1.",
    keys: &[
        Key::required("netcheck", "The version of the language.", Shape::Constant(Leaf::Word(&VERSIONS))),
        Key::required("collection", "The collection's name, for people.", Shape::Constant(Leaf::Id)),
        Key::optional("title", "A line for people.", Shape::Constant(Leaf::Title)),
        Key::required("suites", "Files of suites, relative to this one, in the order of running.", SUITES),
    ],
    expressions: Expressions::Unknown,
};

const SUITES: Shape = Shape::List("a suite", &Shape::Constant(Leaf::Path));
