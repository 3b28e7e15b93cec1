//! `fixtures`: what a suite brings along to be asked. It must not know who asks it.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::FIXTURE_NAME;
use super::words::{FRONTS, SERVED};

pub(super) const FIXTURES: Shape = Shape::List("a fixture", &Shape::Keys(FIXTURE));

/// What exactly one key of a fixture says.
const OF_FIXTURE: &str = "fixture";

static FIXTURE: &[Key] = &[
    Key::one_of(
        OF_FIXTURE,
        "echo",
        "Services with the run's own agents in the pod network behind them, one a node, which answer with their names.",
        Shape::Keys(ECHO),
    ),
    Key::later("manifest"),
    Key::later("namespace"),
];

static ECHO: &[Key] = &[
    Key::required("name", "What tests call it by, and its Services are called by.", Shape::Constant(Leaf::Name(&FIXTURE_NAME))),
    Key::optional("serve", "What it answers; udp and tcp by default.", Shape::List("a protocol", &Shape::Constant(Leaf::Word(&SERVED)))),
    Key::optional(
        "services",
        "The Services that tests may ask it through, all three by default; those that they do ask are made.",
        Shape::List("a Service", &Shape::Constant(Leaf::Word(&FRONTS))),
    ),
    Key::later("namespace"),
    Key::later("replicas"),
];
