//! The process in the pod: it answers the questions of other agents, carries out its shares, and keeps what it measured
//! until the controller has it. It must not know suites, expectations, verdicts or Kubernetes.

mod outbox;

mod duties;

mod core;

mod conversation;

mod worker;

mod life;

mod error;

mod credentials;
mod resolver;
mod respond;

mod routes;

mod stdio;

mod netns;

mod process;

use std::net::IpAddr;
use std::num::NonZeroU16;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::model::gateway::DefaultRoute;
use crate::model::outcome::Outcome;
use crate::model::units::{Port, PortRange};
use crate::model::vantage::Network;
use crate::wire::{IcmpMode, Resolver, Share};

pub use conversation::Ending;
pub use credentials::credentials;
pub use error::AgentError;
pub use life::Agent;
pub use netns::{Entrance, PROC, enter};
/// Where a pod has its token and the certificates of the cluster, if it needs them.
pub const CREDENTIALS: &str = "/var/run/secrets/netcheck";

pub use process::{IDLE_LIMIT, ServeOptions, end_with, give_up_capabilities, serve_inherited, serve_socket};
pub use respond::{Ports, Responders, respond};
pub use routes::{NameServers, routes};
pub use stdio::attach;

/// The port on which agents in pods answer, TCP and UDP alike: there the network namespace is their own.
pub const PORT: Port = Port(NonZeroU16::MIN.saturating_add(7410));

impl Ports {
    /// Where agents answer unless they are told: in a host's network the ports are everybody's.
    #[must_use]
    pub fn of(network: Network) -> Self {
        match network {
            Network::Pod => Self::Among(PortRange::one(PORT)),
            Network::Host => Self::Free,
        }
    }
}

/// Who an agent is: what its hello says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose run it belongs to.
    pub run: String,
    /// Its vantage: the node it is on, with `/host` behind it if it is in the host's network, or the pod whose network it has entered.
    pub node: String,
    /// Where it answers: at most one address a family.
    pub addresses: Vec<IpAddr>,
    /// Where it answers TCP.
    pub tcp: Port,
    /// Where it answers UDP.
    pub udp: Port,
    /// Whether it can ask by ICMP.
    pub icmp: IcmpMode,
    /// Of the interface that holds its first address, in bytes; 0 where it cannot be told.
    pub mtu: u32,
    /// Whom applications in its place ask for names.
    pub resolver: Resolver,
    /// The default routes of its network: at most one a family.
    pub routes: Vec<DefaultRoute>,
}

/// Carries out a share and tells each pair's outcome as soon as it is known: real sockets in an agent, computed in the
/// simulation. It ends when all are told; dropping it ends the asking.
pub type Prober = Arc<dyn Fn(Share, mpsc::Sender<(u32, Outcome)>) -> BoxFuture<'static, ()> + Send + Sync>;
