//! `netcheck vars`: the variables of suites, with the values that they would have in a run, and who gave them these.

use std::fmt::Write as _;

use serde::Serialize;

use crate::model::exit::Exit;
use crate::model::suite::{Var, VarOrigin};
use crate::report::one_line;

use super::arguments::{ColorArgument, FormatArgument, VarsArguments};
use super::suites::{Sheet, read_each, style};
use super::{Outcome, print};

/// Prints them, also where the suites cannot be run: what is missing is what people look for here.
pub(super) fn execute(arguments: &VarsArguments) -> Outcome {
    let files = read_each(&arguments.files)?;
    let errors = files.tell(style(ColorArgument::Auto));
    print(&match arguments.format {
        FormatArgument::Human => table(&files.sheets),
        FormatArgument::Json => json(&files.sheets),
    })?;
    files.suites(errors, &arguments.files)?;
    Ok(Exit::Passed)
}

fn table(sheets: &[Sheet]) -> String {
    let mut out = String::new();
    for Sheet { file, reading } in sheets {
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
    let value = if has_value(var) { shortened(&one_line(&var.value)) } else { "-".to_owned() };
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

const fn has_value(var: &Var) -> bool {
    !matches!(var.origin, VarOrigin::Unset | VarOrigin::Missing)
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let short: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() { short + "…" } else { short }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    suites: Vec<SuiteDocument<'a>>,
}

#[derive(Serialize)]
struct SuiteDocument<'a> {
    file: &'a str,
    vars: Vec<VarDocument<'a>>,
}

#[derive(Serialize)]
struct VarDocument<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    /// As `--set` takes it; null without one.
    value: Option<&'a str>,
    origin: &'static str,
    /// Where the value is written; null if that is in no file.
    file: Option<&'a str>,
    line: Option<u32>,
    help: Option<&'a str>,
    choices: &'a [String],
    declared: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
}

impl<'a> VarDocument<'a> {
    fn of(var: &'a Var) -> Self {
        let (origin, span) = match &var.origin {
            VarOrigin::Default(span) => ("default", Some(span)),
            VarOrigin::Set => ("set", None),
            VarOrigin::SetString => ("setString", None),
            VarOrigin::File(span) => ("file", Some(span)),
            VarOrigin::Environment => ("environment", None),
            VarOrigin::Unset => ("unset", None),
            VarOrigin::Missing => ("missing", None),
        };
        Self {
            name: &var.name,
            kind: var.kind,
            value: Some(var.value.as_str()).filter(|_| has_value(var)),
            origin,
            file: span.map(|span| &*span.file),
            line: span.map(|span| span.line),
            help: var.help.as_deref(),
            choices: &var.choices,
            declared: Place { file: &var.declared.file, line: var.declared.line },
        }
    }
}

fn document(sheet: &Sheet) -> SuiteDocument<'_> {
    SuiteDocument { file: &sheet.file, vars: sheet.reading.vars.iter().map(VarDocument::of).collect() }
}

fn json(sheets: &[Sheet]) -> String {
    let suites = sheets.iter().map(document).collect();
    // Nothing in it can fail to be written.
    serde_json::to_string_pretty(&Document { schema: "netcheck.vars/v1", suites }).unwrap_or_default() + "\n"
}
