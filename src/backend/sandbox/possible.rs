//! What of a world a kind of isolation can make. What it cannot is an error that names it: a fault that is left out would make
//! the world healthier than its author wrote it.

use super::isolation::Isolation;
use super::refused::Refused;
use crate::backend::BackendError;
use crate::model::world::{AgentFault, World, WorldHost};

/// The most nodes: they share the processors of one machine, and beyond this its own slowness reads as loss.
const NODES_LIMIT: usize = 40;

/// Most faults that an error lists.
const LISTED: usize = 5;

/// Whether the whole world can be had with that isolation.
pub(super) fn check(world: &World, isolation: &Isolation) -> Result<(), BackendError> {
    has_room(world)?;
    // Its networks have one address of each family.
    let outside = world.nodes.iter().filter(|node| !node.external_addresses.is_empty());
    let outside = outside.map(|node| format!("external addresses of node {}", node.name));
    let impossible: Vec<String> = outside.chain(in_agents(world, is_lie)).collect();
    if !impossible.is_empty() {
        let message = format!("the sandbox cannot make all of world {:?}", world.name);
        return Err(refuse(message, impossible, vec!["--backend simulated takes every world".to_owned()]));
    }
    match isolation {
        Isolation::Namespaces => Ok(()),
        Isolation::Loopback { because } => on_loopback(world, because.as_ref()),
    }
}

/// Whether the sandbox takes that many nodes.
pub(super) fn has_room(world: &World) -> Result<(), BackendError> {
    if world.nodes.len() > NODES_LIMIT {
        let message = format!("the sandbox has room for {NODES_LIMIT} nodes, world {:?} has {}", world.name, world.nodes.len());
        return Err(refuse(message, Vec::new(), vec!["--backend simulated takes every world".to_owned()]));
    }
    Ok(())
}

fn on_loopback(world: &World, because: Option<&Refused>) -> Result<(), BackendError> {
    let gone = world.nodes.iter().filter(|node| node.gone_after.is_some()).map(|node| format!("node {} is gone after a while", node.name));
    let services = world.services.iter().map(|service| format!("the Service {}/{}", service.namespace, service.name));
    let listening = world.nodes.iter().filter(|node| !node.ports.is_empty()).map(|node| format!("ports of node {}", node.name));
    // The API server that every world has is not reached there, and no Service leads to it.
    let usual = WorldHost::api_server(&world.families);
    let hosts = world.hosts.iter().filter(|host| **host != usual).map(|host| format!("host {}", host.name));
    let translated = world
        .translation
        .broken
        .iter()
        .chain(&world.translation.dead)
        .chain(&world.translation.stale)
        .map(|node| format!("translation on {node}"));
    let faults: Vec<String> = world
        .faults
        .iter()
        .map(ToString::to_string)
        .chain(gone)
        .chain(listening)
        .chain(hosts)
        .chain(services)
        .chain(translated)
        .chain(in_agents(world, is_of_network))
        .collect();
    let simulated = "--backend simulated takes every world".to_owned();
    match because {
        _ if faults.is_empty() => Ok(()),
        None => {
            let message = format!("--isolation loopback cannot make these faults of world {:?}", world.name);
            Err(refuse(message, faults, vec!["--isolation namespaces can".to_owned(), simulated]))
        }
        Some(refused) => {
            let message =
                format!("world {:?} has faults that take network namespaces, and this machine refuses them: {refused}", world.name);
            let help = refused.step.help().into_iter().chain([simulated]).collect();
            Err(BackendError { code: "isolation", ..refuse(message, faults, help) })
        }
    }
}

fn refuse(message: String, mut faults: Vec<String>, help: Vec<String>) -> BackendError {
    let more = faults.len().saturating_sub(LISTED);
    faults.truncate(LISTED);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    BackendError { code: "world", message, details: faults, help }
}

fn in_agents(world: &World, takes: fn(&AgentFault) -> bool) -> impl Iterator<Item = String> {
    world.agents.iter().filter(move |(_, fault)| takes(fault)).map(|(vantage, fault)| format!("agent {vantage}: {fault}"))
}

/// Whether it is the agent's network that is at fault.
const fn is_of_network(fault: &AgentFault) -> bool {
    match fault {
        AgentFault::NoIcmp | AgentFault::NoGateway | AgentFault::MuteGateway | AgentFault::NoAddress(_) => true,
        AgentFault::NeverStarts(_)
        | AgentFault::NeverReady
        | AgentFault::DiesAfter(_)
        | AgentFault::FreezesAfter(_)
        | AgentFault::Speaks(_)
        | AgentFault::OtherRun
        | AgentFault::GarblesAfter(_)
        | AgentFault::DoublesAfter(_)
        | AgentFault::DropsAfter(_)
        | AgentFault::Line(_) => false,
    }
}

/// Whether an honest agent over an honest line cannot be made to do it.
const fn is_lie(fault: &AgentFault) -> bool {
    match fault {
        AgentFault::Speaks(_)
        | AgentFault::OtherRun
        | AgentFault::GarblesAfter(_)
        | AgentFault::DoublesAfter(_)
        | AgentFault::DropsAfter(_)
        | AgentFault::Line(_) => true,
        AgentFault::NeverStarts(_)
        | AgentFault::NeverReady
        | AgentFault::DiesAfter(_)
        | AgentFault::FreezesAfter(_)
        | AgentFault::NoIcmp
        | AgentFault::NoGateway
        | AgentFault::MuteGateway
        | AgentFault::NoAddress(_) => false,
    }
}
