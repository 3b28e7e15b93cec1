//! The loop of the fabric's thread: reads packets from devices, asks the router, writes what is due. It must not know what is
//! in a packet.

use std::io::{self, PipeReader};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::prctl;
use nix::unistd;

use super::router::Router;

/// The largest IP packet.
const LARGEST: usize = 65_535;
/// Packets that are read from one device before the next device has its turn.
const BATCH: usize = 32;
/// The longest single wait: no system refuses it.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// Stands for the leash where events name devices.
const LEASH: u64 = u64::MAX;

/// Everything that the thread owns.
pub(super) struct Pump {
    devices: Vec<OwnedFd>,
    epoll: Epoll,
    /// Readable as soon as the fabric is dropped; nothing is ever written to it.
    _stop: PipeReader,
    router: Router,
    buffer: Vec<u8>,
    began: Instant,
    overflow: Arc<AtomicU64>,
}

impl Pump {
    pub(super) fn new(devices: Vec<OwnedFd>, stop: PipeReader, router: Router, overflow: Arc<AtomicU64>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&stop, EpollEvent::new(EpollFlags::EPOLLIN, LEASH))?;
        for (device, index) in devices.iter().zip(0..) {
            let flags = OFlag::from_bits_retain(fcntl(device, FcntlArg::F_GETFL)?);
            fcntl(device, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
            epoll.add(device, EpollEvent::new(EpollFlags::EPOLLIN, index))?;
        }
        Ok(Self { devices, epoll, _stop: stop, router, buffer: vec![0; LARGEST], began: Instant::now(), overflow })
    }

    /// Until the fabric is dropped.
    pub(super) fn run(mut self) {
        // Otherwise the kernel may let every wait last 50 µs longer. Where it refuses, delays are that much less exact.
        let _ = prctl::set_timerslack(1);
        let mut events = [EpollEvent::empty(); 64];
        loop {
            let ready = match self.wait(&mut events) {
                Ok(ready) => ready,
                Err(Errno::EINTR) => 0,
                // The descriptors are our own and the memory is there: nothing else can be wrong.
                Err(_) => return,
            };
            for event in events.iter().take(ready) {
                match usize::try_from(event.data()) {
                    Ok(index) if event.data() != LEASH => self.read(index),
                    Ok(_) | Err(_) => return,
                }
            }
            self.write_due();
            self.overflow.store(self.router.queue.overflow(), Ordering::Relaxed);
        }
    }

    /// Until a device can be read or a packet is due; how many events there are.
    fn wait(&self, events: &mut [EpollEvent]) -> nix::Result<usize> {
        let Some(due) = self.router.queue.next_due() else {
            return self.epoll.wait(events, EpollTimeout::NONE);
        };
        let left = due.saturating_sub(self.began.elapsed()).min(LONGEST_WAIT);
        // epoll_wait(2) counts in milliseconds, ppoll(2) in nanoseconds.
        if !left.is_zero() {
            let mut ready = [PollFd::new(self.epoll.0.as_fd(), PollFlags::POLLIN)];
            if ppoll(&mut ready, Some(left.into()), None)? == 0 {
                return Ok(0);
            }
        }
        self.epoll.wait(events, EpollTimeout::ZERO)
    }

    /// What a device has, up to a batch.
    fn read(&mut self, index: usize) {
        for _ in 0..BATCH {
            let Some(device) = self.devices.get(index) else { return };
            match unistd::read(device, &mut self.buffer) {
                Ok(length @ 1..) => {
                    let now = self.began.elapsed();
                    if let Some(packet) = self.buffer.get_mut(..length) {
                        self.router.take(index, now, packet);
                    }
                    self.write_due();
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                // Its namespace is gone, and the device with it.
                Ok(0) | Err(_) => {
                    let _ = self.epoll.delete(device);
                    return;
                }
            }
        }
    }

    fn write_due(&mut self) {
        let devices = &self.devices;
        self.router.queue.drain(self.began.elapsed(), |port, packet| {
            // A device that is down or gone loses packets, as an unplugged cable does.
            let _ = devices.get(port).map(|device| unistd::write(device, packet));
        });
    }
}
