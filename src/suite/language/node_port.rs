//! The port of a node, as suites write it: its number, or the word for that of its kubelet. It must not know what nodes state.

use super::numbers::{expected_whole, read_whole};
use super::words::PORT;
use super::wrong::Wrong;
use crate::model::suite::PortOfNode;
use crate::model::units::Port;
use crate::suite::remarks::did_you_mean;
use crate::suite::tree::Scalar;

/// A port of nodes.
///
/// # Errors
/// [`Wrong`] if it is neither a number nor the word.
pub(crate) fn read_node_port(scalar: &Scalar) -> Result<PortOfNode, Wrong> {
    if *scalar.text == *PortOfNode::KUBELET {
        return Ok(PortOfNode::Kubelet);
    }
    let wrong = |help| Wrong::value(format!("{} or {}", expected_whole(&PORT), PortOfNode::KUBELET)).help(help);
    let number = read_whole(scalar, &PORT).map_err(|why| wrong(why.help.or_else(|| did_you_mean(&scalar.text, [PortOfNode::KUBELET]))))?;
    Port::of(number).map(PortOfNode::Number).ok_or_else(|| wrong(None))
}
