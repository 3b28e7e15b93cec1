//! `netcheck schema`: the formats that are promises, for editors and readers.

use crate::model::exit::Exit;
use crate::{plan, report, suite};

use super::arguments::{SchemaArgument, SchemaArguments};
use super::{Outcome, print};

/// Prints it.
pub(super) fn execute(arguments: &SchemaArguments) -> Outcome {
    let schema = match arguments.of {
        SchemaArgument::Suite => suite::schema(),
        SchemaArgument::Collection => suite::collection_schema(),
        SchemaArgument::Part => suite::part_schema(),
        SchemaArgument::World => suite::world_schema(),
        SchemaArgument::Inventory => plan::inventory::schema(),
        SchemaArgument::Results => report::results_schema(),
        SchemaArgument::Lint => report::lint::schema(),
        SchemaArgument::List => report::list::schema(),
        SchemaArgument::Plan => report::plan::schema(),
        SchemaArgument::Vars => report::vars::schema(),
    };
    print(&format!("{schema:#}\n"))?;
    Ok(Exit::Passed)
}
