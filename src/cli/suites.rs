//! Suite files from the disk: read within bounds, their remarks drawn, their cases selected.
//! It must not know the language.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::model::diagnostic::Diagnostic;
use crate::model::exit::Exit;
use crate::model::shard::{Shard, Sharding};
use crate::model::source::Span;
use crate::model::suite::Suite;
use crate::plan::select::{self, Selection};
use crate::plan::shard;
use crate::report::Style;
use crate::suite::{self, Given, Reading, Seen};

use super::arguments::{FileArguments, SuiteArguments};
use super::collection;
use super::content::content;
use super::given::{self, Gathered};
use super::opened::Opened;
use super::remarks::{plain, tell};
use super::{Refusal, builtin};

/// Reads the suites, draws what is to be said of them, and selects. What depends on the nodes is pending without an inventory.
pub(super) fn load(arguments: &SuiteArguments, seen: Option<Seen<'_>>, style: Style) -> Result<Vec<Suite>, Refusal> {
    selected(read_all(&arguments.files, seen, style)?, arguments)
}

/// The same, and of that only what is in the shard, with what it knows of the others. It may be empty.
pub(super) fn load_shard(
    arguments: &SuiteArguments,
    shard: Option<Shard>,
    seen: Option<Seen<'_>>,
    style: Style,
) -> Result<Chosen, Refusal> {
    Ok(split(load(arguments, seen, style)?, shard))
}

/// The cases that a command is about, and which part of them that is.
pub(super) type Chosen = (Vec<Suite>, Option<Sharding>);

pub(super) fn selected(suites: Vec<Suite>, arguments: &SuiteArguments) -> Result<Vec<Suite>, Refusal> {
    let selection = Selection { tags: arguments.tags.clone(), cases: arguments.cases.clone() };
    select::select(suites, &selection)
        .map_err(|nothing| Refusal { help: nothing.help.clone(), ..Refusal::new(Exit::NothingRan, nothing.to_string()) })
}

pub(super) fn split(suites: Vec<Suite>, shard: Option<Shard>) -> Chosen {
    let Some(shard) = shard else { return (suites, None) };
    let (here, elsewhere) = shard::split(suites, shard);
    (here, Some(Sharding { shard, elsewhere: elsewhere.into_iter().map(Arc::new).collect() }))
}

/// A suite file that was read.
#[derive(Debug)]
pub(super) struct Sheet {
    /// As the user named it.
    pub(super) file: String,
    /// What it says.
    pub(super) reading: Reading,
    /// Its text: a pipe can be read but once.
    pub(super) bytes: Vec<u8>,
}

/// Suite files as they were read.
#[derive(Debug)]
pub(super) struct Files {
    /// In the order of the command line.
    pub(super) sheets: Vec<Sheet>,
    /// What is to be said of files of values for variables, by the file.
    pub(super) values: Vec<(String, Vec<Diagnostic>)>,
    /// What is to be said of values that no suite has a variable for.
    pub(super) undeclared: Vec<Diagnostic>,
    /// The values for variables.
    pub(super) given: Vec<Given>,
}

/// Reads the suites; all files, even after one with errors.
pub(super) fn read_each(files: &FileArguments, seen: Option<Seen<'_>>) -> Result<Files, Refusal> {
    let Gathered { given, remarks: values } = given::gather(&files.variables)?;
    let read = |Opened { path, content, by: _ }: Opened| {
        let file = path.to_string_lossy().into_owned();
        match content {
            Ok(bytes) => Sheet { reading: reading(&file, &bytes, &given, seen), file, bytes },
            Err(remarks) => Sheet { file, reading: unread(remarks), bytes: Vec::new() },
        }
    };
    let mut sheets: Vec<Sheet> = collection::all(&files.paths).into_iter().map(read).collect();
    mark_clashes(&mut sheets);
    tell_parts_once(&mut sheets);
    let declared: Vec<_> = sheets.iter().filter_map(|sheet| sheet.reading.declared.as_ref()).collect();
    // What a file that could not be read declares is not known.
    let undeclared = if declared.len() == sheets.len() { suite::undeclared(&given, &declared) } else { Vec::new() };
    Ok(Files { sheets, values, undeclared, given })
}

/// Of a file of which nothing could be read.
const fn unread(diagnostics: Vec<Diagnostic>) -> Reading {
    Reading { suite: None, diagnostics, vars: Vec::new(), declared: None, name: None }
}

fn reading(file: &str, bytes: &[u8], given: &[Given], seen: Option<Seen<'_>>) -> Reading {
    match seen {
        Some(seen) => suite::complete(file, bytes, given, parts_of(file), seen),
        None => suite::read(file, bytes, given, parts_of(file)),
    }
}

impl Files {
    /// The suites as they are now that the nodes are known: what was pending is read again, and what only that shows is drawn.
    pub(super) fn completed(&self, seen: Seen<'_>, files: &FileArguments, style: Style) -> Result<Vec<Suite>, Refusal> {
        let (mut suites, mut errors, mut told) = (Vec::new(), 0, Vec::new());
        for sheet in &self.sheets {
            let Some(suite) = sheet.reading.suite.as_ref() else { continue };
            if suite.pending.is_empty() {
                suites.push(suite.clone());
                continue;
            }
            let mut again = reading(&sheet.file, &sheet.bytes, &self.given, Some(seen));
            again.diagnostics.retain(|remark| !self.sheets.iter().any(|sheet| sheet.has_said(remark)));
            errors += tell(&sheet.file, &again.diagnostics, style);
            told.extend(plain(&sheet.file, &again.diagnostics));
            suites.extend(again.suite);
        }
        if errors > 0 { Err(self.refused(errors, told, files)) } else { Ok(suites) }
    }

    /// Draws what is to be said; says how many errors there are.
    pub(super) fn tell(&self, style: Style) -> usize {
        self.remarks().map(|(file, remarks)| tell(file, remarks, style)).sum()
    }

    /// All that is to be said, by the file; under no name what is of none.
    pub(super) fn remarks(&self) -> impl Iterator<Item = (&str, &[Diagnostic])> {
        let suites = self.sheets.iter().map(|sheet| (&*sheet.file, &*sheet.reading.diagnostics));
        let values = self.values.iter().map(|(file, remarks)| (&**file, &**remarks));
        values.chain(suites).chain(std::iter::once(("", &*self.undeclared)))
    }

    /// The suites, if all of them can be run and there are no errors beside them.
    pub(super) fn suites(&self, errors: usize, files: &FileArguments) -> Result<Vec<Suite>, Refusal> {
        if errors > 0 {
            let told = self.remarks().flat_map(|(file, remarks)| plain(file, remarks)).collect();
            return Err(self.refused(errors, told, files));
        }
        Ok(self.sheets.iter().filter_map(|sheet| sheet.reading.suite.clone()).collect())
    }

    fn refused(&self, errors: usize, told: Vec<String>, files: &FileArguments) -> Refusal {
        let errors = given::in_files((errors, "error"), self.sheets.len(), &files.variables);
        Refusal { told, ..Refusal::usage(format!("{errors}; nothing was run")) }
    }
}

impl Sheet {
    /// Whether the first reading has said that already, of another stand-in perhaps.
    fn has_said(&self, remark: &Diagnostic) -> bool {
        let words = |remark: &Diagnostic| (remark.code, remark.span.clone(), remark.message.clone());
        self.reading.diagnostics.iter().any(|said| words(said) == words(remark))
    }
}

/// Reads the suites and draws what is to be said of them.
pub(super) fn read_all(files: &FileArguments, seen: Option<Seen<'_>>, style: Style) -> Result<Vec<Suite>, Refusal> {
    let found = read_each(files, seen)?;
    let errors = found.tell(style);
    found.suites(errors, files)
}

/// The files that a suite includes. One that is built in stands alone: it is in no folder that a path could be relative to.
pub(super) fn parts_of(file: &str) -> suite::Parts<'static> {
    if builtin::named(file).is_some() { &no_part } else { &part }
}

fn part(path: &str) -> Result<Vec<u8>, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if builtin::named(name).is_some() {
        return Err(
            "what is built in is a suite, and only parts can be included; `netcheck init NAME --builtin SUITE` copies one".to_owned()
        );
    }
    let path = Path::new(path);
    let is_file = std::fs::metadata(path).map_err(|error| error.to_string())?.is_file();
    // What is read as it is written, a pipe, could be waited for for ever.
    if is_file { content(path).map_err(|error| error.to_string()) } else { Err("it is no regular file".to_owned()) }
}

/// For suites that are in no folder.
pub(super) fn no_part(_: &str) -> Result<Vec<u8>, String> {
    Err("a suite that is built in is in no folder, and includes nothing".to_owned())
}

/// A mistake in a part is one, however many suites include it.
fn tell_parts_once(sheets: &mut [Sheet]) {
    let mut told = HashSet::new();
    for Sheet { file, reading, .. } in sheets {
        reading.diagnostics.retain(|remark| match &remark.span {
            Some(span) if *span.file != **file => told.insert((remark.code, span.clone(), remark.message.clone())),
            Some(_) | None => true,
        });
    }
}

/// Suites of one name could not be told apart in any report: a remark on the later of the two.
fn mark_clashes(sheets: &mut [Sheet]) {
    for later in 1..sheets.len() {
        let (before, after) = sheets.split_at_mut(later);
        let [Sheet { reading, .. }, ..] = after else { continue };
        let Some((id, span)) = &reading.name else { continue };
        let named =
            |sheet: &Sheet| sheet.reading.name.clone().filter(|(other, _)| other == id).map(|(_, place)| (sheet.file.clone(), place));
        let Some(first) = before.iter().find_map(named) else { continue };
        let clash = same_name(id, span, first);
        // In the order of the file: before what is said of later lines.
        let at = reading.diagnostics.iter().position(|other| other.span.as_ref().is_some_and(|other| other.line > span.line));
        reading.diagnostics.insert(at.unwrap_or(reading.diagnostics.len()), clash);
        reading.suite = None;
    }
}

/// `other` is the file of the earlier one, and where it has the name.
fn same_name(id: &str, span: &Span, (other, first): (String, Span)) -> Diagnostic {
    let clash = Diagnostic::error(suite::codes::DUPLICATE_ID, span.clone(), format!("{other} is a suite with the name {id:?} already"));
    // A file that is there twice is in one place alone.
    let related = if first == *span { Vec::new() } else { vec![(first, "the first".to_owned())] };
    Diagnostic { related, help: vec!["give each its own name under `suite:`, and each file once".to_owned()], ..clash }
}
