//! The user's pods of a world file. It must not know what becomes of them.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{LABEL_KEY, LABEL_VALUE, NAMESPACE, NODE_NAME};

pub(super) const WORKLOADS: Shape = Shape::List("a pod", &Shape::Keys(POD));

static POD: &[Key] = &[
    Key::required("namespace", "Its namespace.", Shape::Constant(Leaf::Name(&NAMESPACE))),
    Key::required("name", "Its name, which no other of its namespace has.", Shape::Constant(Leaf::Name(&NODE_NAME))),
    Key::required(
        "node",
        "The node that it is on. What becomes of packets from it and to it is what becomes of those of the agent in that node's pod network.",
        Shape::Constant(Leaf::Name(&NODE_NAME)),
    ),
    Key::optional("labels", "Its labels, for selectors.", LABELS),
    Key::optional("notReady", "It is not ready, as is said in these words.", Shape::Constant(Leaf::Line)),
];

const LABELS: Shape =
    Shape::Named { least: 0, what: "a label", names: &LABEL_KEY, of: &Shape::Constant(Leaf::Name(&LABEL_VALUE)), keys: &[] };
