//! How long cases and suites may take by their own words, and which of them have taken too long. It must not know what they measure.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::plan::Plan;
use crate::model::units::Micros;
use crate::model::verdict::Cause;

/// Agents stop asking at a deadline, and say what they have measured by then: so much longer that is waited for.
const GRACE: Duration = Duration::from_secs(3);

/// The clocks of cases and suites that have begun.
#[derive(Debug, Default)]
pub(super) struct Limits {
    cases: HashMap<usize, Clock>,
    suites: HashMap<usize, Clock>,
}

#[derive(Debug, Clone, Copy)]
struct Clock {
    end: Instant,
    limit: Micros,
}

impl Clock {
    fn of(limit: Micros) -> Self {
        Self { end: Instant::now() + limit.duration(), limit }
    }

    fn is_over(&self) -> bool {
        self.end <= Instant::now()
    }
}

impl Limits {
    /// Whether a case has to wait until all before it are decided, because its suite's time begins with it.
    pub(super) fn begins_suite(&self, plan: &Plan, case: usize) -> bool {
        let suite = plan.cases[case].suite;
        plan.suites[suite].deadline.is_some() && !self.suites.contains_key(&suite)
    }

    /// A case begins now.
    pub(super) fn begin(&mut self, plan: &Plan, case: usize) {
        let planned = &plan.cases[case];
        if let Some(limit) = planned.case.conduct.deadline {
            self.cases.insert(case, Clock::of(limit));
        }
        if let Some(limit) = plan.suites[planned.suite].deadline {
            self.suites.entry(planned.suite).or_insert_with(|| Clock::of(limit));
        }
    }

    /// A case has its verdict: nobody looks at its clock any more.
    pub(super) fn decided(&mut self, case: usize) {
        self.cases.remove(&case);
    }

    /// When a clock next changes what is waited for.
    pub(super) fn next(&self) -> Option<Instant> {
        let now = Instant::now();
        let clocks = self.cases.values().chain(self.suites.values());
        clocks.flat_map(|clock| [clock.end, clock.end + GRACE]).filter(|moment| *moment > now).min()
    }

    /// Why nothing more of a case is asked: its own time is over, or that of its suite.
    pub(super) fn over(&self, plan: &Plan, case: usize) -> Option<Cause> {
        let of_case = self.cases.get(&case).filter(|clock| clock.is_over()).map(|clock| Cause::CaseDeadline { limit: clock.limit });
        let of_suite = || self.suites.get(&plan.cases[case].suite).filter(|clock| clock.is_over());
        of_case.or_else(|| of_suite().map(|clock| Cause::SuiteDeadline { limit: clock.limit }))
    }

    /// Whether not even what was measured in time is waited for any more.
    pub(super) fn is_given_up(&self, plan: &Plan, case: usize) -> bool {
        self.clocks(plan, case).any(|clock| clock.end + GRACE <= Instant::now())
    }

    /// How long a case that is given out now may still take, as far as it or its suite says so.
    pub(super) fn left(&self, plan: &Plan, case: usize) -> Option<Duration> {
        self.clocks(plan, case).map(|clock| clock.end.saturating_duration_since(Instant::now())).min()
    }

    fn clocks(&self, plan: &Plan, case: usize) -> impl Iterator<Item = &Clock> {
        self.cases.get(&case).into_iter().chain(self.suites.get(&plan.cases[case].suite))
    }
}
