//! The hosts beside the nodes of a world.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::values::{families, whole, word};
use crate::model::units::Port;
use crate::model::world::{ApiServer, Manner, Ports, Shows, Spot, World, WorldDns, WorldHost, is_kept};
use crate::suite::codes;
use crate::suite::language::PORT;
use crate::suite::language::read_address;
use crate::suite::language::world_hosts::{CERTIFICATES, ECHO_MANNERS};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node};

/// The addresses that somebody has, and where that is written.
pub(super) type Taken = HashMap<IpAddr, Place>;

/// Those of the file, and an API server where it says nothing of one.
pub(super) fn read(root: &Node, taken: &mut Taken, remarks: &mut Remarks) -> Vec<WorldHost> {
    let mut hosts = described(root, taken, remarks);
    let usual = WorldHost::api_server(&families(root));
    let stands_for_it = |host: &WorldHost| {
        host.serves.is_some() || host.name == usual.name || usual.addresses.iter().any(|own| host.addresses.contains(own))
    };
    if !hosts.iter().any(stands_for_it) {
        hosts.push(usual);
    }
    hosts
}

fn described(root: &Node, taken: &mut Taken, remarks: &mut Remarks) -> Vec<WorldHost> {
    let Some(hosts) = root.get("hosts") else { return Vec::new() };
    if hosts.entries().len() > World::HOSTS_LIMIT {
        let message = format!("{} hosts are more than a world may have", hosts.entries().len());
        remarks.add(Remark::error(codes::TOO_BIG, hosts.at, message).label(format!("expected at most {}", World::HOSTS_LIMIT)));
        return Vec::new();
    }
    hosts.entries().iter().map(|entry| one(entry, taken, remarks)).collect()
}

fn one(entry: &Entry, taken: &mut Taken, remarks: &mut Remarks) -> WorldHost {
    if *entry.key.name == *WorldDns::NAME {
        let remark = Remark::error(codes::DUPLICATE_ID, entry.key.at, "the host `dns` is the DNS server, which every world has");
        remarks.add(remark.help(["give this host another name, or describe the server under the world's own `dns`"]));
    }
    let items = entry.value.get("addresses").map_or(&[][..], Node::items);
    let icmp = word(&entry.value, "icmp", &ECHO_MANNERS).map_or(Manner::Answers, manner);
    let serves = api_server(&entry.value);
    let mut ports = ports(&entry.value);
    if let Some(serves) = &serves {
        ports.tcp.entry(serves.port).or_insert(Manner::Answers);
    }
    WorldHost {
        name: entry.key.name.clone(),
        addresses: items.iter().filter_map(|item| address(item, taken, remarks)).collect(),
        icmp,
        ports,
        serves,
    }
}

fn api_server(host: &Node) -> Option<ApiServer> {
    let node = host.get("apiServer")?;
    let port = whole(node, "port", &PORT).map_or(Some(Port::HTTPS), Port::of)?;
    let shows = match word(node, "certificate", &CERTIFICATES) {
        Some("expired") => Shows::Expired,
        Some("endsSoon") => Shows::EndsSoon,
        Some("otherName") => Shows::OtherName,
        Some("otherAuthority") => Shows::OtherAuthority,
        Some(_) | None => Shows::Valid,
    };
    let failing = node.get("failing").map_or(&[][..], Node::items).iter().filter_map(Node::scalar);
    let failing = failing.map(|check| check.text.to_string()).collect();
    Some(ApiServer { port, shows, failing })
}

/// What is no address is among the remarks already.
pub(super) fn address(node: &Node, taken: &mut Taken, remarks: &mut Remarks) -> Option<IpAddr> {
    let address = read_address(node.scalar()?).ok()?;
    if Spot::keeps(address) || is_kept(address) {
        let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("{address} is kept for nodes, their routers and Services"));
        remarks.add(remark.label("expected one outside of 10.244.0.0/14, 10.248.0.0/16, fd44::/14 and fd48::/16"));
        return None;
    }
    if let Some(first) = taken.insert(address, node.at) {
        let remark = Remark::error(codes::DUPLICATE_ID, node.at, format!("the address {address} is there twice"));
        remarks.add(remark.label("the second").related(first, "the first").help(["give each host and each node addresses of its own"]));
        return None;
    }
    Some(address)
}

/// `tcp` and `udp` of a host or a node.
pub(super) fn ports(of: &Node) -> Ports {
    Ports { tcp: manners(of, "tcp"), udp: manners(of, "udp") }
}

fn manners(of: &Node, key: &str) -> BTreeMap<Port, Manner> {
    let entries = of.get(key).map_or(&[][..], Node::entries).iter();
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
