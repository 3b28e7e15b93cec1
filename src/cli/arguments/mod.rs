//! Every flag of every command, with its help: what clap reads. It must not know what is done with them.

mod agent;
mod author;
mod place;
mod seed;
mod values;
mod variables;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::backend::kubernetes::{Subject, label};
use crate::model::inventory::Rule;
use crate::model::service::Wanted;
use crate::model::units::Micros;
use crate::run::AgentsMin;

pub(super) use agent::{AgentCommand, AttachArguments, NetworkArgument, RoutesArguments, ServeArguments};
pub(super) use author::{
    CompletionArguments, DenyArgument, ExplainArguments, FormatArgument, InitArguments, LintArguments, LintFormatArgument, ListArguments,
    SchemaArgument, SchemaArguments, ShardArguments, VarsArguments,
};
pub(super) use place::{
    BackendArgument, ConnectionArguments, ExecArguments, IsolationArgument, PlaceArguments, PullArgument, SandboxCommand, UpArguments,
};
use seed::seed;
pub(super) use values::ReportArgument;
pub(in crate::cli) use values::duration;
use values::{agents_min, assignment, report};
pub(super) use variables::{SetFlag, VariableArguments};
#[cfg(test)]
pub(super) use variables::{Sets, Setting};

/// The network gate for Kubernetes: runs a suite of network tests and exits non-zero if the network is not what it says.
#[derive(Debug, Parser)]
#[command(name = "netcheck", version, about, max_term_width = 120, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// How long a run may take where nobody says.
pub(super) const DEADLINE: &str = "15m";

const EXIT_CODES: &str = "Exit codes: 0 passed · 1 the network failed · 2 usage, nothing was created · 3 could not be measured, retry · \
4 nothing ran · 129, 130, 143 ended by a signal";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run suites: agents up, probes, verdicts, reports, clean-up
    Run(Box<RunArguments>),
    /// Show what a run would do, and create nothing
    Plan(Box<PlanArguments>),
    /// Check suites, without a cluster
    Lint(LintArguments),
    /// Show the cases of suites by their names, without a cluster
    List(ListArguments),
    /// Print a suite with its parts and the values of its variables, as a suite that needs neither; without a cluster
    Render(FileArguments),
    /// Say what a code such as NC1005 means: a wrong example, the right one, and why
    Explain(ExplainArguments),
    /// Write a first suite to go on from
    Init(InitArguments),
    /// Show the variables of suites, with their values and where these come from
    Vars(VarsArguments),
    /// Look whether a run would get through in this cluster, and create nothing
    Doctor(Box<DoctorArguments>),
    /// Print the least rights that a run needs, for kubectl apply; without a cluster
    Rbac(RbacArguments),
    /// Write what there is to test to a file, for `plan --inventory`
    Discover(DiscoverArguments),
    /// Remove what runs have left behind
    Clean(CleanArguments),
    /// Print a JSON Schema
    Schema(SchemaArguments),
    /// Print what makes a shell complete commands and flags
    Completion(CompletionArguments),
    /// Worlds that stay up, to look around in
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// The agents' image
    #[command(subcommand)]
    Image(ImageCommand),
    /// What runs in the agents' pods
    #[command(subcommand, hide = true)]
    Agent(AgentCommand),
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) suites: SuiteArguments,
    #[command(flatten)]
    pub(super) shard: ShardArguments,
    #[command(flatten)]
    pub(super) place: PlaceArguments,
    /// Enough agents for a verdict, those in pods and those on hosts counted apart: a number, or a percentage of the nodes that
    /// take part [default: all]
    #[arg(long, value_name = "N|%", value_parser = agents_min, help_heading = "Run")]
    pub(super) agents_min: Option<AgentsMin>,
    /// From the launch until an agent that is not ready counts as missing [default: what the suites say under `agents`, or 60s]
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Run")]
    pub(super) ready_within: Option<Micros>,
    /// End the run after this long, clean-up left out
    #[arg(long, value_name = "TIME", default_value = DEADLINE, value_parser = duration, help_heading = "Run")]
    pub(super) deadline: Micros,
    /// Whether agents stay after the run (they end by themselves 5 minutes after it)
    #[arg(long, value_enum, default_value_t = KeepArgument::Never, help_heading = "Run")]
    pub(super) keep: KeepArgument,
    /// Write a report: junit=FILE or json=FILE, with - for standard output; may be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, help_heading = "Output")]
    pub(super) report: Vec<ReportArgument>,
    /// Failures and the summary only
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: bool,
    /// Also each agent and each phase
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,
    /// Colours on the terminal
    #[arg(long, value_enum, default_value_t = ColorArgument::Auto, help_heading = "Output")]
    pub(super) color: ColorArgument,
}

#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) suites: SuiteArguments,
    #[command(flatten)]
    pub(super) shard: ShardArguments,
    #[command(flatten)]
    pub(super) place: PlaceArguments,
    /// Plan without a cluster, over what `netcheck discover -o FILE` found
    // What says where to run has no effect then. An image may be in the environment, where it is in nobody's way.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Place",
        conflicts_with_all = [
            "backend", "isolation", "world", "kubeconfig", "context", "namespace", "host_namespace", "host_ports", "image_pull_policy",
            "image_pull_secret", "node_selector", "ignore_rule",
        ]
    )]
    pub(super) inventory: Option<PathBuf>,
    /// How to show it: a table, or netcheck.plan/v1 for programs
    #[arg(long, value_enum, default_value_t = FormatArgument::Human, help_heading = "Output")]
    pub(super) format: FormatArgument,
}

#[derive(Debug, Args)]
pub(super) struct DiscoverArguments {
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where to look
    #[arg(long, value_enum, default_value_t = BackendArgument::Kubernetes)]
    backend: BackendArgument,
    /// The world of the sandbox or of the simulation [default: three nodes, no faults]
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// Kubeconfig file [default: $KUBECONFIG, ~/.kube/config, or the pod's own account]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Only nodes with this label take part; may be given several times
    #[arg(long, value_name = "LABEL=VALUE", value_parser = assignment)]
    node_selector: Vec<(String, String)>,
    /// Nodes take part though this rule leaves them out: not-linux, virtual or scaling-down; may be given several times. The rule taint is a suite's own (`agents: { tolerations: all }`)
    #[arg(long, value_name = "RULE", value_parser = Rule::ignorable)]
    ignore_rule: Vec<Rule>,
    /// Look at all Services and who is behind them, too: for suites that discover them
    #[arg(long)]
    services: bool,
    /// Look at the pods of this namespace, too: for suites that ask from them; may be given several times
    #[arg(long, value_name = "NAMESPACE", value_parser = label)]
    pods: Vec<String>,
}

impl DiscoverArguments {
    /// Where to look, what else is wanted, and where to write.
    pub(super) fn split(self) -> (PlaceArguments, Vec<Wanted>, Option<PathBuf>) {
        let Self { output, backend, world, kubeconfig, context, node_selector, ignore_rule, services, pods } = self;
        let mut wanted = if services { vec![Wanted::Everything] } else { Vec::new() };
        wanted.extend(pods.iter().map(|namespace| Wanted::Pods { namespace: namespace.as_str().into(), selector: None }));
        let connection = ConnectionArguments { kubeconfig, context, ..ConnectionArguments::default() };
        (PlaceArguments { backend, world, connection, node_selector, ignore_rule, ..PlaceArguments::default() }, wanted, output)
    }
}

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    #[command(flatten)]
    pub(super) suites: SuiteArguments,
    #[command(flatten)]
    pub(super) place: PlaceArguments,
    /// Enough agents for a verdict: a number, or a percentage of the nodes that take part [default: all]
    #[arg(long, value_name = "N|%", value_parser = agents_min, help_heading = "Run")]
    pub(super) agents_min: Option<AgentsMin>,
}

#[derive(Debug, Args)]
pub(super) struct RbacArguments {
    #[command(flatten)]
    pub(super) files: FileArguments,
    /// The namespace that the run is given; without it, the run makes one, and needs rights in all of them
    #[arg(short, long, value_name = "NAME", value_parser = label)]
    pub(super) namespace: Option<String>,
    /// The namespace that the run is given for agents in the nodes' own network
    #[arg(long, value_name = "NAME", value_parser = label)]
    pub(super) host_namespace: Option<String>,
    /// Who gets the rights: serviceaccount:NAMESPACE/NAME, user:NAME or group:NAME
    /// [default: serviceaccount:netcheck/netcheck]
    #[arg(long, value_name = "WHO")]
    pub(super) subject: Option<Subject>,
}

/// Which suites, with which values.
#[derive(Debug, Args)]
pub(super) struct FileArguments {
    /// Suite files, collections, suites that are built in (builtin:NAME), and directories: the suites directly in one, in the order
    /// of their names, not those of its collections or of directories in it
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) variables: VariableArguments,
}

/// Which cases.
#[derive(Debug, Args)]
pub(super) struct SuiteArguments {
    #[command(flatten)]
    pub(super) files: FileArguments,
    /// Only cases with these tags: a,!b is a and not b; given several times, one of them is enough
    #[arg(short = 't', long = "tag", value_name = "TAGS", help_heading = "Selection")]
    pub(super) tags: Vec<String>,
    /// Only this case; may be given several times
    #[arg(long = "case", value_name = "ID", help_heading = "Selection")]
    pub(super) cases: Vec<String>,
    /// Decides which pairs a sampling strategy takes: a number, or `date` for today's date in UTC as one, such as 20260131,
    /// so that nightly runs take other pairs each night. The shards of one run are to be given one number
    #[arg(long, value_name = "N|date", default_value = "1", value_parser = seed, help_heading = "Selection")]
    pub(super) seed: u64,
}

#[derive(Debug, Args)]
pub(super) struct CleanArguments {
    /// What this run has left [default: everything that has expired]
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub(super) run: Option<String>,
    /// What any run has left
    #[arg(long)]
    pub(super) all: bool,
    /// With --all: also runs that have not expired, which may still be going on
    #[arg(long, requires = "all")]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) connection: ConnectionArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum ImageCommand {
    /// Write the agents' image, made of this very program, as an archive that every loader takes
    Export(ExportArguments),
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The archive to write
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// The same program built for another architecture; may be given several times
    #[arg(long, value_name = "BINARY")]
    pub(super) add: Vec<PathBuf>,
    /// The image's name [default: localhost/netcheck:VERSION]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KeepArgument {
    Always,
    OnFailure,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArgument {
    Auto,
    Always,
    Never,
}
