//! How long a case takes at least, and all of them together, for plans: where nothing is lost, and no agent waits for its turn (`turns`)
//! or for a processor. Launch and clean-up, which depend on the place, come on top.
//! It must not know of any run.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::time::Duration;

use crate::model::burst::Burst;
use crate::model::dns::{DnsProbe, Transport};
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::plan::{Plan, PlannedCase};
use crate::model::probe::Probe;
use crate::model::suite::Traffic;
use crate::model::vantage::Vantage;
use crate::wire::Pace;

use super::load::Load;

/// The time of the agent that has most to ask: the rhythm of one target, since targets are asked side by side, and what the pace
/// makes it wait for. `among` agents share one machine. Zero for a case that asks nothing.
#[must_use]
pub fn asking(planned: &PlannedCase, among: NonZeroU32) -> Duration {
    by_agent(planned, among).into_values().max().unwrap_or_default()
}

/// The time of all cases: each agent asks one after the other, beside the other agents; some cases wait until all before them are over.
#[must_use]
pub fn asking_together(plan: &Plan, among: NonZeroU32) -> Duration {
    let (mut over, mut beside) = (Duration::ZERO, HashMap::new());
    let mut begun = HashSet::new();
    for planned in plan.cases.iter().filter(|planned| !planned.pairs.is_empty()) {
        let alone = planned.case.conduct.traffic == Traffic::Alone;
        let begins = plan.suites[planned.suite].deadline.is_some() && begun.insert(planned.suite);
        if alone || begins || planned.case.conduct.deadline.is_some() {
            over += longest(&mut beside);
        }
        for (agent, own) in by_agent(planned, among) {
            *beside.entry(agent).or_default() += own;
        }
        if alone {
            over += longest(&mut beside);
        }
    }
    over + longest(&mut beside)
}

/// Of all agents; they begin anew then.
fn longest(beside: &mut HashMap<&Vantage, Duration>) -> Duration {
    beside.drain().map(|(_, own)| own).max().unwrap_or_default()
}

fn by_agent(planned: &PlannedCase, among: NonZeroU32) -> HashMap<&Vantage, Duration> {
    let mut targets: HashMap<&Vantage, u32> = HashMap::new();
    for own in planned.pairs.chunk_by(|one, other| one.source == other.source) {
        let count = u32::try_from(own.len()).unwrap_or(u32::MAX);
        own.first().into_iter().for_each(|pair| *targets.entry(&pair.source).or_default() += count);
    }
    let all = planned.pairs.len() as u64;
    let time = |own: u32| {
        let apart = planned.pace().apart(own.into(), all);
        of(&planned.case.probe, own, Pace { apart, ..Pace::gentle(0) }.among(among))
    };
    targets.into_iter().map(|(agent, own)| (agent, time(own))).collect()
}

fn of(probe: &Probe, targets: u32, pace: Pace) -> Duration {
    let burst = probe.burst();
    let load = Load::of(probe, targets);
    let by_itself = burst.interval.duration().saturating_mul(burst.count.get() - 1) + load.at_rates(pace);
    by_itself.max(pace.apart.duration().saturating_mul(load.all().saturating_sub(1))) + lingering(probe)
}

/// How long an agent listens at least when all is answered: connections make no copies.
const fn lingering(probe: &Probe) -> Duration {
    match probe {
        Probe::Icmp(_) | Probe::Udp(_) | Probe::Pmtu(PmtuProbe { over: Carrier::Udp | Carrier::Icmp, .. }) => Burst::COPIES,
        Probe::Dns(DnsProbe { transport: Transport::Udp, .. }) => Burst::LINGER,
        Probe::Tcp(_)
        | Probe::Http(_)
        | Probe::Tls(_)
        | Probe::Pmtu(PmtuProbe { over: Carrier::Tcp, .. })
        | Probe::Dns(DnsProbe { transport: Transport::Tcp, .. }) => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::family::Family;
    use crate::model::units::Micros;

    /// In milliseconds, what an agent listens for when all packets are answered.
    const COPIES: u128 = Burst::COPIES.as_millis();

    fn check(kind: fn(Burst) -> Probe, case: (u32, u32, u32), expected: u128) {
        check_apart(kind, case, 0, expected);
    }

    fn check_apart(kind: fn(Burst) -> Probe, (count, targets, among): (u32, u32, u32), apart: u64, expected: u128) {
        let (interval, timeout, count) = (Micros(10_000), Micros(1_000_000), NonZeroU32::new(count).unwrap());
        let probe = kind(Burst { family: Family::V4, count, interval, timeout });
        let pace = Pace { apart: Micros(apart), ..Pace::gentle(0) }.among(NonZeroU32::new(among).unwrap());
        assert_eq!(of(&probe, targets, pace).as_millis(), expected);
    }

    #[test]
    fn rhythm_and_rates_take_their_time() {
        check(Probe::icmp, (1, 1, 1), 1 + COPIES);
        check(Probe::icmp, (20, 11, 1), 190 + 11 + 110 + COPIES);
        check(Probe::Tcp, (20, 11, 1), 190 + 231);
        check(Probe::udp, (20, 11, 40), 190 + 11 * 1_000 / 50 + 220 * 1_000 / 200 + COPIES);
        let most = u128::from(Burst::MOST - 1) * 10 + u128::from(u32::MAX) + u128::from(u32::MAX) / 2;
        check(Probe::udp, (Burst::MOST, u32::MAX, 1), most + COPIES);
    }

    #[test]
    fn the_pace_of_the_suite_counts_where_it_is_slower() {
        check_apart(Probe::icmp, (20, 11, 1), 1_000, 190 + 11 + 110 + COPIES);
        check_apart(Probe::icmp, (20, 11, 1), 100_000, (11 + 220 - 1) * 100 + COPIES);
        check_apart(Probe::Tcp, (20, 11, 1), 100_000, (11 + 220 - 1) * 100);
        check_apart(Probe::udp, (1, 1, 1), 60_000_000, 60_000 + COPIES);
    }
}
