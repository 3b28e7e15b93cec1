//! A made-up cluster with made-up faults, for the sandbox and the simulation: plain data, read from a world file.
//! It must not know how a fault is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::probe::Family;
use super::units::{Bytes, Micros, Port, Ppm};
use super::vantage::{Network, Vantage};

/// A world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// Its name.
    pub name: String,
    /// Its nodes, in the order of the file; node i has the i-th addresses.
    pub nodes: Vec<WorldNode>,
    /// The families that every agent has an address of.
    pub families: Vec<Family>,
    /// From a question to its answer, where no fault says otherwise.
    pub latency: Micros,
    /// The largest packet between pods of different nodes, in bytes.
    pub overlay_mtu: Bytes,
    /// The largest packet between nodes, in bytes.
    pub host_mtu: Bytes,
    /// Decides what chance decides.
    pub seed: u64,
    /// What is wrong with the network; every fault that fits a packet acts on it, in the order of the file.
    pub faults: Vec<Fault>,
    /// What is wrong with agents.
    pub agents: BTreeMap<Vantage, AgentFault>,
}

/// A node of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldNode {
    /// Its name.
    pub name: Arc<str>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its own condition says that it is not ready, in these words.
    pub not_ready: Option<String>,
}

/// Something wrong with packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which packets.
    pub scope: Scope,
    /// What becomes of them.
    pub effect: Effect,
}

/// Which packets a fault acts on: those that fit all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// From where to where.
    pub way: Way,
    /// Of that family.
    pub family: Option<Family>,
    /// Of that protocol. An ICMP error belongs to ICMP.
    pub protocol: Option<Protocol>,
    /// To that port (TCP and UDP), or from it, for the way back.
    pub port: Option<Port>,
    /// Larger than this, in bytes of the whole IP packet.
    pub larger_than: Option<Bytes>,
    /// This share of them: chance decides for each in the sandbox; evenly spread in the simulation.
    pub share: Ppm,
    /// Only then.
    pub during: During,
}

/// From where to where packets go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// From any of these to any of those; none stands for everywhere.
    Directed {
        /// From there.
        from: Option<End>,
        /// To there.
        to: Option<End>,
    },
    /// Both ways between these.
    Between(End, End),
    /// To it or from it.
    At(End),
}

/// One end of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Both networks of that node.
    Node(Arc<str>),
    /// One network of that node.
    Vantage(Vantage),
    /// All nodes of that zone.
    Zone(String),
    /// That network of all nodes.
    Network(Network),
}

/// A span of time since the world began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct During {
    /// Its beginning.
    pub from: Micros,
    /// Its end; none while the world lasts.
    pub until: Option<Micros>,
}

/// The protocols of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// ICMP echo, and ICMP errors.
    Icmp,
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is lost.
    Lose,
    /// It takes this much longer.
    Delay(Micros),
    /// It takes up to this much longer, each packet its own time.
    Jitter(Micros),
    /// It comes twice.
    Duplicate,
    /// It comes after the packet behind it.
    Reorder,
    /// It is answered with a refusal.
    Refuse(Refuser),
    /// The link takes no more than this, in bytes of the whole IP packet.
    Mtu {
        /// The most that it takes.
        most: Bytes,
        /// Whether "too big" is said to the sender, as RFC 1191 and RFC 8201 want it, or nothing: a black hole.
        announced: bool,
    },
}

/// Who refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuser {
    /// The target, as if nobody listened: TCP reset, ICMP port unreachable.
    Target,
    /// A router on the way, as an administrator's rule: ICMP administratively prohibited.
    Router,
}

/// Something wrong with an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentFault {
    /// It never starts, and the backend says this.
    NeverStarts(String),
    /// It starts and never says hello.
    NeverReady,
    /// It is gone after so many outcomes.
    DiesAfter(u32),
    /// It says nothing more after so many outcomes, and answers no packet, but its connection stays.
    FreezesAfter(u32),
    /// It speaks this version of the wire.
    Speaks(u32),
    /// It belongs to another run.
    OtherRun,
    /// The record after so many outcomes is noise, however often it is told.
    GarblesAfter(u32),
    /// The outcome after so many comes twice, under two numbers.
    DoublesAfter(u32),
    /// One outcome, after so many, is left out wherever it is told, though the end counts it.
    DropsAfter(u32),
    /// It has no ICMP socket.
    NoIcmp,
    /// It has no address of that family.
    NoAddress(Family),
    /// Its connection with the controller suffers, in this order.
    Line(Vec<LineFault>),
}

/// What happens to the lines between an agent and its controller, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineFault {
    /// When the agent has said so many bytes, over all its connections.
    pub after: Bytes,
    /// What happens then.
    pub event: LineEvent,
}

/// What can happen to lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEvent {
    /// The connection breaks there, in the middle of a line perhaps.
    Cut,
    /// The connection breaks, and no other comes about for so long.
    CutOff(Micros),
    /// One byte comes as another.
    Garble,
    /// The line comes twice.
    Double,
    /// Nothing goes through for so long, then all that waited.
    Delay(Micros),
}

impl Scope {
    /// Every packet, always.
    pub const ALL: Self = Self {
        way: Way::Directed { from: None, to: None },
        family: None,
        protocol: None,
        port: None,
        larger_than: None,
        share: Ppm(1_000_000),
        during: During { from: Micros(0), until: None },
    };
}

impl World {
    /// The built-in world: three nodes in two zones, and nothing wrong.
    #[must_use]
    pub fn three_nodes() -> Self {
        let node = |name: &str, zone: &str| WorldNode { name: name.into(), zone: Some(zone.to_owned()), not_ready: None };
        Self {
            name: "three-nodes".to_owned(),
            nodes: vec![node("node1", "zone-a"), node("node2", "zone-b"), node("node3", "zone-a")],
            families: Family::ALL.to_vec(),
            latency: Self::LATENCY,
            overlay_mtu: Self::OVERLAY_MTU,
            host_mtu: Self::HOST_MTU,
            seed: 1,
            faults: Vec::new(),
            agents: BTreeMap::new(),
        }
    }

    /// `latency`, where the file says nothing.
    pub const LATENCY: Micros = Micros(250);
    /// `mtu` of the overlay, where the file says nothing: a VXLAN over [`World::HOST_MTU`].
    pub const OVERLAY_MTU: Bytes = Bytes(1_450);
    /// `mtu` of the hosts' network, where the file says nothing.
    pub const HOST_MTU: Bytes = Bytes(1_500);
}
