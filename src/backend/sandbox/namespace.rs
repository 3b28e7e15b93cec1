//! A network namespace with one TUN device in it, as a pod or a host of the sandbox has it. It has no name in the file system:
//! it lives as long as a process or thread is in it, or a descriptor of it is open (`network_namespaces(7)`).

use std::fs::{self, File};
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::Path;

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::getegid;

use super::fabric;
use super::netlink::{Interface, Netlink};
use super::refused::{Refused, Step};
use crate::model::family::Family;

/// The TUN device, in every namespace. The names of interfaces elsewhere are others, so that a look into a file system of
/// theirs (`/sys/class/net`) cannot be mistaken for one into ours.
const DEVICE: &str = "netcheck0";

/// Packets that the device keeps while the fabric is busy; the kernel's 500 are few for a burst between busy processors.
const QUEUE: u32 = 10_000;

/// A network namespace. Dropping it lets go of it.
#[derive(Debug)]
pub(super) struct Namespace {
    file: File,
}

/// What a namespace is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Furniture {
    /// Of its TUN device: at most one address a family.
    pub(super) addresses: Vec<IpAddr>,
    /// Of its default routes, at most one a family; without one, a route leads straight to the device.
    pub(super) gateways: Vec<IpAddr>,
    /// Of its TUN device, in bytes.
    pub(super) mtu: u16,
    /// Whether its processes get unprivileged ICMP sockets.
    pub(super) ping: bool,
}

impl Namespace {
    /// Moves the calling thread into a new namespace and furnishes it. The second is the other end of its TUN device.
    pub(super) fn create(furniture: &Furniture) -> Result<(Self, OwnedFd), Refused> {
        unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| Step::Network.refused(errno))?;
        let file = File::open("/proc/thread-self/ns/net").map_err(|error| Step::Network.refused(error))?;
        settle(furniture.ping)?;
        let netlink = Netlink::open().map_err(|error| Step::Interface("lo").refused(error))?;
        up(&netlink, "lo", None)?;
        let device = fabric::device(DEVICE, furniture.mtu).map_err(|error| Step::Device.refused(error))?;
        let interface = up(&netlink, DEVICE, Some(QUEUE))?;
        for address in &furniture.addresses {
            netlink.address(interface, *address).map_err(|error| Step::Address.refused(error))?;
            let family = Family::of(*address);
            let gateway = furniture.gateways.iter().copied().find(|gateway| Family::of(*gateway) == family);
            netlink.default_route(interface, family, gateway).map_err(|error| Step::Route.refused(error))?;
        }
        Ok((Self { file }, device))
    }

    /// Moves the calling thread there.
    pub(super) fn enter(&self) -> io::Result<()> {
        Ok(setns(&self.file, CloneFlags::CLONE_NEWNET)?)
    }

    /// The descriptor that holds it, for those who look into `/proc/PID/fd`.
    pub(super) fn descriptor(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

/// The TUN device of the namespace that the calling thread is in.
pub(super) fn device() -> io::Result<Interface> {
    Netlink::interface(DEVICE)
}

/// Whether the kernel knows IPv6 at all.
pub(super) fn has_v6() -> bool {
    Path::new("/proc/sys/net/ipv6").is_dir()
}

/// Before there is a device, so that nothing is sent from it unasked.
fn settle(ping: bool) -> Result<(), Refused> {
    // This process's own group is one that is mapped in every user namespace; an empty range allows nobody (icmp(7)).
    let group = getegid();
    set("ipv4/ping_group_range", &if ping { format!("{group} {group}") } else { "1 0".to_owned() })?;
    if has_v6() {
        // A machine's own defaults may be inherited (net.core.devconf_inherit_init_net).
        set("ipv6/conf/all/disable_ipv6", "0")?;
        set("ipv6/conf/default/disable_ipv6", "0")?;
        // No link-local address, so that nobody asks for routers and neighbours: there are none on a TUN device.
        set("ipv6/conf/default/addr_gen_mode", "1")?;
    }
    Ok(())
}

/// The kernel shows everybody the settings of the namespace that the calling thread is in.
pub(super) fn set(path: &'static str, value: &str) -> Result<(), Refused> {
    fs::write(format!("/proc/sys/net/{path}"), value).map_err(|error| Step::Setting(path).refused(error))
}

fn up(netlink: &Netlink, name: &'static str, queue: Option<u32>) -> Result<Interface, Refused> {
    let refused = |error: io::Error| Step::Interface(name).refused(error);
    let interface = Netlink::interface(name).map_err(refused)?;
    netlink.up(interface, queue).map_err(refused)?;
    Ok(interface)
}
