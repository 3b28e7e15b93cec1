//! Whether a case can be decided, and what is known of each of its pairs. A loss is evidence only if the agent that should
//! have answered was heard from afterwards; where no agent is there to answer, the loss stands as it is. It must not know any
//! bound.

use tokio::time::Instant;

use crate::judge::PairResult;
use crate::model::outcome::{Obstacle, ObstacleKind, Outcome, Tally};
use crate::model::target::{Pair, Target};
use crate::model::vantage::Vantage;
use crate::model::verdict::Cause;

use super::agents::{Agent, Loss};
use super::dispatcher::Dispatcher;
use super::ledger::Entry;

impl Dispatcher<'_> {
    /// Whether nothing that may still come can change what is known of that case. Asks targets for signs of life on the way.
    pub(super) fn decided(&mut self, case: usize) -> bool {
        let is_skipped = self.plan.cases[case].skip.is_some() || self.unmet.contains_key(&case);
        if is_skipped || self.ending.is_some() || self.limits.is_given_up(&self.plan, case) {
            return true;
        }
        if case >= self.given || self.ledger.owing(case).any(|vantage| self.roster.live(vantage).is_some()) {
            return false;
        }
        let unconfirmed = self.unconfirmed(case);
        for (target, lost_at) in &unconfirmed {
            self.ask(target, *lost_at);
        }
        unconfirmed.is_empty() && !self.asks_again(case)
    }

    /// Targets that lost something and have not been heard from since, with the time of the last loss.
    fn unconfirmed(&self, case: usize) -> Vec<(Vantage, Instant)> {
        let plan = self.plan.clone();
        let mut waiting: std::collections::BTreeMap<Vantage, Instant> = std::collections::BTreeMap::new();
        for (number, pair) in (0_u32..).zip(plan.cases[case].pairs.iter()) {
            let Some((_, entry)) = self.loss(case, number) else { continue };
            for target in self.answering(&pair.target) {
                if self.roster.live(target).is_some_and(|live| !live.lived_past(entry.arrived)) {
                    let latest = waiting.entry(target.clone()).or_insert(entry.arrived);
                    *latest = entry.arrived.max(*latest);
                }
            }
        }
        waiting.into_iter().collect()
    }

    /// The agents that may have to answer there: that of a node, or those behind a fixture.
    fn answering<'s>(&'s self, target: &'s Target) -> impl Iterator<Item = &'s Vantage> {
        target.vantage().into_iter().chain(self.offers.behind(target))
    }

    /// One that does not answer is given up as time passes.
    fn ask(&mut self, target: &Vantage, lost_at: Instant) {
        if let Some(live) = self.roster.live_mut(target) {
            live.ask(lost_at);
            self.turns.want(target);
        }
    }

    /// What is known of each pair of a case, in the order of the plan.
    pub(super) fn results(&self, case: usize) -> Vec<PairResult> {
        (0_u32..).zip(self.plan.cases[case].pairs.iter()).map(|(number, pair)| self.result(case, number, pair)).collect()
    }

    /// What the last attempt at a pair that was given out came to; else what is known of the pair.
    pub(super) fn last_attempt(&self, case: usize, number: u32, pair: &Pair) -> Result<Tally, PairResult> {
        let told_before = self.rounds.before(case, number).len();
        let entry = self.ledger.entry(case, number).filter(|entry| entry.attempt as usize > told_before);
        let entry = entry.ok_or_else(|| PairResult::Unmeasured(self.silence(case, &pair.source)))?;
        match &entry.outcome {
            Outcome::NotMeasured(obstacle) => {
                let over = self.limits.over(&self.plan, case).filter(|_| obstacle.kind == ObstacleKind::Deadline);
                let obstacle = || Cause::Obstacle { vantage: pair.source.clone(), obstacle: self.with_remedy(obstacle, &pair.source) };
                Err(PairResult::Unmeasured(over.unwrap_or_else(obstacle)))
            }
            Outcome::Unresolved(unresolved) => Err(PairResult::Unresolved(unresolved.clone())),
            Outcome::Measured(tally) => match self.loss(case, number) {
                Some((_, entry)) => self.lossy(tally, case, &pair.target, entry).map_err(PairResult::Unmeasured),
                None => Ok(tally.clone()),
            },
        }
    }

    /// What kept an agent from asking, and what helps, if it takes agents of another kind.
    fn with_remedy(&self, obstacle: &Obstacle, source: &Vantage) -> Obstacle {
        let Obstacle { kind, detail } = obstacle;
        match self.icmp_remedy.filter(|_| *kind == ObstacleKind::NoIcmp && self.plan.icmp_access().lacks_raw(source.station())) {
            Some(remedy) => Obstacle { kind: *kind, detail: format!("{detail}; {remedy}") },
            None => obstacle.clone(),
        }
    }

    fn loss(&self, case: usize, pair: u32) -> Option<(&Tally, &Entry)> {
        let entry = self.ledger.entry(case, pair)?;
        match &entry.outcome {
            Outcome::Measured(tally) if tally.is_lossy() => Some((tally, entry)),
            Outcome::Measured(_) | Outcome::Unresolved(_) | Outcome::NotMeasured(_) => None,
        }
    }

    /// Lost packets are evidence against the network only if their target lived on, and was there to answer meanwhile.
    fn lossy(&self, tally: &Tally, case: usize, target: &Target, entry: &Entry) -> Result<Tally, Cause> {
        // Where nobody of ours is, the loss stands as it is.
        self.answering(target).try_fold(tally.clone(), |tally, vantage| self.lost_at(tally, case, (target, vantage), entry))
    }

    fn lost_at(&self, tally: Tally, case: usize, (target, vantage): (&Target, &Vantage), entry: &Entry) -> Result<Tally, Cause> {
        let planned = &self.plan.cases[case];
        match self.roster.get(vantage) {
            Some(Agent::Live(live)) if live.lived_past(entry.arrived) => {
                let stalled = live.stalled_since(entry.given);
                if stalled.0 >= planned.case.probe.burst().timeout.0 / 2 && tally.lost_to_silence() {
                    return Err(Cause::TargetOverloaded { vantage: vantage.clone(), stalled });
                }
                Ok(tally)
            }
            Some(Agent::Gone { loss, .. }) => Err(Cause::TargetLost { vantage: vantage.clone(), why: loss.why().to_owned() }),
            // A node that never had an agent answers by itself, or does not.
            Some(Agent::Absent { .. }) | None if target.agent().is_none() => Ok(tally),
            _ => Err(self.silence(case, vantage)),
        }
    }

    /// What ended a case before its time: its own deadline or that of its suite, or whatever ended the run.
    pub(super) fn ended(&self, case: usize) -> Option<Cause> {
        self.limits.over(&self.plan, case).or_else(|| self.ending.clone())
    }

    /// Why an agent has not told what it should of a case.
    pub(super) fn silence(&self, case: usize, vantage: &Vantage) -> Cause {
        let vantage = vantage.clone();
        match (self.roster.get(&vantage), self.ended(case)) {
            (Some(Agent::Gone { loss: Loss::Lost(why), .. }), _) => Cause::SourceLost { why: why.clone(), vantage },
            (Some(Agent::Gone { loss: Loss::Incredible(why), .. }), _) => Cause::Incomplete { why: why.clone(), vantage },
            (_, Some(ending)) => ending,
            (_, None) => Cause::Incomplete { vantage, why: "it said nothing of this pair".to_owned() },
        }
    }
}
