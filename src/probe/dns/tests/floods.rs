//! Servers that never stop talking: an agent has one thread for all that it does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::probe::heard::HEAR_LIMIT;

/// So long, that whoever listens to its end is found out.
const LONGEST: Duration = Duration::from_secs(5);

/// Sends noise to whoever asked last, from a thread of its own, until it is dropped. With `truth`, the answer goes before.
struct Flood {
    at: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Flood {
    fn start(number: u8, truth: bool) -> Self {
        let socket = std::net::UdpSocket::bind((address(number), 0)).unwrap();
        let at = socket.local_addr().unwrap();
        socket.set_nonblocking(true).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let (ends, began) = (Arc::clone(&over), Instant::now());
        let thread = std::thread::spawn(move || {
            let (mut room, mut to) = ([0; 600], None);
            while !ends.load(Ordering::Relaxed) && began.elapsed() < LONGEST {
                if let Ok((length, from)) = socket.recv_from(&mut room) {
                    to = Some(from);
                    if truth {
                        let _ = socket.send_to(&bytes(&answer(&room[..length])), from);
                    }
                }
                if let Some(to) = to {
                    let _ = socket.send_to(b"noise", to);
                }
            }
        });
        Self { at, over, thread: Some(thread) }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// What came of a query to such a server, and how often others on the same thread had their turn meanwhile.
async fn turns(flood: &Flood, timeout: Micros) -> (Tally, usize) {
    let asking = asked(flood.at, 1, timeout, Transport::Udp);
    let mut asking = pin!(asking);
    let mut turns = 1;
    loop {
        tokio::select! {
            biased;
            (tally, _) = &mut asking => return (tally, turns),
            () = tokio::task::yield_now() => turns += 1,
        }
    }
}

/// However fast the noise comes: from one turn of others to the next, a query's own socket and those that are kept are read in one go each.
async fn leaves_turns(flood: Flood, timeout: Micros) {
    let (tally, turns) = turns(&flood, timeout).await;
    let heard = tally.foreign as usize;
    assert!(heard > 4 * HEAR_LIMIT, "no flood: {heard}");
    assert!(heard <= 2 * HEAR_LIMIT * turns, "{heard} read in {turns} turns");
}

#[tokio::test]
async fn a_flood_instead_of_an_answer_leaves_others_their_turn() {
    leaves_turns(Flood::start(33, false), Micros(1_500_000)).await;
}

#[tokio::test]
async fn a_flood_behind_an_answer_leaves_others_their_turn_and_ends() {
    leaves_turns(Flood::start(34, true), LONG).await;
}
