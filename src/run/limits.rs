//! How long cases and suites may take by their own words, and which of them have taken too long. It must not know what they measure.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::plan::Plan;
use crate::model::units::Micros;
use crate::model::verdict::Cause;

/// The clocks that run now, and those that have run out.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// Of the one case whose own time runs.
    case: Option<Running>,
    /// Of suites that have begun.
    suites: BTreeMap<usize, Running>,
    over_cases: BTreeMap<usize, Micros>,
    over_suites: BTreeMap<usize, Micros>,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    index: usize,
    end: Instant,
    limit: Micros,
}

impl Running {
    fn of(index: usize, limit: Micros) -> Self {
        Self { index, end: Instant::now() + limit.duration(), limit }
    }
}

impl Limits {
    /// Whether a case has to wait until all before it are decided, because its suite's time begins with it.
    pub(super) fn begins_suite(&self, plan: &Plan, case: usize) -> bool {
        let suite = plan.cases[case].suite;
        plan.suites[suite].deadline.is_some() && !self.suites.contains_key(&suite) && !self.over_suites.contains_key(&suite)
    }

    /// A case begins now.
    pub(super) fn begin(&mut self, plan: &Plan, case: usize) {
        let planned = &plan.cases[case];
        if let Some(limit) = planned.case.conduct.deadline {
            self.case = Some(Running::of(case, limit));
        }
        if let Some(limit) = plan.suites[planned.suite].deadline.filter(|_| self.begins_suite(plan, case)) {
            self.suites.insert(planned.suite, Running::of(planned.suite, limit));
        }
    }

    /// When the next clock runs out.
    pub(super) fn next(&self) -> Option<Instant> {
        self.case.iter().chain(self.suites.values()).map(|running| running.end).min()
    }

    /// Takes note of the clocks that have run out.
    pub(super) fn pass(&mut self) {
        let now = Instant::now();
        if let Some(over) = self.case.take_if(|running| running.end <= now) {
            self.over_cases.insert(over.index, over.limit);
        }
        let over = self.suites.extract_if(.., |_, running| running.end <= now);
        self.over_suites.extend(over.map(|(suite, running)| (suite, running.limit)));
    }

    /// A case has its verdict: its clock stands.
    pub(super) fn decided(&mut self, case: usize) {
        self.case.take_if(|running| running.index == case);
    }

    /// Why nothing more of a case is waited for.
    pub(super) fn over(&self, plan: &Plan, case: usize) -> Option<Cause> {
        let of_suite = || self.over_suites.get(&plan.cases[case].suite).map(|limit| Cause::SuiteDeadline { limit: *limit });
        self.over_cases.get(&case).map(|limit| Cause::CaseDeadline { limit: *limit }).or_else(of_suite)
    }

    /// How long a case that is given out now may still take, as far as it or its suite says so.
    pub(super) fn left(&self, plan: &Plan, case: usize) -> Option<Duration> {
        let of_case = self.case.filter(|running| running.index == case);
        let of_suite = self.suites.get(&plan.cases[case].suite).copied();
        [of_case, of_suite].into_iter().flatten().map(|running| running.end.saturating_duration_since(Instant::now())).min()
    }
}
