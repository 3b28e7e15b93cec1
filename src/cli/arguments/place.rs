//! Where to run: in which place, which cluster, which world.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::values::assignment;
use crate::model::inventory::Rule;
use crate::model::units::PortRange;
use crate::model::vantage::Vantage;

/// Where to run.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct PlaceArguments {
    /// Where agents run
    #[arg(long, value_enum, default_value_t = BackendArgument::Kubernetes, help_heading = "Place")]
    pub(in crate::cli) backend: BackendArgument,
    /// The world of the sandbox or of the simulation [default: three nodes, no faults]
    #[arg(long, value_name = "FILE", help_heading = "Place")]
    pub(in crate::cli) world: Option<PathBuf>,
    /// How the sandbox keeps its nodes apart [default: auto]
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Place")]
    pub(in crate::cli) isolation: Option<IsolationArgument>,
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArguments,
    /// Image of the agents [default: localhost/netcheck:VERSION, as `image export` names it]
    #[arg(long, env = "NETCHECK_IMAGE", value_name = "NAME", help_heading = "Cluster")]
    pub(in crate::cli) image: Option<String>,
    /// When the kubelets pull it [default: if-not-present]
    #[arg(long, value_enum, value_name = "WHEN", help_heading = "Cluster")]
    pub(in crate::cli) image_pull_policy: Option<PullArgument>,
    /// Secret for pulling it; in the namespace given by -n (and in that of --host-namespace)
    #[arg(long, value_name = "NAME", requires = "namespace", help_heading = "Cluster")]
    pub(in crate::cli) image_pull_secret: Option<String>,
    /// Ports that agents in the nodes' own network may take [default: any that are free]
    #[arg(long, value_name = "A-B", value_parser = PortRange::parse, help_heading = "Cluster")]
    pub(in crate::cli) host_ports: Option<PortRange>,
    /// Only nodes with this label; may be given several times
    #[arg(long, value_name = "LABEL=VALUE", value_parser = assignment, help_heading = "Cluster")]
    pub(in crate::cli) node_selector: Vec<(String, String)>,
    /// Nodes take part though this rule leaves them out: not-linux, virtual or scaling-down; may be given several times. The rule taint is a suite's own (`agents: { tolerations: all }`)
    #[arg(long, value_name = "RULE", value_parser = Rule::ignorable, help_heading = "Cluster")]
    pub(in crate::cli) ignore_rule: Vec<Rule>,
}

/// Which cluster.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ConnectionArguments {
    /// Kubeconfig file [default: $KUBECONFIG, ~/.kube/config, or the pod's own account]
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(in crate::cli) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(in crate::cli) context: Option<String>,
    /// Use this namespace, and create none
    #[arg(short, long, value_name = "NAME", help_heading = "Cluster")]
    pub(in crate::cli) namespace: Option<String>,
    /// The same for agents in the nodes' own network; it has to allow the Pod Security level "privileged"
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(in crate::cli) host_namespace: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SandboxCommand {
    /// Keep a world's networks up, with its faults and without agents, until Ctrl-C
    Up(UpArguments),
    /// Run a command in a network of a world that is up
    Exec(ExecArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UpArguments {
    /// The world [default: three nodes, no faults]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) world: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExecArguments {
    /// The world's name, if several are up
    #[arg(long, value_name = "WORLD")]
    pub(in crate::cli) name: Option<String>,
    /// Where: node1 for its pods' network, node1/host for its own
    #[arg(value_name = "NODE")]
    pub(in crate::cli) vantage: Vantage,
    /// The command, after --
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum BackendArgument {
    /// Pods in a cluster
    #[default]
    Kubernetes,
    /// Processes on this machine
    Sandbox,
    /// No sockets at all: a world computed
    Simulated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum IsolationArgument {
    /// Network namespaces where the machine allows them, else loopback; which, is said
    Auto,
    /// Two network namespaces a node, and a fabric between them that makes the world's faults
    Namespaces,
    /// A loopback address an agent; no faults of the network, and no IPv6
    Loopback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PullArgument {
    Always,
    IfNotPresent,
    Never,
}
