//! `netcheck render`: a suite with its parts and the values of its variables, as a suite that needs neither.

use crate::model::exit::Exit;
use crate::model::units::counted;
use crate::suite;

use super::arguments::{ColorArgument, FileArguments};
use super::remarks::style;
use super::suites::{Sheet, parts_of, read_each};
use super::{Outcome, Refusal, print};

/// Prints it, if it can be run.
pub(super) fn execute(files: &FileArguments) -> Outcome {
    let [path] = files.paths.as_slice() else {
        return Err(Refusal::usage(format!("render takes one suite, and was given {}", files.paths.len()))
            .help("each suite is a file of its own: render them one by one"));
    };
    let found = read_each(files, None)?;
    let errors = found.tell(style(ColorArgument::Auto));
    found.suites(errors, files)?;
    // A pipe can be read but once, and a collection stands for its suites.
    let [Sheet { file, bytes, .. }] = found.sheets.as_slice() else {
        let message = format!("render takes one suite, and {} stands for {}", path.display(), counted(found.sheets.len(), "suite"));
        return Err(Refusal::usage(message).help("render its suites one by one"));
    };
    let text = suite::render(file, bytes, &found.given, parts_of(file)).map_err(|why| {
        Refusal::usage(format!("{file} cannot be written as one suite: {why}")).help("the suite itself can be run, planned and listed")
    })?;
    print(&text)?;
    Ok(Exit::Passed)
}
