//! Sums over tallies: counts exactly, latencies without losing any. It must not know any bound.

use std::collections::BTreeMap;

use crate::model::case::Figures;
use crate::model::expect::{Counted, JitterKind, Quantile};
use crate::model::outcome::{Jitter, Miss, Missed, Samples, Seen, Sight, Step, Tally, WarmUp};
use crate::model::units::Micros;

/// What was measured, of one pair or of many together.
#[derive(Debug, Default)]
pub(super) struct Pool {
    sums: Figures,
    missed: BTreeMap<Miss, u64>,
    latencies: BTreeMap<Step, BTreeMap<Micros, u64>>,
    jitter: Jitter,
    seen: BTreeMap<Sight, u64>,
}

impl Pool {
    /// Of one pair.
    pub(super) fn of(tally: &Tally) -> Self {
        let mut pool = Self::default();
        pool.add(tally);
        pool
    }

    /// Takes a pair in.
    pub(super) fn add(&mut self, tally: &Tally) {
        self.sums.sent += u64::from(tally.sent);
        self.sums.lost += u64::from(tally.lost());
        self.sums.duplicates += u64::from(tally.duplicates);
        self.sums.reordered += u64::from(tally.reordered);
        self.sums.foreign += u64::from(tally.foreign);
        self.sums.warm_ups_lost += u64::from(tally.warm_up == WarmUp::Unanswered);
        for Missed { how, count } in &tally.missed {
            *self.missed.entry(how.clone()).or_default() += u64::from(*count);
        }
        for Seen { what, count } in &tally.seen {
            *self.seen.entry(what.clone()).or_default() += u64::from(*count);
        }
        self.jitter.sum = Micros(self.jitter.sum.0.saturating_add(tally.jitter.sum.0));
        self.jitter.count = self.jitter.count.saturating_add(tally.jitter.count);
        self.jitter.rfc3550 = self.jitter.rfc3550.max(tally.jitter.rfc3550);
        self.take(Step::Whole, &tally.samples);
        for part in &tally.steps {
            self.take(part.step, &part.samples);
        }
    }

    fn take(&mut self, step: Step, samples: &Samples) {
        let latencies = self.latencies.entry(step).or_default();
        for (value, count) in samples.iter() {
            *latencies.entry(value).or_default() += count;
        }
    }

    pub(super) const fn sent(&self) -> u64 {
        self.sums.sent
    }

    pub(super) const fn lost(&self) -> u64 {
        self.sums.lost
    }

    pub(super) const fn answered(&self) -> u64 {
        self.sums.sent.saturating_sub(self.sums.lost)
    }

    /// What answers said, with how often.
    pub(super) const fn seen(&self) -> &BTreeMap<Sight, u64> {
        &self.seen
    }

    pub(super) const fn count(&self, counted: Counted) -> u64 {
        match counted {
            Counted::Duplicates => self.sums.duplicates,
            Counted::Reordered => self.sums.reordered,
        }
    }

    /// None where there were less than two answers.
    pub(super) fn jitter(&self, kind: JitterKind) -> Option<Micros> {
        match kind {
            JitterKind::Mean => self.jitter.mean(),
            JitterKind::Rfc3550 => (self.jitter.count > 0).then_some(self.jitter.rfc3550),
        }
    }

    /// Answers that have a latency of that step.
    pub(super) fn samples(&self, step: Step) -> u64 {
        self.latencies.get(&step).map_or(0, |latencies| latencies.values().sum())
    }

    /// By nearest rank; none when there are too few answers to tell.
    pub(super) fn quantile(&self, step: Step, quantile: Quantile) -> Option<Micros> {
        let latencies = self.latencies.get(&step)?;
        let samples = self.samples(step);
        if samples < quantile.least_samples() {
            return None;
        }
        let percent = match quantile {
            Quantile::P50 => 50,
            Quantile::P95 => 95,
            Quantile::P99 => 99,
            Quantile::Max => 100,
            Quantile::Avg => return Some(mean(latencies, samples)),
        };
        let rank = (samples * percent).div_ceil(100);
        let mut seen = 0;
        latencies.iter().find_map(|(value, count)| {
            seen += count;
            (seen >= rank).then_some(*value)
        })
    }

    fn quantiles(&self, step: Step) -> Vec<(Quantile, Micros)> {
        Quantile::ALL.into_iter().filter_map(|quantile| Some((quantile, self.quantile(step, quantile)?))).collect()
    }

    /// All of it, for reports.
    pub(super) fn figures(&self) -> Figures {
        let latency = self.quantiles(Step::Whole);
        let steps = Step::PARTS.into_iter().map(|step| (step, self.quantiles(step))).filter(|(_, latency)| !latency.is_empty()).collect();
        let jitter = self.jitter(JitterKind::Mean).zip(self.jitter(JitterKind::Rfc3550));
        let mut seen: Vec<_> = self.seen.iter().map(|(what, count)| (what.clone(), *count)).collect();
        seen.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut missed: Vec<_> =
            self.missed.iter().map(|(how, count)| Missed { how: how.clone(), count: u32::try_from(*count).unwrap_or(u32::MAX) }).collect();
        missed.sort_by_key(|missed| std::cmp::Reverse(missed.count));
        Figures { missed, latency, steps, jitter, seen, ..self.sums.clone() }
    }
}

/// In whole microseconds, rounded down.
fn mean(latencies: &BTreeMap<Micros, u64>, samples: u64) -> Micros {
    let sum: u128 = latencies.iter().map(|(value, count)| u128::from(value.0) * u128::from(*count)).sum();
    Micros(u64::try_from(sum / u128::from(samples.max(1))).unwrap_or(u64::MAX))
}
