//! What a user decides about agents on a cluster. It must not know what becomes of it.

use std::time::Duration;

use super::config::Connection;
use super::pull_policy::PullPolicy;
use super::standing::Choice;
use crate::model::units::PortRange;

/// What a run wants of its cluster.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How to reach it.
    pub connection: Connection,
    /// The namespace to work in, which must exist; without it the run makes one of its own.
    pub namespace: Option<String>,
    /// The same for agents in the nodes' own network; it has to allow the Pod Security level "privileged".
    pub host_namespace: Option<String>,
    /// The ports that those may take; none for any that are free.
    pub host_ports: Option<PortRange>,
    /// The agents' image.
    pub image: String,
    /// When nodes fetch it.
    pub pull_policy: PullPolicy,
    /// The Secret that opens its registry; it has to be in the namespaces.
    pub pull_secret: Option<String>,
    /// The nodes that take part.
    pub nodes: Choice,
    /// The run's id: eight hexadecimal digits.
    pub run: String,
    /// After this long pods end themselves, and `netcheck clean` removes what is left.
    pub expires_after: Duration,
    /// What made it all, for whoever finds it.
    pub command: String,
}
