//! Queries for Services, each with each of its ports. It must not know who stands behind them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::named::{Named, looked_at};
use super::reading::{Told, listed, map, number, optional, text};
use crate::model::family::Family;
use crate::model::inventory::Inventory;
use crate::model::selector::Selector;
use crate::model::service::{PortRef, Service, ServicePort, Transport, Wanted};
use crate::model::units::counted;
use crate::suite::codes;
use crate::suite::language::{NAMESPACE, PROTOCOLS, read_name, read_port, read_selector, read_word};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node, Value, What};

/// The fields of what is found.
pub(super) const FIELDS: &[&str] = &["key", "service", "namespace", "name", "ip", "ipv4", "ipv6", "port", "portName", "protocol"];

/// Which Services, and which of their ports.
#[derive(Debug)]
pub(super) struct Services {
    at: Place,
    named: Option<Named>,
    namespace: Option<Arc<str>>,
    selector: Option<Selector>,
    ports: Ports,
}

/// Which ports of a Service.
#[derive(Debug)]
pub(super) struct Ports {
    protocol: Option<Transport>,
    called: Option<PortRef>,
}

impl Ports {
    /// What `protocol` and `port` say.
    ///
    /// # Errors
    /// [`Told`] if one of them is wrong.
    pub(super) fn of(node: &Node, remarks: &mut Remarks) -> Result<Self, Told> {
        let protocol = optional(node, "protocol", |scalar| read_word(scalar, &PROTOCOLS), remarks);
        let called = optional(node, "port", read_port, remarks);
        Ok(Self { protocol: protocol?.and_then(Transport::of), called: called? })
    }

    /// Whether a port does.
    pub(super) fn fit(&self, port: &ServicePort) -> bool {
        self.protocol.is_none_or(|protocol| port.protocol == protocol) && self.called.as_ref().is_none_or(|called| port.is(called))
    }

    /// As in "it has no port dns over UDP".
    pub(super) fn words(&self) -> String {
        let called = self.called.as_ref().map(|called| format!(" {called}")).unwrap_or_default();
        let protocol = self.protocol.map(|protocol| format!(" over {protocol}")).unwrap_or_default();
        format!("port{called}{protocol}")
    }
}

impl Services {
    /// Every key is read before the first that is wrong counts.
    ///
    /// # Errors
    /// [`Told`] if one is, or if there is none.
    pub(super) fn of(entry: &Entry, remarks: &mut Remarks) -> Result<Self, Told> {
        let node = &entry.value;
        let What::Map(_) = node.what else { return Err(Told) };
        if node.entries().is_empty() {
            let remark = Remark::error(codes::MISSING_KEY, node.at, "`services` does not say which");
            remarks.add(remark.label("expected at least one of `selector`, `name`, `namespace`, `protocol` and `port`"));
            return Err(Told);
        }
        let selector = optional(node, "selector", read_selector, remarks);
        let namespace = optional(node, "namespace", |scalar| read_name(scalar, &NAMESPACE), remarks);
        let named = Named::of(node, "name", remarks);
        let ports = Ports::of(node, remarks);
        if let Some(second) = node.entry("namespace").filter(|_| node.get("name").is_some()) {
            let remark = Remark::error(codes::EXCLUSIVE, second.key.at, "`name` and `namespace` exclude each other");
            remarks.add(remark.help(["`name` has its namespace in it: kube-system/kube-dns"]));
            return Err(Told);
        }
        Ok(Self { at: entry.key.at, named: named?, namespace: namespace?, selector: selector?, ports: ports? })
    }

    /// What has to be known. Of a Service that is named its labels are no condition: it would seem not to be there.
    pub(super) fn wanted(&self) -> Wanted {
        match &self.named {
            Some(named) => Wanted::Services { namespace: Some(Arc::clone(&named.namespace)), selector: None },
            None => Wanted::Services { namespace: self.namespace.clone(), selector: self.selector.clone() },
        }
    }

    /// What there is, and why, if that is nothing. None if that cannot be said, which is then among the remarks.
    pub(super) fn ask(&self, inventory: &Inventory, remarks: &mut Remarks) -> Option<(Vec<Value>, String)> {
        let services = looked_at(inventory, self.at, remarks)?;
        if let Some(named) = &self.named {
            named.find(services, remarks)?;
        }
        let fitting: Vec<&Service> = services.iter().filter(|service| self.fits(service)).collect();
        let items = fitting
            .iter()
            .flat_map(|service| service.ports.iter().filter(|port| self.ports.fit(port)).filter_map(|port| item(service, port)));
        Some((items.collect(), self.nothing(services, &fitting)))
    }

    fn fits(&self, service: &Service) -> bool {
        self.named.as_ref().is_none_or(|named| named.is(service))
            && self.namespace.as_ref().is_none_or(|namespace| service.namespace == *namespace)
            && self.selector.as_ref().is_none_or(|selector| selector.fits(&service.labels))
    }

    /// Why there is no item, as the end of a sentence.
    fn nothing(&self, all: &[Service], fitting: &[&Service]) -> String {
        if fitting.is_empty() {
            return self.no_service(all);
        }
        let with_port: Vec<&Service> =
            fitting.iter().copied().filter(|service| service.ports.iter().any(|port| self.ports.fit(port))).collect();
        if with_port.is_empty() {
            let ports: BTreeSet<String> = fitting.iter().flat_map(|service| service.ports.iter().map(ToString::to_string)).collect();
            let there = listed(ports.iter().map(String::as_str));
            return format!("none of {} has a {}; of ports there are {there}", named(fitting), self.ports.words());
        }
        let verb = if with_port.len() == 1 { "has" } else { "have" };
        format!("{} {verb} no cluster address, and {} left out", named(&with_port), if with_port.len() == 1 { "is" } else { "are" })
    }

    fn no_service(&self, all: &[Service]) -> String {
        let place = self.namespace.as_ref().map(|namespace| format!(" in the namespace {namespace}")).unwrap_or_default();
        let labels = self.selector.as_ref().map(|selector| format!(" fits `{selector}`"));
        let of_place = |service: &&Service| self.namespace.as_ref().is_none_or(|namespace| service.namespace == *namespace);
        let there: Vec<String> = all.iter().filter(of_place).map(Service::key).collect();
        match labels {
            Some(labels) if there.is_empty() => format!("no Service{place}{labels}"),
            Some(labels) => format!("no Service{place}{labels}; there are {}", listed(there.iter().map(String::as_str))),
            None => format!("there is no Service{place}"),
        }
    }
}

/// `2 Services (a/b, c/d)`
fn named(services: &[&Service]) -> String {
    let keys: Vec<String> = services.iter().map(|service| service.key()).collect();
    format!("{} ({})", counted(services.len(), "Service"), listed(keys.iter().map(String::as_str)))
}

/// A port of a Service as expressions see it; none without an address of its own. `key` is what its cases are called by: with the port
/// wherever the Service has another, so that a further one that fits changes the id of no case.
fn item(service: &Service, port: &ServicePort) -> Option<Value> {
    let of = |family| service.addresses.iter().copied().find(|address| Family::of(*address) == family);
    let address = |address: Option<IpAddr>| address.map_or(Value::None, |address| text(&address.to_string()));
    let key = if service.ports.len() > 1 { format!("{}:{}", service.key(), called(service, port)) } else { service.key() };
    Some(map([
        ("key", text(&key)),
        ("service", text(&service.key())),
        ("namespace", text(&service.namespace)),
        ("name", text(&service.name)),
        ("ip", address(Some(*service.addresses.first()?))),
        ("ipv4", address(of(Family::V4))),
        ("ipv6", address(of(Family::V6))),
        ("port", number(port.port)),
        ("portName", port.name.as_deref().map_or(Value::None, text)),
        ("protocol", text(port.protocol.word())),
    ]))
}

/// Its name, or its number; with the protocol where that alone would name two, which only a file can say.
fn called(service: &Service, port: &ServicePort) -> String {
    let plain = |port: &ServicePort| port.name.clone().unwrap_or_else(|| port.port.to_string());
    let name = plain(port);
    let twice = service.ports.iter().filter(|other| plain(other) == name).count() > 1;
    if twice { format!("{name}-{}-{}", port.port, port.protocol) } else { name }
}
