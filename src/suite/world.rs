//! World files: YAML text → [`World`], or what is wrong with it. It must not know what a world is used for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::model::probe::Family;
use crate::model::units::{Micros, Ppm};
use crate::model::vantage::Vantage;
use crate::model::world::{AgentFault, Effect, End, Fault, Protocol, Refuser, Scope, Way, World, WorldNode};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    #[allow(dead_code)]
    netcheck: Version,
    world: String,
    nodes: Vec<WrittenNode>,
    families: Option<Vec<Family>>,
    latency: Option<String>,
    #[serde(default)]
    faults: Vec<WrittenFault>,
    #[serde(default)]
    agents: BTreeMap<String, WrittenAgent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Version {
    V1,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenNode {
    name: String,
    zone: Option<String>,
    not_ready: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenFault {
    from: Option<String>,
    to: Option<String>,
    protocol: Option<String>,
    family: Option<Family>,
    lose: Option<String>,
    #[serde(default)]
    refuse: bool,
    delay: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum WrittenAgent {
    NeverStarts(String),
    NeverReady,
    DiesAfter(u32),
    FreezesAfter(u32),
    Speaks(u32),
    OtherRun,
    GarblesAfter(u32),
    DoublesAfter(u32),
    DropsAfter(u32),
    NoIcmp,
    NoAddress(Family),
}

/// Reads a world file.
///
/// # Errors
/// In words, with line and column where the text is at fault.
pub fn world(text: &str) -> Result<World, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let written: Written = serde_saphyr::from_str_with_options(text, options).map_err(|error| in_words(&error.to_string()))?;
    let mut names = BTreeSet::new();
    for node in &written.nodes {
        if !names.insert(node.name.as_str()) {
            return Err(format!("two nodes are called {:?}", node.name));
        }
    }
    let ends = written.faults.iter().flat_map(|fault| [&fault.from, &fault.to]).flatten();
    if let Some(unknown) = ends.chain(written.agents.keys()).find(|name| !names.contains(name.as_str())) {
        return Err(format!("there is no node {unknown:?}; the nodes are {}", names.into_iter().collect::<Vec<_>>().join(", ")));
    }
    if let Some(number) = written.faults.iter().position(|fault| fault.lose.is_none() && !fault.refuse && fault.delay.is_none()) {
        return Err(format!("fault {} does nothing: give it lose, refuse or delay", number + 1));
    }
    let mut faults = Vec::new();
    for fault in written.faults {
        let end = |name: Option<String>| name.map(|name| End::Node(name.into()));
        let protocol = match fault.protocol.as_deref() {
            Some("icmp") => Some(Protocol::Icmp),
            Some("udp") => Some(Protocol::Udp),
            Some("tcp") => Some(Protocol::Tcp),
            Some(other) => return Err(format!("unknown variant {other}")),
            None => None,
        };
        let scope = Scope { way: Way::Directed { from: end(fault.from), to: end(fault.to) }, protocol, family: fault.family, ..Scope::ALL };
        if let Some(share) = fault.lose {
            faults.push(Fault { scope: Scope { share: Ppm::parse(&share)?, ..scope.clone() }, effect: Effect::Lose });
        }
        if fault.refuse {
            faults.push(Fault { scope: scope.clone(), effect: Effect::Refuse(Refuser::Target) });
        }
        if let Some(delay) = fault.delay {
            faults.push(Fault { scope, effect: Effect::Delay(Micros::parse(&delay)?) });
        }
    }
    let agent = |agent| match agent {
        WrittenAgent::NeverStarts(why) => AgentFault::NeverStarts(why),
        WrittenAgent::NeverReady => AgentFault::NeverReady,
        WrittenAgent::DiesAfter(count) => AgentFault::DiesAfter(count),
        WrittenAgent::FreezesAfter(count) => AgentFault::FreezesAfter(count),
        WrittenAgent::Speaks(version) => AgentFault::Speaks(version),
        WrittenAgent::OtherRun => AgentFault::OtherRun,
        WrittenAgent::GarblesAfter(count) => AgentFault::GarblesAfter(count),
        WrittenAgent::DoublesAfter(count) => AgentFault::DoublesAfter(count),
        WrittenAgent::DropsAfter(count) => AgentFault::DropsAfter(count),
        WrittenAgent::NoIcmp => AgentFault::NoIcmp,
        WrittenAgent::NoAddress(family) => AgentFault::NoAddress(family),
    };
    let node = |node: WrittenNode| WorldNode { name: node.name.into(), zone: node.zone, not_ready: node.not_ready, gone_after: None };
    Ok(World {
        name: written.world,
        nodes: written.nodes.into_iter().map(node).collect(),
        families: written.families.unwrap_or_else(|| Family::ALL.to_vec()),
        latency: written.latency.map_or(Ok(World::LATENCY), |text| Micros::parse(&text))?,
        overlay_mtu: World::OVERLAY_MTU,
        host_mtu: World::HOST_MTU,
        seed: 1,
        faults,
        agents: written.agents.into_iter().map(|(name, fault)| (Vantage::pod(&name), agent(fault))).collect(),
    })
}

/// The reader's message in one line, without the drawing behind it: `line 5 column 3: unknown field …`.
fn in_words(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").split(" --> ").next().unwrap_or_default().trim_end().to_owned()
}
