//! How long an agent that is there may take for a share: one that answers for ever and never finishes must not hold the run.
//! It must not know what came of a share.

use std::time::Duration;

use crate::model::dns::{DnsProbe, Manner};
use crate::model::probe::Probe;
use crate::model::unresolved::Unresolved;
use crate::wire::{Pace, Peer, Who};

use super::load::Load;

/// Longer than the first question to a target is waited for before the others are asked, and copies of answers after the last.
const WARM_UP: Duration = Duration::from_secs(2);

/// An agent may be so many times slower than its share asks for.
const TIMES: u32 = 3;

/// And so much longer: a node without processor time.
const SLACK: Duration = Duration::from_secs(30);

/// How long an agent that is overdue may be connected without telling anything new.
const IDLE_LIMIT: Duration = Duration::from_secs(10);

/// The most that a share should take: as if no question were answered, and each waited for whatever is limited.
pub(super) fn expected(probe: &Probe, targets: usize, pace: Pace) -> Duration {
    let burst = probe.burst();
    let targets = u32::try_from(targets).unwrap_or(u32::MAX);
    let questions = targets.saturating_mul(burst.count.get()).saturating_mul(rounds(probe));
    let rhythm = burst.interval.duration().saturating_mul(burst.count.get()) + burst.timeout.duration().saturating_mul(rounds(probe));
    let load = Load::of(probe, targets);
    let sending = load.at_rates(pace) + pace.apart.duration().saturating_mul(load.all());
    let waiting = WARM_UP.saturating_mul(targets) + burst.timeout.duration().saturating_mul(questions);
    WARM_UP + rhythm + sending + waiting / pace.outstanding.max(1)
}

/// The same, where a Service that has just been made may be among the targets, or a name has to be looked up for each.
pub(super) fn with_patience(expected: Duration, targets: &[Peer], pace: Pace) -> Duration {
    let made = targets.iter().filter(|peer| matches!(peer.who, Who::Backend { .. })).count();
    let rounds = u32::try_from(made).unwrap_or(u32::MAX).div_ceil(pace.outstanding.max(1));
    let named = targets.iter().filter(|peer| peer.looked_up().is_some()).count();
    let lookups = u32::try_from(named).unwrap_or(u32::MAX).div_ceil(pace.outstanding.max(1));
    expected + Who::PATIENCE.saturating_mul(2 * rounds) + Unresolved::AFTER.saturating_mul(lookups)
}

/// How many queries of a question may have to be waited for, one after the other: a lookup asks every server of resolv.conf, each
/// more than once perhaps, and a truncated answer is asked for again.
const fn rounds(probe: &Probe) -> u32 {
    match probe {
        Probe::Icmp(_) | Probe::Udp(_) | Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_) => 1,
        // The search after the largest packet follows the counted questions, and waits for a few round trips at a time.
        Probe::Pmtu(_) | Probe::Dns(DnsProbe { manner: Manner::Raw, .. }) => 2,
        Probe::Dns(DnsProbe { manner: Manner::Resolver, .. }) => DnsProbe::QUERIES_LIMIT,
    }
}

/// The first share of an agent that is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) share: u32,
    /// How long it should take at most.
    pub(super) expected: Duration,
}

impl Owed {
    fn limit(self) -> Duration {
        self.expected.saturating_mul(TIMES) + SLACK
    }
}

/// What an agent does about the first share that it owes, which is the one that it works on: shares are done in their order.
#[derive(Debug, Default)]
pub(super) struct Work {
    owed: Option<Owed>,
    /// How long it has had it, as far as it could have told us.
    spent: Duration,
    /// How long it has been connected since it told anything new.
    idle: Duration,
}

/// What an agent could do in a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    /// Work and tell: it is connected, and answers.
    Tell,
    /// Work: it has the share, and we have not called it.
    Work,
    /// Nothing that counts: there is no way to it, or it may not have the share yet.
    Nothing,
}

impl Work {
    /// Time has passed. Says what is wrong, if it is too much.
    pub(super) fn pass(&mut self, owed: Option<Owed>, gap: Duration, chance: Chance) -> Option<String> {
        if self.owed != owed {
            *self = Self { owed, ..Self::default() };
            return None;
        }
        let owed = owed?;
        match chance {
            Chance::Tell => (self.spent, self.idle) = (self.spent + gap, self.idle + gap),
            Chance::Work => self.spent += gap,
            Chance::Nothing => {}
        }
        (self.is_overdue() && self.idle > IDLE_LIMIT).then(|| {
            let (spent, expected) = (self.spent.as_secs(), owed.expected.as_secs());
            format!("it answers, but has not finished its share of a case after {spent} s, where at most {expected} s were to be expected")
        })
    }

    /// It told something new.
    pub(super) fn told(&mut self) {
        self.idle = Duration::ZERO;
    }

    /// Whether its share should be complete by now.
    pub(super) fn is_overdue(&self) -> bool {
        self.owed.is_some_and(|owed| self.spent > owed.limit())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::model::address::Host;
    use crate::model::burst::Burst;
    use crate::model::family::Family;
    use crate::model::path_mtu::{Carrier, PmtuProbe};
    use crate::model::units::Micros;

    const SECOND: Duration = Duration::from_secs(1);

    fn share(kind: impl Fn(Burst) -> Probe, count: u32) -> Probe {
        let (interval, timeout) = (Micros(10_000), Micros(1_000_000));
        kind(Burst { family: Family::V4, count: NonZeroU32::new(count).unwrap(), interval, timeout })
    }

    #[test]
    fn whatever_is_limited_takes_its_time() {
        let milliseconds = |kind: fn(Burst) -> Probe, count, targets, agents| {
            let pace = Pace::gentle(0).among(NonZeroU32::new(agents).unwrap());
            u64::try_from(expected(&share(kind, count), targets, pace).as_millis()).unwrap()
        };
        // Warm-up, rhythm and timeout; a flow and its packets at their rates; every question as long as it may wait.
        assert_eq!(milliseconds(Probe::udp, 100, 1, 1), 2_000 + 1_000 + 1_000 + 1 + 50 + 10 + 500);
        assert_eq!(milliseconds(Probe::Tcp, 100, 1, 1), 2_000 + 1_000 + 1_000 + 101 + 10 + 500);
        assert_eq!(milliseconds(Probe::icmp, 10, 100, 1), 2_000 + 100 + 1_000 + 100 + 500 + 1_000 + 5_000);
        assert_eq!(milliseconds(Probe::udp, 10, 10, 1_024), 2_000 + 100 + 1_000 + 10_000 + 100_000 / 7 + 20_000 + 100_000);
        let slow = Pace { apart: Micros(100_000), ..Pace::gentle(0) };
        // Connections cost flows, and so does each size that is tried over one.
        let by_tcp = |burst| Probe::Pmtu(PmtuProbe { burst, floor: 1_280, ceiling: 1_500, over: Carrier::Tcp });
        assert_eq!(milliseconds(by_tcp, 100, 1, 1), 2_000 + 1_000 + 2_000 + 102 + 10 + 1_000);
        let by_itself = expected(&share(Probe::udp, 100), 2, Pace::gentle(0));
        assert_eq!(expected(&share(Probe::udp, 100), 2, slow), by_itself + SECOND / 10 * 202);
        let most = expected(&share(Probe::Tcp, Burst::MOST), 1_000, Pace::gentle(0).among(NonZeroU32::MAX));
        assert!(most > Duration::from_secs(100_000_000), "{most:?}");
    }

    #[test]
    fn a_name_takes_the_time_of_its_lookup() {
        let pace = Pace::gentle(0);
        let peer = |host: &str| Peer { pair: 0, host: Host::parse(host).unwrap(), who: Who::Anyone { port: None } };
        assert_eq!(with_patience(SECOND, &[peer("10.0.0.10")], pace), SECOND);
        assert_eq!(with_patience(SECOND, &[peer("shop.example")], pace), SECOND + Unresolved::AFTER);
    }

    #[test]
    fn only_one_that_could_have_told_it_is_late() {
        let owed = Some(Owed { share: 3, expected: SECOND * 10 });
        let mut work = Work::default();
        let mut pass = |chance, seconds: u32, told: bool| {
            let late = (0..seconds).filter_map(|_| work.pass(owed, SECOND, chance)).next_back();
            if told {
                work.told();
            }
            (work.is_overdue(), late.is_some())
        };
        assert_eq!(pass(Chance::Nothing, 1_000, false), (false, false));
        assert_eq!(pass(Chance::Work, 60, false), (false, false));
        assert_eq!(pass(Chance::Work, 100, false), (true, false), "it has had no chance to tell");
        assert_eq!(pass(Chance::Tell, 10, true), (true, false), "it still tells");
        assert_eq!(pass(Chance::Tell, 10, false), (true, false));
        assert_eq!(pass(Chance::Tell, 1, false), (true, true));
        let next = Some(Owed { share: 4, expected: SECOND * 10 });
        assert_eq!(work.pass(next, SECOND, Chance::Tell), None);
        assert!(!work.is_overdue(), "that is another share");
        assert_eq!(work.pass(None, SECOND, Chance::Tell), None);
    }
}
