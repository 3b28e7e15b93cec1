//! Who asks and who is asked: a network of all nodes, or of some; or a host, which is asked whoever it is.

use std::net::IpAddr;

use super::reader::Reader;
use super::settings::{AnyProbe, Families};
use crate::model::probe::Family;
use crate::model::suite::{Destination, Endpoint, Group, Selection};
use crate::model::units::Port;
use crate::model::vantage::Network;
use crate::suite::codes;
use crate::suite::language::{GROUPS, NODE_NAME, PORT, SOURCES, ZONE_NAME, read_host, read_name, read_selector};
use crate::suite::remarks::Remark;
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node};

/// `to`, as far as it can be told without the probe.
pub(super) enum Aim<'e> {
    /// A network of nodes.
    Group(Group),
    /// An address of somebody's.
    Host(Host<'e>),
}

/// A host as it was written.
pub(super) struct Host<'e> {
    address: IpAddr,
    at: Place,
    port: Option<(Port, &'e Entry)>,
}

impl<'a> Reader<'a> {
    /// `to`.
    pub(super) fn aim(&mut self) -> Option<Aim<'a>> {
        let entry = self.entry("to")?;
        let port = entry.value.entry("port");
        let Some(host) = entry.value.entry("host") else {
            let group = self.group("to");
            return match (port, group) {
                (Some(port), _) => self.idle(port, "agents as targets", "leave it out: agents answer on ports of their own"),
                (None, group) => group.map(Aim::Group),
            };
        };
        // Both are read before the first that is wrong counts.
        let (address, number) = (self.value("host", &host.value, read_host), port.map(|port| self.whole(port, &PORT)));
        let port =
            if let (Some(entry), Some(number)) = (port, number) { Some((Port::new(u16::try_from(number?).ok()?)?, entry)) } else { None };
        Some(Aim::Host(Host { address: address?, at: host.value.at, port }))
    }

    /// `to`, for that probe. To ICMP a node answers by itself; to everything else, its agent does.
    pub(super) fn destination(&mut self, aim: Aim<'a>, probe: &AnyProbe) -> Option<Destination> {
        match aim {
            Aim::Group(Group { network: Network::Host, only }) if probe.is_icmp() => Some(Destination::Nodes(only)),
            Aim::Group(group) => Some(Destination::Agents(group)),
            Aim::Host(host) => {
                let (port, family) = (self.port_of(&host, probe), self.family_of(&host, probe));
                (port && family).then(|| Destination::Host(Endpoint { address: host.address, port: host.port.map(|(port, _)| port) }))
            }
        }
    }

    fn port_of(&mut self, host: &Host<'_>, probe: &AnyProbe) -> bool {
        let remark = match &host.port {
            Some((_, entry)) if probe.is_icmp() => {
                let remark = Remark::error(codes::HOST_PORT, entry.key.at, "icmp asks a host, not a port of it");
                remark.help(["leave `port` out, or ask by `tcp` or `udp`"])
            }
            None if !probe.is_icmp() => {
                let remark = Remark::error(codes::HOST_PORT, host.at, format!("{} needs a port to ask at {}", probe.kind(), host.address));
                remark.help(["write `port: 443` beside `host`, or ask by `icmp`, which needs none"])
            }
            Some(_) | None => return true,
        };
        self.remarks.add(remark.case(self.case));
        false
    }

    /// With `family: each` one of the two cases is skipped; a family alone has to be that of the address.
    fn family_of(&mut self, host: &Host<'_>, probe: &AnyProbe) -> bool {
        let own = Family::of(host.address);
        let Families::Fixed(family) = probe.families else { return true };
        if family == own {
            return true;
        }
        let message = format!("{} is no {} address", host.address, family.words());
        let remark = Remark::error(codes::OTHER_FAMILY, host.at, message).label(format!("the probe asks over {}", family.words()));
        self.remarks.add(remark.help([format!("write `family: {own}`, or an {} address", family.words())]).case(self.case));
        false
    }

    /// `from` or `to`.
    pub(super) fn group(&mut self, name: &'static str) -> Option<Group> {
        let entry = self.entry(name)?;
        let words = if name == "to" { &GROUPS } else { &SOURCES };
        let network = |word: &str| if word == "nodes" { Network::Host } else { Network::Pod };
        if entry.value.scalar().is_some() {
            return self.word(entry, words).map(|word| Group { network: network(word), only: Selection::All });
        }
        // The shape check has refused more than one of them, and less.
        let group = entry.value.entry("pods").or_else(|| entry.value.entry("nodes"))?;
        let [selection] = group.value.entries() else { return None };
        self.selection(selection).map(|only| Group { network: network(&group.key.name), only })
    }

    fn selection(&mut self, entry: &Entry) -> Option<Selection> {
        match &*entry.key.name {
            "zone" => {
                self.value("zone", &entry.value, |scalar| read_name(scalar, &ZONE_NAME)).map(|zone| Selection::Zone(zone.to_string()))
            }
            "selector" => self.value("selector", &entry.value, read_selector).map(Selection::Labelled),
            "nodes" => self.names(&entry.value),
            // A test goes through all keys of the language.
            _ => None,
        }
    }

    /// Every name is read before the first that is wrong counts.
    fn names(&mut self, node: &Node) -> Option<Selection> {
        let (items, what) = if node.scalar().is_some() { (std::slice::from_ref(node), "nodes") } else { (node.items(), "a node") };
        let names: Vec<_> = items.iter().map(|item| self.value(what, item, |scalar| read_name(scalar, &NODE_NAME))).collect();
        let mut names = names.into_iter().collect::<Option<Vec<_>>>()?;
        names.sort_unstable();
        names.dedup();
        Some(Selection::Named(names))
    }
}
