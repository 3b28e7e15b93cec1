//! The nodes' own addresses as targets: they need no agent, since the kernel there answers ICMP by itself, and at a port whoever
//! listens there.
//! It must not know who asks, nor what comes of it.

use std::collections::HashMap;

use crate::model::family::Family;
use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::target::{NodeAddress, PortOfNode};
use crate::model::vantage::Vantage;
use crate::model::verdict::Cause;
use crate::wire::{Peer, Who};

/// The nodes of an inventory, by name.
pub(super) struct Nodes<'i>(HashMap<&'i str, &'i Node>);

impl<'i> Nodes<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        Self(inventory.nodes.iter().map(|node| (&*node.name, node)).collect())
    }

    /// The node's address as a source needs it.
    ///
    /// # Errors
    /// Why it cannot be asked: the node is not ready, or it states no address of the family, or not the port.
    pub(super) fn peer(
        &self,
        family: Family,
        (pair, address, port): (u32, NodeAddress, Option<PortOfNode>),
        target: &Vantage,
    ) -> Result<Peer, Cause> {
        let stated = self.ready(target)?.stated(family, (address, port));
        let (address, port) = stated.map_err(|what| Cause::NodeStatesNone { vantage: target.clone(), what })?;
        Ok(Peer { pair, host: address.into(), who: Who::Anyone { port } })
    }

    /// The node, if its silence would say something of the network.
    ///
    /// # Errors
    /// It is not ready: whatever it does not answer, that is why.
    pub(super) fn ready(&self, target: &Vantage) -> Result<&'i Node, Cause> {
        let unready = |why: &str| Cause::NodeNotReady { vantage: target.clone(), why: why.to_owned() };
        let node = *self.0.get(target.node()).ok_or_else(|| unready("it is not in the inventory"))?;
        match &node.standing {
            Standing::Expected => Ok(node),
            Standing::Unready { why } | Standing::Excluded { why, .. } => Err(unready(why)),
        }
    }
}
