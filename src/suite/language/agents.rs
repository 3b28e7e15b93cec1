//! `agents`: what a suite says of the agents that ask for it. It must not know how they come to be where they are.

use super::leaf::Leaf;
use super::shape::{Key, Shape};
use super::units::{DurationRange, Words};
use super::words::ICMP_ACCESS;
use crate::model::units::Micros;

/// `readyWithin`: an agent that is still not there after an hour is not coming.
pub(crate) static READY_WITHIN: DurationRange = DurationRange { least: Micros(1_000_000), most: Micros(3_600_000_000) };

/// `tolerations`, where they are no list.
pub(crate) static TOLERATED: Words =
    Words { what: "toleration", now: &[("all", "No taint keeps it off a node."), ("none", "Every taint does.")], later: &[] };

const TOLERATIONS: Shape =
    Shape::Either(&[Shape::Scalar(Leaf::Word(&TOLERATED)), Shape::List("a taint", &Shape::Scalar(Leaf::Toleration))]);

pub(super) const AGENTS: Shape = Shape::Keys(&[
    Key::optional(
        "readyWithin",
        "From the launch until an agent that is not ready counts as missing, in a run of several suites the longest of theirs; 60s by default.",
        Shape::Scalar(Leaf::Duration(&READY_WITHIN)),
    ),
    Key::optional(
        "icmp",
        "How agents in the pod network come by ICMP, in a run of several suites `raw` if one of them says it; auto by default.",
        Shape::Scalar(Leaf::Word(&ICMP_ACCESS)),
    ),
    Key::optional(
        "tolerations",
        "Which taints do not keep it off a node: one with another taint it does not use; all by default.",
        TOLERATIONS,
    ),
]);
