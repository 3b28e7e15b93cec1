//! That what netcheck loses is not of its own making: many targets at the default pace, and a server of which is known what it drops.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use netcheck::agent::{Ports, respond};
use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{Obstacle, ObstacleKind, Outcome, Tally};
use netcheck::model::probe::Probe;
use netcheck::model::units::{Micros, Port};
use netcheck::probe::packet::{Question, Reading};
use netcheck::probe::{Asker, carry_out};
use netcheck::wire::{Pace, Peer, Share, Who};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

const RUN: &str = "honest";

fn peer(pair: u32, at: SocketAddr) -> Peer {
    let port = Port::new(at.port()).unwrap();
    Peer { pair, host: at.ip().into(), who: Who::Agent { name: format!("node{pair}"), tcp: port, udp: port } }
}

/// What came of a share, by pair: none where this machine gave the process no CPU, and it said so.
async fn tallies(from: IpAddr, targets: Vec<Peer>, burst: Burst) -> Option<Vec<Tally>> {
    let asker = Asker {
        run: RUN.to_owned(),
        addresses: vec![from],
        credentials: netcheck::agent::credentials(std::path::PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    let (probe, deadline) = (Probe::udp(burst), Micros(120_000_000));
    let share = Share {
        share: 1,
        attempt: 1,
        probe,
        targets,
        deadline,
        pace: Pace::gentle(1),
        secrets: netcheck::model::secret::Secrets::default(),
    };
    let (sender, mut receiver) = mpsc::channel(1_000);
    let collect = async {
        let mut outcomes = Vec::new();
        while let Some(outcome) = receiver.recv().await {
            outcomes.push(outcome);
        }
        outcomes.sort_by_key(|(pair, _)| *pair);
        outcomes
    };
    let ((), outcomes) = tokio::join!(carry_out(&asker, &share, sender), collect);
    let tally = |(_, outcome)| match outcome {
        Outcome::Measured(tally) => Some(tally),
        Outcome::NotMeasured(Obstacle { kind: ObstacleKind::Overloaded, .. }) => None,
        other @ (Outcome::Unresolved(_) | Outcome::NotMeasured(_)) => panic!("{other:?}"),
    };
    outcomes.into_iter().map(tally).collect()
}

fn burst(count: u32, timeout: Micros) -> Burst {
    Burst { family: Family::V4, count: NonZeroU32::new(count).unwrap(), interval: Micros(10_000), timeout }
}

/// A burst of a few hundred packets overruns a small receive buffer, and would look like the network's loss.
#[tokio::test]
async fn two_hundred_targets_at_the_default_pace_lose_nothing() {
    let (from, at): (IpAddr, IpAddr) = ([127, 78, 0, 1].into(), [127, 78, 0, 2].into());
    let answering: Vec<_> = (0..200).map(|pair| respond(RUN, &format!("node{pair}"), &[at], Ports::Free).unwrap()).collect();
    let targets: Vec<_> = (0..).zip(&answering).map(|(pair, responders)| peer(pair, SocketAddr::new(at, responders.udp.get()))).collect();
    for _ in 0..10 {
        // A machine that is too busy says so, and has told nothing.
        let Some(tallies) = tallies(from, targets.clone(), burst(50, Micros(2_000_000))).await else { continue };
        let sums = tallies.iter().fold((0, 0, 0), |sums, tally| (sums.0 + tally.sent, sums.1 + tally.lost(), sums.2 + tally.foreign));
        return assert_eq!((tallies.len(), sums), (200, (10_000, 0, 0)));
    }
    panic!("this machine is too busy to test on");
}

/// A run of each pair: how many questions it asks, and with what probability each is dropped.
const RUNS: u32 = 1_000;
const QUESTIONS: u32 = 20;
const DROPPED: f64 = 0.13;

/// Which questions of each run are dropped, whichever comes first: from 1, since question 0 is the warm-up, which no sum has.
fn dropped() -> Vec<Vec<u32>> {
    let mut random = fastrand::Rng::with_seed(3);
    (0..RUNS).map(|_| (1..=QUESTIONS).filter(|_| random.f64() < DROPPED).collect()).collect()
}

/// Each answer that the server keeps to itself is lost in its own run, and no other; and what is lost in all of them is binomial.
#[tokio::test]
async fn what_is_lost_in_a_thousand_runs_is_what_was_dropped() {
    let (from, at): (IpAddr, IpAddr) = ([127, 78, 0, 3].into(), [127, 78, 0, 4].into());
    let socket = UdpSocket::bind((at, 0)).await.unwrap();
    let (to, drops) = (socket.local_addr().unwrap(), dropped());
    let _server = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut bytes = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let Reading::Whole(question, _) = Question::read(&bytes[..length]) else { panic!("no question") };
            if !drops[question.pair as usize].contains(&question.sequence) {
                socket.try_send_to(&question.answer(&format!("node{}", question.pair)), from).unwrap();
            }
        }
    }));
    let targets: Vec<_> = (0..RUNS).map(|pair| peer(pair, to)).collect();
    for _ in 0..10 {
        let Some(tallies) = tallies(from, targets.clone(), burst(QUESTIONS, Micros(2_000_000))).await else { continue };
        let lost: Vec<u32> = tallies.iter().map(Tally::lost).collect();
        let dropped: Vec<u32> = dropped().iter().map(|run| u32::try_from(run.len()).unwrap()).collect();
        assert_eq!(lost, dropped);
        return assert_binomial(&lost);
    }
    panic!("this machine is too busy to test on");
}

/// Mean and variance within five times their standard deviations, which chance exceeds once in a million times.
fn assert_binomial(lost: &[u32]) {
    let (runs, questions) = (f64::from(RUNS), f64::from(QUESTIONS));
    let mean = lost.iter().copied().map(f64::from).sum::<f64>() / runs;
    let variance = questions * DROPPED * (1.0 - DROPPED);
    assert!((mean - questions * DROPPED).abs() < 5.0 * (variance / runs).sqrt(), "{mean} lost in a run");
    let found = lost.iter().map(|lost| (f64::from(*lost) - mean).powi(2)).sum::<f64>() / (runs - 1.0);
    assert!((found - variance).abs() < 5.0 * variance * (2.0 / (runs - 1.0)).sqrt(), "a variance of {found} instead of {variance}");
}
