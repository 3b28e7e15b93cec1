//! A snapshot of what there is to test: the nodes, each with what speaks against testing it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use super::family::Family;
use super::selector::Labels;
use super::service::Service;
use super::taint::{Taint, Tolerations};
use super::target::{NodeAddress, PortOfNode, Unstated};
use super::units::Port;
use super::vantage::Network;
use super::workload::WorkloadPod;

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
    /// The Services, by namespace and name; nothing at all where nobody looked at them.
    pub services: Option<Vec<Service>>,
    /// The pods of the user's that suites name, by namespace and name; nothing at all where nobody looked at any.
    pub workloads: Option<Vec<WorkloadPod>>,
}

impl Inventory {
    /// The same as a suite sees it that tolerates no more than that: whoever has another taint does not take part.
    #[must_use]
    pub fn tolerating(&self, tolerations: &Tolerations) -> Cow<'_, Self> {
        if !self.nodes.iter().any(|node| node.unmet(tolerations).is_some()) {
            return Cow::Borrowed(self);
        }
        let seen = |node: &Node| match node.unmet(tolerations) {
            Some(taint) => node.without(taint.untolerated()),
            None => node.clone(),
        };
        Cow::Owned(self.with(self.nodes.iter().map(seen).collect()))
    }

    /// The same with these nodes in place of its own.
    #[must_use]
    pub fn with(&self, nodes: Vec<Node>) -> Self {
        let Self { cluster, version, nodes: _, limits, services, workloads } = self;
        let (cluster, version, limits) = (cluster.clone(), version.clone(), limits.clone());
        Self { cluster, version, nodes, limits, services: services.clone(), workloads: workloads.clone() }
    }
}

/// One node of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: Arc<str>,
    /// `topology.kubernetes.io/zone`, where it has one.
    pub zone: Option<String>,
    /// The release of its kernel (`nodeInfo.kernelVersion`), where it tells it.
    pub kernel: Option<String>,
    /// Its labels; in a cluster the zone is one of them.
    pub labels: Labels,
    /// Where its host network can be reached from the others (`InternalIP`); at most one a family.
    pub addresses: Vec<IpAddr>,
    /// Where it can be reached from outside the cluster (`ExternalIP`); at most one a family.
    pub external_addresses: Vec<IpAddr>,
    /// Where its kubelet listens (`status.daemonEndpoints`), where it states that.
    pub kubelet_port: Option<Port>,
    /// Its taints, as the place has them; nothing at all where nobody looked, as in an inventory of an older netcheck.
    pub taints: Option<Vec<Taint>>,
    /// Whether an agent is to run there.
    pub standing: Standing,
}

impl Node {
    /// One of which nothing is known but that it has no taints.
    #[must_use]
    pub fn named(name: &str, standing: Standing) -> Self {
        let (zone, kernel, labels, taints) = (None, None, Labels::new(), Some(Vec::new()));
        let (addresses, external_addresses, kubelet_port) = (Vec::new(), Vec::new(), None);
        Self { name: name.into(), zone, kernel, labels, addresses, external_addresses, kubelet_port, taints, standing }
    }

    /// Its own address of that family among the others, if it states one.
    #[must_use]
    pub fn address(&self, family: Family) -> Option<IpAddr> {
        self.address_at(NodeAddress::Internal, family)
    }

    /// Its address of that kind and family, if it states one.
    #[must_use]
    pub fn address_at(&self, kind: NodeAddress, family: Family) -> Option<IpAddr> {
        let stated = match kind {
            NodeAddress::Internal => &self.addresses,
            NodeAddress::External => &self.external_addresses,
        };
        stated.iter().copied().find(|address| Family::of(*address) == family)
    }

    /// Where it is asked at an address of that kind and family, and at that port. The planner has put the number for the kubelet's,
    /// where the node states it.
    ///
    /// # Errors
    /// What it does not state, so that nobody can ask it there.
    pub fn stated(&self, family: Family, (kind, port): (NodeAddress, Option<PortOfNode>)) -> Result<(IpAddr, Option<Port>), Unstated> {
        let address = self.address_at(kind, family).ok_or(Unstated::Address(kind, family))?;
        match port {
            Some(PortOfNode::Kubelet) => Err(Unstated::KubeletPort),
            Some(PortOfNode::Number(port)) => Ok((address, Some(port))),
            None => Ok((address, None)),
        }
    }

    /// The taint by which a suite leaves it out that tolerates no more than that. What a rule leaves out anyway has none.
    #[must_use]
    pub fn unmet(&self, tolerations: &Tolerations) -> Option<&Taint> {
        if let Standing::Excluded { .. } = self.standing { None } else { tolerations.unmet(self.taints.as_deref()?) }
    }

    /// The same, left out by one of its taints.
    #[must_use]
    pub fn without(&self, why: String) -> Self {
        Self { standing: Standing::Excluded { rule: Rule::Taint.name().into(), why }, ..self.clone() }
    }

    /// The labels by which makers of clusters name the pool of a node.
    pub const POOL_LABELS: [&str; 4] =
        ["karpenter.sh/nodepool", "eks.amazonaws.com/nodegroup", "cloud.google.com/gke-nodepool", "kubernetes.azure.com/agentpool"];

    /// Its pool, as the first of these labels that it has names it: which label, and the name.
    #[must_use]
    pub fn pool(&self) -> Option<(&'static str, &str)> {
        Self::POOL_LABELS.into_iter().find_map(|label| Some((label, self.labels.get(label)?.as_str())))
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
        /// The name of a [`Rule`], or of one that an inventory file has and this version does not know.
        rule: Cow<'static, str>,
        /// What of the node met the rule: `kubernetes.io/os=windows`.
        why: String,
    },
}

/// What can leave a node of a cluster out. Names are stable: reports, inventories and `--ignore-rule` have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Another operating system: the agents are Linux programs.
    NotLinux,
    /// No kubelet stands behind it: virtual kubelets, serverless nodes.
    Virtual,
    /// It lacks a label that the user asks for (`--node-selector`).
    NodeSelector,
    /// It is about to be removed, or is being deleted.
    ScalingDown,
    /// It has a taint that a suite does not tolerate (`agents.tolerations`).
    Taint,
}

impl Rule {
    /// Those that can be ignored. The selector is the user's own, and tolerations are the suite's: who does not want them leaves
    /// them out.
    pub const IGNORABLE: [Self; 3] = [Self::NotLinux, Self::Virtual, Self::ScalingDown];

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotLinux => "not-linux",
            Self::Virtual => "virtual",
            Self::NodeSelector => "node-selector",
            Self::ScalingDown => "scaling-down",
            Self::Taint => "taint",
        }
    }

    /// The rule of that name that can be ignored.
    ///
    /// # Errors
    /// There is none: the names that there are.
    pub fn ignorable(name: &str) -> Result<Self, String> {
        let names = Self::IGNORABLE.map(Self::name).join(", ");
        let found = Self::IGNORABLE.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| {
            if name == Self::NodeSelector.name() {
                format!("expected one of {names}; to select no nodes, leave --node-selector out")
            } else if name == Self::Taint.name() {
                format!("expected one of {names}; which taints a suite tolerates, it says itself (`agents: {{ tolerations: all }}`)")
            } else {
                format!("expected one of {names}, found {name:?}")
            }
        })
    }
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
    /// To reach a DNS server.
    Names,
    /// An address of that family for each agent.
    Family(Family),
    /// Agents in that network.
    Network(Network),
    /// Links of a size of their own between the agents.
    PathMtu,
    /// To have a gateway.
    Gateway,
    /// Services of the run's own.
    Services,
    /// To enter the network namespaces of the user's pods.
    Workloads,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Result<Rule, &str>) {
        assert_eq!(Rule::ignorable(name), expected.map_err(str::to_owned));
    }

    #[test]
    fn rules_are_ignored_by_their_names() {
        for rule in Rule::IGNORABLE {
            check(rule.name(), Ok(rule));
        }
        check("Virtual", Err("expected one of not-linux, virtual, scaling-down, found \"Virtual\""));
        check("", Err("expected one of not-linux, virtual, scaling-down, found \"\""));
        check("node-selector", Err("expected one of not-linux, virtual, scaling-down; to select no nodes, leave --node-selector out"));
        let taint = "expected one of not-linux, virtual, scaling-down; which taints a suite tolerates, it says itself (`agents: { tolerations: all }`)";
        check("taint", Err(taint));
    }
}
