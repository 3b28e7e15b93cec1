//! A node that asks a node port at an address of its own, which its kernel keeps to itself: there nobody listens, and the fabric, which
//! translates, would never hear of it. Rules before that of the node's own addresses lead such questions out, and nothing else.
//! It must not know who stands behind a Service.

use std::io;
use std::net::IpAddr;

use super::namespace::{self, Namespace};
use super::netlink::{Interface, Netlink, Question, Rule};
use super::refused::{Refused, Step};
use crate::model::family::Family;
use crate::model::service::{Service, Transport};
use crate::model::units::Port;

/// Where the kernel itself has the rule of a network's own addresses, where it is moved to, and what comes between.
const FIRST: u32 = 0;
const BEFORE: u32 = 1;
const MOVED: u32 = 2;

/// The table of ways out: any number that the kernel has no use for (`linux/rtnetlink.h`).
const OUT: u8 = 100;

/// A node port of that family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodePort {
    family: Family,
    transport: Transport,
    port: Port,
}

/// Those of a Service, of each family that it has an address of.
pub(super) fn of(service: &Service) -> Vec<NodePort> {
    let families = service.addresses.iter().map(|address| Family::of(*address));
    let each =
        |family| service.ports.iter().filter_map(move |port| Some(NodePort { family, transport: port.protocol, port: port.node_port? }));
    families.flat_map(each).collect()
}

/// Leads the questions of that network, which has those addresses, out of it. The calling thread stays there.
pub(super) fn lead_out(namespace: &Namespace, addresses: &[IpAddr], ports: &[NodePort]) -> Result<(), Refused> {
    namespace.enter().map_err(|error| Step::Network.refused(error))?;
    // What the fabric says of them and what it brings back comes from outside, with an address of our own.
    namespace::set("ipv4/conf/all/accept_local", "1")?;
    let out = || {
        let (netlink, interface) = (Netlink::open()?, namespace::device()?);
        addresses.iter().try_for_each(|address| lead(&netlink, interface, *address, ports))
    };
    out().map_err(|error: io::Error| Step::NodePorts.refused(error))
}

fn lead(netlink: &Netlink, interface: Interface, address: IpAddr, ports: &[NodePort]) -> io::Result<()> {
    let family = Family::of(address);
    let mut own = ports.iter().filter(|port| port.family == family).peekable();
    if own.peek().is_none() {
        return Ok(());
    }
    make_room(netlink, interface, address)?;
    for NodePort { transport, port, .. } in own {
        let about = Some(Question { address, transport: *transport, port: *port });
        unless_there(netlink.add_rule(&Rule { rank: BEFORE, family, table: OUT, about }))?;
    }
    Ok(())
}

/// Before the rule of our own addresses, unless there is room: at no moment is there none.
fn make_room(netlink: &Netlink, interface: Interface, address: IpAddr) -> io::Result<()> {
    let own = |rank| Rule { rank, family: Family::of(address), table: Rule::OWN, about: None };
    match netlink.add_rule(&own(MOVED)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        made => made?,
    }
    netlink.remove_rule(&own(FIRST))?;
    netlink.route_to(interface, address, OUT)
}

/// Services of a world may have the same node port.
fn unless_there(made: io::Result<()>) -> io::Result<()> {
    made.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
}
