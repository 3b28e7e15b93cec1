//! Who asks and who is asked: a network of all nodes, or of some; or their own addresses, or a host, which is asked whoever is there.

use super::nodes::OwnAddress;
use super::offer::Offered;
use super::reader::Reader;
use super::settings::{AnyProbe, Ask, Families};
use crate::model::address;
use crate::model::family::Family;
use crate::model::fixture::Fixture;
use crate::model::path_mtu::Carrier;
use crate::model::suite::{Destination, Endpoint, Group, Named, NodeAddress, Selection, Source};
use crate::model::units::Port;
use crate::model::vantage::Network;
use crate::suite::codes;
use crate::suite::language::{GROUPS, NODE_NAME, PORT, SELECTED, SOURCES, Words, ZONE_NAME, read_host, read_name, read_selector};
use crate::suite::remarks::Remark;
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node};

/// `to`, as far as it can be told without the probe.
pub(super) enum Aim<'e> {
    /// A network of nodes.
    Group(Group),
    /// The nodes' own addresses.
    Nodes(OwnAddress<'e>),
    /// A host of somebody's.
    Host(Host<'e>),
    /// The default gateway of each source.
    Gateway(Place),
    /// The server of a probe of DNS.
    Names,
    /// A Service.
    Service(Offered<'e>),
}

impl Aim<'_> {
    /// For "has no effect beside …".
    pub(super) const fn words(&self) -> &'static str {
        match self {
            Self::Group(_) => "agents as targets",
            Self::Nodes(_) => "the nodes' own addresses",
            Self::Host(_) => "`to: host`",
            Self::Gateway(_) => "`to: gateway`",
            Self::Names => "a probe of dns",
            Self::Service(_) => "a Service",
        }
    }
}

/// A host as it was written.
pub(super) struct Host<'e> {
    whom: address::Host,
    at: Place,
    port: Option<(Port, &'e Entry)>,
}

impl Host<'_> {
    fn destination(self) -> Destination {
        let port = self.port.map(|(port, _)| port);
        match self.whom {
            address::Host::Address(address) => Destination::Host(Endpoint { address, port }),
            address::Host::Name(name) => Destination::Named(Named { name, port }),
        }
    }
}

impl<'a> Reader<'a> {
    /// `to`.
    pub(super) fn aim(&mut self, place: Place) -> Option<Aim<'a>> {
        let Some(entry) = self.entry("to") else {
            self.without_aim(place);
            return None;
        };
        let (service, address) = (Offered::KEYS.iter().any(|key| entry.value.entry(key).is_some()), entry.value.entry("address"));
        if let Some(idle) = address.filter(|_| service || entry.value.entry("host").is_some()) {
            let help = "leave it out: it says at which of its own addresses a node is asked";
            self.idle::<()>(idle, "targets that are no nodes", help);
        }
        if service {
            return self.offered(entry).map(Aim::Service);
        }
        if let Some(idle) = Offered::OWN.iter().find_map(|key| entry.value.entry(key)) {
            return self.idle(idle, "targets that are no Service", "leave it out: it belongs to `service` and `fixture`");
        }
        if entry.value.scalar().is_some_and(|word| &*word.text == "gateway") {
            return Some(Aim::Gateway(entry.value.at));
        }
        let port = entry.value.entry("port");
        let Some(host) = entry.value.entry("host") else {
            let group = self.group(entry, &GROUPS);
            if address.is_none() && port.is_none() {
                return group.map(Aim::Group);
            }
            return self.own_address(group, address, port).map(Aim::Nodes);
        };
        // Both are read before the first that is wrong counts.
        let (whom, number) = (self.value("host", &host.value, read_host), port.map(|port| self.number(port)));
        let port = if let (Some(entry), Some(number)) = (port, number) { Some((number?, entry)) } else { None };
        Some(Aim::Host(Host { whom: whom?, at: host.value.at, port }))
    }

    fn number(&mut self, port: &Entry) -> Option<Port> {
        self.whole(port, &PORT).and_then(Port::of)
    }

    /// Only a probe of DNS has no `to`. Where its type is written as it is, the test has been told.
    fn without_aim(&mut self, place: Place) {
        let type_of = self.parameter("type").and_then(|entry| entry.value.scalar());
        if let Some(kind) = type_of.filter(|_| !self.remarks.failed()) {
            let remark = Remark::error(
                codes::MISSING_KEY,
                place,
                format!("a test of {} needs a `to`, and neither it nor the defaults have one", kind.text),
            );
            self.remarks.add(remark.help(["write for example `to: pods`; only `probe: { type: dns, … }` does without"]).case(self.case));
        }
    }

    /// `to`, for that probe. To ICMP a node answers by itself; to everything else, its agent does.
    pub(super) fn destination(&mut self, aim: Aim<'a>, probe: &AnyProbe, fixtures: &[Fixture]) -> Option<Destination> {
        match aim {
            Aim::Service(offered) => self.offer(&offered, probe, fixtures).map(Destination::Service),
            Aim::Group(Group { network: Network::Host, only }) if probe.is_icmp() => {
                Some(Destination::Nodes { only, address: NodeAddress::Internal, port: None })
            }
            Aim::Group(_) if matches!(probe.ask, Ask::Pmtu { over: Carrier::Tcp, .. }) => {
                self.agents_over_tcp();
                None
            }
            Aim::Group(group) => Some(Destination::Agents(group)),
            Aim::Nodes(own) => self.at_own_address(own, probe),
            Aim::Gateway(at) => self.gateway(at, probe),
            Aim::Names => self.name_server(probe),
            Aim::Host(host) => {
                let (port, family) = (self.port_of(&host, probe), self.family_of(&host, probe));
                (port && family).then(|| host.destination())
            }
        }
    }

    /// Routers answer ICMP, if anything.
    fn gateway(&mut self, at: Place, probe: &AnyProbe) -> Option<Destination> {
        if probe.is_icmp() {
            return Some(Destination::Gateway);
        }
        if let Ask::Pmtu { .. } = &probe.ask {
            self.gateway_over(at);
            return None;
        }
        let message = format!("a gateway is asked by icmp, and this probe is {}", probe.kind());
        let help = "write `probe: icmp`, or `pmtu` for the largest packet on the way there; a port of a router is one of a host: `to: { host: ADDRESS, port: 53 }`";
        self.remarks.add(Remark::error(codes::GATEWAY_PROBE, at, message).help([help]).case(self.case));
        None
    }

    /// The carrier is what is wrong: by ICMP the same probe asks a gateway.
    fn gateway_over(&mut self, at: Place) {
        let over = self.parameter("over");
        let word = over.and_then(|over| over.value.scalar()).map_or_else(String::new, |word| word.text.to_string());
        let message = format!("a gateway does not answer `pmtu` over {word}");
        let remark = Remark::error(codes::GATEWAY_PROBE, over.map_or(at, |over| over.value.at), message);
        let remark = remark.label("routers answer icmp, if anything").help(["write `over: icmp`, which is the default for gateways"]);
        self.remarks.add(remark.case(self.case));
    }

    fn port_of(&mut self, host: &Host<'_>, probe: &AnyProbe) -> bool {
        let remark = match &host.port {
            Some((_, entry)) if probe.is_icmp() => {
                let remark = Remark::error(codes::HOST_PORT, entry.key.at, "icmp asks a host, not a port of it");
                remark.help(["leave `port` out, or ask by `tcp` or `udp`"])
            }
            None if !probe.is_icmp() => {
                let remark = Remark::error(codes::HOST_PORT, host.at, format!("{} needs a port to ask at {}", probe.kind(), host.whom));
                remark.help(["write `port: 443` beside `host`, or ask by `icmp`, which needs none"])
            }
            Some(_) | None => return true,
        };
        self.remarks.add(remark.case(self.case));
        false
    }

    /// With `family: each` one of the two cases is skipped; a family alone has to be that of the address.
    fn family_of(&mut self, host: &Host<'_>, probe: &AnyProbe) -> bool {
        // A name may lead to addresses of both.
        let address::Host::Address(address) = host.whom else { return true };
        let own = Family::of(address);
        let Families::Fixed(family) = probe.families else { return true };
        if family == own {
            return true;
        }
        let message = format!("{address} is no {} address", family.words());
        let remark = Remark::error(codes::OTHER_FAMILY, host.at, message).label(format!("the probe asks over {}", family.words()));
        self.remarks.add(remark.help([format!("write `family: {own}`, or an {} address", family.words())]).case(self.case));
        false
    }

    /// `from`.
    pub(super) fn source(&mut self) -> Option<Source> {
        let entry = self.entry("from")?;
        match entry.value.entry("workload") {
            Some(workload) => self.workload(&workload.value).map(Source::Workload),
            None => self.group(entry, &SOURCES).map(Source::Group),
        }
    }

    fn group(&mut self, entry: &Entry, words: &Words) -> Option<Group> {
        let network = |word: &str| if word == "nodes" { Network::Host } else { Network::Pod };
        if entry.value.scalar().is_some() {
            return self.word(entry, words).map(|word| Group { network: network(word), only: Selection::All });
        }
        // The shape check has refused more than one of them, and less.
        let group = entry.value.entry("pods").or_else(|| entry.value.entry("nodes"))?;
        self.some(group).map(|only| Group { network: network(&group.key.name), only })
    }

    /// Which nodes a key says: all of them, or some.
    pub(super) fn some(&mut self, entry: &Entry) -> Option<Selection> {
        if entry.value.scalar().is_some() {
            return self.word(entry, &SELECTED).map(|_| Selection::All);
        }
        let [selection] = entry.value.entries() else { return None };
        self.selection(selection)
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
