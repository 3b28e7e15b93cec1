//! Where from and where to: the agents of a run and the directed pairs between them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The networks in which a node can be asked and can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// That of pods: an agent there has a network namespace and addresses of its own.
    Pod,
    /// The node's own: an agent there shares the node's addresses.
    Host,
}

impl Network {
    /// Both, in the order in which they are listed everywhere.
    pub const ALL: [Self; 2] = [Self::Pod, Self::Host];

    /// As reports spell it: `pod`, `host`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Host => "host",
        }
    }

    /// Where its agents are, for sentences: `in pods`, `on hosts`.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::Pod => "in pods",
            Self::Host => "on hosts",
        }
    }
}

/// How an agent stands in a network: what it takes to bring it there, and whom it is counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Station {
    /// In a pod of its own.
    Pod,
    /// On the network of its node.
    Host,
    /// In the network namespace of a pod of the user's, which it has entered.
    Workload,
}

impl Station {
    /// All, in the order in which they are listed everywhere.
    pub const ALL: [Self; 3] = [Self::Pod, Self::Host, Self::Workload];

    /// As reports spell it: `pod`, `host`, `workload`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pod => Network::Pod.word(),
            Self::Host => Network::Host.word(),
            Self::Workload => "workload",
        }
    }

    /// Where its agents are, for sentences: `in pods`, `on hosts`, `in workloads`.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::Pod => Network::Pod.place(),
            Self::Host => Network::Host.place(),
            Self::Workload => "in workloads",
        }
    }
}

impl From<Network> for Station {
    fn from(network: Network) -> Self {
        match network {
            Network::Pod => Self::Pod,
            Network::Host => Self::Host,
        }
    }
}

/// A pod of the user's, by its namespace and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodName {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl fmt::Display for PodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl FromStr for PodName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { namespace: namespace.into(), name: name.into() })
            }
            Some(_) | None => Err(format!("expected NAMESPACE/NAME of a pod, found {text:?}")),
        }
    }
}

/// A place that measures or is asked: the pod network or the host network of the node of that name, or a pod of the user's on it.
/// Written `node1`, `node1/host` and `node1:shop/cart-7f`, everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Vantage {
    node: Arc<str>,
    seat: Seat,
}

/// Which of the places of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Seat {
    Pod,
    Host,
    Workload(Arc<PodName>),
}

/// Behind the node's name; no node's name has a slash or a colon in it (RFC 1123).
const HOST: &str = "/host";

/// Between the node's name and that of a pod.
const WORKLOAD: char = ':';

impl Vantage {
    /// In that network of the node of that name.
    #[must_use]
    pub fn of(network: Network, node: &str) -> Self {
        let seat = match network {
            Network::Pod => Seat::Pod,
            Network::Host => Seat::Host,
        };
        Self { node: Arc::from(node), seat }
    }

    /// In the pod network of the node of that name.
    #[must_use]
    pub fn pod(node: &str) -> Self {
        Self::of(Network::Pod, node)
    }

    /// In the host network of the node of that name.
    #[must_use]
    pub fn host(node: &str) -> Self {
        Self::of(Network::Host, node)
    }

    /// In the network of that pod, which is on the node of that name.
    #[must_use]
    pub fn workload(node: &str, pod: PodName) -> Self {
        Self { node: Arc::from(node), seat: Seat::Workload(Arc::new(pod)) }
    }

    /// The node's name.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// In which of the node's networks it is: a pod of the user's is in that of pods.
    #[must_use]
    pub const fn network(&self) -> Network {
        match self.seat {
            Seat::Pod | Seat::Workload(_) => Network::Pod,
            Seat::Host => Network::Host,
        }
    }

    /// How an agent stands there.
    #[must_use]
    pub const fn station(&self) -> Station {
        match self.seat {
            Seat::Pod => Station::Pod,
            Seat::Host => Station::Host,
            Seat::Workload(_) => Station::Workload,
        }
    }

    /// The pod of the user's that it is, if it is one.
    #[must_use]
    pub fn of_workload(&self) -> Option<&PodName> {
        match &self.seat {
            Seat::Pod | Seat::Host => None,
            Seat::Workload(pod) => Some(pod),
        }
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.seat {
            Seat::Pod => f.pad(&self.node),
            Seat::Host => f.pad(&format!("{}{HOST}", self.node)),
            Seat::Workload(pod) => f.pad(&format!("{}{WORKLOAD}{pod}", self.node)),
        }
    }
}

impl FromStr for Vantage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((node, pod)) = text.split_once(WORKLOAD).filter(|(node, _)| !node.is_empty() && !node.contains('/')) {
            return Ok(Self::workload(node, pod.parse()?));
        }
        match text.split_once('/') {
            None if !text.is_empty() && !text.starts_with(WORKLOAD) => Ok(Self::pod(text)),
            Some((node, "host")) if !node.is_empty() && !node.contains(WORKLOAD) => Ok(Self::host(node)),
            Some(_) | None => {
                Err(format!("expected a node, NODE{HOST} for its host network, or NODE:NAMESPACE/POD for a pod on it, found {text:?}"))
            }
        }
    }
}

impl From<Vantage> for String {
    fn from(vantage: Vantage) -> Self {
        vantage.to_string()
    }
}

impl TryFrom<String> for Vantage {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl schemars::JsonSchema for Vantage {
    fn schema_name() -> Cow<'static, str> {
        "Vantage".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A place that measures or is asked: `node1` is the pod network of that node, `node1/host` its host network, `node1:shop/cart-7f` a pod of the user's on it.",
            "type": "string",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&Vantage>) {
        let found = text.parse::<Vantage>();
        assert_eq!(found.as_ref().ok(), expected, "{text:?}");
        if let Ok(vantage) = found {
            assert_eq!(vantage.to_string(), text);
        }
    }

    #[test]
    fn a_pod_of_the_users_is_in_the_pod_network_and_no_agent_of_it() {
        let vantage: Vantage = "node1:shop/cart-7f".parse().unwrap();
        assert_eq!((vantage.network(), vantage.station()), (Network::Pod, Station::Workload));
        assert_eq!(vantage.of_workload().map(ToString::to_string).as_deref(), Some("shop/cart-7f"));
        assert_ne!(vantage, Vantage::pod("node1"));
    }

    #[test]
    fn a_vantage_is_read_as_it_is_written() {
        check("node1", Some(&Vantage::pod("node1")));
        check("node1/host", Some(&Vantage::host("node1")));
        let cart = |namespace: &str| Vantage::workload("node1", PodName { namespace: namespace.into(), name: "cart-7f".into() });
        check("node1:shop/cart-7f", Some(&cart("shop")));
        // A pod that is called as a network is none.
        let host = Vantage::workload("node1", PodName { namespace: "shop".into(), name: "host".into() });
        check("node1:shop/host", Some(&host));
        let refused = ["", "/host", "node1/", "node1/pod", "node1/host/"];
        for text in refused.into_iter().chain([":", ":a/b", "node1:", "node1:a", "node1:a/", "node1:/b", "node1:a/b/c", "node1/host:a/b"]) {
            check(text, None);
        }
    }
}
