//! What suites want collected when a case of theirs fails or is not measured: of the agents of its pairs, the worst first. It comes
//! after the last verdict and changes none. It must not know how a place gives it, nor what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::backend::{Backend, Heard};
use crate::model::case::CaseReport;
use crate::model::case_id::CaseId;
use crate::model::collect::{Collect, Collected, Found};
use crate::model::event::Event;
use crate::model::exit::Signal;
use crate::model::plan::Plan;
use crate::model::vantage::Vantage;
use crate::model::verdict::{Cause, Verdict};

use super::dispatcher::Dispatcher;

/// All of it together takes no longer.
const WITHIN: Duration = Duration::from_secs(10);

/// How much is being collected at once.
const AT_ONCE: usize = 8;

/// The most agents of which anything is collected: for one case, and in all.
const OF_A_CASE: usize = 8;
const OF_A_RUN: usize = 24;

/// One thing that is to be collected.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    vantage: Vantage,
    what: Collect,
    cases: Vec<CaseId>,
}

/// What is to be collected, in order, each once.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wishes {
    list: Vec<Wish>,
    /// Agents of which something is wanted beyond what a run collects.
    beyond: BTreeSet<Vantage>,
}

impl Dispatcher<'_> {
    /// Collects what the suites want, and tells it. A signal ends it, and then nothing of what is not there yet is told.
    pub(super) async fn collect(
        &mut self,
        backend: &dyn Backend,
        signals: &mut mpsc::Receiver<Signal>,
        inbox: &mut mpsc::Receiver<(Vantage, Heard)>,
    ) {
        let wishes = wishes(&self.plan, &self.narrator.run().cases);
        if wishes.list.is_empty() || self.signal.is_some() {
            return;
        }
        let place = Place { backend, name: self.orders.header.backend, end: End::of(self.times.deadline) };
        let (found, signal) = gather(place, &wishes.list, signals, inbox).await;
        if let Some(signal) = signal {
            self.interrupt(signal);
        }
        self.tell_collected(wishes, found);
    }

    fn tell_collected(&mut self, wishes: Wishes, mut found: BTreeMap<usize, Found>) {
        for (index, Wish { vantage, what, cases }) in wishes.list.into_iter().enumerate() {
            let found = found.remove(&index).unwrap_or_else(|| Found::Nothing("a signal came before it was there".to_owned()));
            self.narrator.tell(Event::Collected(Box::new(Collected { vantage, what, cases, found })));
        }
        if !wishes.beyond.is_empty() {
            let agents = wishes.beyond.len();
            let note = format!("nothing was collected of {agents} more agents of failed cases: {OF_A_RUN} a run is the most");
            self.narrator.tell(Event::Note(note));
        }
    }
}

/// When collecting is over.
#[derive(Debug, Clone, Copy)]
struct End {
    at: Instant,
    /// Why what is not there by then is missing.
    why: &'static str,
}

impl End {
    /// Of a run with that deadline.
    fn of(deadline: Instant) -> Self {
        let at = Instant::now() + WITHIN;
        if deadline < at {
            Self { at: deadline, why: "the run's deadline was over before it was there" }
        } else {
            Self { at, why: "it was not there within 10 s" }
        }
    }
}

/// Where is collected, and until when.
#[derive(Clone, Copy)]
struct Place<'a> {
    backend: &'a dyn Backend,
    name: &'static str,
    end: End,
}

/// What came of each wish, by its number; and the signal that ended it, if one did.
async fn gather(
    place: Place<'_>,
    wishes: &[Wish],
    signals: &mut mpsc::Receiver<Signal>,
    inbox: &mut mpsc::Receiver<(Vantage, Heard)>,
) -> (BTreeMap<usize, Found>, Option<Signal>) {
    let one = |(index, wish): (usize, &'_ Wish)| {
        let (vantage, what) = (wish.vantage.clone(), wish.what);
        async move { (index, place.collect(&vantage, what).await) }
    };
    let mut all = futures::stream::iter(wishes.iter().enumerate().map(one)).buffer_unordered(AT_ONCE);
    let mut found = BTreeMap::new();
    loop {
        tokio::select! {
            biased;
            Some(signal) = signals.recv() => return (found, Some(signal)),
            one = all.next() => match one {
                Some((index, one)) => found.insert(index, one),
                None => return (found, None),
            },
            // What agents still say holds nobody up.
            Some(_) = inbox.recv() => continue,
        };
    }
}

impl Place<'_> {
    /// What that is here, or why it is not to be had.
    async fn collect(self, vantage: &Vantage, what: Collect) -> Found {
        match timeout_at(self.end.at, self.backend.collect(vantage, what)).await {
            Ok(Ok(Some(text))) => Found::of(what, &text),
            Ok(Ok(None)) => Found::Nothing(format!("{} agents have none", self.name)),
            Ok(Err(why)) => Found::Nothing(why),
            Err(_) => Found::Nothing(self.end.why.to_owned()),
        }
    }
}

/// Of each case that failed or was not measured, in the order of the plan: of whom what is wanted.
fn wishes(plan: &Plan, reports: &[CaseReport]) -> Wishes {
    let mut wishes = Wishes::default();
    let mut agents: BTreeSet<Vantage> = BTreeSet::new();
    for (planned, report) in plan.cases.iter().zip(reports) {
        let wanted = &planned.case.conduct.collect;
        let bad = match &report.verdict {
            Verdict::Failed(_) => true,
            // Nothing came up: there is nobody of whom anything could be collected.
            Verdict::Errored(cause) => !matches!(cause, Cause::SetUp { .. }),
            Verdict::Passed | Verdict::Skipped(_) => false,
        };
        if !bad || wanted.is_empty() {
            continue;
        }
        for vantage in involved(plan, report) {
            if !agents.contains(&vantage) && agents.len() == OF_A_RUN {
                wishes.beyond.insert(vantage);
                continue;
            }
            agents.insert(vantage.clone());
            for what in wanted {
                wishes.add(&vantage, *what, &report.id);
            }
        }
    }
    wishes
}

/// The agents at both ends of its failed pairs and of those that were not measured, those of the worst pairs first.
fn involved(plan: &Plan, report: &CaseReport) -> Vec<Vantage> {
    let mut involved: Vec<Vantage> = Vec::new();
    for pair in report.pairs.iter().map(|report| &report.pair) {
        for vantage in std::iter::once(&pair.source).chain(pair.target.vantage()) {
            if involved.len() < OF_A_CASE && !involved.contains(vantage) && plan.vantages.contains(vantage) {
                involved.push(vantage.clone());
            }
        }
    }
    involved
}

impl Wishes {
    fn add(&mut self, vantage: &Vantage, what: Collect, case: &CaseId) {
        match self.list.iter_mut().find(|wish| wish.vantage == *vantage && wish.what == what) {
            Some(wish) if wish.cases.len() == Collected::CASES => {}
            Some(wish) => wish.cases.push(case.clone()),
            None => self.list.push(Wish { vantage: vantage.clone(), what, cases: vec![case.clone()] }),
        }
    }
}
