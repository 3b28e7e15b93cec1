//! The flags of the commands for people who write suites: none of them creates anything in a cluster.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::shard;
use super::{ColorArgument, FileArguments, SuiteArguments};
use crate::model::shard::Shard;

#[derive(Debug, Args)]
pub(in crate::cli) struct LintArguments {
    #[command(flatten)]
    pub(in crate::cli) files: FileArguments,
    /// How to show what is found: drawn for people, netcheck.lint/v1 for programs, or annotations for GitHub Actions
    #[arg(long, value_enum, default_value_t = LintFormatArgument::Human)]
    pub(in crate::cli) format: LintFormatArgument,
    /// What is refused besides errors
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(in crate::cli) deny: Vec<DenyArgument>,
    /// Check also what depends on the nodes, by what `netcheck discover -o FILE` found
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) inventory: Option<PathBuf>,
    /// Colours on the terminal
    #[arg(long, value_enum, default_value_t = ColorArgument::Auto)]
    pub(in crate::cli) color: ColorArgument,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VarsArguments {
    #[command(flatten)]
    pub(in crate::cli) files: FileArguments,
    /// How to show them: a table for people, or netcheck.vars/v1 for programs
    #[arg(long, value_enum, default_value_t = FormatArgument::Human)]
    pub(in crate::cli) format: FormatArgument,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    #[command(flatten)]
    pub(in crate::cli) suites: SuiteArguments,
    #[command(flatten)]
    pub(in crate::cli) shard: ShardArguments,
    /// Show also the cases that depend on the nodes, by what `netcheck discover -o FILE` found
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub(in crate::cli) inventory: Option<PathBuf>,
    /// How to show them: a line each, or netcheck.list/v1 for programs
    #[arg(long, value_enum, default_value_t = FormatArgument::Human, help_heading = "Output")]
    pub(in crate::cli) format: FormatArgument,
}

/// Which part of the cases.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShardArguments {
    /// Only the cases of shard I of N, for N jobs that share the suites; a case's id decides
    #[arg(long, value_name = "I/N", value_parser = shard, help_heading = "Selection")]
    pub(in crate::cli) shard: Option<Shard>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// The code, as a message shows it [default: all of them, a line each]
    #[arg(value_name = "CODE")]
    pub(in crate::cli) code: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArguments {
    /// The suite's name: letters, digits, `.`, `_` and `-`
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// The file to write [default: NAME.netcheck.yaml]
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Begin with a copy of a suite that is built in, such as overlay
    #[arg(long, value_name = "SUITE")]
    pub(in crate::cli) builtin: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionArguments {
    /// For which shell
    #[arg(value_enum)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArguments {
    /// Of what
    #[arg(value_enum)]
    pub(in crate::cli) of: SchemaArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FormatArgument {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LintFormatArgument {
    Human,
    Json,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DenyArgument {
    Warnings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaArgument {
    /// The suite language, for editors
    Suite,
    /// Collections of suites, for editors
    Collection,
    /// Parts that suites include, for editors
    Part,
    /// The world language, for editors
    World,
    /// What `discover` writes
    Inventory,
    /// The JSON report
    Results,
    /// What `lint --format json` prints
    Lint,
    /// What `list --format json` prints
    List,
    /// What `plan --format json` prints
    Plan,
    /// What `vars --format json` prints
    Vars,
}
