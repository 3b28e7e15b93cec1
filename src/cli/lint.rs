//! `netcheck lint`: everything that can be said of suites without a cluster.

use crate::model::diagnostic::Severity;
use crate::model::exit::Exit;
use crate::model::run::Start;
use crate::model::units::counted;
use crate::report::lint::{self, Linted};
use crate::suite::Seen;

use super::arguments::{DenyArgument, LintArguments, LintFormatArgument, VariableArguments};
use super::given::in_files;
use super::remarks::style;
use super::suites::{Files, Sheet, read_each};
use super::{Outcome, Refusal, inventory, print, say, unwritable};

/// Nothing is sampled here: any seed does.
const SEED: u64 = 1;

/// 0 if the suites can be run, 2 if not, or if there are warnings and they are denied.
pub(super) fn execute(arguments: &LintArguments) -> Outcome {
    let inventory = inventory::of(arguments.inventory.as_deref())?;
    let start = Start::of_none(SEED);
    let seen = inventory.as_ref().map(|inventory| Seen { inventory, start: &start });
    let files = read_each(&arguments.files, seen)?;
    let linted = linted(&files);
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
    files.tell(style(arguments.color));
    if refused {
        Err(refusal(&linted, (errors, warnings), files.sheets.len(), &arguments.files.variables))
    } else {
        Ok(fine(&files.sheets, warnings))
    }
}

/// All suites, and besides what there is something to say of.
fn linted(files: &Files) -> Vec<Linted<'_>> {
    let cases = |sheet: &Sheet| sheet.reading.suite.as_ref().map(|suite| suite.cases.len());
    let suites = files.sheets.iter().map(|sheet| Linted { file: &sheet.file, cases: cases(sheet), remarks: &sheet.reading.diagnostics });
    let values = files.values.iter().map(|(file, remarks)| Linted { file, cases: None, remarks });
    let undeclared = Linted { file: "", cases: None, remarks: &files.undeclared };
    let remarkable = |linted: &Linted<'_>| !linted.remarks.is_empty();
    values.filter(remarkable).chain(suites).chain(Some(undeclared).filter(remarkable)).collect()
}

fn fine(sheets: &[Sheet], warnings: usize) -> Exit {
    let cases: usize = sheets.iter().filter_map(|sheet| sheet.reading.suite.as_ref()).map(|suite| suite.cases.len()).sum();
    let but = if warnings == 0 { String::new() } else { format!("; {}", counted(warnings, "warning")) };
    say(&format!("{} with {}{}: can be run{but}", counted(sheets.len(), "suite"), counted(cases, "case"), waiting(sheets)));
    Exit::Passed
}

/// What lint cannot know by itself.
fn waiting(sheets: &[Sheet]) -> String {
    let mut tests: Vec<_> = sheets.iter().filter_map(|sheet| sheet.reading.suite.as_ref()).flat_map(|suite| &suite.pending).collect();
    tests.dedup_by(|one, other| (&one.stand_in.id.suite, &one.stand_in.id.test) == (&other.stand_in.id.suite, &other.stand_in.id.test));
    match tests.len() {
        0 => String::new(),
        count => format!(" and {} whose cases depend on the nodes (--inventory FILE checks them too)", counted(count, "test")),
    }
}

fn refusal(linted: &[Linted<'_>], (errors, warnings): (usize, usize), suites: usize, variables: &VariableArguments) -> Refusal {
    let denied = if errors > 0 { Severity::Error } else { Severity::Warning };
    let message = if errors > 0 {
        in_files((errors, "error"), suites, variables)
    } else {
        format!("{}, and --deny warnings", in_files((warnings, "warning"), suites, variables))
    };
    let first = linted.iter().flat_map(|linted| linted.remarks).find(|remark| remark.severity == denied);
    let help = first.map(|remark| format!("`netcheck explain {}` says more of that code", remark.code));
    help.into_iter().fold(Refusal::usage(message), Refusal::help)
}
