//! Which source ports a network used last towards each door of a Service: a small table of connection tracking, for worlds in which
//! tracked connections are stale. It must not know what follows from it.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use crate::model::units::Port;

/// Ports that are remembered of each: one that is used again comes back within a few questions, and one that the system gives
/// anew by chance is seldom among so few.
const PORTS: usize = 8;

/// After so many sources and doors all are forgotten.
const DOORS: usize = 65_536;

/// The ports that were used last.
#[derive(Debug, Default)]
pub(super) struct Recent {
    doors: HashMap<(IpAddr, SocketAddr), VecDeque<Port>>,
}

impl Recent {
    /// Whether that port was used before from there to that door; from now on it was.
    pub(super) fn uses_again(&mut self, source: IpAddr, port: Port, door: SocketAddr) -> bool {
        if self.doors.len() >= DOORS {
            self.doors.clear();
        }
        let ports = self.doors.entry((source, door)).or_default();
        let again = ports.iter().position(|known| *known == port).and_then(|place| ports.remove(place)).is_some();
        if ports.len() >= PORTS {
            ports.pop_front();
        }
        ports.push_back(port);
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_comes_back_is_known_and_one_that_does_not_is_forgotten() {
        let (mut recent, source) = (Recent::default(), IpAddr::from([10, 244, 0, 1]));
        let [door, other]: [SocketAddr; 2] = ["10.248.0.1:53", "10.248.0.2:53"].map(|door| door.parse().unwrap());
        let mut uses = |port, door| recent.uses_again(source, Port::new(port).unwrap(), door);
        assert!(!uses(1_000, door));
        for fresh in 2_000..2_050 {
            assert_eq!((uses(fresh, door), uses(1_000, door)), (false, true), "{fresh}");
        }
        assert!(!uses(1_000, other));
        assert!(!uses(2_000, door), "it was used long ago");
    }
}
