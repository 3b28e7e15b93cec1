//! `netcheck vars`: the variables of suites, with the values that they would have in a run, and who gave them these.

use std::fmt::Write as _;

use crate::model::exit::Exit;
use crate::model::suite::{Var, VarOrigin};
use crate::report::{one_line, vars};

use super::arguments::{ColorArgument, FormatArgument, VarsArguments};
use super::remarks::style;
use super::suites::{Sheet, read_each};
use super::{Outcome, print, unwritable};

/// Prints them, also where the suites cannot be run: what is missing is what people look for here.
pub(super) fn execute(arguments: &VarsArguments) -> Outcome {
    let files = read_each(&arguments.files, None)?;
    let errors = files.tell(style(ColorArgument::Auto));
    print(&match arguments.format {
        FormatArgument::Human => table(&files.sheets),
        FormatArgument::Json => {
            let suites: Vec<_> = files.sheets.iter().map(|sheet| (&*sheet.file, &*sheet.reading.vars)).collect();
            vars::json(&suites).map_err(|error| unwritable(&error))?
        }
    })?;
    files.suites(errors, &arguments.files)?;
    Ok(Exit::Passed)
}

fn table(sheets: &[Sheet]) -> String {
    let mut out = String::new();
    for Sheet { file, reading, .. } in sheets {
        if sheets.len() > 1 {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}{}", if out.is_empty() { "" } else { "\n" }, one_line(file));
        }
        if reading.vars.is_empty() {
            out.push_str(" no variables\n");
        } else {
            rows(&mut out, &reading.vars);
        }
    }
    out
}

fn rows(out: &mut String, vars: &[Var]) {
    let heads = ["variable", "type", "value", "from", "help"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(heads).chain(vars.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..4).map(width).collect();
    for row in &rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let line = format!(" {}  {}", cells.join("  "), row[4]);
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The longest value that a table shows, in characters.
const SHOWN: usize = 60;

fn row(var: &Var) -> [String; 5] {
    let value = if var.has_value() { shortened(&one_line(&var.value)) } else { "-".to_owned() };
    let from = match &var.origin {
        VarOrigin::Unset | VarOrigin::Missing => format!("{}, {}:{}", var.origin.words(&var.name), var.declared.file, var.declared.line),
        VarOrigin::Default(_) | VarOrigin::Set | VarOrigin::SetString | VarOrigin::File(_) | VarOrigin::Environment => {
            var.origin.words(&var.name)
        }
    };
    let choices = (!var.choices.is_empty()).then(|| format!("one of {}", var.choices.join(", ")));
    let help: Vec<_> = var.help.iter().cloned().chain(choices).collect();
    [var.name.clone(), var.kind.to_owned(), value, one_line(&from), one_line(&help.join("; "))]
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let short: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() { short + "…" } else { short }
}
