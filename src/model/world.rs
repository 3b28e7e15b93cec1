//! A made-up cluster with made-up faults, for the sandbox and the simulation: plain data, read from a world file.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::probe::Family;
use super::units::{Micros, Ppm};

/// A world file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct World {
    /// The version of the format: `v1`.
    pub netcheck: Version,
    /// Its name.
    pub world: String,
    /// Its nodes.
    pub nodes: Vec<WorldNode>,
    /// The families that every agent has an address of.
    #[serde(default = "both_families")]
    pub families: Vec<Family>,
    /// From a question to its answer, where no fault says otherwise.
    #[serde(default = "default_latency", deserialize_with = "micros")]
    pub latency: Micros,
    /// What is wrong with the network; every fault that fits a packet acts on it.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What is wrong with agents, by node.
    #[serde(default)]
    pub agents: BTreeMap<String, AgentFault>,
}

/// The versions of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// The first.
    V1,
}

/// A node of a world.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorldNode {
    /// Its name.
    pub name: String,
    /// Its zone.
    #[serde(default)]
    pub zone: Option<String>,
    /// Its own condition says that it is not ready, in these words.
    #[serde(default)]
    pub not_ready: Option<String>,
}

/// Something wrong on the way from some nodes to others. What it does not name, it does not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Packets from that node.
    #[serde(default)]
    pub from: Option<String>,
    /// Packets to that node.
    #[serde(default)]
    pub to: Option<String>,
    /// Packets of that protocol.
    #[serde(default)]
    pub protocol: Option<Protocol>,
    /// Packets of that family.
    #[serde(default)]
    pub family: Option<Family>,
    /// This share of them is lost, evenly spread: `50%` loses every second one.
    #[serde(default, deserialize_with = "optional_ppm")]
    pub lose: Option<Ppm>,
    /// They are answered with a refusal.
    #[serde(default)]
    pub refuse: bool,
    /// They take this much longer.
    #[serde(default, deserialize_with = "optional_micros")]
    pub delay: Option<Micros>,
}

/// The protocols of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// ICMP echo.
    Icmp,
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// Something wrong with an agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgentFault {
    /// It never starts, and the backend says this.
    NeverStarts(String),
    /// It starts and never says hello.
    NeverReady,
    /// It is gone after so many outcomes.
    DiesAfter(u32),
    /// It says nothing more after so many outcomes, but its connection stays.
    FreezesAfter(u32),
    /// It speaks this version of the wire.
    Speaks(u32),
    /// It belongs to another run.
    OtherRun,
    /// The line after so many outcomes is noise.
    GarblesAfter(u32),
    /// The outcome after so many comes twice.
    DoublesAfter(u32),
    /// The outcome after so many is left out, though the end counts it.
    DropsAfter(u32),
    /// It has no ICMP socket.
    NoIcmp,
    /// It has no address of that family.
    NoAddress(Family),
}

fn both_families() -> Vec<Family> {
    Family::ALL.to_vec()
}

const fn default_latency() -> Micros {
    Micros(250)
}

fn micros<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Micros, D::Error> {
    Micros::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn optional_micros<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Micros>, D::Error> {
    micros(deserializer).map(Some)
}

fn optional_ppm<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ppm>, D::Error> {
    Ppm::parse(&String::deserialize(deserializer)?).map(Some).map_err(serde::de::Error::custom)
}

impl World {
    /// The built-in world: three nodes in two zones, and nothing wrong.
    #[must_use]
    pub fn three_nodes() -> Self {
        let node = |name: &str, zone: &str| WorldNode { name: name.to_owned(), zone: Some(zone.to_owned()), not_ready: None };
        Self {
            netcheck: Version::V1,
            world: "three-nodes".to_owned(),
            nodes: vec![node("node1", "zone-a"), node("node2", "zone-b"), node("node3", "zone-a")],
            families: both_families(),
            latency: default_latency(),
            faults: Vec::new(),
            agents: BTreeMap::new(),
        }
    }
}
