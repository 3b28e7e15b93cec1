//! The nodes of a world, and who may be named elsewhere in its file.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use super::hosts::{self, Taken};
use super::values::{duration, text, whole, window};
use crate::model::family::Family;
use crate::model::selector::Labels;
use crate::model::taint::Taint;
use crate::model::units::Port;
use crate::model::vantage::{Network, Vantage};
use crate::model::world::{End, Manner, Ports, World, WorldDns, WorldHost, WorldNode};
use crate::suite::codes;
use crate::suite::language::world_nodes::NODE_COUNT;
use crate::suite::language::world_words::SPAN;
use crate::suite::language::{PORT, read_whole};
use crate::suite::remarks::{Remark, Remarks, did_you_mean};
use crate::suite::source::Place;
use crate::suite::tree::Node;

/// The nodes of a world and the names in them.
pub(super) struct Cast {
    pub(super) nodes: Vec<WorldNode>,
    pub(super) hosts: Vec<WorldHost>,
    names: HashMap<String, usize>,
    zones: BTreeSet<String>,
}

/// The most names that a remark lists.
const LISTED: usize = 10;

impl Cast {
    pub(super) fn read(root: &Node, remarks: &mut Remarks) -> Self {
        let mut taken = Taken::new();
        let nodes = Self::of_nodes(root, &mut taken, remarks);
        Self { hosts: hosts::read(root, &mut taken, remarks), ..nodes }
    }

    fn of_nodes(root: &Node, taken: &mut Taken, remarks: &mut Remarks) -> Self {
        let Some(node) = root.get("nodes") else { return Self::of(Vec::new()) };
        if let Some(count) = node.scalar().and_then(|scalar| read_whole(scalar, &NODE_COUNT).ok()) {
            return Self::of((1..=count).map(|number| WorldNode::plain(&format!("node{number}"))).collect());
        }
        if node.items().len() > World::NODES_LIMIT as usize {
            let message = format!("{} nodes are more than a world may have", node.items().len());
            remarks.add(Remark::error(codes::TOO_BIG, node.at, message).label(format!("expected at most {}", World::NODES_LIMIT)));
            return Self::of(Vec::new());
        }
        unique(node.items(), remarks);
        Self::of(node.items().iter().filter_map(|node| one(node, taken, remarks)).collect())
    }

    fn of(nodes: Vec<WorldNode>) -> Self {
        let names = nodes.iter().enumerate().map(|(number, node)| (node.name.to_string(), number)).collect();
        let zones = nodes.iter().filter_map(|node| node.zone.clone()).collect();
        Self { nodes, hosts: Vec::new(), names, zones }
    }

    /// The node of that name; a remark if there is none.
    pub(super) fn node(&self, name: &str, place: Place, remarks: &mut Remarks) -> Option<&WorldNode> {
        let node = self.names.get(name).and_then(|number| self.nodes.get(*number));
        // A world whose nodes could not be read has been told of.
        if node.is_none() && !(self.nodes.is_empty() && remarks.failed()) {
            let names = self.nodes.iter().map(|node| &*node.name);
            remarks.error(|| unknown("node", name, names, place));
        }
        node
    }

    /// An end of a way; a remark if the world does not have it.
    pub(super) fn end(&self, node: &Node, remarks: &mut Remarks) -> Option<End> {
        if let Some(zone) = node.get("zone") {
            return self.zone(&zone.scalar()?.text, zone.at, remarks);
        }
        if let Some(host) = node.get("host") {
            return self.host(&host.scalar()?.text, host.at, remarks);
        }
        let written = &*node.scalar()?.text;
        let (name, network) = match written.split_once('/') {
            Some((name, "pod")) => (name, Some(Network::Pod)),
            Some((name, "host")) => (name, Some(Network::Host)),
            Some(_) => return None,
            None if written == "pods" => return Some(End::Network(Network::Pod)),
            None if written == "hosts" => return Some(End::Network(Network::Host)),
            None => (written, None),
        };
        let node = self.node(name, node.at, remarks)?;
        Some(network.map_or_else(|| End::Node(node.name.clone()), |network| End::Vantage(Vantage::of(network, &node.name))))
    }

    fn host(&self, name: &str, place: Place, remarks: &mut Remarks) -> Option<End> {
        if name == WorldDns::NAME {
            return Some(End::Host(name.into()));
        }
        let host = self.hosts.iter().find(|host| *host.name == *name);
        if host.is_none() && !(self.hosts.is_empty() && remarks.failed()) {
            remarks.error(|| unknown("host", name, self.hosts.iter().map(|host| &*host.name), place));
        }
        host.map(|host| End::Host(host.name.clone()))
    }

    fn zone(&self, name: &str, place: Place, remarks: &mut Remarks) -> Option<End> {
        if self.zones.contains(name) {
            return Some(End::Zone(name.to_owned()));
        }
        if !(self.nodes.is_empty() && remarks.failed()) {
            remarks.error(|| unknown("zone", name, self.zones.iter().map(String::as_str), place));
        }
        None
    }
}

fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str> + Clone, place: Place) -> Remark {
    let remark = Remark::error(codes::NOT_IN_WORLD, place, format!("the world has no {what} `{name}`"));
    let listed: Vec<_> = known.clone().take(LISTED).collect();
    let more = if known.clone().nth(LISTED).is_some() { ", …" } else { "" };
    let label = if listed.is_empty() { format!("it has no {what}s") } else { format!("expected one of {}{more}", listed.join(", ")) };
    remark.label(label).help(did_you_mean(name, known))
}

fn one(node: &Node, taken: &mut Taken, remarks: &mut Remarks) -> Option<WorldNode> {
    let kubelet_port = whole(node, "kubeletPort", &PORT).and_then(Port::of);
    Some(WorldNode {
        zone: text(node, "zone").map(str::to_owned),
        kernel: text(node, "kernel").map(str::to_owned),
        labels: labels(node),
        taints: taints(node, remarks),
        not_ready: text(node, "notReady").map(str::to_owned),
        gone_after: duration(node, "goneAfter", &SPAN),
        ports: ports(node, kubelet_port),
        external_addresses: external_addresses(node, taken, remarks),
        kubelet_port,
        listed: window(node, "listed", remarks),
        ..WorldNode::plain(text(node, "name")?)
    })
}

/// Those of the file, and its kubelet.
fn ports(node: &Node, kubelet: Option<Port>) -> Ports {
    let mut ports = hosts::ports(node);
    if let Some(port) = kubelet {
        ports.tcp.entry(port).or_insert(Manner::Answers);
    }
    ports
}

fn external_addresses(node: &Node, taken: &mut Taken, remarks: &mut Remarks) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for item in node.get("externalAddresses").map_or(&[][..], Node::items) {
        let Some(address) = hosts::address(item, taken, remarks) else { continue };
        let family = Family::of(address);
        if addresses.iter().any(|other| Family::of(*other) == family) {
            let message = format!("the node has two external {} addresses", family.words());
            remarks.add(Remark::error(codes::WRONG_VALUE, item.at, message).label("expected at most one of each family"));
        }
        addresses.push(address);
    }
    addresses
}

/// What the shape check has refused is none here.
fn taints(node: &Node, remarks: &mut Remarks) -> Vec<Taint> {
    let Some(taints) = node.get("taints") else { return Vec::new() };
    if taints.items().len() > Taint::MOST {
        let message = format!("the node has {} taints", taints.items().len());
        remarks.add(Remark::error(codes::TOO_BIG, taints.at, message).label(format!("expected at most {}", Taint::MOST)));
    }
    taints.items().iter().take(Taint::MOST).filter_map(|item| Taint::parse(&item.scalar()?.text).ok()).collect()
}

pub(super) fn labels(node: &Node) -> Labels {
    let entries = node.get("labels").map_or(&[][..], Node::entries).iter();
    entries.filter_map(|entry| Some((entry.key.name.to_string(), entry.value.scalar()?.text.to_string()))).collect()
}

fn unique(nodes: &[Node], remarks: &mut Remarks) {
    let mut seen = HashMap::new();
    for node in nodes {
        let Some((name, value)) = node.get("name").and_then(|name| Some((name.scalar()?, name))) else { continue };
        if let Some(first) = seen.insert(name.text.clone(), value.at) {
            let remark = Remark::error(codes::DUPLICATE_ID, value.at, format!("two nodes have the name `{}`", name.text));
            remarks.add(remark.label("the second").related(first, "the first").help(["give each node a name of its own"]));
        }
    }
}
