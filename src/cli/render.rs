//! `netcheck render`: a suite with its parts and the values of its variables, as a suite that needs neither.

use crate::model::exit::Exit;
use crate::suite;

use super::arguments::{ColorArgument, FileArguments};
use super::suites::{parts_of, read_each, style};
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
    let file = path.to_string_lossy();
    // A pipe can be read but once.
    let bytes = found.sheets.first().map_or(&[][..], |sheet| &sheet.bytes);
    let text = suite::render(&file, bytes, &found.given, parts_of(&file)).map_err(|why| {
        Refusal::usage(format!("{file} cannot be written as one suite: {why}")).help("the suite itself can be run, planned and listed")
    })?;
    print(&text)?;
    Ok(Exit::Passed)
}
