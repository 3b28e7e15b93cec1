//! What starts an agent: said by pods and by the sandbox, not by people.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::model::units::PortRange;
use crate::model::vantage::PodName;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AgentCommand {
    /// Answer probes, and carry out shares
    Serve(ServeArguments),
    /// Join standard input and output with a serving agent
    Attach(AttachArguments),
    /// Print the interfaces, routes and name servers that agents have here
    Routes(RoutesArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    /// The run it belongs to
    #[arg(long, env = "NETCHECK_RUN")]
    pub(in crate::cli) run: String,
    /// The node it is on
    #[arg(long, env = "NETCHECK_NODE")]
    pub(in crate::cli) node: String,
    /// Which of the node's networks it is in
    #[arg(long, value_enum, default_value_t = NetworkArgument::Pod)]
    pub(in crate::cli) network: NetworkArgument,
    /// Its own addresses
    #[arg(long, env = "NETCHECK_ADDRESSES", value_delimiter = ',', required = true)]
    pub(in crate::cli) addresses: Vec<IpAddr>,
    /// Addresses for the families that --addresses lacks, as far as this machine has them
    #[arg(long, env = "NETCHECK_PRESUMED_ADDRESSES", value_delimiter = ',')]
    pub(in crate::cli) presumed: Vec<IpAddr>,
    /// Where it answers TCP and UDP; 0 takes free ones
    #[arg(long)]
    pub(in crate::cli) port: Option<u16>,
    /// Where it may answer TCP and UDP: the first free ones of these
    #[arg(long, value_name = "A-B", value_parser = PortRange::parse, conflicts_with = "port")]
    pub(in crate::cli) ports: Option<PortRange>,
    /// How many agents share its machine: it asks no faster than its part of what one machine can
    #[arg(long, value_name = "N", default_value = "1")]
    pub(in crate::cli) among: std::num::NonZeroU32,
    /// Where its pod has `token` and `ca.crt`, if it has them
    #[arg(long, value_name = "DIR", default_value = crate::agent::CREDENTIALS)]
    pub(in crate::cli) credentials: PathBuf,
    /// Where `attach` finds it; without it, standard input is the socket on which it listens
    #[arg(long)]
    pub(in crate::cli) socket: Option<PathBuf>,
    /// Gives up every capability first, as an agent in a pod has none
    #[arg(long)]
    pub(in crate::cli) unprivileged: bool,
    /// What stands for the machine's resolv.conf
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) resolv_conf: Option<String>,
    /// Enters the network namespace of the pod on this machine first whose control groups are called after its uid, or after one
    /// of its containers' ids; --addresses are the pod's
    #[arg(long, value_name = "UID,ID", value_delimiter = ',', requires = "workload", conflicts_with_all = ["network", "presumed", "port", "ports", "resolv_conf"])]
    pub(in crate::cli) netns_of: Vec<String>,
    /// Where the processes of this machine are shown
    #[arg(long, value_name = "DIR", default_value = crate::agent::PROC)]
    pub(in crate::cli) proc: PathBuf,
    /// What that pod is called
    #[arg(long, value_name = "NAMESPACE/NAME", env = "NETCHECK_WORKLOAD", requires = "netns_of")]
    pub(in crate::cli) workload: Option<PodName>,
    /// Is killed when the process of this number, which has started it, ends
    #[arg(long, value_name = "PID")]
    pub(in crate::cli) ends_with: Option<i32>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AttachArguments {
    /// Where the agent listens
    #[arg(long)]
    pub(in crate::cli) socket: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RoutesArguments {
    /// Leaves the name servers out, where they are those of another network
    #[arg(long)]
    pub(in crate::cli) no_resolver: bool,
    /// Enters the network namespace of the pod on this machine first whose control groups are called after its uid, or after one
    /// of its containers' ids
    #[arg(long, value_name = "UID,ID", value_delimiter = ',', requires = "addresses")]
    pub(in crate::cli) netns_of: Vec<String>,
    /// Where the processes of this machine are shown
    #[arg(long, value_name = "DIR", default_value = crate::agent::PROC)]
    pub(in crate::cli) proc: PathBuf,
    /// The addresses of that pod
    #[arg(long, value_delimiter = ',', requires = "netns_of")]
    pub(in crate::cli) addresses: Vec<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NetworkArgument {
    /// That of pods
    Pod,
    /// The node's own
    Host,
}
