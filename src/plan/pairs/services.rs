//! The pairs of a case that asks a Service: from every source to its address, to its port at the nodes, or to everyone behind it.
//! It must not know how a fixture is made, nor what is expected of an answer.

use std::sync::Arc;

use super::{Chosen, Field, Nothing, Sources, Wish, between, towards, without};
use crate::model::family::Family;
use crate::model::fixture::Via;
use crate::model::inventory::Node;
use crate::model::plan::Ends;
use crate::model::service::{PortRef, Service, ServicePort, Transport};
use crate::model::suite::{NodeAddress, Offer, PortOfNode, SameNode, Selection, Strategy, Whose};
use crate::model::target::{Door, Endpoint, Pair, Target, Where};
use crate::model::units::Port;
use crate::model::vantage::Vantage;
use crate::model::verdict::Mismatch;

/// The most names that a message lists.
const LISTED: usize = 10;

pub(super) fn choose(wish: &Wish, offer: &Offer, field: &Field<'_>) -> Chosen {
    let Some((family, transport)) = wish.by else {
        return without(wish, Nothing::Impossible("a Service is asked by udp, tcp, http or tls".to_owned()));
    };
    match &offer.whose {
        Whose::Fixture { name, .. } => of_fixture(wish, offer, name, field),
        Whose::Named { namespace, name, port } => {
            let asked =
                Asked { key: format!("{namespace}/{name}"), port: port.as_ref(), via: offer.via, nodes: &offer.nodes, family, transport };
            asked.doors(field).map_or_else(|why| without(wish, why), |doors| asked.pairs(wish, doors, field))
        }
    }
}

/// A fixture has an agent of every node behind it.
fn of_fixture(wish: &Wish, offer: &Offer, name: &Arc<str>, field: &Field<'_>) -> Chosen {
    let Some(front) = offer.front() else { return without(wish, Nothing::Impossible("no fixture is asked".to_owned())) };
    let door = |node: Option<&Node>| {
        let node = node.map(|node| node.name.clone());
        Target::Service(Arc::new(Door { service: name.clone(), via: offer.via, node, at: Where::Made(front) }))
    };
    match offer.via {
        Via::ClusterIp | Via::LoadBalancer | Via::ExternalIps => towards(wish, &door(None), field),
        // That of the source's own node is asked as any other.
        Via::NodePort | Via::Endpoints => {
            let wish = Wish { same_node: SameNode::Include, ..wish.clone() };
            between(&wish, &offer.nodes, field, |node| door(Some(node)))
        }
    }
}

/// What is asked of a Service that is there.
struct Asked<'a> {
    key: String,
    port: Option<&'a PortRef>,
    via: Via,
    nodes: &'a Selection,
    family: Family,
    transport: Transport,
}

/// Where to ask.
enum Doors {
    /// At each of these.
    Each(Vec<Door>),
    /// At that port of the nodes that are asked.
    Nodes(crate::model::units::Port),
}

impl Asked<'_> {
    /// Where the Service is asked.
    ///
    /// # Errors
    /// It is not there, or has no such door.
    fn doors(&self, field: &Field<'_>) -> Result<Doors, Nothing> {
        let service = self.service(field)?;
        let port = self.port(service)?;
        // A headless Service has no address: who is behind it is all that there is of it.
        let via = if self.via == Via::ClusterIp && service.addresses.is_empty() { Via::Endpoints } else { self.via };
        if let Via::ClusterIp | Via::NodePort = via {
            self.served(service, port)?;
        }
        let at = |address| Door {
            service: self.key.as_str().into(),
            via,
            node: None,
            at: Where::Known(Endpoint { address, port: Some(port.port) }),
        };
        match via {
            Via::ClusterIp => {
                self.of_family(&service.addresses, "address").map(|all| Doors::Each(all.into_iter().map(at).take(1).collect()))
            }
            Via::LoadBalancer if service.balancers.is_empty() => {
                Err(refuted("no-address", format!("no load balancer has given the Service {} an address", self.key)))
            }
            // They are written, not given: where there are none, it is the suite that asks for what there is not.
            Via::ExternalIps if service.externals.is_empty() => {
                Err(Nothing::Impossible(format!("the Service {} has no externalIPs", self.key)))
            }
            Via::LoadBalancer | Via::ExternalIps => {
                // Somebody may translate one family into the other; but somebody has to be there.
                if let Err(none @ Nothing::Refuted(_)) = self.behind(service, port) {
                    return Err(none);
                }
                let (addresses, what) = match via {
                    Via::ExternalIps => (&service.externals, "external address"),
                    _ => (&service.balancers, "load balancer's address"),
                };
                self.of_family(addresses, what).map(|all| Doors::Each(all.into_iter().map(at).collect()))
            }
            Via::NodePort => port.node_port.map(Doors::Nodes).ok_or_else(|| {
                Nothing::Impossible(format!(
                    "the port {port} of the Service {} is open at no node: its type is neither NodePort nor LoadBalancer",
                    self.key
                ))
            }),
            Via::Endpoints => self.behind(service, port)?.map(Doors::Each).ok_or_else(|| {
                Nothing::Impossible(format!("nobody has looked at who is behind the Service {}: name it in the suite itself", self.key))
            }),
        }
    }

    fn service<'f>(&self, field: &Field<'f>) -> Result<&'f Service, Nothing> {
        let Some(services) = field.services else {
            let help = "an inventory has them with `netcheck discover --services`";
            return Err(Nothing::Impossible(format!("nothing is known of Services in {}; {help}", field.cluster)));
        };
        services.iter().find(|service| service.key() == self.key).ok_or_else(|| {
            let there = listed(services.iter().map(Service::key));
            Nothing::Impossible(format!("there is no Service {}{there}", self.key))
        })
    }

    fn port<'s>(&self, service: &'s Service) -> Result<&'s ServicePort, Nothing> {
        let fits = |port: &&ServicePort| port.protocol == self.transport && self.port.is_none_or(|called| port.is(called));
        let fitting: Vec<&ServicePort> = service.ports.iter().filter(fits).collect();
        if let [port] = fitting.as_slice() {
            return Ok(port);
        }
        let called = self.port.map(|port| format!(" {port}")).unwrap_or_default();
        let there = listed(service.ports.iter().map(ToString::to_string));
        Err(Nothing::Impossible(if fitting.is_empty() {
            format!("the Service {} has no port{called} over {}{there}", self.key, self.transport)
        } else {
            format!("the Service {} has {} ports over {}, and the suite does not say which{there}", self.key, fitting.len(), self.transport)
        }))
    }

    /// Whether somebody is there for each family that the Service has an address of: clients take whichever address they are given.
    fn served(&self, service: &Service, port: &ServicePort) -> Result<(), Nothing> {
        self.of_family(&service.addresses, "address")?;
        match self.behind(service, port) {
            Err(Nothing::NoFamily(why)) => Err(refuted("no-endpoints", format!("{why}, though it has an address there"))),
            Err(other) => Err(other),
            Ok(_) => Ok(()),
        }
    }

    /// Who is ready behind that port in the family, unless nobody has looked.
    fn behind(&self, service: &Service, port: &ServicePort) -> Result<Option<Vec<Door>>, Nothing> {
        let Some(endpoints) = &service.endpoints else { return Ok(None) };
        let all = || endpoints.iter().filter(|endpoint| endpoint.name == port.name && endpoint.protocol == port.protocol);
        let doors: Vec<Door> = all()
            .filter(|endpoint| Family::of(endpoint.address) == self.family)
            .map(|endpoint| Door {
                service: self.key.as_str().into(),
                via: Via::Endpoints,
                node: endpoint.node.clone(),
                at: Where::Known(Endpoint { address: endpoint.address, port: Some(endpoint.port) }),
            })
            .collect();
        match (doors.is_empty(), all().next()) {
            (false, _) => Ok(Some(doors)),
            (true, Some(_)) => {
                Err(Nothing::NoFamily(format!("nobody is ready behind the Service {} over {}", self.key, self.family.words())))
            }
            (true, None) => {
                Err(refuted("no-endpoints", format!("no endpoint of the Service {} is ready behind its port {port}", self.key)))
            }
        }
    }

    fn of_family(&self, addresses: &[std::net::IpAddr], what: &str) -> Result<Vec<std::net::IpAddr>, Nothing> {
        let own: Vec<_> = addresses.iter().copied().filter(|address| Family::of(*address) == self.family).collect();
        if own.is_empty() {
            return Err(Nothing::NoFamily(format!("the Service {} has no {} {what}", self.key, self.family.words())));
        }
        Ok(own)
    }

    fn pairs(&self, wish: &Wish, doors: Doors, field: &Field<'_>) -> Chosen {
        match doors {
            Doors::Each(doors) => each(wish, doors, field),
            Doors::Nodes(port) => {
                if !field.nodes.iter().any(|node| node.address(self.family).is_some()) {
                    let why = format!("no node states an internal {} address (InternalIP)", self.family.words());
                    return without(wish, Nothing::NoFamily(why));
                }
                let wish = Wish { same_node: SameNode::Include, ..wish.clone() };
                between(&wish, self.nodes, field, |node| self.at_node(node, port))
            }
        }
    }

    /// A node that states no address of the family, where others do, is asked at the one that it has not got: that pair says so.
    fn at_node(&self, node: &Node, port: Port) -> Target {
        let Some(address) = node.address(self.family) else {
            return Target::Node { at: Vantage::host(&node.name), address: NodeAddress::Internal, port: Some(PortOfNode::Number(port)) };
        };
        Target::Service(Arc::new(Door {
            service: self.key.as_str().into(),
            via: Via::NodePort,
            node: Some(node.name.clone()),
            at: Where::Known(Endpoint { address, port: Some(port) }),
        }))
    }
}

/// From every source to these: to all of them, or, where the suite wants fewer, to some that differ from source to source.
fn each(wish: &Wish, doors: Vec<Door>, field: &Field<'_>) -> Chosen {
    let sources = match Sources::of(&wish.from, field) {
        Ok(sources) => sources,
        Err(why) => return without(wish, Nothing::Impossible(why)),
    };
    let targets: Vec<Target> = doors.into_iter().map(|door| Target::Service(Arc::new(door))).collect();
    let (strategy, most) = most_of_each(wish, sources.voices().len(), targets.len());
    let mut pairs = Vec::with_capacity(sources.voices().len() * most);
    for (turn, source) in sources.voices().enumerate() {
        let mut numbers: Vec<usize> = (0..most).map(|step| (turn * most + step) % targets.len()).collect();
        numbers.sort_unstable();
        pairs.extend(numbers.into_iter().map(|number| Pair { source: source.clone(), target: targets[number].clone() }));
    }
    let ends = Ends { sources: sources.count(), targets: targets.len() as u64 };
    let why_none = pairs.is_empty().then(|| Nothing::Impossible("no node takes part".to_owned()));
    let total = ends.sources * ends.targets;
    Chosen { pairs: pairs.into(), total, ends, strategy: strategy.words(), left_out: sources.left_out, why_none }
}

/// How many targets each source asks. They are no nodes, so that no strategy has more to choose than their number.
fn most_of_each(wish: &Wish, sources: usize, targets: usize) -> (Strategy, usize) {
    let of = |strategy: Strategy| match strategy {
        Strategy::Full => targets,
        Strategy::Ring { k } | Strategy::Random { k } | Strategy::PerZone { k } => (k as usize).min(targets),
        Strategy::Circulant => (usize::BITS - targets.leading_zeros()) as usize,
        Strategy::Representatives { .. } => 1,
    };
    let first = wish.pairs.strategy;
    match wish.pairs.beyond {
        Some(beyond) if (of(first) as u64).saturating_mul(sources as u64) > beyond.limit && of(beyond.strategy) < of(first) => {
            (beyond.strategy, of(beyond.strategy))
        }
        Some(_) | None => (first, of(first).min(targets)),
    }
}

fn refuted(code: &'static str, message: String) -> Nothing {
    Nothing::Refuted(Mismatch { code, message })
}

/// `; there are a, b and 3 more`
fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    match names.len() {
        0 => String::new(),
        count if count > LISTED => format!("; there are {} and {} more", names[..LISTED].join(", "), count - LISTED),
        _ => format!("; there are {}", names.join(", ")),
    }
}
