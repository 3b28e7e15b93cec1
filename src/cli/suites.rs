//! Suite files from the disk: read within bounds, their remarks drawn, their cases selected.
//! It must not know the language.

use std::io::{IsTerminal, Read};
use std::path::Path;

use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::exit::Exit;
use crate::model::suite::Suite;
use crate::plan::select::{self, Selection};
use crate::report::Style;
use crate::report::snippet;
use crate::suite::{self, Reading};

use super::arguments::{ColorArgument, FileArguments, SuiteArguments};
use super::given::{self, Gathered};
use super::{Refusal, say};

/// Reads the suites, draws what is to be said of them, and selects.
pub(super) fn load(arguments: &SuiteArguments, style: Style) -> Result<Vec<Suite>, Refusal> {
    let suites = read_all(&arguments.files, style)?;
    let selection = Selection { tags: arguments.tags.clone(), cases: arguments.cases.clone() };
    select::select(suites, &selection).map_err(|nothing| Refusal {
        exit: Exit::NothingRan,
        message: nothing.to_string(),
        details: Vec::new(),
        help: nothing.help,
    })
}

/// Reads the suites and draws what is to be said of them; all files, even after one with errors.
pub(super) fn read_all(files: &FileArguments, style: Style) -> Result<Vec<Suite>, Refusal> {
    read_files(files, style)?.suites(files)
}

/// Suite files as they were read.
pub(super) struct Files {
    /// With their names, in the order of the command line.
    pub(super) readings: Vec<(String, Reading)>,
    errors: usize,
}

/// The same, also where there are errors.
pub(super) fn read_files(files: &FileArguments, style: Style) -> Result<Files, Refusal> {
    let Gathered { given, mut errors } = given::gather(&files.variables, style)?;
    let mut readings = Vec::new();
    for path in &files.paths {
        let bytes = content(path, "suite", "name suite files, such as suites/overlay.yaml")?;
        let reading = suite::read(&path.to_string_lossy(), &bytes, &given);
        errors += tell(path, &reading.diagnostics, style);
        readings.push((path.to_string_lossy().into_owned(), reading));
    }
    let declared: Vec<_> = readings.iter().filter_map(|(_, reading)| reading.declared.as_ref()).collect();
    // What a file that could not be read declares is not known.
    if declared.len() == readings.len() {
        errors += given::undeclared(&given, &declared, style);
    }
    Ok(Files { readings, errors })
}

impl Files {
    /// The suites, if all of them can be run.
    pub(super) fn suites(self, files: &FileArguments) -> Result<Vec<Suite>, Refusal> {
        if self.errors > 0 {
            let errors = given::counted(self.errors, files.paths.len(), &files.variables);
            return Err(Refusal::usage(format!("{errors}; nothing was run")));
        }
        let suites: Vec<Suite> = self.readings.into_iter().filter_map(|(_, reading)| reading.suite).collect();
        clash(&suites).map_or(Ok(suites), Err)
    }
}

/// At most one byte more than a suite may have: that one is enough to refuse it.
pub(super) fn content(path: &Path, what: &str, help: &str) -> Result<Vec<u8>, Refusal> {
    let refuse = |error: &std::io::Error| Refusal::usage(format!("cannot read {what} {}: {error}", path.display())).help(help);
    let file = std::fs::File::open(path).map_err(|error| refuse(&error))?;
    let mut bytes = Vec::new();
    file.take(suite::SIZE_LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(|error| refuse(&error))?;
    Ok(bytes)
}

/// Draws all remarks; says how many of them are errors.
pub(super) fn tell(path: &Path, diagnostics: &[Diagnostic], style: Style) -> usize {
    for diagnostic in diagnostics {
        if diagnostic.span.is_some() {
            say(&snippet::diagnostic(diagnostic, style));
        } else {
            // Without a place, nothing else would name the file.
            let message = format!("{}: {}", path.display(), diagnostic.message);
            say(&snippet::diagnostic(&Diagnostic { message, ..diagnostic.clone() }, style));
        }
    }
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// Draws remarks that belong to no single file; says how many of them are errors.
pub(super) fn tell_alone(diagnostics: &[Diagnostic], style: Style) -> usize {
    for diagnostic in diagnostics {
        say(&snippet::diagnostic(diagnostic, style));
    }
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// Suites of one name could not be told apart in any report.
fn clash(suites: &[Suite]) -> Option<Refusal> {
    suites.iter().enumerate().find_map(|(index, suite)| {
        let other = suites[..index].iter().find(|other| other.id == suite.id)?;
        let message = format!("two suites are called {:?}: {} and {}", suite.id, other.file, suite.file);
        Some(Refusal::usage(message).help("give each its own name under `suite:`, and each file once"))
    })
}

/// `1 error`, `2 errors`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Whether standard error is drawn in colours (<https://no-color.org>, <https://bixense.com/clicolors>).
pub(super) fn style(color: ColorArgument) -> Style {
    painted(color, std::io::stderr().is_terminal())
}

/// The same for what is, or is not, a terminal.
pub(super) fn painted(color: ColorArgument, terminal: bool) -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let coloured = match color {
        ColorArgument::Always => true,
        ColorArgument::Never => false,
        ColorArgument::Auto if set("CLICOLOR_FORCE") => true,
        ColorArgument::Auto => !set("NO_COLOR") && terminal,
    };
    if coloured { Style::Coloured } else { Style::Plain }
}
