//! Sums over tallies: counts exactly, latencies without losing any. It must not know any bound.

use std::collections::BTreeMap;

use crate::model::case::Figures;
use crate::model::expect::Quantile;
use crate::model::outcome::{Miss, Missed, Tally, WarmUp};
use crate::model::units::Micros;

/// What was measured, of one pair or of many together.
#[derive(Debug, Default)]
pub(super) struct Pool {
    sums: Figures,
    missed: BTreeMap<Miss, u64>,
    latencies: BTreeMap<Micros, u64>,
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
        for (value, count) in tally.samples.iter() {
            *self.latencies.entry(value).or_default() += count;
        }
    }

    pub(super) const fn sent(&self) -> u64 {
        self.sums.sent
    }

    pub(super) const fn lost(&self) -> u64 {
        self.sums.lost
    }

    /// Answers that have a latency.
    pub(super) fn samples(&self) -> u64 {
        self.latencies.values().sum()
    }

    /// By nearest rank; none when there are too few answers to tell.
    pub(super) fn quantile(&self, quantile: Quantile) -> Option<Micros> {
        let samples = self.samples();
        if samples < quantile.least_samples() {
            return None;
        }
        let percent = match quantile {
            Quantile::P50 => 50,
            Quantile::P95 => 95,
            Quantile::P99 => 99,
            Quantile::Max => 100,
        };
        let rank = (samples * percent).div_ceil(100);
        let mut seen = 0;
        self.latencies.iter().find_map(|(value, count)| {
            seen += count;
            (seen >= rank).then_some(*value)
        })
    }

    /// All of it, for reports.
    pub(super) fn figures(&self) -> Figures {
        let latency = Quantile::ALL.into_iter().filter_map(|quantile| Some((quantile, self.quantile(quantile)?))).collect();
        let mut missed: Vec<_> =
            self.missed.iter().map(|(how, count)| Missed { how: how.clone(), count: u32::try_from(*count).unwrap_or(u32::MAX) }).collect();
        missed.sort_by_key(|missed| std::cmp::Reverse(missed.count));
        Figures { missed, latency, ..self.sums.clone() }
    }
}
