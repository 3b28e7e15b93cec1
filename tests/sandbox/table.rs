//! Every shipped suite in shipped worlds, through real sockets and kernels. It must not know what is wrong in a world.

use std::path::Path;
use std::process::Command;

use crate::fault_table::{Came, Row, check, rows};
use crate::kit::Place;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// They wait for answers that do not come more than they work.
const AT_ONCE: usize = 3;

fn wrong(row: &Row, program: &Path) -> Vec<String> {
    let [world] = row.faults.as_slice() else { return vec!["a row has one world".to_owned()] };
    let (place, world, suites) = (Place::beside(), format!("{ROOT}/{world}"), format!("{ROOT}/{}", row.suite));
    let mut command = Command::new(program);
    command.args(["run", "--backend", "sandbox", "--isolation", "namespaces", "--report", "json=results.json", "--world", &world]);
    command.arg(&suites).args(row.set.iter().flat_map(|set| ["--set", set]));
    let ran = place.ran(place.at_home(command));
    row.wrong(&Came { exit: ran.exit, cases: &ran.all_cases(), terminal: &ran.stderr })
}

#[test]
fn every_fault_is_found_and_nothing_else() {
    let place = Place::new();
    // Before there are threads: while one copies it, another's child would hold the copy open for a moment, and nobody could run it.
    let program = place.program();
    check(&rows(include_str!("table.yaml")), AT_ONCE, |row| wrong(row, &program));
}
