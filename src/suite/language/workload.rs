//! Pods of the user's as sources: which, how many of them, and how they are entered.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{NAMESPACE, POD_NAME, Words};

/// What exactly one key of a workload says.
const OF_PODS: &str = "choice of pods";

pub(super) const WORKLOAD: Shape = Shape::Keys(&[
    Key::required("namespace", "The namespace of the pods.", Shape::Scalar(Leaf::Name(&NAMESPACE))),
    Key::one_of(
        OF_PODS,
        "selector",
        "Pods with such labels, as Kubernetes writes it: `a=b,c!=d,e in (x,y),!f`. Where none of them is ready, the case is an error.",
        Shape::Scalar(Leaf::Selector),
    ),
    Key::one_of(
        OF_PODS,
        "name",
        "The pod of that name: one of a StatefulSet keeps it, one of a Deployment has it only as long as it lives. Where it is not there or not ready, the case is an error.",
        Shape::Scalar(Leaf::Name(&POD_NAME)),
    ),
    Key::optional(
        "pick",
        "How many of those that `selector` fits and that are ready ask, each with an agent of its own; which of several, the seed decides. Where there are fewer than a number says, the case is an error. `onePerNode` by default.",
        Shape::Scalar(Leaf::Pick),
    ),
    Key::later_since("container", "all containers of a pod are in its one network, which is what `via: netns` enters; leave the key out"),
    Key::required(
        "via",
        "How their network is entered. There is no default: it says what it takes.",
        Shape::Scalar(Leaf::Word(&WORKLOAD_WAYS)),
    ),
]);

/// The ways into a pod's network.
pub(crate) static WORKLOAD_WAYS: Words = Words {
    what: "way",
    now: &[(
        "netns",
        "A privileged agent on the pod's node, in a namespace of the run's own, enters the pod's network namespace. Nothing about the pod changes.",
    )],
    later: &["ephemeral"],
};
