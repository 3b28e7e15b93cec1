//! An inventory as a file, `netcheck.inventory/v1`: written by `discover`, read by `plan --inventory`. The shape stands apart
//! from the model, so that the model may change freely and the shape may not: within v1, fields are only ever added.
//! It must not know where the text comes from, nor what is planned over it.
//!
//! A field that this version does not know is refused: it was written by hand with a slip, or by a newer netcheck, and a plan
//! that leaves it out might not be the plan that was meant.

mod limits;
mod services;
mod taints;
mod workloads;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::limits::LimitDocument;
use self::services::ServiceDocument;
use self::taints::TaintDocument;
use self::workloads::{PodDocument, all_pods};
use crate::model::family::Family;
use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::service::Service;
use crate::model::units::Port;

/// The most bytes of an inventory: some 20,000 nodes with all their labels.
pub const SIZE_LIMIT: usize = 64 << 20;

/// The name and version of the shape.
const SCHEMA: &str = "netcheck.inventory/v1";

/// What the shape is called in all its versions.
const FAMILY: &str = "netcheck.inventory/";

/// The longest name of a node, in bytes: a DNS name (RFC 1123).
const LONGEST_NAME: usize = 253;

/// What a cluster has to test, as `netcheck discover` found it. Within v1, fields are only ever added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    /// The name and version of this shape: `netcheck.inventory/v1`.
    schema: Version,
    /// The place, as people call it.
    cluster: String,
    /// The place's own version; may be empty.
    #[serde(default)]
    version: String,
    /// Every node, tested or not, by name; no name twice.
    nodes: Vec<NodeDocument>,
    /// What no agent can do in this place: it skips cases.
    #[serde(default)]
    limits: Vec<LimitDocument>,
    /// Every Service; left out where nobody looked (`netcheck discover --services` does).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    services: Option<Vec<ServiceDocument>>,
    /// Pods of the user's; left out where nobody looked (`netcheck discover --pods NAMESPACE` does).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workloads: Option<Vec<PodDocument>>,
}

/// The versions of the shape.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum Version {
    /// The first.
    #[serde(rename = "netcheck.inventory/v1")]
    V1,
}

/// A node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NodeDocument {
    /// Its name.
    name: String,
    /// Its zone, where it has one.
    zone: Option<String>,
    /// The release of its kernel, where it tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kernel: Option<String>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    /// Its internal addresses, at most one a family.
    #[serde(default)]
    addresses: Vec<IpAddr>,
    /// Its external addresses, at most one a family.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    external_addresses: Vec<IpAddr>,
    /// Where its kubelet listens, 1 to 65535, where it states that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u16>", range(min = 1))]
    kubelet_port: Option<Port>,
    /// Its taints, at most 256; left out where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taints: Option<Vec<TaintDocument>>,
    /// Whether it takes part.
    standing: StandingDocument,
}

/// Whether a node takes part.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum StandingDocument {
    /// It gets agents.
    Expected,
    /// It should take part, but its own condition says that it cannot: its pairs are not measured.
    Unready {
        /// In its own words.
        why: String,
    },
    /// A rule leaves it out.
    Excluded {
        /// The rule's name.
        rule: String,
        /// What of the node met the rule.
        why: String,
    },
}

/// Why a text is no inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoInventory {
    /// What is wrong and where, in a line.
    pub message: String,
    /// What to try.
    pub help: &'static str,
}

const DISCOVER: &str = "`netcheck discover -o FILE` writes one";

/// The text of an inventory: equal for equal inventories.
#[must_use]
pub fn write(inventory: &Inventory) -> String {
    let document = Document {
        schema: Version::V1,
        cluster: inventory.cluster.clone(),
        version: inventory.version.clone(),
        nodes: inventory.nodes.iter().map(NodeDocument::of).collect(),
        limits: inventory.limits.iter().map(LimitDocument::of).collect(),
        services: inventory.services.as_ref().map(|services| services.iter().map(ServiceDocument::of).collect()),
        workloads: inventory.workloads.as_ref().map(|pods| pods.iter().map(PodDocument::of).collect()),
    };
    // Plain data has no way to fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// The inventory of a text.
///
/// # Errors
/// It is larger than [`SIZE_LIMIT`], of another version, no JSON, or not of the shape; or two nodes have one name.
pub fn read(text: &[u8]) -> Result<Inventory, NoInventory> {
    if text.len() > SIZE_LIMIT {
        let message = format!("it is larger than the {} MiB that an inventory may have", SIZE_LIMIT >> 20);
        return Err(NoInventory { message, help: DISCOVER });
    }
    version(text)?;
    let document: Document = serde_json::from_slice(text).map_err(|error| broken(&error))?;
    let mut nodes = Vec::with_capacity(document.nodes.len());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (index, node) in document.nodes.iter().enumerate() {
        let wrong = |what: String| NoInventory { message: format!("number {} of `nodes`: {what}", index + 1), help: DISCOVER };
        if let Some(first) = places.insert(&node.name, index) {
            return Err(wrong(format!("the name {:?} is that of number {} already", node.name, first + 1)));
        }
        nodes.push(node.node().map_err(wrong)?);
    }
    nodes.sort_by(|one, other| one.name.cmp(&other.name));
    let limits = document.limits.iter().map(LimitDocument::limit).collect();
    let services = document.services.as_deref().map(all_services).transpose()?;
    let workloads = document.workloads.as_deref().map(all_pods).transpose()?;
    Ok(Inventory { cluster: document.cluster, version: document.version, nodes, limits, services, workloads })
}

/// In order, and none twice.
fn all_services(documents: &[ServiceDocument]) -> Result<Vec<Service>, NoInventory> {
    let mut services: BTreeMap<(Arc<str>, Arc<str>), Service> = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        let wrong = |what: String| NoInventory { message: format!("number {} of `services`: {what}", index + 1), help: DISCOVER };
        let service = document.service().map_err(wrong)?;
        let key = service.key();
        if services.insert((service.namespace.clone(), service.name.clone()), service).is_some() {
            return Err(wrong(format!("{key} is there already")));
        }
    }
    Ok(services.into_values().collect())
}

/// The JSON Schema (2020-12) of the shape: the same on every call.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

/// Before anything else is looked at: what is of another version is not judged by the rules of this one.
fn version(text: &[u8]) -> Result<(), NoInventory> {
    #[derive(Deserialize)]
    #[serde(expecting = "an object")]
    struct Head {
        schema: Option<serde_json::Value>,
    }
    let head: Head = serde_json::from_slice(text).map_err(|error| broken(&error))?;
    let found = head.schema.unwrap_or_default();
    match found.as_str() {
        Some(SCHEMA) => Ok(()),
        Some(other) if other.starts_with(FAMILY) => Err(NoInventory {
            message: format!("it is of version {other:?}, and this netcheck reads {SCHEMA:?}"),
            help: "another netcheck wrote it: plan with that one, or write it anew with this one (`netcheck discover -o FILE`)",
        }),
        Some(other) => Err(NoInventory { message: format!("its `schema` is {other:?}, expected {SCHEMA:?}"), help: DISCOVER }),
        None => Err(NoInventory { message: format!("it has no `schema`, expected {SCHEMA:?}"), help: DISCOVER }),
    }
}

/// The reader's words have line and column in them; names from the text are bounded by the line that is shown.
fn broken(error: &serde_json::Error) -> NoInventory {
    let words: String = error.to_string().chars().take(300).collect();
    NoInventory { message: format!("it is not an inventory: {words}"), help: DISCOVER }
}

impl NodeDocument {
    fn of(node: &Node) -> Self {
        let standing = match &node.standing {
            Standing::Expected => StandingDocument::Expected,
            Standing::Unready { why } => StandingDocument::Unready { why: why.clone() },
            Standing::Excluded { rule, why } => StandingDocument::Excluded { rule: rule.to_string(), why: why.clone() },
        };
        Self {
            name: node.name.to_string(),
            zone: node.zone.clone(),
            kernel: node.kernel.clone(),
            labels: node.labels.clone(),
            addresses: node.addresses.clone(),
            external_addresses: node.external_addresses.clone(),
            kubelet_port: node.kubelet_port,
            taints: node.taints.as_ref().map(|taints| taints.iter().map(TaintDocument::of).collect()),
            standing,
        }
    }

    /// # Errors
    /// What no node can be.
    fn node(&self) -> Result<Node, String> {
        let refused = |character: char| character == '/' || character.is_whitespace() || character.is_control();
        if self.name.is_empty() || self.name.len() > LONGEST_NAME || self.name.contains(refused) {
            let expected = format!("expected a name of 1 to {LONGEST_NAME} bytes without `/` and white space");
            return Err(format!("{expected}, found {:?}", self.name.chars().take(60).collect::<String>()));
        }
        one_of_each(&self.addresses, "")?;
        one_of_each(&self.external_addresses, "external ")?;
        let standing = match &self.standing {
            StandingDocument::Expected => Standing::Expected,
            StandingDocument::Unready { why } => Standing::Unready { why: why.clone() },
            StandingDocument::Excluded { rule, why } => Standing::Excluded { rule: rule.clone().into(), why: why.clone() },
        };
        Ok(Node {
            name: self.name.as_str().into(),
            zone: self.zone.clone(),
            kernel: self.kernel.clone(),
            labels: self.labels.clone(),
            addresses: self.addresses.clone(),
            external_addresses: self.external_addresses.clone(),
            kubelet_port: self.kubelet_port,
            taints: self.taints.as_deref().map(taints::all).transpose()?,
            standing,
        })
    }
}

/// At most one address of each family.
///
/// # Errors
/// The first two of one family.
fn one_of_each(addresses: &[IpAddr], what: &str) -> Result<(), String> {
    for family in Family::ALL {
        let of_family: Vec<_> = addresses.iter().filter(|address| Family::of(**address) == family).collect();
        if let [first, second, ..] = of_family.as_slice() {
            return Err(format!("expected at most one {what}{} address, found {first} and {second}", family.words()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
