//! `netcheck discover`: what there is to test, as a file that plans can be made from without a cluster.

use std::time::Duration;

use crate::model::exit::Exit;
use crate::model::units::counted;
use crate::plan::inventory as format;

use super::arguments::{BackendArgument, ColorArgument, DiscoverArguments};
use super::place::{Occasion, refusal};
use super::remarks::style;
use super::{Outcome, Refusal, inventory, print, say};

/// Writes the inventory. Creates nothing in the cluster.
pub(super) fn execute(arguments: DiscoverArguments) -> Outcome {
    let (place, wanted, output) = arguments.split();
    place.check()?;
    let output = output.filter(|path| path.as_os_str() != "-");
    if let Some(path) = &output {
        inventory::check(path)?;
    }
    let (style, prepared) = (style(ColorArgument::Auto), place.prepare()?);
    let runtime = super::runtime(place.backend == BackendArgument::Simulated)?;
    let found = runtime.block_on(async {
        let occasion = Occasion { run: "<run>".to_owned(), expires_after: Duration::ZERO, command: String::new(), style };
        let backend = place.backend(prepared, occasion).await?;
        backend.inventory_with(&wanted).await.map_err(|error| refusal(error, Exit::NotMeasured))
    });
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    let found: Result<_, Refusal> = found;
    let found = found?;
    match &output {
        None => print(&format::write(&found))?,
        Some(path) => {
            inventory::write(path, &found)?;
            say(&format!("wrote {} of {} to {}", counted(found.nodes.len(), "node"), found.cluster, path.display()));
        }
    }
    Ok(Exit::Passed)
}
