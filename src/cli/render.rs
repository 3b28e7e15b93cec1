//! `netcheck render`: a suite with its parts and the values of its variables, as a suite that needs neither.

use crate::model::exit::Exit;
use crate::suite;

use super::arguments::{ColorArgument, FileArguments};
use super::suites::{bytes, parts_of, read_all, style};
use super::{Outcome, Refusal, given, print};

/// Prints it, if it can be run.
pub(super) fn execute(files: &FileArguments) -> Outcome {
    let [path] = files.paths.as_slice() else {
        return Err(Refusal::usage(format!("render takes one suite, and was given {}", files.paths.len()))
            .help("each suite is a file of its own: render them one by one"));
    };
    read_all(files, None, style(ColorArgument::Auto))?;
    let gathered = given::gather(&files.variables)?;
    let file = path.to_string_lossy();
    let text = suite::render(&file, &bytes(path)?, &gathered.given, parts_of(&file)).map_err(|why| {
        Refusal::usage(format!("{file} cannot be written as one suite: {why}")).help("the suite itself can be run, planned and listed")
    })?;
    print(&text)?;
    Ok(Exit::Passed)
}
