//! A snapshot of what there is to test: the nodes, each with what speaks against testing it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use super::probe::Family;
use super::vantage::Network;

/// What a backend found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// How people call the place: a context's name, `sandbox`, a world's name.
    pub cluster: String,
    /// Of the place, in its own words: `Kubernetes v1.35.4`; may be empty.
    pub version: String,
    /// All nodes, also those that are not tested, by name.
    pub nodes: Vec<Node>,
    /// What no agent of this backend can do here. It skips cases, where a cluster's failing would not.
    pub limits: Vec<Limit>,
}

/// One node of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: Arc<str>,
    /// `topology.kubernetes.io/zone`, where it has one.
    pub zone: Option<String>,
    /// Where its host network can be reached from the others (`InternalIP`); at most one a family.
    pub addresses: Vec<IpAddr>,
    /// Whether an agent is to run there.
    pub standing: Standing,
}

impl Node {
    /// Its own address of that family, if it states one.
    #[must_use]
    pub fn address(&self, family: Family) -> Option<IpAddr> {
        self.addresses.iter().copied().find(|address| Family::of(*address) == family)
    }
}

/// Whether a node takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// An agent is to run there.
    Expected,
    /// It should take part, but its own condition says that it cannot.
    Unready {
        /// In its own words: `NotReady: Kubelet stopped posting node status`.
        why: String,
    },
    /// A rule leaves it out.
    Excluded {
        /// The rule's name: `not-linux`, `node-selector`, …
        rule: Cow<'static, str>,
        /// What of the node met the rule: `kubernetes.io/os=windows`.
        why: String,
    },
}

/// Something that a backend cannot do, whatever the network is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What.
    pub what: Ability,
    /// Why, as a sentence without a full stop.
    pub why: String,
}

/// What a case may need of its agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Unprivileged ICMP sockets.
    Icmp,
    /// An address of that family for each agent.
    Family(Family),
    /// Agents in that network.
    Network(Network),
}
