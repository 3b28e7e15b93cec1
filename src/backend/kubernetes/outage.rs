//! When the API server could not be asked, and how much longer that lets everything else take. Pure: moments are told to it.

use std::time::Duration;

use tokio::time::Instant;

/// For so long after an outage the API server is not believed when it says that we may not: until it has read its own roles, it
/// knows nobody's rights.
const UNSETTLED: Duration = Duration::from_secs(10);

/// For each second of an outage, those who work for us may wait so many more before they ask again. A short one says little of how
/// long they wait: what they have waited for earlier outages, which we need not have seen, they remember for two minutes.
const BACK_OFF: u32 = 30;

/// The outages so far, as far as our own questions showed them.
#[derive(Debug, Default)]
pub(super) struct Outages {
    /// All that are over.
    past: Duration,
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
            self.past += now.saturating_duration_since(away);
            self.back = Some(now);
        }
    }

    /// How long it was away in all, up to now.
    pub(super) fn total(&self, now: Instant) -> Duration {
        self.past + self.away.map_or(Duration::ZERO, |away| now.saturating_duration_since(away))
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
    /// All outages before it.
    pub(super) before: Duration,
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
        let away = (outages.total(now).saturating_sub(self.before)).min(self.outage);
        let recovery = if outages.away.is_some() { Duration::ZERO } else { (away * BACK_OFF).min(self.recovery) };
        self.begun + self.limit + away + recovery
    }
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
        assert_eq!((outages.total(at(now)).as_secs(), outages.is_unsettled(at(now))), (total, unsettled));
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
        let patience = Patience { begun: at(100), limit: seconds(60), before: seconds(5), outage: seconds(90), recovery: seconds(90) };
        for (away, expected) in [(5, 160), (6, 191), (7, 222), (8, 253), (15, 260), (95, 340), (500, 340)] {
            let outages = Outages { past: seconds(away), ..Outages::default() };
            assert_eq!((patience.ends(&outages, at(101)) - zero).as_secs(), expected, "away for {away} s");
        }
    }
}
