//! How fast an agent may ask, and how long it listens after that: the limits that all its targets share, and the rhythm of each.
//! It must not know what is asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::model::burst::Burst;
use crate::wire::Pace;

/// The right to have a question outstanding; given back by dropping it. None only if the limit itself is gone, which it never is.
pub(crate) type Ticket = Option<OwnedSemaphorePermit>;

/// The longest wait between two questions: a share comes from outside, and moments far away cannot be reckoned with.
const APART_LIMIT: Duration = Duration::from_secs(86_400);

/// How many sockets stay open beyond those of outstanding questions: a file descriptor each.
const KEPT_LIMIT: usize = 512;

/// What a question costs the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// A new flow.
    Flow,
    /// A packet in a flow that is there.
    Packet,
    /// A packet that is cut into so many.
    Pieces(u32),
}

/// The limits of all asking of a share. An agent has one share in progress, so they hold for the agent.
#[derive(Debug)]
pub(super) struct Pacer {
    flows: Gaps,
    packets: Gaps,
    /// Of questions of both costs, where the suite limits them: then a question waits behind those before it.
    questions: Option<Gaps>,
    outstanding: Arc<Semaphore>,
    kept: Arc<Semaphore>,
    deadline: Option<Instant>,
}

impl Pacer {
    pub(super) fn new(pace: Pace) -> Self {
        let outstanding = usize::try_from(pace.outstanding.max(1)).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let apart = pace.apart.duration().min(APART_LIMIT);
        Self {
            flows: Gaps::at_rate(pace.flows),
            packets: Gaps::at_rate(pace.packets),
            questions: (!apart.is_zero()).then(|| Gaps::of(apart)),
            outstanding: Arc::new(Semaphore::new(outstanding)),
            kept: Arc::new(Semaphore::new(KEPT_LIMIT)),
            deadline: None,
        }
    }

    /// Of a share that is over then.
    pub(super) fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Until when packets are listened for if all is settled now, and more may come for so long: not so near the deadline that what
    /// was measured is lost to it.
    pub(super) fn lingers_until(&self, now: Instant, whole: Duration) -> Instant {
        let last = self.deadline.and_then(|deadline| deadline.checked_sub(Burst::LINGER));
        let whole = now + whole;
        last.map_or(whole, |last| whole.min(last))
    }

    /// The right to keep the socket of a settled question open, which is given back by dropping it; none if too many are.
    pub(super) fn keep(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.kept).try_acquire_owned().ok()
    }

    /// Waits until `due`, then for a free place among the outstanding, then for the next free moment; first come, first served.
    pub(super) async fn admit(&self, due: Instant, cost: Cost) -> Ticket {
        sleep_until(due).await;
        let ticket = Arc::clone(&self.outstanding).acquire_owned().await.ok();
        let (gaps, number) = match cost {
            Cost::Flow => (&self.flows, 1),
            Cost::Packet => (&self.packets, 1),
            Cost::Pieces(number) => (&self.packets, number),
        };
        let moment = gaps.next(Instant::now(), number);
        sleep_until(self.questions.as_ref().map_or(moment, |questions| questions.next(moment, 1))).await;
        ticket
    }
}

/// Moments at least a gap apart. A moment that nobody took is lost: saved-up moments would make a burst.
#[derive(Debug)]
struct Gaps {
    gap: Duration,
    free: Mutex<Option<Instant>>,
}

impl Gaps {
    fn at_rate(per_second: u32) -> Self {
        Self::of(Duration::from_secs(1) / per_second.max(1))
    }

    const fn of(gap: Duration) -> Self {
        Self { gap, free: Mutex::new(None) }
    }

    /// The next free moment, after which so many gaps are taken.
    fn next(&self, now: Instant, number: u32) -> Instant {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = free.map_or(now, |free| free.max(now));
        *free = Some(moment + self.gap.saturating_mul(number).min(APART_LIMIT));
        moment
    }
}

/// When the questions to one target are due: an interval apart, each a little late by chance of the seed, so that
/// agents and targets do not fall into step. Lateness does not add up, and is never made good by a burst.
#[derive(Debug)]
pub(super) struct Rhythm {
    base: Instant,
    interval: Duration,
    chance: u64,
}

/// The most jitter, however long the interval.
const JITTER_LIMIT: Duration = Duration::from_millis(10);

impl Rhythm {
    pub(super) fn new(start: Instant, interval: Duration, seed: u64) -> Self {
        Self { base: start, interval, chance: mix(seed) }
    }

    /// When the next question is due.
    pub(super) fn due(&self) -> Instant {
        let most = u64::try_from((self.interval / 4).min(JITTER_LIMIT).as_nanos()).unwrap_or(u64::MAX);
        self.base + Duration::from_nanos(self.chance.checked_rem(most).unwrap_or(0))
    }

    /// It was sent then.
    pub(super) fn sent(&mut self, now: Instant) {
        if now > self.base + self.interval / 2 {
            self.base = now;
        }
        self.base += self.interval;
        self.chance = mix(self.chance);
    }
}

/// A well-spread function of a number: the finalizer of `SplitMix64` (Steele, Lea, Flood 2014). Stable for ever.
pub(super) const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::Micros;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn flows_and_packets_have_their_own_gaps() {
        let pacer = Pacer::new(Pace { flows: 100, packets: 1_000, outstanding: 100, ..Pace::gentle(0) });
        let start = Instant::now();
        let mut tickets = Vec::new();
        let (flow, packet) = (Cost::Flow, Cost::Packet);
        for (cost, after) in [(flow, 0), (flow, 10), (packet, 10), (Cost::Pieces(5), 11), (packet, 16), (flow, 20)] {
            tickets.push(pacer.admit(start, cost).await);
            assert_eq!(start.elapsed(), MS * after);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_suite_wants_holds_for_flows_and_packets_together() {
        let pacer = Pacer::new(Pace { apart: Micros(50_000), ..Pace::gentle(0) });
        let start = Instant::now();
        let mut tickets = Vec::new();
        for (number, cost) in (0..).zip([Cost::Flow, Cost::Packet, Cost::Flow, Cost::Flow, Cost::Packet, Cost::Packet]) {
            tickets.push(pacer.admit(start, cost).await);
            assert_eq!(start.elapsed(), MS * 50 * number);
        }
        let never = Pacer::new(Pace { apart: Micros(u64::MAX), ..Pace::gentle(0) });
        for _ in 0..3 {
            tickets.push(never.admit(start, Cost::Packet).await);
        }
        assert_eq!(start.elapsed(), MS * 250 + APART_LIMIT * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_goes_while_too_much_is_outstanding() {
        let pacer = Pacer::new(Pace { flows: 0, packets: 1_000, outstanding: 0, ..Pace::gentle(0) });
        let first = pacer.admit(Instant::now(), Cost::Packet).await;
        assert!(tokio::time::timeout(MS * 500, pacer.admit(Instant::now(), Cost::Packet)).await.is_err());
        drop(first);
        assert!(pacer.admit(Instant::now(), Cost::Packet).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_lingers_into_the_deadline() {
        let (pacer, start) = (Pacer::new(Pace::gentle(0)), Instant::now());
        assert_eq!(pacer.lingers_until(start, Burst::LINGER), start + Burst::LINGER);
        let pacer = pacer.until(start + MS * 1_000);
        for (settled, until) in [(0, 250), (500, 750), (600, 750), (900, 750), (2_000, 750)] {
            assert_eq!(pacer.lingers_until(start + MS * settled, Burst::LINGER), start + MS * until, "{settled}");
        }
    }

    #[test]
    fn few_sockets_are_kept() {
        let pacer = Pacer::new(Pace::gentle(0));
        let mut kept: Vec<_> = std::iter::from_fn(|| pacer.keep()).collect();
        assert_eq!(kept.len(), KEPT_LIMIT);
        kept.pop();
        assert!(pacer.keep().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_rhythm_jitters_but_does_not_drift_nor_catch_up() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start, MS * 100, 7);
        for number in 0..50 {
            let jitter = rhythm.due() - (start + MS * 100 * number);
            assert!(jitter < MS * 10, "{jitter:?}");
            rhythm.sent(rhythm.due() + MS);
        }
        let late = start + MS * 20_000;
        rhythm.sent(late);
        assert!(rhythm.due() >= late + MS * 100);
        assert_eq!(Rhythm::new(start, Duration::ZERO, 7).due(), start);
    }

    #[tokio::test(start_paused = true)]
    async fn the_seed_decides() {
        let start = Instant::now();
        let due = |seed| Rhythm::new(start, MS * 100, seed).due();
        assert_eq!(due(1), due(1));
        assert_ne!(due(1), due(2));
    }
}
