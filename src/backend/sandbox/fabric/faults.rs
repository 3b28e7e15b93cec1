//! Which faults strike which packets: the rules of a world, and the chance that belongs to them. It reads no clock. It must not
//! know how packets look, nor how a fault is carried out.

use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;

use crate::model::units::{Micros, Ppm};
use crate::model::world::{Effect, Packet, Refuser, Rule, Rules, World};

use super::packet::Splitting;
use super::queue::Way;

/// The most copies of one packet, whatever the faults say.
const MOST_COPIES: u32 = 16;

/// The rules of a world with their dice.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Rules,
    /// The rules of each way, from the first packet that takes it.
    ways: HashMap<Way, Vec<Rule>>,
    /// Each rule throws dice of its own, so that one rule's chance does not depend on what others strike.
    dice: HashMap<u16, Rng>,
    seed: u64,
}

/// What the faults make of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Lost,
    Passes(Journey),
    /// After such a journey it is refused.
    Refused(Refuser, Journey),
    /// After such a journey it is found larger than so many bytes, and its sender is told.
    TooBig(u64, Journey),
}

/// How a packet gets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Journey {
    /// The moment of the world at which it gets on, after all that delayed it.
    pub(super) at: Duration,
    /// How often it comes: 1 or more.
    pub(super) copies: u32,
    pub(super) pace: Pace,
    /// The smallest link on the way, in bytes, if it is one that cuts packets into pieces.
    pub(super) cut_to: Option<u64>,
}

/// Whether a packet is to let the one behind it pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    Straight,
    Overtaken,
}

impl Journey {
    fn begin(at: Duration) -> Self {
        Self { at, copies: 1, pace: Pace::Straight, cut_to: None }
    }

    /// It takes so much longer.
    pub(super) fn after(self, delay: Duration) -> Self {
        Self { at: self.at.saturating_add(delay), ..self }
    }

    /// Over a link that takes no more than so many bytes.
    pub(super) fn over(self, most: u64) -> Self {
        Self { cut_to: Some(self.cut_to.map_or(most, |known| known.min(most))), ..self }
    }
}

impl Faults {
    pub(super) fn new(world: &World) -> Self {
        Self { rules: world.rules(), ways: HashMap::new(), dice: HashMap::new(), seed: world.seed }
    }

    /// What becomes of a packet on a way at that moment of the world. All rules act, in their order.
    pub(super) fn fate(&mut self, way: Way, packet: &Packet, splitting: Splitting, moment: Duration) -> Fate {
        let (dice, seed, now) = (&mut self.dice, self.seed, Micros::of(moment));
        let rules = self.ways.entry(way).or_insert_with(|| self.rules.along(way.from, way.through, way.to));
        let mut journey = Journey::begin(moment);
        for rule in rules.iter().filter(|rule| rule.fits(packet, now)) {
            let dice = dice.entry(rule.number).or_insert_with(|| dice_of(seed, rule.number));
            if !strikes(rule.share, dice) {
                continue;
            }
            match rule.effect {
                Effect::Lose | Effect::Mtu { announced: false, .. } => return Fate::Lost,
                Effect::Delay(delay) => journey = journey.after(delay.duration()),
                Effect::Jitter(most) => journey = journey.after(Duration::from_nanos(dice.u64(0..=most.0.saturating_mul(1_000)))),
                Effect::Duplicate => journey.copies = (journey.copies * 2).min(MOST_COPIES),
                Effect::Reorder => journey.pace = Pace::Overtaken,
                Effect::Refuse(refuser) => return Fate::Refused(refuser, journey),
                Effect::Mtu { most, announced: true } => match splitting {
                    Splitting::Allowed => journey = journey.over(most.0),
                    Splitting::Forbidden => return Fate::TooBig(most.0, journey),
                },
            }
        }
        Fate::Passes(journey)
    }
}

/// Dice that differ between rules and between seeds, and are the same in every run.
fn dice_of(seed: u64, rule: u16) -> Rng {
    let mut first = Rng::with_seed(seed);
    Rng::with_seed(first.u64(..) ^ u64::from(rule).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn strikes(Ppm(share): Ppm, dice: &mut Rng) -> bool {
    share >= Ppm::WHOLE.0 || dice.u32(0..Ppm::WHOLE.0) < share
}
