//! What `ip link`, `ip address` and `ip route` would do, said to the kernel directly (rtnetlink(7)), in the network namespace of
//! the thread that asks. It must not know what a namespace is for.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd};

use netlink_packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{self, MsgFlags, SockFlag, SockProtocol, SockType};

use crate::model::family::Family;

/// Room for an answer: it holds at most the question and an error.
const ANSWER_LIMIT: usize = 4096;

/// A connection with the kernel of one network namespace.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: OwnedFd,
}

/// An interface of that namespace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interface(u32);

impl Netlink {
    /// In the namespace of the calling thread; it stays with that one.
    pub(super) fn open() -> io::Result<Self> {
        let (kind, flags) = (SockType::Raw, SockFlag::SOCK_CLOEXEC);
        let socket = socket::socket(socket::AddressFamily::Netlink, kind, flags, SockProtocol::NetlinkRoute)?;
        Ok(Self { socket })
    }

    /// The interface of that name, in the namespace of the calling thread.
    pub(super) fn interface(name: &str) -> io::Result<Interface> {
        Ok(Interface(if_nametoindex(name)?))
    }

    /// Switches the interface on. While nobody takes packets from it, it keeps `queue` of them; none stands for the kernel's
    /// own number. The ioctl for that asks for a right outside the namespace, unlike this.
    pub(super) fn up(&self, interface: Interface, queue: Option<u32>) -> io::Result<()> {
        let mut message = LinkMessage::default();
        message.header.index = interface.0;
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        message.attributes.extend(queue.map(LinkAttribute::TxQueueLen));
        self.ask(RouteNetlinkMessage::SetLink(message), 0)
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
        self.ask(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
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
        self.ask(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// The kernel answers before the call that asks returns, so this waits for nobody.
    fn ask(&self, message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_ACK | flags;
        let mut question = NetlinkMessage::new(header, NetlinkPayload::from(message));
        question.finalize();
        let mut bytes = vec![0; question.buffer_len()];
        question.serialize(&mut bytes);
        socket::send(self.socket.as_raw_fd(), &bytes, MsgFlags::empty())?;
        let mut answer = vec![0; ANSWER_LIMIT];
        let length = socket::recv(self.socket.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
        match NetlinkMessage::<RouteNetlinkMessage>::deserialize(&answer[..length]).map_err(io::Error::other)?.payload {
            NetlinkPayload::Error(error) if error.code.is_none() => Ok(()),
            NetlinkPayload::Error(error) => Err(error.to_io()),
            other => Err(io::Error::other(format!("the kernel answers {other:?}"))),
        }
    }
}

const fn family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}
