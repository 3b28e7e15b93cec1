//! The Services of a world, and what is wrong with their translation.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::nodes::Cast;
use super::values::{families, text, whole, word};
use crate::model::family::Family;
use crate::model::selector::Labels;
use crate::model::service::{ServicePort, Transport};
use crate::model::units::Port;
use crate::model::world::{Translation, World, WorldDns, WorldService};
use crate::suite::codes;
use crate::suite::language::{PORT, PROTOCOLS, read_flag};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::tree::{Entry, Node};

pub(super) fn read(root: &Node, cast: &Cast, remarks: &mut Remarks) -> Vec<WorldService> {
    let Some(services) = root.get("services") else { return Vec::new() };
    if services.entries().len() > World::SERVICES_LIMIT {
        let message = format!("{} Services are more than a world may have", services.entries().len());
        remarks.add(Remark::error(codes::TOO_BIG, services.at, message).label(format!("expected at most {}", World::SERVICES_LIMIT)));
        return Vec::new();
    }
    services.entries().iter().filter_map(|entry| one(root, entry, cast, remarks)).collect()
}

/// What is wrong with it has its remark.
fn one(root: &Node, entry: &Entry, cast: &Cast, remarks: &mut Remarks) -> Option<WorldService> {
    let (namespace, name) = entry.key.name.split_once('/')?;
    let node = &entry.value;
    let labels = node.get("labels").map_or(&[][..], Node::entries).iter();
    let label = |entry: &Entry| Some((entry.key.name.to_string(), entry.value.scalar()?.text.to_string()));
    let own = if node.get("families").is_some() { families(node) } else { families(root) };
    let ready = match node.get("ready") {
        None => cast.nodes.iter().map(|node| node.name.clone()).collect(),
        Some(ready) => names(ready, cast, remarks),
    };
    let flag = |key: &str| node.get(key).and_then(Node::scalar).and_then(|scalar| read_flag(scalar).ok()).unwrap_or(false);
    let (headless, balanced, external) = (flag("headless"), flag("loadBalancer"), flag("externalIPs"));
    for (key, what) in [("loadBalancer", "load balancer"), ("externalIPs", "external addresses")] {
        if headless && flag(key) {
            let at = node.get(key).map_or(node.at, |node| node.at);
            let remark = Remark::error(codes::WRONG_VALUE, at, format!("a headless Service has no {what}"));
            remarks.add(remark.help([format!("leave out `headless` or `{key}`")]));
        }
    }
    if (namespace, name) == WorldDns::SERVICE {
        of_dns(node, headless, remarks);
    }
    Some(WorldService {
        namespace: namespace.into(),
        name: name.into(),
        labels: labels.filter_map(label).collect::<Labels>(),
        families: own.into_iter().collect::<Vec<Family>>(),
        headless,
        balanced,
        external,
        ports: node.get("ports").map_or(&[][..], Node::items).iter().filter_map(port).collect(),
        ready,
    })
}

/// Behind it is no agent, but the DNS server, at the addresses that resolv.conf names.
fn of_dns(service: &Node, headless: bool, remarks: &mut Remarks) {
    let mut refuse = |key: &str, what: &str, help: &str| {
        let at = service.get(key).map_or(service.at, |node| node.at);
        let remark = Remark::error(codes::WRONG_VALUE, at, format!("the Service of the cluster's DNS has {what}"));
        remarks.add(remark.help([help]));
    };
    if service.get("ready").is_some_and(|ready| !ready.items().is_empty()) {
        let help = "leave `ready` out, or say `ready: none`: then every lookup fails";
        refuse("ready", "the DNS server behind it, and no agents: they answer no queries", help);
    }
    if headless {
        refuse("headless", "the addresses of the DNS server", "leave `headless` out");
    }
    if service.get("families").is_some() {
        refuse("families", "an address of each family of the world", "leave `families` out, or give them to the world");
    }
}

fn port(node: &Node) -> Option<ServicePort> {
    let number = |key: &str| whole(node, key, &PORT).and_then(Port::of);
    Some(ServicePort {
        name: text(node, "name").map(ToOwned::to_owned),
        protocol: Transport::of(word(node, "protocol", &PROTOCOLS)?)?,
        port: number("port")?,
        node_port: number("nodePort"),
    })
}

/// Nodes of the world; `none` is no list.
fn names(node: &Node, cast: &Cast, remarks: &mut Remarks) -> Vec<Arc<str>> {
    let items = node.items().iter().filter_map(|item| Some((item, item.scalar()?)));
    items.filter_map(|(item, scalar)| Some(cast.node(&scalar.text, item.at, remarks)?.name.clone())).collect()
}

pub(super) fn translation(root: &Node, cast: &Cast, remarks: &mut Remarks) -> Translation {
    let mut of = |key: &str| -> BTreeSet<Arc<str>> {
        let nodes = root.get("translation").and_then(|translation| translation.get(key));
        nodes.map(|nodes| names(nodes, cast, remarks).into_iter().collect()).unwrap_or_default()
    };
    Translation { broken: of("broken"), dead: of("dead"), stale: of("stale") }
}
