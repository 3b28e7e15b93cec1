//! Peers that never stop talking: an agent has one thread for all that it does. Before each turn of whoever listens, the queue of its
//! socket is full, however fast it reads. It must not know the protocol of what is asked.

use std::future::Future;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::datagram;
use super::errand::{Errand, Nonces};
use super::flow::{self, End};
use super::form::Datagram;
use super::heard::HEAR_LIMIT;
use super::pace::{Cost, Pacer};
use super::packet::RunTag;
use super::pmtu;
use crate::model::burst::Burst;
use crate::model::family::Family;
use crate::model::outcome::ObstacleKind;
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::SourcePorts;
use crate::model::units::{Micros, Port};
use crate::wire::{Pace, Peer, Who};

/// Turns of work that a flood is too much for: a bound for the test, not for what it tests.
const TURNS: usize = 100_000;

/// Sends noise to whoever asked last. What `says` makes of a question goes before.
pub(super) struct Flood {
    socket: UdpSocket,
    says: fn(&[u8]) -> Option<Vec<u8>>,
    asker: Option<SocketAddr>,
}

impl Flood {
    pub(super) fn at(address: IpAddr, says: fn(&[u8]) -> Option<Vec<u8>>) -> Self {
        let socket = UdpSocket::bind((address, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, says, asker: None }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// More than is read in one go, and as much as the queue holds; nothing before anybody asked. Returns whether it is full now.
    fn pour(&mut self) -> bool {
        let mut room = [0; 600];
        while let Ok((length, from)) = self.socket.recv_from(&mut room) {
            self.asker = Some(from);
            if let Some(said) = (self.says)(&room[..length]) {
                let _ = self.socket.send_to(&said, from);
            }
        }
        let Some(asker) = self.asker else { return false };
        // Nobody is there any more who would hear it.
        (0..4 * HEAR_LIMIT).all(|_| self.socket.send_to(b"noise", asker).is_ok())
    }

    /// What came of the work, and in how many turns with a full queue. Between two turns others could have had theirs.
    pub(super) async fn against<T>(&mut self, work: impl Future<Output = T>) -> (T, usize) {
        let (mut work, mut turns, mut full) = (pin!(work), 0, 0);
        std::future::poll_fn(|context| {
            turns += 1;
            assert!(turns < TURNS, "no end");
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready((done, full));
            }
            full += usize::from(self.pour());
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

/// So much was heard, and no more in any turn than is read in one go.
pub(super) fn assert_bounded(heard: u32, turns: usize) {
    let heard = heard as usize;
    assert!(heard > 4 * HEAR_LIMIT, "no flood: {heard}");
    assert!(heard <= HEAR_LIMIT * turns, "{heard} read in {turns} turns");
}

fn errand(to: SocketAddr) -> Errand {
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: Micros(0), seed: 1 };
    let (count, interval, timeout) = (NonZeroU32::new(3).unwrap(), Micros(1_000), Micros(150_000));
    Errand {
        run: RunTag::of("r1"),
        share: 1,
        burst: Burst { family: Family::V4, count, interval, timeout },
        peer: Peer { pair: 1, host: to.ip().into(), who: Who::Anyone { port: Port::new(to.port()) } },
        to,
        source: [127, 77, 54, 250].into(),
        pacer: Arc::new(Pacer::new(pace)),
        nonces: Nonces::default(),
        seed: 1,
        ports: SourcePorts::Reused,
    }
}

#[tokio::test]
async fn a_burst_leaves_others_their_turn() {
    let mut flood = Flood::at([127, 77, 54, 1].into(), |_| None);
    let errand = errand(flood.address());
    let (tally, turns) = flood.against(datagram::ask(Datagram::Udp, errand)).await;
    let tally = tally.unwrap();
    assert_eq!((tally.sent, tally.answered), (3, 0));
    assert_bounded(tally.foreign, turns);
}

#[tokio::test]
async fn a_single_question_leaves_others_their_turn_and_its_time_ends() {
    let mut flood = Flood::at([127, 77, 54, 2].into(), |_| None);
    let errand = errand(flood.address());
    let ticket = errand.pacer.admit(tokio::time::Instant::now(), Cost::Flow).await;
    let limit = errand.burst.timeout.duration();
    let (fate, turns) = flood.against(flow::question(&errand, 1, limit, ticket)).await;
    assert!(matches!(fate.end, End::TimedOut));
    assert_bounded(fate.foreign, turns);
}

/// Small questions are answered, and the noise goes on while large ones are waited for.
#[tokio::test]
async fn the_search_for_the_largest_packet_ends() {
    let mut flood = Flood::at([127, 77, 54, 3].into(), |question| (question.len() < 300).then(|| question.to_vec()));
    let errand = errand(flood.address());
    let probe = PmtuProbe { burst: errand.burst.clone(), over: Carrier::Udp, floor: 1_280, ceiling: 1_500 };
    let (found, turns) = flood.against(pmtu::ask(&probe, errand)).await;
    // Whoever does not come to read in time takes the noise for loss, and then finds no number.
    match found {
        Ok(tally) => assert_bounded(tally.foreign, turns),
        Err(obstacle) => assert_eq!(obstacle.kind, ObstacleKind::Inconclusive),
    }
}
