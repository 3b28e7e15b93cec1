//! What the system says about the interface that holds an address. It must not know what the address is used for.

use std::io::ErrorKind;
use std::net::{IpAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};

/// The MTU in bytes of the interface with that address; 0 where it cannot be told.
pub(crate) fn mtu(address: IpAddr) -> u32 {
    holder(address).and_then(|interface| read(&interface.interface_name)).unwrap_or(0)
}

/// Whether any interface has that address.
pub(crate) fn holds(address: IpAddr) -> bool {
    holder(address).is_some()
}

/// Whether that address is no longer this machine's: nothing can be asked from it. Told for sure, or not at all.
pub(crate) fn lost(address: IpAddr) -> bool {
    let unbound = UdpSocket::bind((address, 0)).is_err_and(|error| error.kind() == ErrorKind::AddrNotAvailable);
    unbound && !holds(address)
}

fn holder(address: IpAddr) -> Option<InterfaceAddress> {
    getifaddrs().ok()?.find(|interface| bears(interface, address))
}

fn bears(interface: &InterfaceAddress, address: IpAddr) -> bool {
    let Some(held) = &interface.address else {
        return false;
    };
    match address {
        // All of 127.0.0.0/8 is on the loopback interface, though it lists but one address.
        IpAddr::V4(v4) if v4.is_loopback() => held.as_sockaddr_in().is_some_and(|held| held.ip().is_loopback()),
        IpAddr::V4(v4) => held.as_sockaddr_in().is_some_and(|held| held.ip() == v4),
        IpAddr::V6(v6) => held.as_sockaddr_in6().is_some_and(|held| held.ip() == v6),
    }
}

/// Whether this process has left the network namespace that sysfs shows.
static ELSEWHERE: AtomicBool = AtomicBool::new(false);

/// From now on nothing is asked of sysfs: its interfaces are those of another network, and may have the same names.
pub(crate) fn leave_sysfs() {
    ELSEWHERE.store(true, Ordering::Relaxed);
}

/// The MTU in bytes of the interface of that name.
///
/// sysfs shows the network namespace in which it was mounted, which in a pod is ours; the settings of IPv6 are always those of
/// our own. So an interface that sysfs does not have is looked for there.
pub(crate) fn read(interface: &str) -> Option<u32> {
    let sysfs = (!ELSEWHERE.load(Ordering::Relaxed)).then(|| format!("/sys/class/net/{interface}/mtu"));
    let mut places = sysfs.into_iter().chain([format!("/proc/sys/net/ipv6/conf/{interface}/mtu")]);
    places.find_map(|place| std::fs::read_to_string(place).ok()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_has_one_and_a_strange_address_none() {
        assert!(mtu([127, 7, 7, 7].into()) > 0);
        assert_eq!(mtu([192, 0, 2, 1].into()), 0);
        assert!(holds([127, 0, 0, 1].into()));
        assert!(!lost([127, 7, 7, 7].into()) && lost([192, 0, 2, 1].into()) && lost("2001:db8::1".parse().unwrap()));
        assert!(!holds([192, 0, 2, 1].into()));
    }
}
