//! `netcheck list`: the cases of suites by their names, without a cluster.

use crate::model::exit::Exit;
use crate::model::run::Start;
use crate::report::list;
use crate::suite::Seen;

use super::arguments::{ColorArgument, FormatArgument, ListArguments};
use super::remarks::style;
use super::suites::load_shard;
use super::{Outcome, inventory, print, unwritable};

/// Prints them. An empty shard is no mistake: there is nothing to print.
pub(super) fn execute(arguments: &ListArguments) -> Outcome {
    let inventory = inventory::of(arguments.inventory.as_deref())?;
    let start = Start::of_none(arguments.suites.seed);
    let seen = inventory.as_ref().map(|inventory| Seen { inventory, start: &start });
    let (suites, _) = load_shard(&arguments.suites, arguments.shard.shard, seen, style(ColorArgument::Auto))?;
    let text = match arguments.format {
        FormatArgument::Human => list::text(&suites),
        FormatArgument::Json => list::json(&suites, arguments.shard.shard).map_err(|error| unwritable(&error))?,
    };
    print(&text)?;
    Ok(Exit::Passed)
}
