//! The nodes of a world, and whose an address is. It must not know what listens there.

use std::net::IpAddr;
use std::sync::Arc;

use super::{During, Ports, Scope, Spot, World};
use crate::model::family::Family;
use crate::model::selector::Labels;
use crate::model::taint::Taint;
use crate::model::units::{Micros, Port};
use crate::model::vantage::Network;

/// A node of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldNode {
    /// Its name.
    pub name: Arc<str>,
    /// Its zone.
    pub zone: Option<String>,
    /// The release of the kernel that it says it runs.
    pub kernel: Option<String>,
    /// Its labels, as written: the zone is not among them by itself.
    pub labels: Labels,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// Its own condition says that it is not ready, in these words.
    pub not_ready: Option<String>,
    /// This long after the world began it is gone for good, as by a loss of power: nothing comes to it or from it any more, in
    /// neither of its networks ([`World::rules`] has that), and the lines between its agents and the controller fall silent
    /// without breaking. More than 0.
    pub gone_after: Option<Micros>,
    /// What listens in its host network beside agents.
    pub ports: Ports,
    /// Where its host network is reached besides, as from outside the cluster; at most one a family.
    pub external_addresses: Vec<IpAddr>,
    /// The port that it states of its kubelet.
    pub kubelet_port: Option<Port>,
    /// When the list of nodes has it; that says nothing of its networks. A node that joins gets no agent.
    pub listed: During,
}

impl WorldNode {
    /// A node of that name, with nothing else to be said of it.
    #[must_use]
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.into(),
            zone: None,
            kernel: None,
            labels: Labels::new(),
            taints: Vec::new(),
            not_ready: None,
            gone_after: None,
            ports: Ports::default(),
            external_addresses: Vec::new(),
            kubelet_port: None,
            listed: Scope::ALL.during,
        }
    }
}

impl World {
    /// The node whose own address that is, or whose external one.
    #[must_use]
    pub fn node_at(&self, address: IpAddr) -> Option<Spot> {
        let is_there = |spot: &Spot| spot.network == Network::Host && usize::from(spot.node) < self.nodes.len();
        Spot::of(address).filter(is_there).or_else(|| self.node_outside(address))
    }

    /// The node whose external address that is.
    #[must_use]
    pub fn node_outside(&self, address: IpAddr) -> Option<Spot> {
        let has_it = |node: &WorldNode| node.external_addresses.contains(&address);
        let number = self.nodes.iter().position(has_it).filter(|_| self.families.contains(&Family::of(address)))?;
        Some(Spot { node: u16::try_from(number).ok()?, network: Network::Host })
    }
}
