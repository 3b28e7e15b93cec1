//! The hosts beside the nodes of a world.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::values::word;
use crate::model::units::Port;
use crate::model::world::{Manner, Spot, World, WorldDns, WorldHost};
use crate::suite::codes;
use crate::suite::language::read_host;
use crate::suite::language::world_hosts::ECHO_MANNERS;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node};

pub(super) fn read(root: &Node, remarks: &mut Remarks) -> Vec<WorldHost> {
    let Some(hosts) = root.get("hosts") else { return Vec::new() };
    if hosts.entries().len() > World::HOSTS_LIMIT {
        let message = format!("{} hosts are more than a world may have", hosts.entries().len());
        remarks.add(Remark::error(codes::TOO_BIG, hosts.at, message).label(format!("expected at most {}", World::HOSTS_LIMIT)));
        return Vec::new();
    }
    let mut taken = HashMap::new();
    hosts.entries().iter().map(|entry| one(entry, &mut taken, remarks)).collect()
}

fn one(entry: &Entry, taken: &mut HashMap<IpAddr, Place>, remarks: &mut Remarks) -> WorldHost {
    if *entry.key.name == *WorldDns::NAME {
        let remark = Remark::error(codes::DUPLICATE_ID, entry.key.at, "the host `dns` is the DNS server, which every world has");
        remarks.add(remark.help(["give this host another name, or describe the server under the world's own `dns`"]));
    }
    let items = entry.value.get("addresses").map_or(&[][..], Node::items);
    let icmp = word(&entry.value, "icmp", &ECHO_MANNERS).map_or(Manner::Answers, manner);
    WorldHost {
        name: entry.key.name.clone(),
        addresses: items.iter().filter_map(|item| address(item, taken, remarks)).collect(),
        icmp,
        tcp: ports(&entry.value, "tcp"),
        udp: ports(&entry.value, "udp"),
    }
}

/// What is no address is among the remarks already.
fn address(node: &Node, taken: &mut HashMap<IpAddr, Place>, remarks: &mut Remarks) -> Option<IpAddr> {
    let address = read_host(node.scalar()?).ok()?;
    if Spot::keeps(address) {
        let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("{address} is kept for nodes and their routers"));
        remarks.add(remark.label("expected one outside of 10.244.0.0/14 and fd44::/14"));
        return None;
    }
    if let Some(first) = taken.insert(address, node.at) {
        let remark = Remark::error(codes::DUPLICATE_ID, node.at, format!("two hosts have the address {address}"));
        remarks.add(remark.label("the second").related(first, "the first").help(["give each host addresses of its own"]));
        return None;
    }
    Some(address)
}

fn ports(host: &Node, key: &str) -> BTreeMap<Port, Manner> {
    let entries = host.get(key).map_or(&[][..], Node::entries).iter();
    let port = |entry: &Entry| Some((Port::new(entry.key.name.parse().ok()?)?, manner(&entry.value.scalar()?.text)));
    entries.filter_map(port).collect()
}

/// Other words are among the remarks, and the world is none.
fn manner(word: &str) -> Manner {
    match word {
        "answers" => Manner::Answers,
        "refuses" => Manner::Refuses,
        _ => Manner::Silent,
    }
}
