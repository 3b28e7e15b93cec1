//! How a run is told: on the terminal while it goes on, and in files at its end.
//! Reporters lay out words and sums that were made elsewhere. They cannot affect the run.

mod clean;

mod style;

mod window;

pub mod snippet;

mod figures;

mod evidence;

mod problem;

pub mod atomic;

mod origin;

mod schema;

mod document;

mod json;

pub mod lint;

pub mod list;

pub mod plan;

pub mod vars;

mod junit;

mod file;

mod console;

mod findings;

use crate::model::event::Event;
use crate::model::run::Run;

pub use clean::one_line;
pub use console::{Console, ConsoleOptions, Verbosity};
pub use file::{Destination, FileReport, Format};
pub use findings::{exit, findings};
pub use json::results_schema;
pub use style::Style;

/// Somebody who is told what happens.
pub trait Reporter {
    /// Takes note of an event; `run` is the fold of all events up to and with this one.
    ///
    /// # Errors
    /// What it was to write could not be written.
    fn event(&mut self, event: &Event, run: &Run) -> std::io::Result<()>;
}
