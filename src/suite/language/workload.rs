//! Pods of the user's as sources: which, how many of them, and how they are entered.

use super::leaf::Leaf;
use super::numbers::{expected_whole, read_whole};
use super::shape::{Key, Shape};
use super::units::{NAMESPACE, WholeRange, Words};
use super::wrong::Wrong;
use crate::model::suite::Pick;
use crate::suite::remarks::any_of;
use crate::suite::tree::{Literal, Scalar};
use std::num::NonZeroU32;

pub(super) const WORKLOAD: Shape = Shape::Keys(&[
    Key::required("namespace", "The namespace of the pods.", Shape::Scalar(Leaf::Name(&NAMESPACE))),
    Key::required(
        "selector",
        "Pods with such labels, as Kubernetes writes it: `a=b,c!=d,e in (x,y),!f`. Where none of them is ready, the case is an error.",
        Shape::Scalar(Leaf::Selector),
    ),
    Key::optional(
        "pick",
        "How many of those that are ready ask, each with an agent of its own; which of several, the seed decides. Where there are fewer than a number says, the case is an error. `onePerNode` by default.",
        Shape::Scalar(Leaf::Pick),
    ),
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

/// How many pods can be picked by number.
pub(super) static PICKED: WholeRange = WholeRange { least: 1, most: 1_000 };

/// Words for how many are picked.
pub(super) static PICKS: [(&str, Pick); 3] = [("all", Pick::All), ("onePerZone", Pick::OnePerZone), ("onePerNode", Pick::OnePerNode)];

/// In words, for "expected …".
pub(super) fn expected_pick() -> String {
    format!("{}, or {}", any_of(PICKS.iter().map(|(word, _)| *word)), expected_whole(&PICKED))
}

/// How many pods.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_pick(scalar: &Scalar) -> Result<Pick, Wrong> {
    let wrong = |wrong: Wrong| Wrong { expected: expected_pick(), ..wrong };
    if let Literal::Whole(_) = scalar.literal {
        let count = read_whole(scalar, &PICKED).map_err(wrong)?;
        return NonZeroU32::new(count).map(Pick::Some).ok_or_else(|| Wrong::value(expected_pick()));
    }
    let word = PICKS.iter().find(|(word, _)| *word == &*scalar.text);
    word.map(|(_, pick)| *pick).ok_or_else(|| Wrong::value(expected_pick()))
}
