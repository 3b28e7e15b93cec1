//! Chance: shares are kept, differ with the seed, and are the same for the same seed.

use super::*;
use crate::model::units::Ppm;
use crate::model::world::Refuser;

fn share(percent: u32, effect: Effect) -> Fault {
    fault(Scope { share: Ppm(percent * 10_000), ..Scope::ALL }, effect)
}

/// When each of so many packets leaves; none if it is lost.
fn leaving(seed: u64, faults: Vec<Fault>, packets: u64) -> Vec<Vec<u64>> {
    let mut rig = Rig::new(World { seed, ..world(faults) });
    let bytes = Draft::udp(NODE1, NODE2, Family::V4, (1, 2), 60).bytes();
    let send = |number| {
        rig.send(NODE1, number, &bytes);
        rig.left().iter().map(|left| left.at - number - HALF_WAY).collect()
    };
    (0..packets).map(send).collect()
}

/// How many of 10,000 packets a share of 30 % struck. Outside of ±225 it is out of the binomial distribution's middle with a
/// probability of 1e-6 (4.9 times the deviation of √(10,000 × 0.3 × 0.7) = 45.8).
#[track_caller]
fn check(seed: u64, effect: Effect, struck: impl Fn(&[u64]) -> bool) {
    let count = leaving(seed, vec![share(30, effect)], 10_000).iter().filter(|times| struck(times)).count();
    assert!((2_775..=3_225).contains(&count), "{effect:?} with seed {seed}: {count}");
}

#[test]
fn a_share_is_struck_as_often_as_it_says() {
    for seed in 0..10 {
        check(seed, Effect::Lose, <[u64]>::is_empty);
        check(seed, Effect::Duplicate, |times| times.len() == 2);
        check(seed, Effect::Delay(Micros(5)), |times| times == [5]);
    }
}

/// A thousand runs of 20 packets of which a tenth is lost: as many as the binomial distribution has in the middle, and as scattered. Five
/// deviations are left once in a million times; the seeds are always the same.
#[test]
fn loss_over_a_thousand_runs_is_binomial() {
    let (runs, packets, chance) = (1_000_u32, 20_u32, 0.1);
    let lost = |seed| leaving(seed, vec![share(10, Effect::Lose)], packets.into()).iter().filter(|times| times.is_empty()).count();
    let lost: Vec<f64> = (0..runs).map(|seed| f64::from(u32::try_from(lost(seed.into())).unwrap())).collect();
    let (runs, packets) = (f64::from(runs), f64::from(packets));
    let (mean, variance) = (lost.iter().sum::<f64>() / runs, packets * chance * (1.0 - chance));
    assert!((mean - packets * chance).abs() < 5.0 * (variance / runs).sqrt(), "{mean} of {packets} lost in a run");
    let found = lost.iter().map(|lost| (lost - mean).powi(2)).sum::<f64>() / (runs - 1.0);
    assert!((found - variance).abs() < 5.0 * variance * (2.0 / (runs - 1.0)).sqrt(), "a variance of {found} instead of {variance}");
}

#[test]
fn nothing_and_everything_are_exact() {
    for (percent, lost) in [(0, 0), (100, 1_000)] {
        let count = leaving(1, vec![share(percent, Effect::Lose)], 1_000).iter().filter(|times| times.is_empty()).count();
        assert_eq!(count, lost, "{percent} %");
    }
}

#[test]
fn the_same_seed_strikes_the_same_packets_and_another_others() {
    let lost = |seed| leaving(seed, vec![share(30, Effect::Lose)], 1_000);
    assert_eq!(lost(1), lost(1));
    assert_ne!(lost(1), lost(2));
}

/// Two faults of one half each lose three quarters: their dice are not the same.
#[test]
fn faults_have_dice_of_their_own() {
    let faults = vec![share(50, Effect::Lose), share(50, Effect::Lose)];
    let lost = leaving(1, faults, 10_000).iter().filter(|times| times.is_empty()).count();
    // Five deviations of √(10,000 × 0.75 × 0.25) = 43.3.
    assert!((7_284..=7_716).contains(&lost), "{lost}");
}

#[test]
fn jitter_takes_every_time_up_to_its_most_and_none_above() {
    let times: Vec<u64> = leaving(1, vec![share(100, Effect::Jitter(Micros(1_000)))], 10_000).concat();
    assert!(times.iter().all(|time| *time <= 1_000));
    for tenth in 0..10 {
        let count = times.iter().filter(|time| **time / 100 == tenth).count();
        // 1,000 in each, five deviations of √(10,000 × 0.1 × 0.9) = 30 around it.
        assert!((850..=1_150).contains(&count), "{tenth}: {count}");
    }
    assert_eq!(leaving(1, vec![share(100, Effect::Jitter(Micros(0)))], 1), [[0]]);
}

#[test]
fn a_lossy_way_back_loses_answers_of_targets_too() {
    let refuse = fault(of(Protocol::Udp), Effect::Refuse(Refuser::Target));
    let icmp = Fault { scope: Scope { share: Ppm(300_000), ..of(Protocol::Icmp) }, effect: Effect::Lose };
    let mut rig = Rig::new(world(vec![refuse, icmp]));
    let answered = (0..10_000_u16).filter(|number| {
        let bytes = Draft::udp(NODE1, NODE2, Family::V6, (number + 1, 53), 60).bytes();
        !rig.answer(NODE1, &bytes).is_empty()
    });
    let count = answered.count();
    assert!((6_775..=7_225).contains(&count), "{count}");
}
