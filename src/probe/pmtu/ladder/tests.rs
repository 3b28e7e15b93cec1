//! The ladder on made-up paths: exact sizes, refusals, black holes, loss by dice of fixed seeds.

mod told;

use super::*;

const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 254));
const BOTH: &[Direction] = &[Direction::There, Direction::Back];

/// What a path does in one direction.
#[derive(Debug, Clone, Copy)]
struct Path {
    takes: u32,
    /// What its router says of larger ones, if it says anything.
    says: Option<u32>,
}

const fn wide() -> Path {
    Path { takes: u32::MAX, says: None }
}

const fn announced(takes: u32) -> Path {
    Path { takes, says: Some(takes) }
}

const fn hole(takes: u32) -> Path {
    Path { takes, says: None }
}

/// A search over made-up paths, which lose that share of questions and of answers.
struct Trial {
    there: Path,
    back: Path,
    loss: f64,
    dice: fastrand::Rng,
    /// Packets sent, and bursts.
    cost: (usize, u32),
}

impl Trial {
    fn new(there: Path, back: Path) -> Self {
        Self { there, back, loss: 0.0, dice: fastrand::Rng::with_seed(1), cost: (0, 0) }
    }

    fn lossy(there: Path, back: Path, loss: f64, seed: u64) -> Self {
        Self { loss, dice: fastrand::Rng::with_seed(seed), ..Self::new(there, back) }
    }

    fn loses(&mut self) -> bool {
        self.dice.f64() < self.loss || self.dice.f64() < self.loss
    }

    fn run(&mut self, top: u32) -> Result<Vec<PathMtu>, String> {
        let lost = (0..20).filter(|_| self.loses()).count();
        let outset = Outset { directions: BOTH, base: 64, floor: 1_280, top, sent: 20, lost: u32::try_from(lost).unwrap() };
        let mut ladder = Ladder::new(outset);
        climb(&mut ladder, |ladder, burst| {
            self.cost.0 += burst.len();
            self.cost.1 += 1;
            for step in burst {
                self.send(*step, ladder);
            }
        });
        ladder.result()
    }

    fn send(&mut self, step: Step, ladder: &mut Ladder) {
        let path = if step.direction == Direction::There { self.there } else { self.back };
        let lost = self.loses();
        match path.says {
            _ if lost => {}
            _ if step.size <= path.takes => ladder.arrived(step.number),
            Some(says) => ladder.refused(step.number, Some(ROUTER), says),
            None => {}
        }
    }
}

/// To the end, where that becomes of each burst.
fn climb(ladder: &mut Ladder, mut happens: impl FnMut(&mut Ladder, &[Step])) {
    loop {
        let burst = ladder.next_burst();
        if burst.is_empty() {
            return;
        }
        happens(ladder, &burst);
    }
}

/// What is found one way up to 1,450 bytes, without loss, where that becomes of each packet.
fn climbed(mut happens: impl FnMut(&mut Ladder, Step)) -> Result<Vec<PathMtu>, String> {
    let mut ladder = Ladder::new(Outset { directions: &[Direction::There], base: 64, floor: 1_280, top: 1_450, sent: 20, lost: 0 });
    climb(&mut ladder, |ladder, burst| burst.iter().for_each(|step| happens(ladder, *step)));
    ladder.result()
}

fn words(found: &Result<Vec<PathMtu>, String>) -> String {
    match found {
        Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        Err(why) => why.clone(),
    }
}

#[track_caller]
fn check(there: Path, back: Path, expected: &str, (packets, bursts): (usize, u32)) {
    let mut trial = Trial::new(there, back);
    let found = trial.run(1_450);
    assert_eq!(words(&found), expected);
    assert!(trial.cost.0 <= packets && trial.cost.1 <= bursts, "{:?}", trial.cost);
}

#[test]
fn a_whole_path_takes_one_packet_each_way() {
    check(wide(), wide(), "1450 bytes there; 1450 bytes back", (2, 1));
    check(wide(), announced(1_450), "1450 bytes there; 1450 bytes back", (2, 1));
}

#[test]
fn a_refusal_is_believed_and_tried() {
    let expected = "1300 bytes there, 10.0.0.254 refuses larger ones (\"at most 1300\"); 1450 bytes back";
    check(announced(1_300), wide(), expected, (5, 2));
    let expected = "1300 bytes there, 10.0.0.254 refuses larger ones (\"at most 1300\"); \
                    1400 bytes back, 10.0.0.254 refuses larger ones (\"at most 1400\")";
    check(announced(1_300), announced(1_400), expected, (8, 2));
}

#[test]
fn a_black_hole_is_found_to_the_byte() {
    for takes in (1_280..1_450).chain([1_281, 1_449]) {
        let expected = format!("1450 bytes there; {takes} bytes back, larger ones vanish");
        check(wide(), hole(takes), &expected, (200, 5));
    }
    let found = Trial::new(hole(1_500), hole(7_777)).run(9_000);
    assert_eq!(words(&found), "1500 bytes there, larger ones vanish; 7777 bytes back, larger ones vanish");
}

#[test]
fn a_router_that_lies_or_says_nothing_of_the_size_does_not_mislead() {
    let silent = Path { takes: 1_333, says: Some(0) };
    check(silent, wide(), "1333 bytes there, 10.0.0.254 refuses larger ones; 1450 bytes back", (300, 6));
    // It says more than the packet has.
    let liar = Path { takes: 1_333, says: Some(60_000) };
    check(liar, wide(), "1333 bytes there, 10.0.0.254 refuses larger ones; 1450 bytes back", (300, 6));
    // What it promises does not pass either, and there nobody says a word.
    let promises = Path { takes: 1_333, says: Some(0) };
    let mut trial = Trial::new(promises, wide());
    assert_eq!(trial.run(1_450).unwrap()[0].size, 1_333);
}

#[test]
fn a_hole_behind_a_refusal_is_a_hole() {
    let found = climbed(|ladder, step| match step.size {
        ..=1_350 => ladder.arrived(step.number),
        1_351..=1_400 => {}
        _ => ladder.refused(step.number, Some(ROUTER), 1_400),
    });
    assert_eq!(words(&found), "1350 bytes there, larger ones vanish");
}

#[test]
fn below_the_floor_the_size_of_the_small_packets_stands() {
    check(hole(1_200), wide(), "less than 1280 bytes there, larger ones vanish; 1450 bytes back", (100, 5));
    let expected = "600 bytes there, 10.0.0.254 refuses larger ones (\"at most 600\"); 1450 bytes back";
    check(announced(600), wide(), expected, (10, 3));
}

#[test]
fn what_the_senders_own_interface_does_not_take_is_not_demanded() {
    let outset = Outset { directions: BOTH, base: 64, floor: 1_280, top: 1_500, sent: 20, lost: 0 };
    let mut ladder = Ladder::new(outset);
    for _ in 0..4 {
        for step in ladder.next_burst() {
            if step.size <= 1_450 { ladder.arrived(step.number) } else { ladder.refused(step.number, None, 1_450) }
        }
    }
    let found = ladder.result().unwrap();
    assert!(found.iter().all(|found| (found.size, found.top, found.larger) == (1_450, 1_450, Larger::Unsent)), "{found:?}");
}

#[test]
fn a_way_that_changes_is_no_number() {
    let why = climbed(|ladder, step| {
        if ladder.wait() == Wait::Briefly && step.size <= 1_400 {
            ladder.arrived(step.number);
        }
    })
    .unwrap_err();
    assert!(why.contains("1400 bytes there passed, and then did not"), "{why}");
}

#[test]
fn a_copy_and_a_late_answer_count_once() {
    let mut ladder = Ladder::new(Outset { directions: &[Direction::There], base: 64, floor: 1_280, top: 1_450, sent: 20, lost: 0 });
    let first = ladder.next_burst();
    assert!(!ladder.is_settled());
    let second = ladder.next_burst();
    assert!(second.len() > 3);
    ladder.refused(first[0].number, Some(ROUTER), 1_300);
    ladder.arrived(first[0].number);
    ladder.arrived(first[0].number);
    ladder.arrived(u32::MAX);
    assert!(ladder.is_settled() && ladder.next_burst().is_empty());
    assert_eq!(words(&ladder.result()), "1450 bytes there");
}

/// 5 % of the packets of each direction, so almost 10 % of questions and answers together. Chance may make the few packets of a search
/// look worse than that; then it is no number, and never a wrong one.
#[test]
fn five_percent_of_loss_each_way_does_not_matter() {
    let mut none = 0;
    for seed in 0..1_000 {
        let takes = 1_280 + u32::try_from(seed % 170).unwrap();
        let found = Trial::lossy(hole(takes), announced(takes), 0.05, seed).run(1_450);
        let there = format!("{takes} bytes there, larger ones vanish");
        let back = format!("{takes} bytes back, {ROUTER} refuses larger ones (\"at most {takes}\")");
        match found {
            Ok(_) => assert_eq!(words(&found), format!("{there}; {back}"), "seed {seed}"),
            Err(why) => {
                assert!(why.contains("too much loss"), "seed {seed}: {why}");
                none += 1;
            }
        }
    }
    assert!(none <= 5, "{none} of 1,000 are no number");
}

#[test]
fn a_quarter_lost_each_way_is_no_number_where_silence_would_decide() {
    let (mut told, mut none) = (0, 0);
    for seed in 0..1_000 {
        match Trial::lossy(hole(1_400), hole(1_400), 0.25, seed).run(1_450) {
            Ok(_) => told += 1,
            Err(why) => {
                assert!(why.contains("too much loss"), "{why}");
                none += 1;
            }
        }
    }
    assert!(none >= 990, "{told} numbers");
}

#[test]
fn what_arrives_counts_however_much_is_lost() {
    for seed in 0..200 {
        let found = Trial::lossy(wide(), wide(), 0.25, seed).run(1_450);
        assert_eq!(words(&found), "1450 bytes there; 1450 bytes back", "seed {seed}");
    }
}

#[test]
fn tries_follow_the_loss() {
    assert_eq!([(0, 20), (2, 20), (4, 20), (10, 20), (20, 20)].map(|(lost, sent)| tries(lost, sent)), [3, 4, 5, 8, 8]);
}
