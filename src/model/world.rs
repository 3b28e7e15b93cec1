//! A made-up cluster with made-up faults, for the sandbox and the simulation: plain data, read from a world file.
//! It must not know how a fault is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::family::Family;
use super::units::{Bytes, Micros, Port, Ppm};
use super::vantage::{Network, Vantage};

mod addresses;
mod agents;
mod api_server;
mod dns;
mod hosts;
mod nodes;
mod rules;
mod services;
mod translation;
mod words;
mod workloads;

pub use addresses::{ADDRESSES, Site, Spot};
pub use agents::{AgentFault, LineEvent, LineFault};
pub use api_server::{ApiServer, Caller, Reply, Request, Shows};
pub use dns::{DnsFault, Lie, Said, WorldDns, WorldRecord};
pub use hosts::{Manner, Ports, WorldHost};
pub use nodes::WorldNode;
pub use rules::{Packet, Rule, Rules, Turn};
pub use services::{SERVICE_ADDRESSES, Translation, WorldService, is_kept};
pub use translation::{Asked, Backend, Passed, Table};
pub use workloads::WorldWorkload;

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
    /// The largest packet between pods, in bytes: see [`World::mtu`].
    pub overlay_mtu: Bytes,
    /// The largest packet from or to a host network, in bytes: see [`World::mtu`].
    pub host_mtu: Bytes,
    /// Decides what chance decides.
    pub seed: u64,
    /// What is wrong with the network; every fault that fits a packet acts on it, in the order of the file.
    pub faults: Vec<Fault>,
    /// Its DNS server.
    pub dns: WorldDns,
    /// Hosts that are no nodes of it, an API server among them ([`WorldHost::api_server`]); there are no others.
    pub hosts: Vec<WorldHost>,
    /// Its Services; a run may make others.
    pub services: Vec<WorldService>,
    /// What is wrong with the translation of their addresses.
    pub translation: Translation,
    /// Pods of the user's.
    pub workloads: Vec<WorldWorkload>,
    /// What is wrong with agents.
    pub agents: BTreeMap<Vantage, AgentFault>,
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
    /// A host of that name.
    Host(Arc<str>),
}

/// A span of time since the world began, which is when its agents are launched.
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

/// What becomes of a packet. Rules act one after the other, in their order, each on what the ones before let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is lost.
    Lose,
    /// It takes this much longer.
    Delay(Micros),
    /// It takes up to this much longer, each packet its own time.
    Jitter(Micros),
    /// It comes twice; the copy takes the same way at the same time, and no other rule acts on it alone. A second rule doubles
    /// both, and so on up to [`Effect::COPIES_LIMIT`].
    Duplicate,
    /// It comes right after the packet behind it (the next from the same network to the same network), or after
    /// [`Effect::OVERTAKEN_WITHIN`] if none comes. A packet that overtakes one is not itself held back.
    Reorder,
    /// It is answered with a refusal. Only questions are refused ([`Turn`]).
    Refuse(Refuser),
    /// The link takes no more than this, in bytes of the whole IP packet; what is larger is lost.
    Mtu {
        /// The most that it takes.
        most: Bytes,
        /// Whether "too big" is said to the sender by the router before its network ([`Spot::router`]), as RFC 1191 and RFC
        /// 8201 want it, or nothing: a black hole.
        announced: bool,
    },
}

impl Effect {
    /// How often a packet comes at most.
    pub const COPIES_LIMIT: u32 = 16;
    /// The longest that a packet waits to be overtaken.
    pub const OVERTAKEN_WITHIN: Micros = Micros(100_000);
}

/// Who refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuser {
    /// The target, as if nobody listened: TCP reset of a SYN, ICMP port unreachable for everything else. It travels back as an
    /// answer, and meets the faults of that way.
    Target,
    /// The router before the sender's network ([`Spot::router`]), as an administrator's rule: ICMP administratively prohibited
    /// (RFC 1812 5.2.7.1, RFC 4443 3.1). It travels no way on which it could meet a fault.
    Router,
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
        let node = |name: &str, zone: &str| WorldNode { zone: Some(zone.to_owned()), ..WorldNode::plain(name) };
        Self {
            name: "three-nodes".to_owned(),
            nodes: vec![node("node1", "zone-a"), node("node2", "zone-b"), node("node3", "zone-a")],
            families: Family::ALL.to_vec(),
            latency: Self::LATENCY,
            overlay_mtu: Self::OVERLAY_MTU,
            host_mtu: Self::HOST_MTU,
            seed: Self::SEED,
            faults: Vec::new(),
            dns: WorldDns::default(),
            hosts: vec![WorldHost::api_server(&Family::ALL)],
            services: Vec::new(),
            translation: Translation::default(),
            workloads: Vec::new(),
            agents: BTreeMap::new(),
        }
    }

    /// The largest packet between these networks of two nodes, in bytes of the whole IP packet. Only from pod to pod do packets
    /// take the overlay.
    #[must_use]
    pub const fn mtu(&self, from: Network, to: Network) -> Bytes {
        match (from, to) {
            (Network::Pod, Network::Pod) => self.overlay_mtu,
            (Network::Host, Network::Pod | Network::Host) | (Network::Pod, Network::Host) => self.host_mtu,
        }
    }

    /// The most nodes of a world.
    pub const NODES_LIMIT: u32 = 5_000;
    /// The most hosts of a world.
    pub const HOSTS_LIMIT: usize = 100;
    /// The most faults of a world.
    pub const FAULTS_LIMIT: usize = 1_000;
    /// `latency`, where the file says nothing.
    pub const LATENCY: Micros = Micros(250);
    /// `mtu` of the overlay, where the file says nothing: a VXLAN over [`World::HOST_MTU`].
    pub const OVERLAY_MTU: Bytes = Bytes(1_450);
    /// `seed`, where the file says nothing.
    pub const SEED: u64 = 1;
    /// `mtu` of the hosts' network, where the file says nothing.
    pub const HOST_MTU: Bytes = Bytes(1_500);
}
