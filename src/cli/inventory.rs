//! Inventories: read from files within bounds, written whole. It must not know the shape of files.

use std::path::Path;

use crate::model::inventory::Inventory;
use crate::plan::inventory;
use crate::report::atomic;

use super::Refusal;
use super::content::at_most;

/// The inventory of a file, where one is given.
pub(super) fn of(path: Option<&Path>) -> Result<Option<Inventory>, Refusal> {
    path.map(read).transpose()
}

/// The inventory of a file.
pub(super) fn read(path: &Path) -> Result<Inventory, Refusal> {
    let refuse = |error: &std::io::Error| {
        Refusal::usage(format!("cannot read inventory {}: {error}", path.display())).help("`netcheck discover -o FILE` writes one")
    };
    let text = at_most(path, inventory::SIZE_LIMIT).map_err(|error| refuse(&error))?;
    inventory::read(&text).map_err(|error| Refusal::usage(format!("inventory {}: {error}", path.display())).help(error.help))
}

/// Refuses a path that could not be written in the end, before anything is contacted.
pub(super) fn check(path: &Path) -> Result<(), Refusal> {
    atomic::check(path).map_err(|error| Refusal::usage(error.to_string()).help("give -o a path that can be written"))
}

/// Writes an inventory, or leaves what was there.
pub(super) fn write(path: &Path, inventory: &Inventory) -> Result<(), Refusal> {
    let written = atomic::write(path, inventory::write(inventory).as_bytes());
    written.map_err(|error| Refusal::new(crate::model::exit::Exit::NotMeasured, error.to_string()))
}
