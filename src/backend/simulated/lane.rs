//! One direction of one kind of packet in a world: what its rules make of packet after packet. Pure, and without chance: shares
//! are spread evenly, so that the same world gives the same numbers in every run. It must not know what the packets are for.

use crate::model::units::{Micros, Ppm};
use crate::model::world::{Effect, Packet, Refuser, Rule, Turn};

/// From one network to another, for packets that look alike.
#[derive(Debug)]
pub(super) struct Lane {
    /// In the order in which they act.
    pub(super) rules: Vec<Rule>,
    /// What the packets look like.
    pub(super) packet: Packet,
    /// What a packet takes that no rule concerns.
    pub(super) latency: Micros,
}

/// A packet on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traveller {
    /// Which question it belongs to: 0 is the warm-up, then from 1.
    pub(super) number: u32,
    /// When it leaves or arrives, since the world began.
    pub(super) at: Micros,
    /// How often it comes.
    pub(super) copies: u32,
}

/// What came of packets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Crossing {
    /// Those that arrived, in the order of their arrival.
    pub(super) arrived: Vec<Traveller>,
    /// Those that did not, as they left.
    pub(super) stopped: Vec<(Traveller, Stop)>,
}

/// Why a packet does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nobody says anything.
    Lost,
    /// It is refused.
    Refused(Refuser),
    /// A router says that the next link takes no more than so many bytes.
    TooBig(u64),
}

/// A packet that passes.
struct Passage {
    delay: Micros,
    copies: u32,
    overtaken: bool,
}

impl Lane {
    /// What becomes of packets that leave in this order.
    pub(super) fn cross(&self, leaving: impl IntoIterator<Item = Traveller>) -> Crossing {
        let mut crossing = Crossing::default();
        // At most one waits to be overtaken, with its own time of arrival.
        let mut waiting: Option<Traveller> = None;
        for traveller in leaving {
            if let Some(late) = waiting.take_if(|waiting| at_most(waiting) <= traveller.at) {
                crossing.arrived.push(Traveller { at: at_most(&late), ..late });
            }
            match self.fate(&traveller, waiting.is_some()) {
                Err(stop) => crossing.stopped.push((traveller, stop)),
                Ok(passage) => {
                    let at = Micros(traveller.at.0.saturating_add(self.latency.0).saturating_add(passage.delay.0));
                    let arriving = Traveller { at, copies: passage.copies, ..traveller };
                    if passage.overtaken {
                        waiting = Some(arriving);
                        continue;
                    }
                    crossing.arrived.push(arriving);
                    let overtaken = waiting.take().map(|waiting| Traveller { at: at.clamp(waiting.at, at_most(&waiting)), ..waiting });
                    crossing.arrived.extend(overtaken);
                }
            }
        }
        crossing.arrived.extend(waiting.map(|waiting| Traveller { at: at_most(&waiting), ..waiting }));
        // A stable order: who is overtaken comes behind who overtakes it, even at the same moment.
        crossing.arrived.sort_by_key(|traveller| traveller.at);
        crossing
    }

    /// Rules act on what the ones before let through. Who overtakes is not held back.
    fn fate(&self, traveller: &Traveller, overtakes: bool) -> Result<Passage, Stop> {
        let mut passage = Passage { delay: Micros(0), copies: traveller.copies, overtaken: false };
        let fitting = self.rules.iter().filter(|rule| rule.fits(&self.packet, traveller.at));
        for rule in fitting.filter(|rule| strikes(rule.share, traveller.number)) {
            match rule.effect {
                Effect::Lose | Effect::Mtu { announced: false, .. } => return Err(Stop::Lost),
                Effect::Mtu { most, announced: true } => return Err(Stop::TooBig(most.0)),
                Effect::Refuse(refuser) => return Err(Stop::Refused(refuser)),
                Effect::Delay(delay) => passage.delay = plus(passage.delay, delay),
                Effect::Jitter(most) => {
                    passage.delay = plus(passage.delay, spread(most, struck(rule.share, traveller.number), self.packet.turn));
                }
                Effect::Duplicate => passage.copies = passage.copies.saturating_mul(2).min(Effect::COPIES_LIMIT),
                Effect::Reorder => passage.overtaken = !overtakes,
            }
        }
        Ok(passage)
    }
}

/// The latest arrival of a packet that waits to be overtaken.
fn at_most(waiting: &Traveller) -> Micros {
    plus(waiting.at, Effect::OVERTAKEN_WITHIN)
}

fn plus(one: Micros, other: Micros) -> Micros {
    Micros(one.0.saturating_add(other.0))
}

/// How many of the first so many packets a share strikes: ⌊n × share⌋.
fn struck(Ppm(share): Ppm, number: u32) -> u64 {
    u64::from(number) * u64::from(share) / 1_000_000
}

/// Whether it is struck: evenly spread over the numbers. The warm-up is if all are.
fn strikes(share: Ppm, number: u32) -> bool {
    match number.checked_sub(1) {
        Some(before) => struck(share, number) > struck(share, before),
        None => share == Ppm::WHOLE,
    }
}

/// The n-th of delays that lie evenly between 0 and the most, in no order: multiples of an irrational number (Weyl 1916), of the
/// golden ratio for questions and of the root of 2 for answers, so that a question's and its answer's do not go together.
fn spread(most: Micros, number: u64, turn: Turn) -> Micros {
    let irrational: u64 = match turn {
        Turn::Question => 0x9e37_79b9_7f4a_7c15,
        Turn::Answer => 0x6a09_e667_f3bc_c908,
    };
    let fraction = number.wrapping_mul(irrational) >> 32;
    let delay = (u128::from(fraction) * (u128::from(most.0) + 1)) >> 32;
    Micros(u64::try_from(delay).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::family::Family;
    use crate::model::units::Bytes;
    use crate::model::vantage::Network;
    use crate::model::world::{During, Fault, Protocol, Scope, Spot, World};

    const MS: u64 = 1_000;

    /// Over whose way the faults are spread: a packet every 10 ms from 0, over a latency of 1 ms.
    fn cross(faults: Vec<(Scope, Effect)>, count: u32) -> Crossing {
        let faults = faults.into_iter().map(|(scope, effect)| Fault { scope, effect }).collect();
        let world = World { faults, ..World::three_nodes() };
        let spot = |node| Spot { node, network: Network::Pod };
        let packet = Packet { family: Family::V4, protocol: Protocol::Icmp, ports: None, size: Bytes(64), turn: Turn::Question };
        let lane = Lane { rules: world.rules().between(spot(0), spot(1)), packet, latency: Micros(MS) };
        lane.cross((1..=count).map(|number| Traveller { number, at: Micros(u64::from(number - 1) * 10 * MS), copies: 1 }))
    }

    /// `number@milliseconds`, with `×copies` if there are several; then what was stopped.
    #[track_caller]
    fn check(faults: Vec<(Scope, Effect)>, count: u32, expected: &str) {
        let words = format!("{faults:?}");
        let crossing = cross(faults, count);
        let arrived = crossing.arrived.iter().map(|traveller| {
            let copies = if traveller.copies > 1 { format!("×{}", traveller.copies) } else { String::new() };
            format!("{}@{}{copies}", traveller.number, traveller.at.0 / MS)
        });
        let stopped = crossing.stopped.iter().map(|(traveller, stop)| format!("{} {stop:?}", traveller.number));
        assert_eq!(arrived.chain(stopped).collect::<Vec<_>>().join(", "), expected, "{words}");
    }

    fn share(percent: u32) -> Scope {
        Scope { share: Ppm(percent * 10_000), ..Scope::ALL }
    }

    #[test]
    fn shares_are_spread_evenly() {
        check(vec![], 2, "1@1, 2@11");
        check(vec![(share(50), Effect::Lose)], 4, "1@1, 3@21, 2 Lost, 4 Lost");
        check(vec![(share(25), Effect::Lose)], 4, "1@1, 2@11, 3@21, 4 Lost");
        check(vec![(share(100), Effect::Lose)], 2, "1 Lost, 2 Lost");
        for (percent, warm_up) in [(99, false), (100, true)] {
            assert_eq!(strikes(Ppm(percent * 10_000), 0), warm_up);
        }
    }

    #[test]
    fn delays_add_up() {
        let delay = |milliseconds| Effect::Delay(Micros(milliseconds * MS));
        check(vec![(Scope::ALL, delay(5)), (share(50), delay(20))], 4, "1@6, 3@26, 2@36, 4@56");
    }

    #[test]
    fn jitter_is_spread_over_all_of_its_range() {
        let crossing = cross(vec![(Scope::ALL, Effect::Jitter(Micros(999)))], 1_000);
        let mut delays: Vec<u64> = crossing.arrived.iter().map(|traveller| (traveller.at.0 - MS) % (10 * MS)).collect();
        delays.sort_unstable();
        for (rank, delay) in delays.iter().enumerate() {
            assert!(delay.abs_diff(rank as u64) <= 5, "the delay at rank {rank} of 1000 is {delay}");
        }
    }

    #[test]
    fn copies_double_up_to_a_limit() {
        check(vec![(share(50), Effect::Duplicate)], 2, "1@1, 2@11×2");
        check(vec![(Scope::ALL, Effect::Duplicate); 9], 1, "1@1×16");
    }

    #[test]
    fn who_is_overtaken_comes_right_after_the_next_that_passes() {
        check(vec![(share(50), Effect::Reorder)], 4, "1@1, 3@21, 2@21, 4@131");
        check(vec![(Scope::ALL, Effect::Reorder)], 4, "2@11, 1@11, 4@31, 3@31");
        let third = Scope { during: During { from: Micros(5 * MS), until: Some(Micros(15 * MS)) }, ..Scope::ALL };
        check(vec![(third, Effect::Lose), (Scope::ALL, Effect::Reorder)], 3, "3@21, 1@21, 2 Lost");
        let slow = Effect::Delay(Micros(200 * MS));
        check(vec![(share(50), slow), (share(25), Effect::Reorder)], 5, "1@1, 3@21, 5@41, 2@211, 4@231");
    }

    #[test]
    fn refusals_and_limits_stop_packets_unless_they_were_lost_before() {
        check(vec![(share(50), Effect::Lose), (Scope::ALL, Effect::Refuse(Refuser::Router))], 2, "1 Refused(Router), 2 Lost");
        let most = Bytes(60);
        check(vec![(Scope::ALL, Effect::Mtu { most, announced: true })], 1, "1 TooBig(60)");
        check(vec![(Scope::ALL, Effect::Mtu { most, announced: false })], 1, "1 Lost");
        check(vec![(Scope::ALL, Effect::Mtu { most: Bytes(64), announced: false })], 1, "1@1");
    }

    #[test]
    fn windows_open_and_close() {
        let during = During { from: Micros(10 * MS), until: Some(Micros(20 * MS)) };
        check(vec![(Scope { during, ..Scope::ALL }, Effect::Lose)], 3, "1@1, 3@21, 2 Lost");
    }
}
