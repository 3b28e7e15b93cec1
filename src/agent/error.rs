//! Why an agent's process cannot go on, in words. It must not know what it was doing for whom.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::model::units::PortRange;

/// Why an agent cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// It was given nothing to answer on.
    #[error("no address to answer on: give the agent at least one of its own")]
    NoAddress,
    /// It cannot answer there.
    #[error("answering {what} on {address}: {source}")]
    Responder {
        /// `UDP` or `TCP`.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// All the ports that it may take are taken.
    #[error("no free port among {range} for {what} on {address}: {source}")]
    NoPort {
        /// `UDP` or `TCP`.
        what: &'static str,
        /// The ports.
        range: PortRange,
        /// One of the addresses on which the last one was taken.
        address: IpAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The Unix socket cannot be used.
    #[error("{doing} the agent's socket {}: {source}", path.display())]
    Socket {
        /// `creating` or `connecting to`.
        doing: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No handler for signals.
    #[error("listening for signals: {0}")]
    Signals(io::Error),
    /// stdin and stdout cannot be used.
    #[error("joining stdin and stdout: {0}")]
    Stdio(io::Error),
    /// It was given no socket.
    #[error("standard input is no listening socket: give the agent one with --socket: {0}")]
    NotInherited(io::Error),
    /// It cannot be tied to its controller.
    #[error("tying this process to process {0}, its parent: {1}")]
    NotTied(i32, io::Error),
    /// It cannot be made harmless.
    #[error("giving up this process's capabilities: {0}")]
    Capable(io::Error),
    /// It is not in the network that it was to measure from.
    #[error("entering the network of the pod with the uid {uid:?}: {why}")]
    NotEntered {
        /// What its kubelet calls the pod.
        uid: String,
        /// What is in the way.
        why: String,
    },
    /// Nobody came in all that time.
    #[error("nothing heard from a controller for {} s: ending", .0.as_secs())]
    Abandoned(Duration),
}
