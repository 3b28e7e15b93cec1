//! What the way to a target takes as this machine is set up: some CNIs leave an interface at 1500 bytes and write the overlay's size into
//! the route. Asked is the route as it stands (rtnetlink(7), `RTM_F_FIB_MATCH`), not what the kernel has learnt of the path since:
//! that would make every trouble look like the way it should be. It must not know what is sent.

use std::io;
use std::net::IpAddr;

use netlink_packet_core::Parseable;
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteFlags, RouteMessage, RouteMetric};
use nix::net::if_::if_indextoname;

use super::super::interface;
use super::super::rtnetlink::{Kind, Rtnetlink};

/// What packets to that address may have, in bytes, by what its route says and by the interface that it leads out of, which need not
/// be the one with the asker's address; none where neither says anything, or cannot be asked.
pub(super) fn mtu(source: IpAddr, target: IpAddr) -> Option<u32> {
    let route = route(source, target).ok()??;
    let said = route.attributes.into_iter().filter_map(|attribute| match attribute {
        RouteAttribute::Metrics(metrics) => {
            metrics.into_iter().find_map(|metric| if let RouteMetric::Mtu(mtu) = metric { Some(mtu) } else { None })
        }
        RouteAttribute::Oif(index) => interface::read(if_indextoname(index).ok()?.to_str().ok()?),
        _ => None,
    });
    said.filter(|mtu| *mtu > 0).min()
}

fn route(source: IpAddr, target: IpAddr) -> io::Result<Option<RouteMessage>> {
    let answer = Rtnetlink::open()?.ask(Kind::GetRoute, question(source, target), 0)?;
    let route = answer.as_ref().and_then(|answer| answer.of(Kind::NewRoute));
    route.map(RouteMessage::parse).transpose().map_err(io::Error::other)
}

fn question(source: IpAddr, target: IpAddr) -> RouteMessage {
    let mut message = RouteMessage::default();
    let (family, length) = if target.is_ipv4() { (AddressFamily::Inet, 32) } else { (AddressFamily::Inet6, 128) };
    message.header.address_family = family;
    message.header.destination_prefix_length = length;
    message.header.source_prefix_length = length;
    message.header.flags = RouteFlags::FibMatch;
    let address = |address: IpAddr| match address {
        IpAddr::V4(address) => RouteAddress::Inet(address),
        IpAddr::V6(address) => RouteAddress::Inet6(address),
    };
    message.attributes.extend([RouteAttribute::Destination(address(target)), RouteAttribute::Source(address(source))]);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_route_to_loopback_and_its_interface_says_how_much_it_takes() {
        let (here, there) = ([127, 0, 0, 1].into(), [127, 0, 0, 2].into());
        assert!(route(here, there).unwrap().is_some());
        assert_eq!(mtu(here, there), interface::read("lo"));
        // Families that do not go together: no answer, and no panic.
        assert_eq!(mtu(here, std::net::Ipv6Addr::LOCALHOST.into()), None);
    }
}
