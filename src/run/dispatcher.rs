//! One loop over one enum of inputs: whatever happens in a run happens here, one thing after the other.
//! It must not know any bound of a suite, nor what carries an agent's lines.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::backend::{Backend, Disposal, Heard, LaunchOrder, News};
use crate::judge::PairResult;
use crate::model::case::CaseReport;
use crate::model::event::{Event, Phase};
use crate::model::exit::Signal;
use crate::model::plan::Plan;
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::model::verdict::{Cause, Skip};

use super::agents::{Agent, Loss, Roster};
use super::attempts::Rounds;
use super::ledger::Ledger;
use super::limits::Limits;
use super::narrator::Narrator;
use super::offers::{Made, Offers};
use super::phases::Phases;
use super::precedence::Precedence;
use super::recount::{self, Found, Recount};
use super::turnout::Turnout;
use super::turns::{PLACES, Turns};
use super::{Orders, Times};

/// Everything that can happen.
enum Input {
    Signal(Signal),
    Deadline,
    Alarm,
    News(News),
    Heard(Vantage, Heard),
    Launched,
    Looked(Found),
    Offered(Made),
    Tick,
}

/// From one look at the clock to the next.
const TICK: Duration = Duration::from_secs(1);

/// What may wait to be heard. So much is read before a tick that is due, and no more: an agent that talks without end must not
/// hide that another one is silent.
const INBOX: usize = 1024;

/// Ticks come every second. After a gap like this it was us who stood still (Ctrl-Z, a paused machine), not all the agents.
const STOOD_STILL: Duration = Duration::from_secs(3);

/// The connections of a run; they stay open until it is dropped.
pub(super) type Connections = Vec<AbortOnDropHandle<()>>;

/// The state of a run while it goes on.
pub(super) struct Dispatcher<'a> {
    pub(super) orders: &'a Orders,
    pub(super) plan: Arc<Plan>,
    pub(super) narrator: &'a mut Narrator,
    pub(super) times: Times,
    pub(super) roster: Roster,
    pub(super) turns: Turns,
    pub(super) ledger: Ledger,
    pub(super) phases: Phases,
    /// Pairs of which it is known beforehand that they will not be measured, by case and pair.
    pub(super) fixed: HashMap<(usize, u32), PairResult>,
    /// Which cases wait for which.
    pub(super) precedence: Precedence,
    /// Cases that are not run, because what they need did not pass.
    pub(super) unmet: HashMap<usize, Skip>,
    /// The deadlines of cases and suites.
    pub(super) limits: Limits,
    /// What is asked again.
    pub(super) rounds: Rounds,
    /// All agents are there, or known not to come.
    pub(super) settled: bool,
    /// Of those that came.
    pub(super) turnout: Turnout,
    /// The Services of fixtures.
    pub(super) offers: Offers,
    /// Later looks at the nodes.
    pub(super) recount: Recount,
    /// The first case that was not given out.
    pub(super) given: usize,
    /// What helps agents in pods that have no ICMP socket.
    pub(super) icmp_remedy: Option<&'static str>,
    /// How many agents divide the pace of a machine between them.
    pub(super) among: NonZeroU32,
    /// Pairs that are to be measured, of all cases.
    pub(super) planned: u64,
    /// What ended it before its time.
    pub(super) ending: Option<Cause>,
    /// The first case that has no verdict.
    next: usize,
    /// Who asked us to end.
    pub(super) signal: Option<Signal>,
    /// When the last tick was: they come every second, unless we were stopped.
    ticked: Instant,
    /// What was heard since the next one was due.
    late: usize,
    pub(super) heard: mpsc::Sender<(Vantage, Heard)>,
    inbox: Option<mpsc::Receiver<(Vantage, Heard)>>,
    pub(super) connections: Connections,
}

impl<'a> Dispatcher<'a> {
    pub(super) fn new(orders: &'a Orders, plan: Arc<Plan>, times: Times, narrator: &'a mut Narrator) -> Self {
        let (heard, inbox) = mpsc::channel(INBOX);
        Self {
            orders,
            narrator,
            times,
            roster: Roster::expecting(&orders.header.id, &plan.vantages),
            turns: Turns::new(PLACES),
            ledger: Ledger::default(),
            phases: Phases::new(times.started),
            fixed: HashMap::new(),
            precedence: Precedence::of(&plan),
            unmet: HashMap::new(),
            limits: Limits::default(),
            rounds: Rounds::default(),
            settled: false,
            turnout: Turnout::default(),
            offers: Offers::default(),
            recount: Recount::default(),
            given: 0,
            icmp_remedy: None,
            among: NonZeroU32::MIN,
            planned: 0,
            ending: None,
            next: 0,
            signal: None,
            ticked: Instant::now(),
            late: 0,
            heard,
            inbox: Some(inbox),
            connections: Vec::new(),
            plan,
        }
    }

    /// Until every case has its verdict, and the nodes were looked at again. Says which signal ended it early, and hands over the connections.
    pub(super) async fn run(mut self, backend: &dyn Backend, signals: &mut mpsc::Receiver<Signal>) -> (Option<Signal>, Connections) {
        self.among = backend.among(self.plan.vantages.len());
        self.icmp_remedy = backend.icmp_remedy();
        let order = LaunchOrder {
            vantages: self.plan.vantages.clone(),
            credentials: self.plan.credentials(),
            ready_within: self.orders.ready_within,
            icmp: self.plan.icmp_access(),
        };
        let (sender, mut news) = mpsc::channel(256);
        let mut launch = (!order.vantages.is_empty()).then(|| backend.launch(&order, sender));
        let Some(mut inbox) = self.inbox.take() else { return (None, Vec::new()) };
        let mut ticks = tokio::time::interval(TICK);
        let (mut look, mut offer) = (None, None);
        self.advance();
        while self.next < self.plan.cases.len() || self.looks_again() {
            if look.is_none() && self.recount.begins() {
                look = Some(recount::look(backend));
            }
            offer = offer.or_else(|| self.offer(backend));
            let input = tokio::select! {
                biased;
                Some(signal) = signals.recv() => Input::Signal(signal),
                () = tokio::time::sleep_until(self.times.deadline) => Input::Deadline,
                () = tokio::time::sleep_until(self.alarm().unwrap_or(self.times.deadline)), if self.alarm().is_some() => Input::Alarm,
                () = async { launch.as_mut().unwrap_or(&mut never()).await }, if launch.is_some() => Input::Launched,
                found = async { look.as_mut().unwrap_or(&mut never()).await }, if look.is_some() => Input::Looked(found),
                made = async { offer.as_mut().unwrap_or(&mut never()).await }, if offer.is_some() => Input::Offered(made),
                Some(told) = news.recv() => Input::News(told),
                Some((vantage, heard)) = inbox.recv(), if self.late < INBOX => Input::Heard(vantage, heard),
                _ = ticks.tick() => Input::Tick,
            };
            match input {
                Input::Looked(_) => look = None,
                Input::Offered(_) => offer = None,
                _ => {}
            }
            if matches!(input, Input::Launched) {
                launch = None;
                // What was told with the last breath comes before the end.
                while let Ok(told) = news.try_recv() {
                    self.take(Input::News(told));
                }
            }
            self.take(input);
            self.advance();
        }
        drop(launch);
        self.collect(backend, signals, &mut inbox).await;
        self.finish()
    }

    fn finish(mut self) -> (Option<Signal>, Connections) {
        self.tell_phases(Phase::Judge);
        if self.orders.keep.disposal(self.narrator.run().exit()) == Disposal::Remove {
            self.roster.stop();
        }
        (self.signal, self.connections)
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Signal(signal) => self.interrupt(signal),
            Input::Deadline => self.end_early(Cause::Deadline),
            // What it changes is looked at after every input.
            Input::Alarm => {}
            Input::News(news) => self.news(news),
            Input::Heard(vantage, heard) => {
                self.late += usize::from(self.ticked.elapsed() >= TICK);
                self.heard(&vantage, heard);
            }
            Input::Launched => self.launched(),
            Input::Looked(found) => self.looked(found),
            Input::Offered(made) => self.offered(made),
            Input::Tick => self.tick(),
        }
    }

    pub(super) fn interrupt(&mut self, signal: Signal) {
        self.signal = Some(signal);
        self.end_early(Cause::Interrupted { signal: signal.name() });
    }

    pub(super) fn end_early(&mut self, cause: Cause) {
        self.ending.get_or_insert(cause);
    }

    pub(super) fn lose(&mut self, vantage: &Vantage, loss: Loss) {
        match self.roster.get(vantage) {
            Some(Agent::Coming | Agent::Called(_)) => {
                self.give_up(vantage, loss.why().to_owned(), Vec::new());
            }
            Some(Agent::Live(_)) => {
                let why = format!("lost while probing: {}", loss.why());
                self.narrator.tell(Event::VantageLost { vantage: vantage.clone(), why });
                self.turns.forget(vantage);
                self.recount.lost(vantage);
                self.roster.lose(vantage, loss);
            }
            Some(Agent::Absent { .. } | Agent::Gone { .. }) | None => {}
        }
    }

    fn tick(&mut self) {
        let gap = self.ticked.elapsed();
        (self.ticked, self.late) = (Instant::now(), 0);
        if gap > STOOD_STILL {
            // What the agents said meanwhile still waits to be read: first that, then who is late.
            return self.roster.excuse(gap);
        }
        self.pass(gap);
    }

    /// Does what has become possible: shares once all agents are settled, verdicts in the order of the plan.
    fn advance(&mut self) {
        let all_there = !self.settled && self.ending.is_none() && self.roster.settled() && !self.recount.holds();
        if all_there && self.offers_settled() {
            self.tell_phases(Phase::Attach);
            self.settle();
            self.assign(self.next);
        }
        while self.next < self.plan.cases.len() && self.decided(self.next) {
            if self.ending.is_none() && self.recount.holds() {
                break;
            }
            let report = self.verdict(self.next);
            self.tell_case(report, self.ledger.took(self.next));
            self.limits.decided(self.next);
            self.next += 1;
            if self.settled && self.ending.is_none() {
                self.assign(self.next);
            }
        }
        self.take_turns();
    }

    fn tell_case(&mut self, mut report: CaseReport, took: Micros) {
        report.duration = took;
        self.narrator.tell(Event::CaseFinished(Box::new(report)));
    }
}

/// A future for the branch that is never polled.
fn never<T: 'static>() -> futures::future::BoxFuture<'static, T> {
    Box::pin(std::future::pending())
}
