//! `netcheck lint`: everything that can be said of suites without a cluster.

use std::path::Path;

use crate::model::diagnostic::Severity;
use crate::model::exit::Exit;
use crate::report::lint::{self, Linted};

use super::arguments::{DenyArgument, LintArguments, LintFormatArgument};
use super::suites::{Sheet, plural, read_each, style, tell};
use super::{Outcome, Refusal, print, say, unwritable};

/// 0 if the suites can be run, 2 if not, or if there are warnings and they are denied.
pub(super) fn execute(arguments: &LintArguments) -> Outcome {
    let mut sheets = read_each(&arguments.files)?;
    mark_clashes(&mut sheets);
    let linted: Vec<Linted<'_>> = sheets.iter().map(linted).collect();
    let (errors, warnings) = (lint::count(&linted, Severity::Error), lint::count(&linted, Severity::Warning));
    let refused = errors > 0 || (warnings > 0 && arguments.deny.contains(&DenyArgument::Warnings));
    let exit = if refused { Exit::Usage } else { Exit::Passed };
    match arguments.format {
        LintFormatArgument::Json => {
            print(&lint::json(&linted, !refused).map_err(|error| unwritable(&error))?)?;
            // Whoever reads it has everything.
            return Ok(exit);
        }
        LintFormatArgument::Github => print(&lint::github(&linted))?,
        LintFormatArgument::Human => {}
    }
    for sheet in &sheets {
        tell(Path::new(&sheet.file), &sheet.reading.diagnostics, style(arguments.color));
    }
    if refused { Err(refusal(&linted, (errors, warnings))) } else { Ok(fine(&linted, warnings)) }
}

fn linted(sheet: &Sheet) -> Linted<'_> {
    let cases = sheet.reading.suite.as_ref().map(|suite| suite.cases.len());
    Linted { file: &sheet.file, cases, remarks: &sheet.reading.diagnostics }
}

fn fine(files: &[Linted<'_>], warnings: usize) -> Exit {
    let cases = files.iter().filter_map(|linted| linted.cases).sum();
    let but = if warnings == 0 { String::new() } else { format!("; {}", plural(warnings, "warning")) };
    say(&format!("{} with {}: can be run{but}", plural(files.len(), "suite"), plural(cases, "case")));
    Exit::Passed
}

fn refusal(files: &[Linted<'_>], (errors, warnings): (usize, usize)) -> Refusal {
    let denied = if errors > 0 { Severity::Error } else { Severity::Warning };
    let place = plural(files.len(), "suite file");
    let message = if errors > 0 {
        format!("{} in {place}", plural(errors, "error"))
    } else {
        format!("{} in {place}, and --deny warnings", plural(warnings, "warning"))
    };
    let first = files.iter().flat_map(|linted| linted.remarks).find(|remark| remark.severity == denied);
    let help = first.map(|remark| format!("`netcheck explain {}` says more of that code", remark.code));
    help.into_iter().fold(Refusal::usage(message), Refusal::help)
}

/// Suites of one name could not be told apart in any report: a remark on the later of the two.
fn mark_clashes(sheets: &mut [Sheet]) {
    let names: Vec<_> = sheets.iter().map(|sheet| sheet.reading.suite.as_ref().map(|suite| suite.id.clone())).collect();
    for index in 1..sheets.len() {
        let Some(id) = &names[index] else { continue };
        let Some(other) = names[..index].iter().position(|other| other.as_ref() == Some(id)) else { continue };
        let clash = super::suites::same_name(id, &sheets[other].file);
        sheets[index].reading.suite = None;
        sheets[index].reading.diagnostics.push(clash);
    }
}
