//! The inventory of a made-up world, the same for the sandbox and the simulation.

use std::net::IpAddr;

use crate::model::inventory::{Inventory, Limit, Node, Standing};
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::model::world::World;

/// Its nodes, by name, when the world is so old; a world that has not begun is not old at all.
pub(super) fn inventory(world: &World, limits: Vec<Limit>, age: Option<Micros>) -> Inventory {
    let age = age.unwrap_or(Micros(0));
    let mut nodes: Vec<Node> = world
        .nodes
        .iter()
        .filter(|node| node.listed.holds(age))
        .map(|node| Node {
            name: node.name.clone(),
            zone: node.zone.clone(),
            labels: node.labels.clone(),
            addresses: addresses(world, &node.name),
            standing: node.not_ready.as_ref().map_or(Standing::Expected, |why| Standing::Unready { why: why.clone() }),
        })
        .collect();
    nodes.sort_by(|one, other| one.name.cmp(&other.name));
    Inventory { cluster: format!("world {}", world.name), version: String::new(), nodes, limits, services: None }
}

/// Of its host network.
fn addresses(world: &World, node: &str) -> Vec<IpAddr> {
    let spot = world.spot(&Vantage::host(node));
    world.families.iter().filter_map(|family| Some(spot?.address(*family))).collect()
}
