//! What `ip link`, `ip address`, `ip route` and `ip rule` would do, said to the kernel directly (rtnetlink(7)), in the network namespace of
//! the thread that asks. It must not know what a namespace is for.

use std::io;
use std::net::IpAddr;

use netlink_packet_core::{DefaultNla, Emitable, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{LinkFlags, LinkHeader};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage, RulePortRange};
use netlink_packet_route::{AddressFamily, IpProtocol};
use nix::net::if_::if_nametoindex;

use crate::model::family::Family;
use crate::model::service::Transport;
use crate::model::units::Port;
use crate::probe::rtnetlink::{Kind, Rtnetlink};

/// How many packets an interface keeps that nobody takes (`linux/if_link.h`).
const IFLA_TXQLEN: u16 = 13;

/// A connection with the kernel of one network namespace.
#[derive(Debug)]
pub(super) struct Netlink {
    kernel: Rtnetlink,
}

/// An interface of that namespace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interface(u32);

/// What looks for a way in a table of routes, among the others by its rank: lower ones first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) rank: u32,
    pub(super) family: Family,
    pub(super) table: u8,
    /// What it is about; all of the family, unless it says that.
    pub(super) about: Option<Question>,
}

/// What this very network asks at an address and a port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) address: IpAddr,
    pub(super) transport: Transport,
    pub(super) port: Port,
}

impl Rule {
    /// The table of a network's own addresses (`linux/rtnetlink.h`).
    pub(super) const OWN: u8 = 255;

    fn message(&self) -> RuleMessage {
        let mut message = RuleMessage::default();
        message.header.family = family(self.family);
        message.header.table = self.table;
        message.header.action = RuleAction::ToTable;
        message.attributes.push(RuleAttribute::Priority(self.rank));
        if let Some(Question { address, transport, port }) = self.about {
            message.header.dst_len = length(address);
            let protocol = match transport {
                Transport::Udp => IpProtocol::Udp,
                Transport::Tcp => IpProtocol::Tcp,
                Transport::Sctp => IpProtocol::Sctp,
            };
            let range = RulePortRange { start: port.get(), end: port.get() };
            message.attributes.extend([
                RuleAttribute::Destination(address),
                // What is sent from here seems to come in by that.
                RuleAttribute::Iifname("lo".to_owned()),
                RuleAttribute::IpProtocol(protocol),
                RuleAttribute::DestinationPortRange(range),
            ]);
        }
        message
    }
}

impl Netlink {
    /// In the namespace of the calling thread; it stays with that one.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { kernel: Rtnetlink::open()? })
    }

    /// The interface of that name, in the namespace of the calling thread.
    pub(super) fn interface(name: &str) -> io::Result<Interface> {
        Ok(Interface(if_nametoindex(name)?))
    }

    /// Switches the interface on. While nobody takes packets from it, it keeps `queue` of them; none stands for the kernel's
    /// own number. The ioctl for that asks for a right outside the namespace, unlike this.
    pub(super) fn up(&self, interface: Interface, queue: Option<u32>) -> io::Result<()> {
        let header = LinkHeader { index: interface.0, flags: LinkFlags::Up, change_mask: LinkFlags::Up, ..LinkHeader::default() };
        let queue = queue.map(|queue| DefaultNla::new(IFLA_TXQLEN, queue.to_ne_bytes().to_vec()));
        self.ask(Kind::SetLink, Link { header, attributes: queue.into_iter().collect() }, 0)
    }

    /// Gives the interface an address of its own, alone in its network. It can be used at once: nobody else can have it, so
    /// the search for duplicates is left out.
    pub(super) fn address(&self, interface: Interface, address: IpAddr) -> io::Result<()> {
        let mut message = AddressMessage::default();
        message.header.family = family(Family::of(address));
        message.header.prefix_len = length(address);
        message.header.scope = AddressScope::Universe;
        message.header.index = interface.0;
        if address.is_ipv6() {
            message.header.flags = AddressHeaderFlags::Nodad;
            message.attributes.push(AddressAttribute::Flags(AddressFlags::Nodad));
        }
        message.attributes.extend([AddressAttribute::Local(address), AddressAttribute::Address(address)]);
        self.ask(Kind::NewAddress, message, NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Everything of that family that has no other way goes through the interface: to the gateway behind it, if there is one.
    pub(super) fn default_route(&self, interface: Interface, through: Family, gateway: Option<IpAddr>) -> io::Result<()> {
        let mut message = route(interface, through, RouteHeader::RT_TABLE_MAIN);
        let straight = through == Family::V4 && gateway.is_none();
        message.header.scope = if straight { RouteScope::Link } else { RouteScope::Universe };
        if let Some(gateway) = gateway {
            // Each address stands by itself, so that no gateway is in a network of the interface.
            message.header.flags = RouteFlags::Onlink;
            message.attributes.push(RouteAttribute::Gateway(told(gateway)));
        }
        self.ask(Kind::NewRoute, message, NLM_F_CREATE | NLM_F_EXCL)
    }

    /// In that table, the way to the address leads straight through the interface.
    pub(super) fn route_to(&self, interface: Interface, address: IpAddr, table: u8) -> io::Result<()> {
        let mut message = route(interface, Family::of(address), table);
        message.header.scope = if address.is_ipv4() { RouteScope::Link } else { RouteScope::Universe };
        message.header.destination_prefix_length = length(address);
        message.attributes.push(RouteAttribute::Destination(told(address)));
        self.ask(Kind::NewRoute, message, NLM_F_CREATE | NLM_F_EXCL)
    }

    /// One rule more. That it is there already is an error of its own kind.
    pub(super) fn add_rule(&self, rule: &Rule) -> io::Result<()> {
        self.ask(Kind::NewRule, rule.message(), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// That rule no more.
    pub(super) fn remove_rule(&self, rule: &Rule) -> io::Result<()> {
        self.ask(Kind::DeleteRule, rule.message(), 0)
    }

    fn ask(&self, kind: Kind, message: impl Emitable, flags: u16) -> io::Result<()> {
        match self.kernel.ask(kind, message, NLM_F_ACK | flags)? {
            None => Ok(()),
            Some(answer) => Err(io::Error::other(format!("the kernel answers {answer:?}"))),
        }
    }
}

/// A message about an interface. The crate's own could have any of hundreds of attributes, which all were linked into the agent.
struct Link {
    header: LinkHeader,
    attributes: Vec<DefaultNla>,
}

impl Emitable for Link {
    fn buffer_len(&self) -> usize {
        self.header.buffer_len() + self.attributes.as_slice().buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        let (header, attributes) = buffer.split_at_mut(self.header.buffer_len());
        self.header.emit(header);
        self.attributes.as_slice().emit(attributes);
    }
}

/// In that table, through the interface.
fn route(interface: Interface, through: Family, table: u8) -> RouteMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = family(through);
    message.header.table = table;
    message.header.protocol = RouteProtocol::Static;
    message.header.kind = RouteType::Unicast;
    message.attributes.push(RouteAttribute::Oif(interface.0));
    message
}

const fn told(address: IpAddr) -> RouteAddress {
    match address {
        IpAddr::V4(address) => RouteAddress::Inet(address),
        IpAddr::V6(address) => RouteAddress::Inet6(address),
    }
}

/// Of the prefix that is one address.
const fn length(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

const fn family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}
