//! A report in a file or on standard output: written when every case has its verdict, before anything is cleaned up.
//! It must not know what is in the report.

use std::io::{self, Write};
use std::path::PathBuf;

use super::{Reporter, atomic, json, junit};
use crate::model::event::{Event, Phase};
use crate::model::run::Run;

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JUnit XML, for pipelines.
    Junit,
    /// `netcheck.results/v1`, with everything that is known.
    Json,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// To a file, as a whole or not at all.
    File(PathBuf),
    /// To standard output: one document, at the verdict, so that it is there even if cleaning up hangs.
    Stdout,
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdout => f.write_str("standard output"),
        }
    }
}

/// A report of one format to one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    format: Format,
    destination: Destination,
}

impl FileReport {
    /// A report of that format to that place.
    #[must_use]
    pub const fn new(format: Format, destination: Destination) -> Self {
        Self { format, destination }
    }

    /// Finds out whether the report can be written, before anything is created; makes its directory.
    ///
    /// # Errors
    /// With the path, and why.
    pub fn check(&self) -> io::Result<()> {
        match &self.destination {
            Destination::File(path) => atomic::check(path).map_err(|error| of_report(&error)),
            Destination::Stdout => Ok(()),
        }
    }

    /// Writes what is known of the run.
    ///
    /// # Errors
    /// With the place, and why.
    pub fn write(&self, run: &Run) -> io::Result<()> {
        let text = match self.format {
            Format::Junit => junit::render(run)?,
            Format::Json => json::render(run)?,
        };
        match &self.destination {
            Destination::File(path) => atomic::write(path, text.as_bytes()).map_err(|error| of_report(&error)),
            Destination::Stdout => print(&text),
        }
    }

    /// Whether cleaning up adds something to what was written: the time it took and what it left.
    const fn is_completed_by_clean_up(&self) -> bool {
        matches!((self.format, &self.destination), (Format::Json, Destination::File(_)))
    }
}

/// Other files are written too: what is told of this one says which it is.
fn of_report(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("report {error}"))
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    printed.map_err(|error| io::Error::new(error.kind(), format!("report cannot be written to standard output: {error}")))
}

impl Reporter for FileReport {
    fn event(&mut self, event: &Event, run: &Run) -> io::Result<()> {
        match event {
            Event::Finished { .. } => self.write(run),
            Event::CleanedUp(_) | Event::PhaseFinished(Phase::CleanUp, _) if run.clean_up.is_some() && self.is_completed_by_clean_up() => {
                self.write(run)
            }
            Event::CleanedUp(_)
            | Event::Planned { .. }
            | Event::VantageReady { .. }
            | Event::VantageResumed { .. }
            | Event::VantageLost { .. }
            | Event::PairFinished { .. }
            | Event::CaseFinished(_)
            | Event::PhaseFinished(..)
            | Event::NodesChanged { .. }
            | Event::Collected(_)
            | Event::Note(_)
            | Event::Problem(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, destination: Destination, expected: bool) {
        assert_eq!(FileReport::new(format, destination).is_completed_by_clean_up(), expected);
    }

    #[test]
    fn standard_output_gets_one_document() {
        check(Format::Json, Destination::Stdout, false);
        check(Format::Junit, Destination::Stdout, false);
        check(Format::Junit, Destination::File("junit.xml".into()), false);
        check(Format::Json, Destination::File("results.json".into()), true);
    }
}
