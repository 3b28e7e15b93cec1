//! A router in user space between the TUN devices of a world's nodes, which breaks on purpose. It must not know agents, nor who
//! made the network namespaces: it is handed one device for each network, and moves IP packets between them.

mod answer;
mod checksum;
mod faults;
mod flows;
mod fragment;
mod packet;
mod pump;
mod queue;
mod recent;
mod route;
mod router;
mod translation;

use std::io::{self, PipeWriter};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

pub(super) use translation::Services;
use tun_rs::{DeviceBuilder, Layer};

use crate::model::world::{Site, World};

/// One device of a world: the TUN end of one of its networks.
#[derive(Debug)]
pub(super) struct Port {
    /// Whose packets come from it, and to whom what is written to it goes; nobody's where the world does not have it.
    pub(super) site: Option<Site>,
    /// The device, as [`device`] made it.
    pub(super) device: OwnedFd,
}

/// A running fabric. Dropping it ends it: its thread is gone when the drop returns, and the devices are closed.
#[derive(Debug)]
pub(super) struct Fabric {
    /// Closing it wakes the thread, and ends it.
    leash: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
    /// Packets that it lost without being told to.
    overflow: Arc<AtomicU64>,
}

/// Creates a TUN device in the network namespace of the calling thread and brings it up: IP packets without any header before
/// them, no addresses and no routes yet. It goes with the last of its descriptors, whatever namespace that is in by then.
///
/// # Errors
/// `/dev/net/tun` cannot be opened, or the namespace is not the caller's to change: the system's own words.
pub(super) fn device(name: &str, mtu: u16) -> io::Result<OwnedFd> {
    let builder = DeviceBuilder::new().name(name).layer(Layer::L3).mtu(mtu);
    let builder = builder.with(|more| {
        more.packet_information(false);
    });
    let device = builder.build_sync()?;
    device.as_fd().try_clone_to_owned()
}

/// Starts forwarding between these ports, on a thread of its own. The world's clock, which its faults' windows are of, starts
/// now. Addresses that no port has are answered as unreachable.
///
/// # Errors
/// The system gives no thread or no descriptors.
pub(super) fn start(world: Arc<World>, ports: Vec<Port>, services: Services) -> io::Result<Fabric> {
    let (stop, leash) = io::pipe()?;
    let (sites, devices): (Vec<_>, Vec<_>) = ports.into_iter().map(|port| (port.site, port.device)).unzip();
    let router = router::Router::new(world, &sites, services);
    let overflow = Arc::new(AtomicU64::new(0));
    let pump = pump::Pump::new(devices, stop, router, Arc::clone(&overflow))?;
    let thread = thread::Builder::new().name("fabric".to_owned()).spawn(move || pump.run())?;
    Ok(Fabric { leash: Some(leash), thread: Some(thread), overflow })
}

impl Fabric {
    /// What is wrong with the fabric itself, in a sentence: then losses are not what the world ordered. None if nothing is.
    pub(super) fn trouble(&self) -> Option<String> {
        if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return Some("the sandbox's fabric has ended: no packet passes any more".to_owned());
        }
        let lost = self.overflow.load(Ordering::Relaxed);
        (lost > 0)
            .then(|| format!("the sandbox's fabric lost {lost} packets because more than {} MiB waited for their time", queue::MOST_MIB))
    }
}

impl Drop for Fabric {
    fn drop(&mut self) {
        drop(self.leash.take());
        if let Some(thread) = self.thread.take() {
            // It ends by itself now; if it panicked, that was told when it did.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
