//! How much a share puts on the network, and how long its pace alone makes it. It must not know what else takes time.

use std::time::Duration;

use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::Probe;
use crate::wire::Pace;

/// What all targets of an agent are asked together, warm-ups among it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load {
    /// New connections, and first packets.
    flows: u32,
    /// Packets within flows.
    packets: u32,
    /// Into how many each packet within a flow is cut.
    pieces: u32,
}

impl Load {
    /// Each warm-up is one more: a connection, or the first packet of a flow.
    pub(super) fn of(probe: &Probe, targets: u32) -> Self {
        let questions = targets.saturating_mul(probe.burst().count.get());
        match probe {
            // Every query of DNS is a flow of its own.
            Probe::Tcp(_) | Probe::Dns(_) | Probe::Http(_) | Probe::Tls(_) => {
                Self { flows: targets.saturating_add(questions), packets: 0, pieces: 1 }
            }
            Probe::Icmp(echoes) => Self { flows: targets, packets: questions, pieces: echoes.pieces() },
            Probe::Udp(_) => Self { flows: targets, packets: questions, pieces: 1 },
            // Of connections each is a flow, and so is each packet of the search: a single one where all is well.
            Probe::Pmtu(PmtuProbe { over: Carrier::Tcp, .. }) => {
                Self { flows: targets.saturating_mul(2).saturating_add(questions), packets: 0, pieces: 1 }
            }
            // The search is a flow of its own; where all is well it takes a packet for each direction.
            Probe::Pmtu(_) => Self { flows: targets.saturating_mul(2), packets: questions.saturating_add(targets), pieces: 1 },
        }
    }

    /// All of it.
    pub(super) const fn all(self) -> u32 {
        self.flows.saturating_add(self.packets)
    }

    /// How long it takes at the rates of the pace.
    pub(super) fn at_rates(self, pace: Pace) -> Duration {
        at_rate(self.flows, pace.flows) + at_rate(self.packets.saturating_mul(self.pieces), pace.packets)
    }
}

fn at_rate(number: u32, per_second: u32) -> Duration {
    Duration::from_secs(u64::from(number)) / per_second.max(1)
}
