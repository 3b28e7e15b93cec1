//! Whether this process ran while it asked: an answer that nobody was there to take is not the network's loss.
//! The records here are pure and are told each moment; only [`watch`] looks at the clock. It must not know sockets.
//!
//! A process without CPU (a limit, a throttled or overloaded node, a stopped process) notices nothing of it but a clock that
//! has jumped: a task that wants to run every few milliseconds sees by how much it is late.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use crate::model::outcome::{Miss, Obstacle, ObstacleKind, Outcome, Tally};
use crate::model::units::Micros;
use crate::model::unresolved::{Unfound, Unresolved};

/// How often a process looks whether it runs.
pub const LOOK: Duration = Duration::from_millis(20);

/// Tells `ran` the moment each time that the process looks whether it runs; never ends.
pub async fn watch(look: Duration, mut ran: impl FnMut(Instant)) {
    let mut looks = interval(look);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        ran(Instant::now());
    }
}

/// How late one look was at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    last: Instant,
    longest: Duration,
}

impl Longest {
    /// Nothing is known of before `start`.
    #[must_use]
    pub const fn new(start: Instant) -> Self {
        Self { last: start, longest: Duration::ZERO }
    }

    /// The process looked then, [`LOOK`] after the last time if all is well; the longest stall so far is returned.
    pub fn ran(&mut self, now: Instant) -> Duration {
        self.longest = self.longest.max(lateness(self.last, now, LOOK));
        self.last = now;
        self.longest
    }

    /// As [`Longest::ran`], and forgets it.
    pub fn take(&mut self, now: Instant) -> Duration {
        let longest = self.ran(now);
        self.longest = Duration::ZERO;
        longest
    }
}

fn lateness(last: Instant, now: Instant, look: Duration) -> Duration {
    now.saturating_duration_since(last).saturating_sub(look)
}

/// The stalls of a share that are long enough to spoil it.
#[derive(Debug)]
pub(super) struct Stalls {
    /// From one look to the next.
    look: Duration,
    /// Shorter ones do no harm.
    least: Duration,
    last: Instant,
    known: Vec<Stall>,
}

/// The process did not run for `length` of the time between two looks.
#[derive(Debug, Clone, Copy)]
struct Stall {
    from: Instant,
    until: Instant,
    length: Duration,
}

/// The shortest time between two looks.
const LOOK_LEAST: Duration = Duration::from_millis(1);

/// The timers are late by as much as a millisecond or two all the time.
const STALL_LEAST: Duration = Duration::from_millis(5);

impl Stalls {
    /// For questions with this timeout: half of it without CPU is too much, since the rest is for the network.
    pub(super) fn new(start: Instant, timeout: Duration) -> Self {
        let look = (timeout / 4).clamp(LOOK_LEAST, LOOK);
        Self { look, least: (timeout / 2).max(STALL_LEAST), last: start, known: Vec::new() }
    }

    /// From one look to the next.
    pub(super) const fn look(&self) -> Duration {
        self.look
    }

    /// The process looked then. No more stalls are kept than fit into the share's time one after the other.
    pub(super) fn ran(&mut self, now: Instant) {
        self.known.extend(self.since_last(now));
        self.last = now;
    }

    /// The longest stall that touches this time, whose end is now: nobody may have looked yet since a stall that made the
    /// questions time out.
    pub(super) fn longest(&self, began: Instant, now: Instant) -> Option<Duration> {
        let known = self.known.iter().copied().chain(self.since_last(now));
        known.filter(|stall| stall.from < now && stall.until > began).map(|stall| stall.length).max()
    }

    fn since_last(&self, now: Instant) -> Option<Stall> {
        let length = lateness(self.last, now, self.look);
        (length >= self.least).then_some(Stall { from: self.last, until: now, length })
    }
}

/// What a tally is worth after this stall, if there was one; `unit` is what was sent, in the plural. Silence says nothing
/// then; a refusal is evidence whatever the load.
pub(super) fn weigh(outcome: Outcome, stall: Option<Duration>, unit: &str) -> Outcome {
    match (outcome, stall) {
        (Outcome::Measured(tally), stall) => weigh_tally(tally, stall, unit),
        (Outcome::Unresolved(Unresolved { why: Unfound::NoAnswer, .. }), Some(stall)) => {
            let detail = format!(
                "it stood still for {} while it looked the name up (no CPU: a limit, a throttled or overloaded node), so that queries without \
                 an answer in time say nothing of the network",
                Micros::of(stall)
            );
            Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, detail })
        }
        (outcome @ (Outcome::Unresolved(_) | Outcome::NotMeasured(_)), _) => outcome,
    }
}

fn weigh_tally(tally: Tally, stall: Option<Duration>, unit: &str) -> Outcome {
    let silent: u32 = tally.missed.iter().filter(|missed| is_silence(&missed.how)).map(|missed| missed.count).sum();
    let Some(stall) = stall.filter(|_| tally.lost_to_silence()) else {
        return Outcome::Measured(tally);
    };
    if silent == 0 {
        let stall = Micros::of(stall);
        let detail = format!(
            "it stood still for {stall} while it was asking (no CPU: a limit, a throttled or overloaded node), so that large packets without an \
             answer in time say nothing of the network"
        );
        return Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, detail });
    }
    let detail = format!(
        "it stood still for {} while it was asking (no CPU: a limit, a throttled or overloaded node), so that {silent} of {} {unit} \
         without an answer in time say nothing of the network",
        Micros::of(stall),
        tally.sent,
    );
    Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, detail })
}

/// Whether an asker that does not run would see the same.
const fn is_silence(miss: &Miss) -> bool {
    match miss {
        Miss::TimedOut | Miss::Late | Miss::Stalled { .. } => true,
        Miss::Refused { .. }
        | Miss::Reset
        | Miss::Unreachable { .. }
        | Miss::TooBig { .. }
        | Miss::Altered { .. }
        | Miss::WrongPeer { .. }
        | Miss::Broken { .. } => false,
    }
}

/// Stalls that a share's errands look up while they are still being noted.
#[derive(Debug, Clone)]
pub(super) struct Watched(Arc<Mutex<Stalls>>);

impl Watched {
    pub(super) fn new(stalls: Stalls) -> Self {
        Self(Arc::new(Mutex::new(stalls)))
    }

    /// Notes them; never ends.
    pub(super) async fn watch(self) {
        let look = self.with(|stalls| stalls.look());
        watch(look, |now| self.with(|stalls| stalls.ran(now))).await;
    }

    /// As [`Stalls::longest`], up to now.
    pub(super) fn longest_since(&self, began: Instant) -> Option<Duration> {
        self.with(|stalls| stalls.longest(began, Instant::now()))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Stalls) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::{Missed, Samples, WarmUp};

    const MS: Duration = Duration::from_millis(1);

    /// The milliseconds of the looks of a share whose timeout is 100 ms (so it looks every 20), an errand's begin and end,
    /// and the longest stall in milliseconds that it is told.
    fn check(looks: &[u32], (began, ended): (u32, u32), expected: Option<u32>) {
        let start = Instant::now();
        let mut stalls = Stalls::new(start, MS * 100);
        for look in looks {
            stalls.ran(start + MS * *look);
        }
        assert_eq!(stalls.longest(start + MS * began, start + MS * ended), expected.map(|length| MS * length), "{looks:?}");
    }

    #[test]
    fn a_stall_of_half_a_timeout_counts_for_the_errands_that_it_touches() {
        check(&[0, 20, 40, 60], (0, 70), None);
        check(&[0, 20, 89, 109], (0, 110), None);
        check(&[0, 20, 90, 110], (0, 120), Some(50));
        check(&[0, 20, 90, 290, 310], (0, 320), Some(180));
        check(&[0, 20, 220, 240], (100, 240), Some(180));
        check(&[0, 20, 220, 240], (220, 240), None);
        check(&[0, 20, 220, 240], (0, 20), None);
    }

    #[test]
    fn a_stall_that_nobody_has_looked_at_yet_counts() {
        check(&[0, 20], (0, 1_540), Some(1_500));
        check(&[], (0, 70), Some(50));
        check(&[0, 20], (0, 60), None);
    }

    #[test]
    fn tiny_timeouts_make_no_stall_of_a_late_timer() {
        let start = Instant::now();
        let mut stalls = Stalls::new(start, MS);
        assert_eq!(stalls.look(), MS);
        stalls.ran(start + MS * 4);
        assert_eq!(stalls.longest(start, start + MS * 6), None);
    }

    #[test]
    fn the_longest_is_told_until_it_is_taken() {
        let start = Instant::now();
        let mut longest = Longest::new(start);
        for (now, expected) in [(20, 0), (140, 100), (160, 100)] {
            assert_eq!(longest.ran(start + MS * now), MS * expected);
        }
        assert_eq!(longest.take(start + MS * 330), MS * 150);
        assert_eq!(longest.take(start + MS * 350), Duration::ZERO);
    }

    fn tally(missed: &[(Miss, u32)]) -> Tally {
        let missed: Vec<Missed> = missed.iter().map(|(how, count)| Missed { how: how.clone(), count: *count }).collect();
        let lost: u32 = missed.iter().map(|missed| missed.count).sum();
        let samples = Samples::Raw(vec![Micros(100); 100 - lost as usize]);
        let (answered, warm_up) = (100 - lost, WarmUp::Unanswered);
        Tally { sent: 100, answered, missed, warm_up, samples, ..Tally::empty() }
    }

    /// Misses of a hundred packets, the stall in milliseconds, and how many say nothing; none if the tally stands.
    fn check_weight(missed: &[(Miss, u32)], stall: Option<u32>, expected: Option<u32>) {
        let found = weigh_tally(tally(missed), stall.map(|length| MS * length), "packets");
        match (found, expected) {
            (Outcome::Measured(found), None) => assert_eq!(found, tally(missed)),
            (Outcome::NotMeasured(obstacle), Some(silent)) => {
                assert_eq!(obstacle.kind, ObstacleKind::Overloaded);
                assert!(obstacle.detail.contains(&format!("{silent} of 100 packets")), "{}", obstacle.detail);
            }
            (found, wanted) => panic!("{found:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn silence_during_a_stall_says_nothing_and_a_refusal_stands() {
        let (silence, late, refused) = (Miss::TimedOut, Miss::Late, Miss::Refused { by: None });
        check_weight(&[(silence.clone(), 10)], Some(1_520), Some(10));
        check_weight(&[(silence.clone(), 3), (late.clone(), 7)], Some(1_520), Some(10));
        check_weight(&[(late, 7), (refused.clone(), 5)], Some(1_520), Some(7));
        check_weight(&[(silence, 10)], None, None);
        check_weight(&[], Some(1_520), None);
        let other = [Miss::Reset, Miss::TooBig { by: None, mtu: 0 }, Miss::WrongPeer { name: "node2".to_owned() }, refused];
        for miss in other {
            check_weight(&[(miss, 100)], Some(1_520), None);
        }
    }

    #[test]
    fn the_words_say_how_long_why_and_what_of_it() {
        let Outcome::NotMeasured(obstacle) = weigh_tally(tally(&[(Miss::Late, 10)]), Some(MS * 1_520), "packets") else {
            panic!("measured")
        };
        let expected = "it stood still for 1.52s while it was asking (no CPU: a limit, a throttled or overloaded node), so that \
                        10 of 100 packets without an answer in time say nothing of the network";
        assert_eq!(obstacle.detail, expected);
    }
}
