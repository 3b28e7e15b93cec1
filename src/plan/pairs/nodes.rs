//! The pairs of a case that asks nodes at addresses of their own, where no agent has to be. It must not know how they are asked.

use super::{Chosen, Field, Wish, between, nothing};
use crate::model::inventory::Node;
use crate::model::suite::{NodeAddress, PortOfNode, Selection};
use crate::model::target::Target;
use crate::model::vantage::Vantage;

/// What is asked of which nodes.
pub(super) struct Asked<'a> {
    pub(super) only: &'a Selection,
    pub(super) address: NodeAddress,
    pub(super) port: Option<PortOfNode>,
}

/// A node that does not state its part, while others do, stays a target: that pair says so.
pub(super) fn choose(wish: &Wish, asked: &Asked<'_>, field: &Field<'_>) -> Chosen {
    if let Some(why) = asked.unstated(field) {
        return nothing(wish, why);
    }
    let target = |node: &Node| Target::Node { at: Vantage::host(&node.name), address: asked.address, port: asked.port_of(node) };
    between(wish, asked.only, field, target)
}

impl Asked<'_> {
    fn port_of(&self, node: &Node) -> Option<PortOfNode> {
        match self.port {
            Some(PortOfNode::Kubelet) => Some(node.kubelet_port.map_or(PortOfNode::Kubelet, PortOfNode::Number)),
            other @ (Some(PortOfNode::Number(_)) | None) => other,
        }
    }

    /// Why nobody can be asked: no node states what is asked of each.
    fn unstated(&self, field: &Field<'_>) -> Option<String> {
        let nobody = |states: fn(&Node) -> bool| !field.nodes.is_empty() && !field.nodes.iter().any(|node| states(node));
        if self.address == NodeAddress::External && nobody(|node| !node.external_addresses.is_empty()) {
            let why = "no node states an external address (ExternalIP); an inventory of an older netcheck does not have them";
            return Some(why.to_owned());
        }
        let kubelet = self.port == Some(PortOfNode::Kubelet) && nobody(|node| node.kubelet_port.is_some());
        let why = "no node states the port of its kubelet; an inventory of an older netcheck does not have it";
        kubelet.then(|| why.to_owned())
    }
}
