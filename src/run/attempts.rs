//! Attempts after the first: which pairs failed and are asked again, and when. The agents of a case are asked again together,
//! once all of an attempt is known and every loss of it is evidence. It must not know any bound.

use std::collections::{BTreeMap, HashMap};

use tokio::time::Instant;

use crate::judge::{self, Attempts, PairResult};
use crate::model::outcome::{ObstacleKind, Tally};
use crate::model::retry::Retry;
use crate::model::target::Pair;
use crate::model::verdict::Cause;

use super::dispatcher::Dispatcher;

/// How far the cases are that are asked again.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    cases: HashMap<usize, Round>,
    /// What came of the attempts at a pair that were followed by another.
    failed: BTreeMap<(usize, u32), Vec<Tally>>,
}

#[derive(Debug, Clone, Copy)]
struct Round {
    /// The last attempt that was given out.
    attempt: u32,
    /// When the next one is.
    due: Option<Instant>,
}

impl Rounds {
    /// When a case is next asked again.
    pub(super) fn next(&self) -> Option<Instant> {
        let now = Instant::now();
        self.cases.values().filter_map(|round| round.due).filter(|due| *due > now).min()
    }

    /// What came of the attempts at a pair that were followed by another.
    pub(super) fn before(&self, case: usize, pair: u32) -> &[Tally] {
        self.failed.get(&(case, pair)).map_or(&[], Vec::as_slice)
    }

    fn of(&mut self, case: usize) -> &mut Round {
        self.cases.entry(case).or_insert(Round { attempt: 1, due: None })
    }
}

impl Dispatcher<'_> {
    /// When time alone next changes what is waited for.
    pub(super) fn alarm(&self) -> Option<Instant> {
        self.limits.next().into_iter().chain(self.rounds.next()).min()
    }

    /// Whether a case of which everything is known for now is asked again: after the backoff, then at once.
    pub(super) fn asks_again(&mut self, case: usize) -> bool {
        let plan = self.plan.clone();
        let Some(retry) = &plan.cases[case].case.retry else { return false };
        let round = *self.rounds.of(case);
        // What was measured in time decides.
        if round.attempt >= retry.attempts || self.limits.over(&plan, case).is_some() {
            return false;
        }
        let now = Instant::now();
        if round.due.is_some_and(|due| due > now) {
            return true;
        }
        let failing = self.failing(case, retry);
        if failing.is_empty() {
            return false;
        }
        if round.due.is_none() {
            self.rounds.of(case).due = Some(now + retry.backoff.duration());
            return true;
        }
        let attempt = round.attempt + 1;
        *self.rounds.of(case) = Round { attempt, due: None };
        self.ask_again(case, attempt, failing);
        true
    }

    /// Pairs whose last attempt failed in a way that is followed by another.
    fn failing(&self, case: usize, retry: &Retry) -> Vec<(u32, Tally)> {
        let results = (0_u32..).zip(self.results(case));
        let failing = results.filter_map(|(number, result)| match result {
            PairResult::Measured(attempts) => Some((number, attempts.last().clone())),
            PairResult::Unmeasured(_)
            | PairResult::Accepted(_)
            | PairResult::FamilyMissing(..)
            | PairResult::NoGateway(..)
            | PairResult::Unresolved(_) => None,
        });
        failing.filter(|(_, tally)| judge::follows(&self.plan.cases[case].case, retry, tally)).collect()
    }

    fn ask_again(&mut self, case: usize, attempt: u32, failing: Vec<(u32, Tally)>) {
        let plan = self.plan.clone();
        let numbers: Vec<u32> = failing.iter().map(|(number, _)| *number).collect();
        for (number, tally) in failing {
            self.rounds.failed.entry((case, number)).or_default().push(tally);
        }
        self.hand_out((case, &plan.cases[case]), attempt, &numbers);
    }

    /// What is known of a pair: what its attempts came to. Whatever ends them early, those before it are evidence, also where a name
    /// leads nowhere any more; an agent that is lost between them has not done what was asked.
    pub(super) fn result(&self, case: usize, number: u32, pair: &Pair) -> PairResult {
        if let Some(fixed) = self.fixed.get(&(case, number)) {
            return fixed.clone();
        }
        let before = self.rounds.before(case, number);
        match (self.last_attempt(case, number, pair), before) {
            (Ok(tally), before) => PairResult::Measured(Attempts::after(tally, before)),
            (Err(result), [before @ .., last]) if self.is_early(case, &result) => {
                PairResult::Measured(Attempts::after(last.clone(), before))
            }
            (Err(result), _) => result,
        }
    }

    /// Whether there are no further attempts, though the agent is there to make them.
    fn is_early(&self, case: usize, result: &PairResult) -> bool {
        match result {
            PairResult::Unmeasured(cause) => self.is_end(case, cause),
            PairResult::Unresolved(_) => true,
            PairResult::Measured(_) | PairResult::Accepted(_) | PairResult::FamilyMissing(..) | PairResult::NoGateway(..) => false,
        }
    }

    /// Whether it is the time that a case was given, or the end of the run.
    fn is_end(&self, case: usize, cause: &Cause) -> bool {
        let by_its_agent = matches!(cause, Cause::Obstacle { obstacle, .. } if obstacle.kind == ObstacleKind::Deadline);
        by_its_agent || self.ended(case).as_ref() == Some(cause)
    }
}
