//! The bar below the lines, where somebody watches. It must not know what the lines say.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::event::Event;

const AGENTS: &str = "     Agents  {pos}/{len} ready  {bar:30}  {elapsed}";
const PAIRS: &str = "    Measure  {human_pos}/{human_len} pairs  {bar:30}  {elapsed}";

/// A bar, or none.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar on standard error; it stays hidden where that is no terminal.
    pub(super) fn new(live: bool) -> Self {
        Self(live.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())))
    }

    /// Moves the bar.
    pub(super) fn event(&self, event: &Event) {
        let Some(bar) = &self.0 else { return };
        match event {
            Event::Planned { plan, .. } => begin(bar, plan.vantages.len() as u64),
            Event::VantageReady { ready, .. } => bar.set_position(*ready as u64),
            Event::PairFinished { finished, planned, .. } => measure(bar, *finished, *planned),
            Event::Finished { .. } => bar.finish_and_clear(),
            Event::VantageLost { .. }
            | Event::VantageResumed { .. }
            | Event::CaseFinished(_)
            | Event::PhaseFinished(..)
            | Event::NodesChanged { .. }
            | Event::Collected(_)
            | Event::Note(_)
            | Event::Problem(_)
            | Event::CleanedUp(_) => {}
        }
    }

    /// Does something that writes to the terminal, with the bar out of its way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

fn begin(bar: &ProgressBar, agents: u64) {
    restyle(bar, AGENTS);
    bar.set_length(agents);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.set_position(0);
}

fn measure(bar: &ProgressBar, finished: u64, planned: u64) {
    // The first pair turns the bar of agents into one of pairs.
    if bar.length() != Some(planned) || finished <= 1 {
        restyle(bar, PAIRS);
        bar.set_length(planned);
    }
    bar.set_position(finished);
}

fn restyle(bar: &ProgressBar, template: &str) {
    // A template of ours that does not parse would leave the default bar: no reason to end a run.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
}
