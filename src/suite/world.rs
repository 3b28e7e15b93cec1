//! World files: YAML text in, a [`World`] out, or remarks that say what is wrong and where. It goes the way of a suite, but
//! knows no expressions. It must not know what a world is used for.

mod agents;
mod dns;
mod faults;
mod hosts;
mod nodes;
mod services;
mod values;
mod workloads;

use super::check::check;
use super::codes;
use super::language::world::{LATENCY, SEED, SIZE, WORLD};
use super::opening::{of_another_kind, read_with};
use super::remarks::{Remark, Remarks};
use super::source::Source;
use super::tree::{self, Node};
use crate::model::diagnostic::Diagnostic;
use crate::model::family::Family;
use crate::model::units::Bytes;
use crate::model::world::World;

use nodes::Cast;
use values::{duration, families, text, whole};

/// Everything known about one world file.
#[derive(Debug)]
pub struct WorldReading {
    /// The world, unless there are errors.
    pub world: Option<World>,
    /// All remarks, in the order of the file; at most 100, and one more that counts the rest.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a world. `file` is its name as the user gave it, `bytes` its content.
#[must_use]
pub fn read_world(file: &str, bytes: &[u8]) -> WorldReading {
    let (world, diagnostics) = read_with(&WORLD, file, bytes, |source, remarks| world(source, remarks));
    WorldReading { world, diagnostics }
}

/// The smallest MTU with which a link can carry IPv6 (RFC 8200 5).
const LEAST_V6_MTU: u32 = 1_280;

fn world(source: &Source, remarks: &mut Remarks) -> Option<World> {
    let mut root = tree::parse(source.main(), remarks)?;
    if let Some(remark) = of_another_kind(&root, source, &WORLD).or_else(|| suite_instead(&root)) {
        remarks.add(remark);
        return None;
    }
    check(&mut root, &WORLD, remarks);
    let cast = Cast::read(&root, remarks);
    let (overlay_mtu, host_mtu) = mtus(&root, remarks);
    let frame = faults::Frame { cast: &cast, families: families(&root), largest: overlay_mtu.max(host_mtu) };
    let faults = faults::read(&root, &frame, remarks);
    let workloads = workloads::read(&root, &cast, remarks);
    let agents = agents::read(&root, (&cast, &workloads), &frame.families, remarks);
    let (services, translation) = (services::read(&root, &cast, remarks), services::translation(&root, &cast, remarks));
    Some(World {
        name: text(&root, "world")?.to_owned(),
        families: frame.families,
        latency: duration(&root, "latency", &LATENCY).unwrap_or(World::LATENCY),
        overlay_mtu,
        host_mtu,
        seed: whole(&root, "seed", &SEED).map_or(World::SEED, u64::from),
        faults,
        agents,
        dns: dns::read(&root, remarks),
        services,
        translation,
        workloads,
        hosts: cast.hosts,
        nodes: cast.nodes,
    })
}

fn suite_instead(root: &Node) -> Option<Remark> {
    let suite = root.entry("suite").filter(|_| root.entry("world").is_none())?;
    let remark = Remark::error(codes::UNKNOWN_KEY, suite.key.at, "this is a suite, not a world");
    Some(remark.help(["a world describes nodes and faults; netcheck schema world says how"]))
}

/// Those of pods and of hosts.
fn mtus(root: &Node, remarks: &mut Remarks) -> (Bytes, Bytes) {
    let Some(mtu) = root.get("mtu") else { return (World::OVERLAY_MTU, World::HOST_MTU) };
    let v6 = families(root).contains(&Family::V6);
    let mut of = |name: &str, usual: Bytes| {
        let Some(most) = whole(mtu, name, &SIZE) else { return usual };
        if let Some(entry) = mtu.entry(name).filter(|_| v6 && most < LEAST_V6_MTU) {
            let remark = Remark::error(codes::WRONG_VALUE, entry.value.at, format!("IPv6 does not work over an MTU of {most}"));
            let remark = remark.label(format!("expected at least {LEAST_V6_MTU} (RFC 8200), found {most}"));
            remarks.add(remark.help(["give the world IPv4 alone: `families: [v4]`", "or make it a fault: `mtu` with `most` in `faults`"]));
        }
        Bytes(u64::from(most))
    };
    (of("pods", World::OVERLAY_MTU), of("hosts", World::HOST_MTU))
}
