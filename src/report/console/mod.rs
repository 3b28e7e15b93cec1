//! The run on the terminal: plain lines, and a bar below them where somebody watches.
//! It must not know what is written in files, but it names them.

mod begin;

mod case;

mod collected;

mod end;

mod nodes;

mod page;

mod progress;

mod skips;

use std::io::{self, Write};

use super::file::{Destination, Format};
use super::style::{Style, Tone};
use super::{Reporter, clean};
use crate::model::event::Event;
use crate::model::run::Run;

use page::Page;
use progress::Progress;
use skips::Skips;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// What is wrong, and the summary.
    Quiet,
    /// A line for each case too.
    Normal,
    /// Every agent and every phase too.
    Verbose,
}

/// How the terminal is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleOptions {
    /// With colours or without.
    pub style: Style,
    /// How much is told.
    pub verbosity: Verbosity,
    /// Whether somebody watches a terminal: then a bar shows the progress on standard error.
    pub live: bool,
    /// The reports that are written beside: they are named at the end.
    pub reports: Vec<(Format, Destination)>,
}

/// Tells a run to a person.
pub struct Console {
    page: Page,
    options: ConsoleOptions,
    progress: Progress,
    layout: Layout,
    skips: Skips,
}

/// What is remembered of the plan.
#[derive(Default)]
struct Layout {
    /// The head was written.
    headed: bool,
    /// Characters of the longest case id.
    id_width: usize,
    /// There are agents to wait for.
    agents: bool,
}

impl Console {
    /// A console that writes to `out`, which should be standard error; the reporters of files come before it, so that they
    /// are written when it names them.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, options: ConsoleOptions) -> Self {
        let progress = Progress::new(options.live && options.verbosity > Verbosity::Quiet);
        Self { page: Page::new(out, options.style), options, progress, layout: Layout::default(), skips: Skips::default() }
    }

    /// What is not told when quiet.
    fn tell(&mut self, event: &Event, run: &Run) {
        if !self.layout.headed {
            begin::head(&mut self.page, run, &mut self.layout);
        }
        if let Event::CaseFinished(case) = event
            && self.options.verbosity < Verbosity::Verbose
            && self.skips.take(&mut self.page, case, self.layout.id_width)
        {
            return;
        }
        // The bar moves below the lines: nothing is written for it.
        if !matches!(event, Event::PairFinished { .. }) {
            self.skips.tell(&mut self.page, self.layout.id_width);
        }
        match event {
            Event::Planned { plan, .. } => begin::plan(&mut self.page, plan, &mut self.layout),
            Event::VantageReady { vantage, ready, expected } => {
                if self.options.verbosity == Verbosity::Verbose {
                    self.page.row(Tone::Quiet, "ready", &format!("{vantage} ({ready} of {expected})"));
                }
            }
            Event::VantageResumed { vantage, why, away } => {
                if self.options.verbosity == Verbosity::Verbose {
                    self.page.row(Tone::Quiet, "resumed", &format!("{vantage}: connected again after {away} ({why})"));
                }
            }
            Event::VantageLost { vantage, why } => self.page.row(Tone::Troubled, "no agent", &format!("{vantage}: {why}")),
            Event::CaseFinished(case) => case::row(&mut self.page, case, self.layout.id_width),
            Event::PhaseFinished(phase, took) => {
                begin::phase(&mut self.page, run, (*phase, *took), (self.options.verbosity, &self.layout));
            }
            Event::Problem(problem) => self.page.row(Tone::Troubled, "trouble", &problem.message),
            Event::PairFinished { .. }
            | Event::Collected(_)
            | Event::NodesChanged { .. }
            | Event::Note(_)
            | Event::Finished { .. }
            | Event::CleanedUp(_) => {}
        }
    }

    /// What is always told.
    fn conclude(&mut self, event: &Event, run: &Run) {
        match event {
            Event::Finished { .. } => end::all(&mut self.page, run, &self.options),
            Event::CleanedUp(clean_up) => end::clean_up(&mut self.page, run, (clean_up, self.options.verbosity)),
            Event::Planned { .. }
            | Event::VantageReady { .. }
            | Event::VantageResumed { .. }
            | Event::VantageLost { .. }
            | Event::PairFinished { .. }
            | Event::CaseFinished(_)
            | Event::PhaseFinished(..)
            | Event::Collected(_)
            | Event::NodesChanged { .. }
            | Event::Note(_)
            | Event::Problem(_) => {}
        }
    }
}

impl Reporter for Console {
    fn event(&mut self, event: &Event, run: &Run) -> io::Result<()> {
        if self.options.verbosity > Verbosity::Quiet {
            self.tell(event, run);
        }
        self.conclude(event, run);
        self.progress.event(event);
        // The bar is drawn anew for each line, so not for nothing.
        if self.page.is_waiting() {
            let page = &mut self.page;
            // A terminal that is gone is nobody's report: it takes no pass away.
            let _ = self.progress.aside(|| page.flush());
        }
        Ok(())
    }
}

/// How many names are written out before the rest is counted.
fn some(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).map(|name| clean::one_line(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
