//! When the API server could not be asked, and how much longer that lets everything else take. Pure: moments are told to it.

use std::time::Duration;

use tokio::time::Instant;

/// For so long after an outage the API server is not believed when it says that we may not: until it has read its own roles, it
/// knows nobody's rights.
const UNSETTLED: Duration = Duration::from_secs(10);

/// For each second of an outage, those who work for us may wait so many more before they ask again. A short one says little of how
/// long they wait: what they have waited for earlier outages, which we need not have seen, they remember for two minutes.
const BACK_OFF: u32 = 30;

/// What has kept those who work for us from their work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Disturbance {
    /// How long the API server was away in all.
    pub(super) away: Duration,
    /// How many connections to it broke while it was there. Theirs break as ours do, and they back off after each.
    breaks: u32,
}

impl Disturbance {
    /// What has come since then.
    fn since(self, before: Self) -> Self {
        Self { away: self.away.saturating_sub(before.away), breaks: self.breaks.saturating_sub(before.breaks) }
    }

    /// How long others may be kept by it: as long as for so many seconds away, each break being one.
    fn recovery(self) -> Duration {
        (self.away + Duration::from_secs(self.breaks.into())) * BACK_OFF
    }
}

/// The outages so far, as far as our own questions showed them.
#[derive(Debug, Default)]
pub(super) struct Outages {
    /// All that is over.
    past: Disturbance,
    /// Since when there has been no answer.
    away: Option<Instant>,
    /// The last answer.
    answered: Option<Instant>,
    /// The end of the last outage.
    back: Option<Instant>,
}

impl Outages {
    /// A question that was asked at that moment got no answer.
    pub(super) fn unanswered(&mut self, asked: Instant) {
        let since = self.answered.map_or(asked, |answered| answered.max(asked));
        self.away = Some(self.away.map_or(since, |away| away.min(since)));
    }

    /// A question was answered just now.
    pub(super) fn answered(&mut self, now: Instant) {
        self.answered = Some(now);
        if let Some(away) = self.away.take() {
            self.past.away += now.saturating_duration_since(away);
            self.back = Some(now);
        }
    }

    /// A connection broke just now on which nothing had been asked.
    pub(super) fn broke(&mut self, now: Instant) {
        self.past.breaks = self.past.breaks.saturating_add(1);
        self.back = Some(now);
    }

    /// All of it up to now.
    pub(super) fn total(&self, now: Instant) -> Disturbance {
        let away = self.away.map_or(Duration::ZERO, |away| now.saturating_duration_since(away));
        Disturbance { away: self.past.away + away, ..self.past }
    }

    /// What has come since then, up to now.
    pub(super) fn since(&self, before: Disturbance, now: Instant) -> Disturbance {
        self.total(now).since(before)
    }

    /// Whether it is away, or came back no longer ago than that.
    pub(super) fn is_recent(&self, now: Instant, within: Duration) -> bool {
        self.away.is_some() || self.back.is_some_and(|back| now.saturating_duration_since(back) < within)
    }

    /// Whether it is away, or has only just come back.
    pub(super) fn is_unsettled(&self, now: Instant) -> bool {
        self.is_recent(now, UNSETTLED)
    }
}

/// A limit in time that outages put off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From when on.
    pub(super) begun: Instant,
    /// How long, if there is no outage.
    pub(super) limit: Duration,
    /// What had come before it.
    pub(super) before: Disturbance,
    /// No outage puts it off by more than this.
    pub(super) outage: Duration,
    /// After an outage, the cluster may take so much longer to be at work again.
    pub(super) recovery: Duration,
}

impl Patience {
    /// Its end, as far as the outages up to now put it off: by their time, and, once they are over, by what the cluster's own parts
    /// take to come back.
    /// Kubelets, scheduler and controllers back off while they get no answer, in the end for 30 to 60 s (client-go,
    /// `tools/cache/reflector.go`), and some wait for what another of them does first.
    pub(super) fn ends(&self, outages: &Outages, now: Instant) -> Instant {
        let since = outages.since(self.before, now);
        let away = since.away.min(self.outage);
        let recovery = if outages.away.is_some() { Duration::ZERO } else { Disturbance { away, ..since }.recovery().min(self.recovery) };
        self.begun + self.limit + away + recovery
    }
}

/// How long was waited, in words: so long as was meant, or longer or shorter by more than looking takes.
pub(super) fn shown(waited: Duration, limit: Duration) -> String {
    if waited.abs_diff(limit) < Duration::from_secs(1) { format!("{} s", limit.as_secs_f32()) } else { format!("{} s", waited.as_secs()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happens at which second.
    #[derive(Clone, Copy)]
    enum Told {
        Unanswered { asked: u64 },
        Answered { at: u64 },
    }
    use Told::{Answered, Unanswered};

    fn check(told: &[Told], now: u64, (total, unsettled): (u64, bool)) {
        let zero = Instant::now();
        let at = |second: u64| zero + Duration::from_secs(second);
        let mut outages = Outages::default();
        for told in told {
            match told {
                Unanswered { asked } => outages.unanswered(at(*asked)),
                Answered { at: second } => outages.answered(at(*second)),
            }
        }
        assert_eq!((outages.total(at(now)).away.as_secs(), outages.is_unsettled(at(now))), (total, unsettled));
    }

    #[test]
    fn an_outage_lasts_from_the_first_unanswered_question_to_the_next_answer() {
        check(&[], 50, (0, false));
        check(&[Answered { at: 5 }], 50, (0, false));
        check(&[Unanswered { asked: 10 }, Unanswered { asked: 12 }], 15, (5, true));
        check(&[Unanswered { asked: 12 }, Unanswered { asked: 10 }], 15, (5, true));
        check(&[Unanswered { asked: 10 }, Answered { at: 20 }], 25, (10, true));
        check(&[Unanswered { asked: 10 }, Answered { at: 20 }, Answered { at: 28 }], 35, (10, false));
        check(&[Unanswered { asked: 10 }, Answered { at: 20 }, Unanswered { asked: 40 }], 43, (13, true));
        // Another question was answered while that one was not.
        check(&[Answered { at: 14 }, Unanswered { asked: 10 }], 15, (1, true));
    }

    #[test]
    fn outages_put_a_limit_off_within_bounds() {
        let zero = Instant::now();
        let at = |second: u64| zero + Duration::from_secs(second);
        let seconds = Duration::from_secs;
        let before = Disturbance { away: seconds(5), breaks: 2 };
        let patience = Patience { begun: at(100), limit: seconds(60), before, outage: seconds(90), recovery: seconds(90) };
        let of_away = [(5, 2, 160), (6, 2, 191), (7, 2, 222), (8, 2, 253), (15, 2, 260), (95, 2, 340), (500, 2, 340)];
        let of_breaks = [(5, 3, 190), (5, 4, 220), (5, 60, 250), (6, 3, 221), (5, u32::MAX, 250)];
        for (away, breaks, expected) in of_away.into_iter().chain(of_breaks) {
            let outages = Outages { past: Disturbance { away: seconds(away), breaks }, ..Outages::default() };
            assert_eq!((patience.ends(&outages, at(101)) - zero).as_secs(), expected, "away for {away} s, {breaks} broke");
        }
    }

    #[test]
    fn a_connection_that_breaks_is_no_time_away_and_unsettles() {
        let zero = Instant::now();
        let mut outages = Outages::default();
        outages.answered(zero);
        outages.broke(zero + Duration::from_secs(5));
        let later = |second| zero + Duration::from_secs(second);
        assert_eq!(outages.total(later(6)), Disturbance { away: Duration::ZERO, breaks: 1 });
        assert_eq!([6, 15].map(|second| outages.is_unsettled(later(second))), [true, false]);
    }
}
