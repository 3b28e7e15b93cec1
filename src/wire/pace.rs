//! How fast an agent may send, as a share tells it. It must not know what is sent.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::model::units::Micros;

/// The limits of one agent's sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// New flows a second: each TCP connection is one, and so is each pair of a datagram probe. Each costs an entry in the
    /// connection tracking of the node, which is shared with production.
    pub flows: u32,
    /// Packets a second within flows that are there.
    pub packets: u32,
    /// Questions that wait for an answer at once.
    pub outstanding: u32,
    /// From one question to the next at least, whatever it costs: what the suite asks for; 0 where it does not. An agent does not
    /// wait longer than a day for one.
    pub apart: Micros,
    /// Decides the jitter.
    pub seed: u64,
}

impl Pace {
    /// The defaults of a run. A connection that ends by reset leaves the connection tracking after 10 s
    /// (`nf_conntrack_tcp_timeout_close`), a datagram flow after 30 s: so an agent holds at most about 10,000 entries at once,
    /// where 500 connections a second that end in order would hold 60,000.
    #[must_use]
    pub const fn gentle(seed: u64) -> Self {
        Self { flows: 1_000, packets: 2_000, outstanding: 200, apart: Micros(0), seed }
    }

    /// What all agents on one machine may ask together: about a third of what two processors manage, so that their own
    /// slowness does not read as loss.
    const MACHINE: Self = Self { flows: 2_000, packets: 8_000, outstanding: 1_024, apart: Micros(0), seed: 0 };

    /// The same, but no more than the part of one of so many agents that share a machine.
    #[must_use]
    pub fn among(self, agents: NonZeroU32) -> Self {
        let part = |own: u32, all: u32| own.min((all / agents).max(1));
        let Self { flows, packets, outstanding, apart, seed } = self;
        let all = Self::MACHINE;
        let (flows, packets, outstanding) = (part(flows, all.flows), part(packets, all.packets), part(outstanding, all.outstanding));
        Self { flows, packets, outstanding, apart, seed }
    }
}
