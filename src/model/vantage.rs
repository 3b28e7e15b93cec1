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

/// A place that measures or is asked: the pod network or the host network of the node of that name. Written `node1` and
/// `node1/host`, everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Vantage {
    node: Arc<str>,
    network: Network,
}

/// Behind the node's name; no node's name has a slash in it (RFC 1123).
const HOST: &str = "/host";

impl Vantage {
    /// In that network of the node of that name.
    #[must_use]
    pub fn of(network: Network, node: &str) -> Self {
        Self { node: Arc::from(node), network }
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

    /// The node's name.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// In which of the node's networks it is.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.network {
            Network::Pod => f.pad(&self.node),
            Network::Host => f.pad(&format!("{}{HOST}", self.node)),
        }
    }
}

impl FromStr for Vantage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            None if !text.is_empty() => Ok(Self::pod(text)),
            Some((node, "host")) if !node.is_empty() => Ok(Self::host(node)),
            Some(_) | None => Err(format!("expected a node, or NODE{HOST} for its host network, found {text:?}")),
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
            "description": "A place that measures or is asked: `node1` is the pod network of that node, `node1/host` its host network.",
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
    fn a_vantage_is_read_as_it_is_written() {
        check("node1", Some(&Vantage::pod("node1")));
        check("node1/host", Some(&Vantage::host("node1")));
        for text in ["", "/host", "node1/", "node1/pod", "node1/host/"] {
            check(text, None);
        }
    }
}
