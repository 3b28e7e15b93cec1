//! `netcheck lint`: everything that can be said of suites without a cluster.

use crate::model::exit::Exit;

use super::arguments::LintArguments;
use super::suites::{plural, read_all, style};
use super::{Outcome, say};

/// 0 if the suites can be run, 2 if not.
pub(super) fn execute(arguments: &LintArguments) -> Outcome {
    let suites = read_all(&arguments.files, style(arguments.color))?;
    let cases = suites.iter().map(|suite| suite.cases.len()).sum();
    say(&format!("{} with {}: can be run", plural(suites.len(), "suite"), plural(cases, "case")));
    Ok(Exit::Passed)
}
