//! The networks of a world: two namespaces a node, and the fabric between all of them. It must not know what runs in them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use super::api_server::Cluster;
use super::fabric::{self, Fabric, Port, Services};
use super::hosts::{self, Hosts, Listeners};
use super::keeper::Keeper;
use super::names::{self, Names};
use super::namespace::{Furniture, Namespace};
use super::node_ports::{self, NodePort};
use super::refused::{Refused, Step};
use crate::agent;
use crate::model::agents::IcmpAccess;
use crate::model::family::Family;
use crate::model::fixture::TrafficPolicy;
use crate::model::service::Service;
use crate::model::vantage::{Network, Vantage};
use crate::model::world::{AgentFault, Ports, Site, Spot, World};

/// All networks of a world. Dropping it ends the fabric; the namespaces go with the last process in them.
#[derive(Debug)]
pub(super) struct Networks {
    namespaces: BTreeMap<Vantage, Arc<Namespace>>,
    /// Of the nodes themselves, with their addresses.
    hosts: Vec<(Arc<Namespace>, Vec<IpAddr>)>,
    fabric: Fabric,
    services: Services,
    cluster: Cluster,
    /// Kept for the DNS server, and for the hosts.
    _servers: (Names, Hosts),
}

impl Networks {
    /// Makes all of them, for agents in pods that come by ICMP so. The world begins when this returns.
    pub(super) async fn raise(world: &Arc<World>, keeper: &Keeper, icmp: IcmpAccess) -> Result<Self, Refused> {
        let (mut namespaces, mut ports, mut listeners) = (BTreeMap::new(), Vec::new(), Vec::new());
        for vantage in vantages(world) {
            let (furniture, own) = (furniture(world, &vantage, icmp), listening(world, &vantage));
            let created = keeper.carry_out(move || {
                let (namespace, device) = Namespace::create(&furniture)?;
                let listeners = own.map(|ports| Listeners::open(&ports, &furniture.addresses)).transpose()?;
                Ok::<_, Refused>((namespace, device, listeners))
            });
            let (namespace, device, own) = created.await.map_err(|error| Step::Thread.refused(error))??;
            listeners.extend(own);
            namespaces.insert(vantage.clone(), Arc::new(namespace));
            ports.push(Port { site: world.spot(&vantage).map(Site::Spot), device });
        }
        let (names, device) = names::raise(world, keeper).await?;
        ports.push(Port { site: Some(Spot::DNS.into()), device });
        let cluster = Cluster::new().map_err(|error| Step::Certificate.refused(std::io::Error::other(error)))?;
        let (servers, devices) = hosts::raise(world, &cluster, keeper, listeners).await?;
        ports.extend((0..).zip(devices).map(|(number, device)| Port { site: Some(Site::Host(number)), device }));
        let nodes = namespaces.iter().filter(|(vantage, _)| vantage.network() == Network::Host);
        let hosts = nodes.map(|(vantage, namespace)| (Arc::clone(namespace), addresses(world, vantage))).collect();
        // All packets go through it: among the threads of many agents it would get no more time than one of them.
        let world = Arc::clone(world);
        let services = Services::default();
        let passed = Arc::clone(&services);
        let started = keeper.carry_out_preferred(move || fabric::start(world, ports, passed)).await;
        let fabric = started.and_then(|started| started).map_err(|error| Step::Fabric.refused(error))?;
        Ok(Self { namespaces, hosts, fabric, services, cluster, _servers: (names, servers) })
    }

    /// The same, with the Services of the world, behind which its agents are.
    pub(super) async fn with_services(world: &Arc<World>, keeper: &Keeper, icmp: IcmpAccess) -> Result<Self, Refused> {
        let networks = Self::raise(world, keeper, icmp).await?;
        let described = world.described(agent::PORT);
        let services: Vec<_> = described.iter().map(|service| (service, TrafficPolicy::Cluster)).collect();
        networks.add(&services, keeper).await?;
        Ok(networks)
    }

    /// Why losses are not what the world ordered, in a sentence. None while all is well.
    pub(super) fn trouble(&self) -> Option<String> {
        self.fabric.trouble()
    }

    /// What its pods have in common with its API server.
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// More Services, which those who ask find from then on.
    pub(super) async fn add(&self, services: &[(&Service, TrafficPolicy)], keeper: &Keeper) -> Result<(), Refused> {
        for (service, policy) in services {
            self.services.write().unwrap_or_else(PoisonError::into_inner).add(service, *policy);
        }
        let ports: Vec<NodePort> = services.iter().flat_map(|(service, _)| node_ports::of(service)).collect();
        if ports.is_empty() {
            return Ok(());
        }
        let hosts = self.hosts.clone();
        let led = keeper.carry_out(move || hosts.iter().try_for_each(|(host, own)| node_ports::lead_out(host, own, &ports)));
        led.await.map_err(|error| Step::Thread.refused(error))?
    }

    /// The namespace of that vantage; none if the world has no such node.
    pub(super) fn namespace(&self, vantage: &Vantage) -> Option<&Arc<Namespace>> {
        self.namespaces.get(vantage)
    }
}

/// Both networks of every node, in the order of the world.
pub(super) fn vantages(world: &World) -> impl Iterator<Item = Vantage> {
    world.nodes.iter().flat_map(|node| [Network::Pod, Network::Host].map(|network| Vantage::of(network, &node.name)))
}

/// The addresses that a vantage has in its world, and its faults leave it.
pub(super) fn addresses(world: &World, vantage: &Vantage) -> Vec<IpAddr> {
    let missing = |family: Family| matches!(world.agents.get(vantage), Some(AgentFault::NoAddress(missing)) if *missing == family);
    let families = world.families.iter().filter(|family| !missing(**family));
    world.spot(vantage).map_or_else(Vec::new, |spot| families.map(|family| spot.address(*family)).collect())
}

/// What listens there beside an agent, if anything does.
fn listening(world: &World, vantage: &Vantage) -> Option<Ports> {
    let node = world.nodes.iter().find(|node| *node.name == *vantage.node()).filter(|_| vantage.network() == Network::Host)?;
    Some(node.ports.clone()).filter(|ports| !ports.is_empty())
}

fn furniture(world: &World, vantage: &Vantage, icmp: IcmpAccess) -> Furniture {
    let mtu = match vantage.network() {
        Network::Pod => world.overlay_mtu,
        Network::Host => world.host_mtu,
    };
    let gateways = world.spot(vantage).filter(|_| world.agents.get(vantage) != Some(&AgentFault::NoGateway));
    Furniture {
        addresses: addresses(world, vantage),
        gateways: gateways.map_or_else(Vec::new, |spot| world.families.iter().map(|family| spot.router(*family)).collect()),
        mtu: u16::try_from(mtu.0).unwrap_or(u16::MAX),
        // Who asks by raw sockets does so where there are no others.
        ping: world.agents.get(vantage) != Some(&AgentFault::NoIcmp) && !(vantage.network() == Network::Pod && icmp == IcmpAccess::Raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether ping sockets are to be had there, for agents that come by ICMP as they can and for those that ask by raw sockets.
    fn check(fault: Option<AgentFault>, network: Network, expected: (bool, bool)) {
        let mut world = World::three_nodes();
        let vantage = Vantage::of(network, &world.nodes[0].name);
        world.agents.extend(fault.map(|fault| (vantage.clone(), fault)));
        let ping = |icmp| furniture(&world, &vantage, icmp).ping;
        assert_eq!((ping(IcmpAccess::Auto), ping(IcmpAccess::Raw)), expected, "{network:?}");
    }

    #[test]
    fn pods_that_ask_by_raw_sockets_have_no_others() {
        check(None, Network::Pod, (true, false));
        check(None, Network::Host, (true, true));
        check(Some(AgentFault::NoIcmp), Network::Pod, (false, false));
    }
}
