//! Whom a share asks, as far as whoever asks has to know it. It must not know why.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::address::Host;
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::Probe;
use crate::model::units::Port;

/// A target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Names the pair in the outcome.
    pub pair: u32,
    /// Where it is: its address, in the family of the probe, or a name that whoever asks has to look up.
    pub host: Host,
    /// Who should be there.
    pub who: Who,
}

/// Who should answer at an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Who {
    /// Another agent.
    Agent {
        /// Its vantage: what its answers must say.
        name: String,
        /// Where it answers TCP.
        tcp: Port,
        /// Where it answers UDP.
        udp: Port,
    },
    /// An agent of this run behind a Service: what it says of itself is told. Until the Service is ready the warm-up is repeated.
    Backend {
        /// Which port is asked.
        port: Port,
        /// What answers must say, where the Service has no choice.
        name: Option<String>,
    },
    /// Whoever it is: nobody of ours, so that no name can be wrong. To TCP a connection is answer enough, and nothing is sent over
    /// it; to UDP whoever it is has to send the question back as it came.
    Anyone {
        /// Which port is asked; none for ICMP.
        port: Option<Port>,
    },
}

impl Who {
    /// How long a Service that has just been made may take to answer; who does not by then is not reachable, whoever is to blame.
    /// kube-proxy writes its rules at least once a second by default, and takes longer where there are many thousand Services.
    pub const PATIENCE: Duration = Duration::from_secs(5);
}

impl Peer {
    /// The name by which it has to be looked up, if it has one.
    #[must_use]
    pub fn looked_up(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) => Some(name),
            Host::Address(_) => None,
        }
    }

    /// What answers must say of themselves, if they must.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.who {
            Who::Agent { name, .. } => Some(name),
            Who::Backend { name, .. } => name.as_deref(),
            Who::Anyone { .. } => None,
        }
    }

    /// Where that probe asks; ICMP asks no port, whatever there is.
    #[must_use]
    pub const fn port(&self, probe: &Probe) -> Option<Port> {
        match (&self.who, probe) {
            (_, probe) if probe.is_icmp() => None,
            (Who::Agent { .. }, Probe::Dns(_)) | (Who::Backend { .. }, Probe::Dns(_) | Probe::Pmtu(_)) | (_, Probe::Icmp(_)) => None,
            (
                Who::Agent { tcp, .. },
                Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_) | Probe::Pmtu(PmtuProbe { over: Carrier::Tcp, .. }),
            ) => Some(*tcp),
            (Who::Agent { udp, .. }, Probe::Udp(_) | Probe::Pmtu(_)) => Some(*udp),
            (Who::Backend { port, .. }, Probe::Udp(_) | Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_)) => Some(*port),
            (Who::Anyone { port }, Probe::Udp(_) | Probe::Tcp(_) | Probe::Dns(_) | Probe::Pmtu(_) | Probe::Http(_) | Probe::Tls(_)) => {
                *port
            }
        }
    }

    /// Whether it is one of ours, which answers with nonce and name.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        match &self.who {
            Who::Agent { .. } | Who::Backend { .. } => true,
            Who::Anyone { .. } => false,
        }
    }
}
