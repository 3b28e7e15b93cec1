//! When the kernel itself saw a datagram leave or arrive (`SO_TIMESTAMPING`, Documentation/networking/timestamping). It must not know
//! what was sent.

use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::socket::{ControlMessageOwned, TimestampingFlag, setsockopt, sockopt};

/// Has the kernel stamp what arrives, and what leaves as it is handed to a device: the way from the program to there is no part of a
/// round trip. A device that gives no stamps is none the worse.
pub(super) fn ask_for(socket: &impl AsFd) -> nix::Result<()> {
    // Of what left the stamp alone comes back, without the packet: nobody may be refused that.
    let only = TimestampingFlag::SOF_TIMESTAMPING_OPT_TSONLY;
    let both = TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE | TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE;
    setsockopt(socket, sockopt::Timestamping, &(TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE | both | only))
}

/// A stamp by the kernel's wall clock, since its epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(Duration);

impl Stamp {
    /// That of a message, if this is one.
    pub(super) fn of(control: &ControlMessageOwned) -> Option<Self> {
        match control {
            ControlMessageOwned::ScmTimestampsns(stamps) => Some(Self(Duration::from(stamps.system))),
            _ => None,
        }
    }
}

/// Both clocks, read at once: the wall clock may be set at any time, so that no stamp is compared with an earlier reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clocks {
    pub(super) now: Instant,
    wall: SystemTime,
}

impl Clocks {
    pub(super) fn read() -> Self {
        Self { now: Instant::now(), wall: SystemTime::now() }
    }

    /// When that was; none if the wall clock says that it is still to come.
    pub(super) fn moment(&self, stamp: Stamp) -> Option<Instant> {
        let age = self.wall.duration_since(SystemTime::UNIX_EPOCH + stamp.0).ok()?;
        self.now.checked_sub(age)
    }
}

#[cfg(test)]
mod tests {
    use std::io::IoSliceMut;
    use std::net::{Ipv4Addr, UdpSocket};
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{MsgFlags, SockaddrStorage, recvmsg};
    use nix::sys::time::TimeSpec;

    use super::*;
    use crate::probe::refusal::{self, Queued};

    fn since_the_epoch() -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn what_leaves_over_loopback_and_what_arrives_is_stamped_by_the_kernel() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let here = Ipv4Addr::LOCALHOST.into();
        ask_for(&socket).unwrap();
        assert_eq!(refusal::next(&socket, here).unwrap(), None);
        // Where no other socket wants stamps, the kernel begins to stamp what arrives a moment after it was asked to.
        let limit = std::time::Instant::now() + Duration::from_secs(10);
        while std::time::Instant::now() < limit {
            let before = since_the_epoch();
            socket.send_to(b"to itself", socket.local_addr().unwrap()).unwrap();
            let after = since_the_epoch();
            let Some(Queued::Left(Stamp(left))) = refusal::next(&socket, here).unwrap() else { panic!("no stamp") };
            assert!((before..=after).contains(&left), "{before:?} {left:?} {after:?}");
            assert_eq!(refusal::next(&socket, here).unwrap(), None, "one for each datagram");
            let (mut room, mut control) = ([0; 16], nix::cmsg_space!([TimeSpec; 3]));
            let mut parts = [IoSliceMut::new(&mut room)];
            let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()).unwrap();
            if let Some(Stamp(arrived)) = message.cmsgs().unwrap().find_map(|control| Stamp::of(&control)) {
                assert!(left <= arrived && arrived <= since_the_epoch(), "{left:?} {arrived:?}");
                return;
            }
        }
        panic!("nothing that arrives is stamped");
    }

    #[test]
    fn a_stamp_is_never_a_refusal() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        ask_for(&socket).unwrap();
        socket.send_to(b"to itself", socket.local_addr().unwrap()).unwrap();
        assert_eq!(refusal::take(&socket, Ipv4Addr::LOCALHOST.into()).unwrap(), None);
    }

    #[test]
    fn a_stamp_of_the_future_is_of_no_moment() {
        let clocks = Clocks::read();
        let at = |wall: SystemTime| Stamp(wall.duration_since(SystemTime::UNIX_EPOCH).unwrap());
        assert_eq!(clocks.moment(at(clocks.wall)), Some(clocks.now));
        assert_eq!(clocks.moment(at(clocks.wall - Duration::from_millis(3))), clocks.now.checked_sub(Duration::from_millis(3)));
        assert_eq!(clocks.moment(at(clocks.wall + Duration::from_nanos(1))), None);
    }
}
