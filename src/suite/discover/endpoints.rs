//! Queries for who is ready to answer for a Service. It must not know of other kinds of queries.

use std::sync::Arc;

use super::named::{Named, looked_at};
use super::reading::{Told, listed, map, number, optional, text};
use super::services::Ports;
use crate::model::family::Family;
use crate::model::inventory::Inventory;
use crate::model::service::{Endpoint, Service, ServicePort, Wanted};
use crate::suite::codes;
use crate::suite::language::read_flag;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Value, What};

/// The fields of what is found: none that names it, since addresses come and go, so that cases are called by their numbers.
pub(super) const FIELDS: &[&str] = &["ip", "port", "node", "zone", "family"];

/// Behind which Service, and which of its ports.
#[derive(Debug)]
pub(super) struct Endpoints {
    at: Place,
    named: Named,
    ports: Ports,
    /// Where the port is written, or else the query.
    at_port: Place,
    absence: Absence,
}

/// What it means that there is no such Service, or that it has no such port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// Less would be tested than was meant.
    Mistake,
    /// Nothing is found.
    Nothing,
}

impl Endpoints {
    /// Every key is read before the first that is wrong counts.
    ///
    /// # Errors
    /// [`Told`] if one is.
    pub(super) fn of(entry: &Entry, remarks: &mut Remarks) -> Result<Self, Told> {
        let node = &entry.value;
        let What::Map(_) = node.what else { return Err(Told) };
        let named = Named::of(node, "service", remarks);
        let ports = Ports::of(node, remarks);
        let at_port = node.get("port").or_else(|| node.get("protocol")).map_or(entry.key.at, |port| port.at);
        let optional = optional(node, "optional", read_flag, remarks);
        let absence = if optional? == Some(true) { Absence::Nothing } else { Absence::Mistake };
        // Without a Service the shape check has told of it.
        Ok(Self { at: entry.key.at, named: named?.ok_or(Told)?, ports: ports?, at_port, absence })
    }

    /// What has to be known.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted::Endpoints { namespace: Arc::clone(&self.named.namespace), name: Arc::clone(&self.named.name) }
    }

    /// What there is, and why, if that is nothing. None if that cannot be said, which is then among the remarks.
    pub(super) fn ask(&self, inventory: &Inventory, remarks: &mut Remarks) -> Option<(Vec<Value>, String)> {
        let services = looked_at(inventory, self.at, remarks)?;
        if let Some(why) = self.absent(services) {
            return Some((Vec::new(), why));
        }
        let service = self.named.find(services, remarks)?;
        let port = self.port(service, remarks)?;
        let stands_behind = |endpoint: &&Endpoint| endpoint.name == port.name && endpoint.protocol == port.protocol;
        let mut ready: Vec<&Endpoint> = service.endpoints.iter().flatten().filter(stands_behind).collect();
        ready.sort_unstable_by_key(|endpoint| (endpoint.address, endpoint.port.get()));
        ready.dedup_by_key(|endpoint| (endpoint.address, endpoint.port.get()));
        let items = ready.iter().map(|endpoint| item(endpoint, inventory));
        Some((items.collect(), format!("no endpoint of {} is ready behind its port {port}", self.named.key())))
    }

    /// What is not there, if it need not be.
    fn absent(&self, services: &[Service]) -> Option<String> {
        let service = services.iter().find(|service| self.named.is(service));
        let why = match service {
            None => self.named.missing(),
            Some(service) if !service.ports.iter().any(|port| self.ports.fit(port)) => self.no_port(),
            Some(_) => return None,
        };
        (self.absence == Absence::Nothing).then_some(why)
    }

    /// That the Service has no port that fits, in words.
    fn no_port(&self) -> String {
        format!("the Service {} has no {}", self.named.key(), self.ports.words())
    }

    /// The one that is meant; none if it is not there, or not the only one, which is then among the remarks.
    fn port<'a>(&self, service: &'a Service, remarks: &mut Remarks) -> Option<&'a ServicePort> {
        let fitting: Vec<&ServicePort> = service.ports.iter().filter(|port| self.ports.fit(port)).collect();
        if let [port] = fitting.as_slice() {
            return Some(port);
        }
        let (message, label) = if fitting.is_empty() {
            (self.no_port(), "expected one of its ports")
        } else {
            (format!("the Service {} has {} ports that fit", service.key(), fitting.len()), "expected a `port` that is the only one")
        };
        let of = if fitting.is_empty() { service.ports.iter().collect() } else { fitting };
        let words: Vec<String> = of.iter().map(ToString::to_string).collect();
        let ports = (!words.is_empty()).then(|| format!("there are {}", listed(words.iter().map(String::as_str))));
        let remark = Remark::error(codes::WHICH_PORT, self.at_port, message).label(label).help(ports);
        remarks
            .add(remark.help((of.len() > 1).then_some("`port` takes a name or a number, and `protocol` tells those of one number apart")));
        None
    }
}

/// An endpoint as expressions see it.
fn item(endpoint: &Endpoint, inventory: &Inventory) -> Value {
    let node = endpoint.node.as_deref();
    let zone = inventory.nodes.iter().find(|known| node == Some(&*known.name)).and_then(|known| known.zone.as_deref());
    map([
        ("ip", text(&endpoint.address.to_string())),
        ("port", number(endpoint.port)),
        ("node", node.map_or(Value::None, text)),
        ("zone", zone.map_or(Value::None, text)),
        ("family", text(&Family::of(endpoint.address).to_string())),
    ])
}
