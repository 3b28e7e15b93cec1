//! The interfaces, addresses, routes and name servers of this process's network, in the words of `ip` and `resolv.conf`, for whoever
//! has to find out why something is not reached. It must not know who asks.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;

use crate::probe::interface;

/// Of every list, what is told; the rest is counted.
const LINES: usize = 1_000;

/// Flags of both tables (`linux/route.h`, `linux/ipv6_route.h`).
const UP: u32 = 0x1;
const GATEWAY: u32 = 0x2;
const REJECT: u32 = 0x200;
const LOCAL: u32 = 0x8000_0000;

/// Whose name servers `/etc/resolv.conf` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameServers {
    /// Those of this very network.
    Own,
    /// Those of another one: they say nothing of this.
    Elsewhere,
}

/// All of it, a line each. What cannot be read says so.
#[must_use]
pub fn routes(resolver: NameServers) -> String {
    let mut lines = interfaces();
    // Both show the namespace of whoever reads them.
    lines.extend(section("/proc/net/route", &v4));
    lines.extend(section("/proc/net/ipv6_route", &v6));
    if resolver == NameServers::Own {
        lines.extend(section("/etc/resolv.conf", &name_servers));
    }
    lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
}

/// The lines that a file comes to. One that is not there says nothing: the machine has no IPv6, or the image no name servers.
fn section(path: &str, read: &dyn Fn(&str) -> Vec<String>) -> Vec<String> {
    match fs::read_to_string(path) {
        Ok(text) => bounded(read(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => vec![format!("{path} cannot be read: {error}")],
    }
}

fn bounded(mut lines: Vec<String>) -> Vec<String> {
    if let Some(more) = lines.len().checked_sub(LINES).filter(|more| *more > 0) {
        lines.truncate(LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// `eth0: mtu 1450 up 10.244.1.5/24 fe80::1/64`, in the order of the system.
fn interfaces() -> Vec<String> {
    let all = match getifaddrs() {
        Ok(all) => all,
        Err(error) => return vec![format!("interfaces cannot be listed: {}", io::Error::from(error))],
    };
    let mut lines: Vec<(String, String)> = Vec::new();
    for one in all {
        let name = one.interface_name.clone();
        let index = lines.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            let mtu = interface::read(&name).map_or_else(|| "unknown".to_owned(), |mtu| mtu.to_string());
            let state = if one.flags.contains(InterfaceFlags::IFF_UP) { "up" } else { "down" };
            lines.push((name.clone(), format!("{name}: mtu {mtu} {state}")));
            lines.len() - 1
        });
        if let (Some(address), Some((_, line))) = (address(&one), lines.get_mut(index)) {
            // Writing to a string cannot fail.
            let _ = write!(line, " {address}");
        }
    }
    bounded(lines.into_iter().map(|(_, line)| line).collect())
}

/// `10.244.1.5/24`
fn address(interface: &InterfaceAddress) -> Option<String> {
    let (address, mask) = (interface.address.as_ref()?, interface.netmask.as_ref());
    if let Some(v4) = address.as_sockaddr_in() {
        let length = mask.and_then(|mask| mask.as_sockaddr_in()).map(|mask| mask.ip().to_bits().count_ones());
        return Some(with_length(v4.ip().into(), length));
    }
    let v6 = address.as_sockaddr_in6()?;
    let length = mask.and_then(|mask| mask.as_sockaddr_in6()).map(|mask| mask.ip().to_bits().count_ones());
    Some(with_length(v6.ip().into(), length))
}

fn with_length(address: IpAddr, length: Option<u32>) -> String {
    length.map_or_else(|| address.to_string(), |length| format!("{address}/{length}"))
}

/// The lines of `/proc/net/route` in the words of `ip route`: numbers in it are in the machine's own order of bytes.
fn v4(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, to, via, flags, _, _, metric, mask, mtu, ..] = fields.as_slice() else { return None };
        let address = |field: &str| u32::from_str_radix(field, 16).ok().map(|bits| Ipv4Addr::from(bits.to_ne_bytes()));
        let route = Route {
            to: address(to)?.into(),
            length: address(mask)?.to_bits().count_ones(),
            via: address(via)?.into(),
            device,
            metric: metric.parse().ok()?,
            mtu: mtu.parse().ok()?,
        };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        // Only what goes nowhere has no device.
        let kind = match (*device, flags & REJECT != 0) {
            (_, true) => "unreachable ",
            ("*", false) => "blackhole ",
            (_, false) => "",
        };
        (flags & (UP | REJECT) != 0).then(|| route.words(kind, flags))
    };
    text.lines().skip(1).filter_map(line).collect()
}

/// The same of `/proc/net/ipv6_route`, whose numbers are in the order of the network. Addresses of our own and multicast, which are
/// routes there as well, are left out.
fn v6(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [to, length, _, _, via, metric, _, _, flags, device] = fields.as_slice() else { return None };
        let address = |field: &str| u128::from_str_radix(field, 16).ok().map(Ipv6Addr::from);
        let (to, via) = (address(to)?, address(via)?);
        let number = |field: &str| u32::from_str_radix(field, 16).ok();
        let route = Route { to: to.into(), length: number(length)?, via: via.into(), device, metric: number(metric)?, mtu: 0 };
        let flags = number(flags)?;
        // The kernel's own last entry is no route; those that lead to one address of the loopback interface bear the flag of refusal.
        if flags & LOCAL != 0 || to.is_multicast() || route.metric == u32::MAX || flags & (UP | REJECT) == 0 {
            return None;
        }
        Some(route.words(if flags & REJECT != 0 && route.length < 128 { "unreachable " } else { "" }, flags))
    };
    text.lines().filter_map(line).collect()
}

struct Route<'a> {
    to: IpAddr,
    length: u32,
    via: IpAddr,
    device: &'a str,
    metric: u32,
    /// 0 where it has none of its own.
    mtu: u32,
}

impl Route<'_> {
    /// `10.244.0.0/16 via 10.244.1.1 dev eth0 metric 100`
    fn words(&self, kind: &str, flags: u32) -> String {
        let to = if self.length == 0 { "default".to_owned() } else { with_length(self.to, Some(self.length)) };
        let mut line = format!("{kind}{to}");
        if flags & GATEWAY != 0 {
            let _ = write!(line, " via {}", self.via);
        }
        if self.device != "*" {
            let _ = write!(line, " dev {}", self.device);
        }
        let or_default = |name: &str, value: u32| if value == 0 { String::new() } else { format!(" {name} {value}") };
        line + &or_default("metric", self.metric) + &or_default("mtu", self.mtu)
    }
}

/// What `/etc/resolv.conf` says, comments left out.
fn name_servers(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| ["nameserver", "search", "options"].iter().any(|word| line.starts_with(word)));
    lines.map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(address: [u8; 4]) -> String {
        format!("{:08X}", u32::from_ne_bytes(address))
    }

    #[test]
    fn routes_are_in_the_words_of_ip() {
        let route = |device: &str, to, via, flags: u32, rest: &str, mask| {
            format!("{device}\t{}\t{}\t{flags:04X}\t0\t0\t{rest}\t{}\t", hex(to), hex(via), hex(mask))
        };
        let none = [0; 4];
        let text = [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".to_owned(),
            route("eth0", none, [10, 244, 1, 1], UP | GATEWAY, "0", none) + "0\t0\t0",
            route("eth0", [10, 244, 0, 0], [10, 244, 1, 1], UP | GATEWAY, "100", [255, 255, 0, 0]) + "1450\t0\t0",
            route("eth0", [10, 244, 1, 0], none, UP, "0", [255, 255, 255, 0]) + "0\t0\t0",
            route("*", [10, 9, 0, 0], none, UP | REJECT, "0", [255, 255, 0, 0]) + "0\t0\t0",
            route("*", [10, 7, 0, 0], none, UP, "0", [255, 255, 0, 0]) + "0\t0\t0",
            route("eth9", [10, 8, 0, 0], none, 0, "0", [255, 255, 0, 0]) + "0\t0\t0",
            "eth0 zz 00 0001 0 0 0 00 0".to_owned(),
            "half a line".to_owned(),
        ];
        let expected = [
            "default via 10.244.1.1 dev eth0",
            "10.244.0.0/16 via 10.244.1.1 dev eth0 metric 100 mtu 1450",
            "10.244.1.0/24 dev eth0",
            "unreachable 10.9.0.0/16",
            "blackhole 10.7.0.0/16",
        ];
        assert_eq!(v4(&text.join("\n")), expected);
    }

    #[test]
    fn routes_of_ipv6_leave_our_own_addresses_out() {
        let zero = "00000000000000000000000000000000";
        let own = "fd000000000000000000000000000005";
        let gateway = "fe800000000000000000000000000001";
        let line = |to: &str, length: &str, via: &str, flags: u32, device: &str| {
            format!("{to} {length} {zero} 00 {via} 00000400 00000001 00000000 {flags:08x}     {device}\n")
        };
        let text = line(zero, "00", gateway, UP | GATEWAY, "eth0")
            + &line("fd000000000000000000000000000000", "40", zero, UP, "eth0")
            + &line(own, "80", zero, UP | LOCAL, "eth0")
            + &line("ff000000000000000000000000000000", "08", zero, UP, "eth0")
            + &line(own, "80", zero, REJECT, "lo")
            + &line("fd990000000000000000000000000000", "40", zero, REJECT, "lo")
            + &line(zero, "00", zero, REJECT, "lo").replace("00000400", "ffffffff")
            + "nonsense";
        let expected = [
            "default via fe80::1 dev eth0 metric 1024",
            "fd00::/64 dev eth0 metric 1024",
            "fd00::5/128 dev lo metric 1024",
            "unreachable fd99::/64 dev lo metric 1024",
        ];
        assert_eq!(v6(&text), expected);
    }

    #[test]
    fn this_machine_has_a_loopback_interface() {
        let text = routes(NameServers::Elsewhere);
        let line = text.lines().find(|line| line.starts_with("lo: ")).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains(" up ") && line.contains(" 127.0.0.1/8"), "{text}");
        assert!(!text.contains("nameserver"), "{text}");
    }

    #[test]
    fn name_servers_are_told_without_comments() {
        let text = "# generated\nnameserver 10.96.0.10\nsearch default.svc.cluster.local\n ; no\noptions ndots:5\n";
        assert_eq!(name_servers(text), ["nameserver 10.96.0.10", "search default.svc.cluster.local", "options ndots:5"]);
        let many: Vec<String> = (0..2_000).map(|number| number.to_string()).collect();
        assert_eq!(bounded(many).last().map(String::as_str), Some("and 1000 more"));
    }
}
