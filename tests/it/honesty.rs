//! That what netcheck loses is not of its own making: many targets at the default pace, and a server that counts what it drops.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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

/// What came of a share: none where this machine gave the process no CPU, and it said so.
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
        while let Some((_, outcome)) = receiver.recv().await {
            outcomes.push(outcome);
        }
        outcomes
    };
    let ((), outcomes) = tokio::join!(carry_out(&asker, &share, sender), collect);
    let tally = |outcome| match outcome {
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

/// Each answer that the server keeps to itself is lost, and no other.
#[tokio::test]
async fn what_is_lost_is_what_was_dropped() {
    let (from, at): (IpAddr, IpAddr) = ([127, 78, 0, 3].into(), [127, 78, 0, 4].into());
    let socket = UdpSocket::bind((at, 0)).await.unwrap();
    let (to, dropped) = (socket.local_addr().unwrap(), Arc::new(AtomicU32::new(0)));
    let counting = Arc::clone(&dropped);
    let _server = AbortOnDropHandle::new(tokio::spawn(async move {
        let (mut random, mut bytes) = (fastrand::Rng::with_seed(3), [0; 512]);
        loop {
            let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
            let Reading::Whole(question, _) = Question::read(&bytes[..length]) else { panic!("no question") };
            // Question 0 is the warm-up, which no sum has.
            if question.sequence > 0 && random.u32(0..1_000) < 130 {
                counting.fetch_add(1, Ordering::Relaxed);
            } else {
                socket.try_send_to(&question.answer("node0"), from).unwrap();
            }
        }
    }));
    for _ in 0..10 {
        dropped.store(0, Ordering::Relaxed);
        let fast = Burst { interval: Micros(1_000), ..burst(1_000, Micros(2_000_000)) };
        let Some(tallies) = tallies(from, vec![peer(0, to)], fast).await else { continue };
        let lost = tallies.iter().map(Tally::lost).sum::<u32>();
        assert_eq!(lost, dropped.load(Ordering::Relaxed));
        // 130 are expected; five times the standard deviation, 10.6, is exceeded once in a million times.
        return assert!((77..=183).contains(&lost), "{lost} of 1,000");
    }
    panic!("this machine is too busy to test on");
}
