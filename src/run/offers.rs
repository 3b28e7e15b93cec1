//! The Services of fixtures: when they are made, and where each is asked. It must not know what makes them.

use std::collections::HashSet;
use std::net::IpAddr;

use futures::future::BoxFuture;

use crate::backend::{Backend, BackendError, OfferOrder};
use crate::model::event::Event;
use crate::model::expect::Claim;
use crate::model::family::Family;
use crate::model::fixture::{Front, Stand, TrafficPolicy, Via};
use crate::model::inventory::Inventory;
use crate::model::plan::PlannedCase;
use crate::model::probe::Probe;
use crate::model::service::{Service, ServicePort};
use crate::model::target::{Door, Target, Where};
use crate::model::units::Port;
use crate::model::vantage::{Station, Vantage};
use crate::model::verdict::Cause;
use crate::model::wish::{Behind, Wish};
use crate::wire::{Peer, Who};

use super::agents::Agent;
use super::dispatcher::Dispatcher;
use super::problem;

/// What has become of the Services.
#[derive(Debug, Default)]
pub(super) enum Offers {
    /// The agents that are to stand behind them are not all there, or known not to come.
    #[default]
    Waiting,
    /// They are to be made, with these behind them.
    Wanted(Vec<Vantage>),
    /// They are being made.
    Coming(Vec<Vantage>),
    /// They are there, in the order of the plan.
    There { services: Vec<Service>, backends: Vec<Vantage> },
    /// They are not, for that reason.
    Absent(String),
}

/// What a backend made of the order.
pub(super) type Made = Result<Vec<Service>, BackendError>;

impl Offers {
    /// Whether nothing can change any more.
    pub(super) const fn settled(&self) -> bool {
        match self {
            Self::There { .. } | Self::Absent(_) => true,
            Self::Waiting | Self::Wanted(_) | Self::Coming(_) => false,
        }
    }

    /// The agents behind the fixtures.
    pub(super) fn backends(&self) -> &[Vantage] {
        match self {
            Self::There { backends, .. } => backends,
            Self::Waiting | Self::Wanted(_) | Self::Coming(_) | Self::Absent(_) => &[],
        }
    }

    /// Those of them that can answer at that target: none where it is no fixture.
    pub(super) fn behind<'o>(&'o self, target: &'o Target) -> impl Iterator<Item = &'o Vantage> {
        let door = if let Target::Service(door) = target { Some(door) } else { None };
        let one = door.and_then(|door| only(door));
        let made = door.is_some_and(|door| matches!(door.at, Where::Made(_)));
        self.backends().iter().filter(move |vantage| made && one.is_none_or(|node| vantage.node() == node))
    }

    /// Who would have to stand behind that door and does not: the endpoint itself, or the node's own backend, since whoever takes the
    /// word `Local` for pods, too, passes on nothing to nodes without one, and is right.
    pub(super) fn absent(&self, door: &Door, front: Front) -> Option<Vantage> {
        let Self::There { backends, .. } = self else { return None };
        let own = match door.via {
            Via::Endpoints => true,
            Via::NodePort => front.policy() == TrafficPolicy::Local,
            Via::ClusterIp | Via::LoadBalancer | Via::ExternalIps => false,
        };
        let backend = Vantage::pod(door.node.as_deref().filter(|_| own)?);
        (!backends.contains(&backend)).then_some(backend)
    }

    /// The Service of a fixture.
    fn service(&self, stands: &[Stand], (name, front): (&str, Front)) -> Result<&Service, Cause> {
        match self {
            Self::There { services, .. } => {
                let found = stands.iter().position(|stand| *stand.fixture == *name && stand.front == front);
                found.and_then(|place| services.get(place)).ok_or_else(|| no_service(name, "the plan has none"))
            }
            Self::Absent(why) => Err(no_service(name, why)),
            Self::Waiting | Self::Wanted(_) | Self::Coming(_) => Err(no_service(name, "it has not been made")),
        }
    }

    /// Where the Service of a fixture is asked.
    ///
    /// # Errors
    /// It is not there, or not in that family.
    pub(super) fn peer(
        &self,
        stands: &[Stand],
        inventory: &Inventory,
        (pair, door, front): (u32, &Door, Front),
        probe: &Probe,
    ) -> Result<Peer, Cause> {
        let service = self.service(stands, (&door.service, front))?;
        let (family, transport) = (probe.burst().family, probe.transport());
        let port = service.ports.iter().find(|port| Some(port.protocol) == transport);
        let port = port.ok_or_else(|| no_service(&door.service, "it has no such port"))?;
        let (address, port) = place(service, port, door, (family, inventory))
            .ok_or_else(|| no_service(&door.service, &format!("it has no {} address{}", family.words(), at(door))))?;
        Ok(Peer { pair, host: address.into(), who: Who::Backend { port, name: only(door).map(ToOwned::to_owned) } })
    }
}

fn no_service(name: &str, why: &str) -> Cause {
    Cause::SetUp { why: format!("the fixture {name} cannot be asked: {why}") }
}

fn at(door: &Door) -> String {
    door.node.as_ref().map(|node| format!(" at {node}")).unwrap_or_default()
}

/// The node of the only agent that can answer there; none where there is a choice.
///
/// There is one at node ports whose traffic policy is local, too, since that is for what comes from outside the cluster: what pods
/// and the node itself send there, kube-proxy passes on as if the policy were `Cluster` (kubernetes/kubernetes, pull request 77523).
fn only(door: &Door) -> Option<&str> {
    match door.via {
        Via::Endpoints => door.node.as_deref(),
        Via::ClusterIp | Via::NodePort | Via::LoadBalancer | Via::ExternalIps => None,
    }
}

fn place(service: &Service, port: &ServicePort, door: &Door, (family, inventory): (Family, &Inventory)) -> Option<(IpAddr, Port)> {
    let of_family = |addresses: &[IpAddr]| addresses.iter().copied().find(|address| Family::of(*address) == family);
    match door.via {
        Via::ClusterIp | Via::LoadBalancer | Via::ExternalIps => Some((of_family(&service.addresses)?, port.port)),
        Via::NodePort => {
            let node = inventory.nodes.iter().find(|node| Some(&node.name) == door.node.as_ref())?;
            // A Service of one family is open in that family alone.
            of_family(&service.addresses)?;
            Some((node.address(family)?, port.node_port?))
        }
        Via::Endpoints => {
            let endpoints = service.endpoints.iter().flatten();
            let mut own =
                endpoints.filter(|endpoint| endpoint.node == door.node && endpoint.protocol == port.protocol && endpoint.name == port.name);
            own.find(|endpoint| Family::of(endpoint.address) == family).map(|endpoint| (endpoint.address, endpoint.port))
        }
    }
}

impl Dispatcher<'_> {
    /// The case, with all backends where it wants to hear of all: of those that are asked each by itself, the ones that are.
    pub(super) fn with_backends(&self, planned: &PlannedCase) -> PlannedCase {
        let mut planned = planned.clone();
        let by_itself = planned.case.to.offer().is_some_and(|offer| offer.via == Via::Endpoints);
        let left_out = self.plan.left_out_by(planned.suite).filter(|_| by_itself);
        let left_out: HashSet<&str> = left_out.map(|(node, _)| &*node.name).collect();
        let asked = |vantage: &&Vantage| !left_out.contains(vantage.node());
        for bound in &mut planned.case.expect {
            if let Claim::Seen(Wish::AllBackends(all)) = &mut bound.claim {
                *all = self
                    .offers
                    .backends()
                    .iter()
                    .filter(asked)
                    .map(|vantage| Behind { vantage: vantage.clone(), lost: self.lost(vantage) })
                    .collect();
            }
        }
        planned
    }

    fn lost(&self, vantage: &Vantage) -> Option<String> {
        if let Some(Agent::Gone { loss, .. }) = self.roster.get(vantage) { Some(loss.why().to_owned()) } else { None }
    }

    /// Whether everything is there that shares need; where Services have to be made first, that begins now.
    pub(super) fn offers_settled(&mut self) -> bool {
        if self.plan.stands.is_empty() || self.offers.settled() {
            return true;
        }
        if matches!(self.offers, Offers::Waiting) {
            let pods = self.roster.all_live().map(|(vantage, _)| vantage.clone()).filter(|vantage| vantage.station() == Station::Pod);
            let backends: Vec<Vantage> = pods.collect();
            self.offers = if backends.is_empty() {
                Offers::Absent("no agent is there to stand behind it".to_owned())
            } else {
                Offers::Wanted(backends)
            };
        }
        self.offers.settled()
    }

    /// Has them made, if it is time.
    pub(super) fn offer<'b>(&mut self, backend: &'b dyn Backend) -> Option<BoxFuture<'b, Made>> {
        let Offers::Wanted(backends) = &self.offers else { return None };
        let (backends, stands) = (backends.clone(), self.plan.stands.clone());
        self.offers = Offers::Coming(backends.clone());
        Some(backend.offer(OfferOrder { stands, backends }))
    }

    pub(super) fn offered(&mut self, made: Made) {
        let backends = if let Offers::Coming(backends) = std::mem::take(&mut self.offers) { backends } else { Vec::new() };
        self.offers = match made {
            Ok(services) => Offers::There { services, backends },
            Err(error) => {
                let why = error.message.clone();
                self.narrator.tell(Event::Problem(problem(error)));
                Offers::Absent(why)
            }
        };
    }
}
