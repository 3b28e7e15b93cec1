//! What `ip link`, `ip address` and `ip route` would do, said to the kernel directly (rtnetlink(7)), in the network namespace of
//! the thread that asks. It must not know what a namespace is for.

use std::io;
use std::net::IpAddr;

use netlink_packet_core::{DefaultNla, Emitable, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{LinkFlags, LinkHeader};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use nix::net::if_::if_nametoindex;

use crate::model::family::Family;
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
        message.header.prefix_len = if address.is_ipv4() { 32 } else { 128 };
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
        let mut message = RouteMessage::default();
        message.header.address_family = family(through);
        message.header.table = RouteHeader::RT_TABLE_MAIN;
        message.header.protocol = RouteProtocol::Static;
        let straight = through == Family::V4 && gateway.is_none();
        message.header.scope = if straight { RouteScope::Link } else { RouteScope::Universe };
        message.header.kind = RouteType::Unicast;
        message.attributes.push(RouteAttribute::Oif(interface.0));
        if let Some(gateway) = gateway {
            // Each address stands by itself, so that no gateway is in a network of the interface.
            message.header.flags = RouteFlags::Onlink;
            message.attributes.push(RouteAttribute::Gateway(match gateway {
                IpAddr::V4(gateway) => RouteAddress::Inet(gateway),
                IpAddr::V6(gateway) => RouteAddress::Inet6(gateway),
            }));
        }
        self.ask(Kind::NewRoute, message, NLM_F_CREATE | NLM_F_EXCL)
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

const fn family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}
