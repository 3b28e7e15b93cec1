//! The books of a run: which shares were given, which records came back, and what that makes of each pair.
//! What does not add up is an error here, never a measurement. It must not know how agents are reached.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::outcome::Outcome;
use crate::model::probe::Probe;
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::wire::{EndRecord, OutcomeRecord};

use super::named::Told;
use super::overdue::Owed;

/// A share as it was given to an agent.
#[derive(Debug)]
struct Given {
    case: usize,
    vantage: Vantage,
    attempt: u32,
    at: Instant,
    probe: Probe,
    told: Told,
    /// How long it should take at most.
    expected: Duration,
    /// From one question to the next, as the case wants it.
    apart: Micros,
    /// Every pair of it, with its outcome once that came.
    outcomes: HashMap<u32, Option<Entry>>,
    ended: bool,
}

/// What a share asks for.
#[derive(Debug)]
pub(super) struct Asked<P> {
    /// Which attempt at its pairs it is; from 1.
    pub(super) attempt: u32,
    pub(super) probe: Probe,
    /// How its targets are told.
    pub(super) told: Told,
    /// How long it should take at most.
    pub(super) expected: Duration,
    /// From one question to the next, as the case wants it.
    pub(super) apart: Micros,
    pub(super) pairs: P,
}

/// From the first question to the last outcome.
#[derive(Debug)]
struct Span {
    began: Instant,
    ended: Instant,
}

/// An outcome; what it tells happened between the two moments.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) outcome: Outcome,
    /// Which attempt it was; from 1.
    pub(super) attempt: u32,
    /// When its share was given out first.
    pub(super) given: Instant,
    pub(super) arrived: Instant,
}

/// All shares of a run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    shares: Vec<Given>,
    /// Pairs of complete shares, by case and pair: of each the last attempt.
    complete: HashMap<(usize, u32), Entry>,
    /// When each agent was at the complete shares of a case, by case, then by agent.
    spans: HashMap<usize, BTreeMap<Vantage, Span>>,
    /// When the last complete share of each agent ended.
    done: HashMap<Vantage, Instant>,
    /// Shares that are not complete, by case, then by agent.
    open: HashMap<usize, BTreeMap<Vantage, usize>>,
    /// The numbers of shares that are not complete, by agent.
    owed: HashMap<Vantage, BTreeSet<u32>>,
    /// The last share that was given to each agent.
    last: HashMap<Vantage, u32>,
    /// Pairs whose first outcome came.
    pub(super) finished: u64,
}

impl Ledger {
    /// Opens a share and gives its number.
    pub(super) fn open(&mut self, case: usize, vantage: &Vantage, share: Asked<impl Iterator<Item = u32>>) -> u32 {
        let number = u32::try_from(self.shares.len()).unwrap_or(u32::MAX);
        let outcomes = share.pairs.map(|pair| (pair, None)).collect();
        let (at, probe, told, expected, apart) = (Instant::now(), share.probe, share.told, share.expected, share.apart);
        let (from, attempt) = (vantage.clone(), share.attempt);
        self.shares.push(Given { case, vantage: from, attempt, at, probe, told, expected, apart, outcomes, ended: false });
        *self.open.entry(case).or_default().entry(vantage.clone()).or_default() += 1;
        self.owed.entry(vantage.clone()).or_default().insert(number);
        self.last.insert(vantage.clone(), number);
        number
    }

    /// Books an outcome, and says of which case it is.
    pub(super) fn outcome(&mut self, from: &Vantage, record: OutcomeRecord) -> Result<usize, String> {
        let share = self.share(from, record.share)?;
        if let Outcome::Measured(tally) = &record.outcome {
            if let Some(contradiction) = tally.contradiction() {
                return Err(format!("an outcome that contradicts itself: {contradiction}"));
            }
            let (least, most) = share.probe.sends();
            if !(least..=most).contains(&tally.sent) {
                let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
                return Err(format!("an outcome over {} questions, where {wanted} were to be asked", tally.sent));
            }
            if let Some(misfit) = tally.misfit(&share.probe) {
                return Err(format!("an outcome that its probe cannot have: {misfit}"));
            }
        }
        if let Some(misfit) = share.told.misfit(&record.outcome, share.probe.burst().family) {
            return Err(format!("an outcome that its share cannot have: {misfit}"));
        }
        let (attempt, given) = (share.attempt, share.at);
        if record.attempt != attempt {
            return Err(format!("an outcome of attempt {} in share {}, which is attempt {attempt}", record.attempt, record.share));
        }
        match share.outcomes.get_mut(&record.pair) {
            Some(slot @ None) => *slot = Some(Entry { outcome: bounded(record.outcome), attempt, given, arrived: Instant::now() }),
            Some(Some(_)) => return Err(format!("two outcomes for one pair of share {}", record.share)),
            None => return Err(format!("an outcome for pair {}, which is not in share {}", record.pair, record.share)),
        }
        let case = share.case;
        self.finished += u64::from(attempt == 1);
        Ok(case)
    }

    /// Books the end of a share: only now its outcomes count.
    pub(super) fn end(&mut self, from: &Vantage, record: &EndRecord) -> Result<(), String> {
        let share = self.share(from, record.share)?;
        let planned = share.outcomes.len();
        let came = share.outcomes.values().flatten().count();
        if record.outcomes as usize != planned || came != planned {
            let (number, counted) = (record.share, record.outcomes);
            return Err(format!("share {number} has {planned} pairs, its end counts {counted} outcomes, and {came} came"));
        }
        share.ended = true;
        let (case, at) = (share.case, share.at);
        let outcomes = std::mem::take(&mut share.outcomes);
        self.complete.extend(outcomes.into_iter().filter_map(|(pair, entry)| Some(((case, pair), entry?))));
        let now = Instant::now();
        let began = now.checked_sub(record.took.duration()).unwrap_or(now).max(at);
        let span = self.spans.entry(case).or_default().entry(from.clone()).or_insert(Span { began, ended: now });
        span.ended = now;
        self.done.insert(from.clone(), now);
        self.close(case, from);
        if let Some(owed) = self.owed.get_mut(from) {
            owed.remove(&record.share);
        }
        Ok(())
    }

    fn close(&mut self, case: usize, vantage: &Vantage) {
        let Some(open) = self.open.get_mut(&case) else { return };
        if let Some(count) = open.get_mut(vantage) {
            *count -= 1;
            if *count == 0 {
                open.remove(vantage);
            }
        }
    }

    fn share(&mut self, from: &Vantage, number: u32) -> Result<&mut Given, String> {
        match self.shares.get_mut(number as usize) {
            Some(share) if share.vantage == *from && !share.ended => Ok(share),
            Some(share) if share.vantage == *from => Err(format!("a record for share {number} after its end")),
            Some(_) | None => Err(format!("a record for share {number}, which was not given to it")),
        }
    }

    /// The outcome of the last attempt at a pair whose share is complete.
    pub(super) fn entry(&self, case: usize, pair: u32) -> Option<&Entry> {
        self.complete.get(&(case, pair))
    }

    /// How long a case takes that gets its verdict now: as long as the agent takes that is at it the longest, with every attempt. Agents
    /// do their shares one after the other and each at its own speed, so what lies between two verdicts says nothing of it.
    pub(super) fn took(&self, case: usize) -> Micros {
        let now = Instant::now();
        let ended = self.spans.get(&case).into_iter().flatten();
        let open = self.owing(case).filter_map(|vantage| {
            let first = self.shares.get(self.owed(vantage).next()? as usize).filter(|share| share.case == case)?;
            let begun = self.done.get(vantage).map_or(first.at, |done| first.at.max(*done));
            let before = self.spans.get(&case).and_then(|spans| spans.get(vantage));
            Some(now.saturating_duration_since(before.map_or(begun, |span| span.began)))
        });
        let longest = ended.map(|(_, span)| span.ended.saturating_duration_since(span.began)).chain(open).max();
        longest.map_or(Micros(0), Micros::of)
    }

    /// Who still has something to say about a case.
    pub(super) fn owing(&self, case: usize) -> impl Iterator<Item = &Vantage> {
        self.open.get(&case).into_iter().flat_map(BTreeMap::keys)
    }

    /// The shares of an agent that are not complete, in the order of their numbers.
    pub(super) fn owed(&self, vantage: &Vantage) -> impl Iterator<Item = u32> {
        self.owed.get(vantage).into_iter().flatten().copied()
    }

    /// The first of them.
    pub(super) fn first_owed(&self, vantage: &Vantage) -> Option<Owed> {
        let share = self.owed(vantage).next()?;
        Some(Owed { share, expected: self.shares.get(share as usize)?.expected })
    }

    /// The last share that was given to an agent.
    pub(super) fn last(&self, vantage: &Vantage) -> Option<u32> {
        self.last.get(vantage).copied()
    }

    /// What a share was about when it was given out: its case, which attempt it is, the time between its questions, and its pairs
    /// in the order of their numbers.
    pub(super) fn content(&self, number: u32) -> Option<(usize, u32, Micros, Vec<u32>)> {
        let share = self.shares.get(number as usize).filter(|share| !share.ended)?;
        let mut pairs: Vec<u32> = share.outcomes.keys().copied().collect();
        pairs.sort_unstable();
        Some((share.case, share.attempt, share.apart, pairs))
    }
}

/// What is kept of an outcome whose figures add up.
fn bounded(outcome: Outcome) -> Outcome {
    match outcome {
        known @ (Outcome::Measured(_) | Outcome::Unresolved(_)) => known,
        Outcome::NotMeasured(obstacle) => Outcome::NotMeasured(obstacle.cut()),
    }
}
