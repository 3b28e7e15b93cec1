//! What leaves for hosts outside, as a plan tells it. It must not know where the document goes.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::plan::Outbound;
use crate::model::units::Port;

/// What leaves for a host.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutboundDocument {
    /// Its address, or its name.
    address: String,
    /// The port that is asked; null for ICMP.
    port: Option<u16>,
    /// The kind of probe: `icmp`, `udp` or `tcp`.
    probe: &'static str,
    /// How many agents ask it, of the case in which they are the most.
    sources: u64,
    /// Packets, or connections, of all cases; warm-ups among them.
    questions: u64,
}

impl OutboundDocument {
    /// None of what does not leave for a host that the suite names.
    pub(super) fn of(outbound: &Outbound) -> Option<Self> {
        let Outbound { to, probe, sources, questions } = outbound;
        let (host, port) = to.outside()?;
        Some(Self { address: host.to_string(), port: port.map(Port::get), probe, sources: *sources, questions: *questions })
    }
}
