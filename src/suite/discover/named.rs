//! Services that queries name, and what there is where they are not there. It must not know what is asked of them.

use std::sync::Arc;

use super::reading::{Told, listed, optional};
use crate::model::inventory::Inventory;
use crate::model::service::Service;
use crate::suite::codes;
use crate::suite::language::{SERVICE_NAME, read_name};
use crate::suite::remarks::{Remark, Remarks, did_you_mean};
use crate::suite::source::Place;
use crate::suite::tree::Node;

/// A Service by its name, and where that was written.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) namespace: Arc<str>,
    pub(super) name: Arc<str>,
    at: Place,
}

impl Named {
    /// What a key says, if it is there.
    ///
    /// # Errors
    /// [`Told`] if it is no Service's name.
    pub(super) fn of(node: &Node, key: &str, remarks: &mut Remarks) -> Result<Option<Self>, Told> {
        let written = optional(node, key, |scalar| read_name(scalar, &SERVICE_NAME), remarks)?;
        let named = || {
            let written = written?;
            let (namespace, name) = written.split_once('/')?;
            Some(Self { namespace: namespace.into(), name: name.into(), at: node.get(key)?.at })
        };
        Ok(named())
    }

    /// As people write it: `kube-system/kube-dns`.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Whether it is this one.
    pub(super) fn is(&self, service: &Service) -> bool {
        self.namespace == service.namespace && self.name == service.name
    }

    /// That it is not there, in words.
    pub(super) fn missing(&self) -> String {
        format!("there is no Service {}", self.key())
    }

    /// It; none if it is not there, which is then among the remarks: to go on without it would test less than was meant.
    pub(super) fn find<'a>(&self, services: &'a [Service], remarks: &mut Remarks) -> Option<&'a Service> {
        let found = services.iter().find(|service| self.is(service));
        if found.is_none() {
            let keys: Vec<String> = services.iter().map(Service::key).collect();
            let remark = Remark::error(codes::SERVICE_MISSING, self.at, self.missing()).label("expected a Service that is there");
            let there = (!keys.is_empty()).then(|| format!("there are {}", listed(keys.iter().map(String::as_str))));
            let look = format!("kubectl get services -n {} lists those of its namespace", self.namespace);
            remarks.add(remark.help(did_you_mean(&self.key(), keys.iter().map(String::as_str))).help(there).help([look]));
        }
        found
    }
}

/// The Services; none where nobody looked at them, which is then among the remarks.
pub(super) fn looked_at<'a>(inventory: &'a Inventory, at: Place, remarks: &mut Remarks) -> Option<&'a [Service]> {
    if inventory.services.is_none() {
        let message = format!("nothing is known of Services in {}", inventory.cluster);
        remarks.add(
            Remark::error(codes::NO_SERVICES, at, message)
                .label("this asks for Services")
                .help(["for an inventory with those of a cluster: netcheck discover --services -o FILE"]),
        );
    }
    inventory.services.as_deref()
}
