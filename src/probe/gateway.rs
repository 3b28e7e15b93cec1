//! The default routes of this process's network, as the kernel tells them in `/proc/net/route` and `/proc/net/ipv6_route`: its main
//! table. It must not know who asks for them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use nix::net::if_::if_nametoindex;

use crate::model::family::Family;
use crate::model::gateway::DefaultRoute;

/// Of each table, what is read: on a router there may be a million routes, and the default ones stand first.
const TABLE_LIMIT: u64 = 64 << 20;

/// Flags of both tables (`linux/route.h`).
const UP: u32 = 0x1;
const GATEWAY: u32 = 0x2;
const REJECT: u32 = 0x200;

/// A default route and how little it is liked.
type Liked = (u32, DefaultRoute);

/// That of each family that has one.
pub(crate) fn default_routes() -> Vec<DefaultRoute> {
    [best("/proc/net/route", v4), best("/proc/net/ipv6_route", v6)].into_iter().flatten().collect()
}

/// Where that address is asked: a link-local one behind the device of the default route that leads to it.
pub(super) fn destination(address: IpAddr, port: u16) -> SocketAddr {
    match address {
        IpAddr::V6(own) if own.is_unicast_link_local() => {
            let route = default_routes().into_iter().find(|route| route.via == Some(address));
            let scope = route.and_then(|route| if_nametoindex(route.device.as_str()).ok());
            SocketAddr::V6(SocketAddrV6::new(own, port, 0, scope.unwrap_or(0)))
        }
        _ => SocketAddr::new(address, port),
    }
}

/// The first of those that are liked best. A table that cannot be read has none: the machine may not have the family.
fn best(path: &str, read: fn(&str) -> Option<Liked>) -> Option<DefaultRoute> {
    let table = BufReader::new(File::open(path).ok()?.take(TABLE_LIMIT));
    chosen(table.lines().map_while(Result::ok), read)
}

fn chosen(lines: impl Iterator<Item = String>, read: fn(&str) -> Option<Liked>) -> Option<DefaultRoute> {
    lines.filter_map(|line| read(&line)).min_by_key(|(metric, _)| *metric).map(|(_, route)| route)
}

/// A line of `/proc/net/route`, whose addresses are in the machine's own order of bytes; none if it is no default route.
fn v4(line: &str) -> Option<Liked> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [device, to, via, flags, _, _, metric, mask, ..] = fields.as_slice() else { return None };
    let hex = |field: &str| u32::from_str_radix(field, 16).ok();
    let flags = hex(flags)?;
    if (hex(to)?, hex(mask)?) != (0, 0) || flags & UP == 0 || flags & REJECT != 0 || *device == "*" {
        return None;
    }
    let via = (flags & GATEWAY != 0).then(|| hex(via)).flatten().map(|bits| Ipv4Addr::from(bits.to_ne_bytes()).into());
    Some((metric.parse().ok()?, DefaultRoute { family: Family::V4, via, device: (*device).to_owned() }))
}

/// The same of `/proc/net/ipv6_route`, whose addresses are in the order of the network.
fn v6(line: &str) -> Option<Liked> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [to, length, _, _, via, metric, _, _, flags, device] = fields.as_slice() else { return None };
    let hex = |field: &str| u32::from_str_radix(field, 16).ok();
    let address = |field: &str| u128::from_str_radix(field, 16).ok().map(Ipv6Addr::from);
    let flags = hex(flags)?;
    if !address(to)?.is_unspecified() || hex(length)? != 0 || flags & UP == 0 || flags & REJECT != 0 {
        return None;
    }
    let via = (flags & GATEWAY != 0).then(|| address(via)).flatten().map(IpAddr::V6);
    Some((hex(metric)?, DefaultRoute { family: Family::V6, via, device: (*device).to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, read: fn(&str) -> Option<Liked>) -> String {
        let route = chosen(text.lines().map(str::to_owned), read);
        route.map_or_else(
            || "none".to_owned(),
            |route| match route.gateway() {
                Some(gateway) => format!("{gateway} dev {}", route.device),
                None => DefaultRoute::why_none(std::slice::from_ref(&route), route.family),
            },
        )
    }

    #[test]
    fn of_the_default_routes_over_ipv4_the_one_with_the_least_metric_counts() {
        let bits = |address: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(address));
        let line = |device: &str, to: [u8; 4], via: [u8; 4], flags: u32, metric: u32, mask: [u8; 4]| {
            format!("{device}\t{}\t{}\t{flags:04X}\t0\t0\t{metric}\t{}\t0\t0\t0\n", bits(to), bits(via), bits(mask))
        };
        let (none, gateway) = ([0; 4], [10, 244, 1, 1]);
        let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n".to_owned();
        let net = line("eth0", [10, 244, 0, 0], gateway, 3, 0, [255, 255, 0, 0]);
        // A half of everything, as some VPNs route it, is no default route.
        let half = line("tun0", none, [10, 8, 0, 1], 3, 0, [128, 0, 0, 0]);
        let slow = line("wlan0", none, [192, 168, 0, 1], 3, 600, none);
        let down = line("eth9", none, [10, 9, 9, 9], 2, 0, none);
        let refused = line("*", none, none, UP | REJECT, 0, none);
        assert_eq!(found(&(head.clone() + &net + &half + &down + &refused + "half a line\n"), v4), "none");
        let fast = line("eth0", none, gateway, 3, 100, none);
        assert_eq!(found(&(head.clone() + &slow + &fast + &net), v4), "10.244.1.1 dev eth0");
        let device = line("netcheck0", none, none, 1, 0, none);
        assert_eq!(found(&(head + &device), v4), "over IPv4: the default route leads straight to netcheck0");
    }

    #[test]
    fn a_gateway_over_ipv6_is_often_one_of_the_link_alone() {
        let zero = "00000000000000000000000000000000";
        let line = |to: &str, length: &str, via: &str, metric: &str, flags: u32, device: &str| {
            format!("{to} {length} {zero} 00 {via} {metric} 00000001 00000000 {flags:08x}     {device}\n")
        };
        let link = "fe800000000000000000000000000001";
        let net = line("fd000000000000000000000000000000", "40", zero, "00000100", 1, "eth0");
        // What the kernel ends its table with.
        let end = line(zero, "00", zero, "ffffffff", REJECT, "lo");
        assert_eq!(found(&(net.clone() + &end), v6), "none");
        let far = line(zero, "00", "fd000000000000000000000000000001", "00000400", UP | GATEWAY, "eth1");
        let near = line(zero, "00", link, "00000200", UP | GATEWAY, "eth0");
        assert_eq!(found(&(net.clone() + &far + &near + &end), v6), "fe80::1%eth0 dev eth0");
        assert_eq!(found(&(net + &far + &end + "nonsense"), v6), "fd00::1 dev eth1");
    }
}
