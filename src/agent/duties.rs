//! The shares that an agent has been given: in order, each once. Pure.

use std::collections::{BTreeSet, VecDeque};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::units::Micros;
use crate::wire::Share;

/// The most targets that may wait in all shares together: bounds the memory.
const WAITING_LIMIT: usize = 100_000;

/// The shares of an agent.
#[derive(Debug, Default)]
pub(super) struct Duties {
    /// Each with when it arrived.
    waiting: VecDeque<(Share, Instant)>,
    current: Option<(u32, CancellationToken)>,
    /// All that were ever assigned. A controller that lost its connection cannot know whether its last words arrived, and
    /// says them again.
    known: BTreeSet<u32>,
}

impl Duties {
    /// One more share, which arrives now, unless it is known already.
    ///
    /// # Errors
    /// In words, if too much waits.
    pub(super) fn assign(&mut self, share: Share, now: Instant) -> Result<(), String> {
        if self.known.contains(&share.share) {
            return Ok(());
        }
        let waiting: usize = self.waiting.iter().map(|(share, _)| share.targets.len()).sum();
        if waiting + share.targets.len() > WAITING_LIMIT {
            return Err(format!("share {} would make more than {WAITING_LIMIT} targets wait", share.share));
        }
        self.known.insert(share.share);
        self.waiting.push_back((share, now));
        Ok(())
    }

    /// The highest that was ever assigned.
    pub(super) fn known(&self) -> Option<u32> {
        self.known.last().copied()
    }

    /// The next share, which has as much time as is left of it now, with what fires when it is cancelled.
    pub(super) fn start(&mut self, now: Instant) -> Option<(Share, CancellationToken)> {
        let (mut share, arrived) = self.waiting.pop_front()?;
        share.deadline = Micros(share.deadline.0.saturating_sub(Micros::of(now - arrived).0));
        let cancelled = CancellationToken::new();
        self.current = Some((share.share, cancelled.clone()));
        Some((share, cancelled))
    }

    /// The share in progress.
    pub(super) fn current(&self) -> Option<u32> {
        self.current.as_ref().map(|(share, _)| *share)
    }

    /// The share in progress is over. Returns whether it came to its own end.
    pub(super) fn finish(&mut self) -> bool {
        self.current.take().is_some_and(|(_, cancelled)| !cancelled.is_cancelled())
    }

    /// Gives a share up.
    pub(super) fn cancel(&mut self, number: u32) {
        self.waiting.retain(|(share, _)| share.share != number);
        if let Some((share, cancelled)) = &self.current
            && *share == number
        {
            cancelled.cancel();
        }
    }

    /// Gives everything up.
    pub(super) fn cancel_all(&mut self) {
        self.waiting.clear();
        if let Some((_, cancelled)) = &self.current {
            cancelled.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::burst::Burst;
    use crate::model::family::Family;
    use crate::model::probe::Probe;
    use crate::model::units::Port;
    use crate::wire::{Pace, Peer, Who};
    use std::num::NonZeroU32;

    fn share(number: u32, targets: u32) -> Share {
        let port = Port::new(7411).unwrap();
        let peer = |pair| Peer {
            pair,
            host: std::net::IpAddr::from([127, 0, 0, 1]).into(),
            who: Who::Agent { name: "n".to_owned(), tcp: port, udp: port },
        };
        let burst = Burst { family: Family::V4, count: NonZeroU32::MIN, interval: Micros(0), timeout: Micros(1) };
        let (probe, targets) = (Probe::udp(burst), (0..targets).map(peer).collect());
        Share {
            share: number,
            attempt: 1,
            probe,
            targets,
            deadline: Micros(1),
            pace: Pace::gentle(0),
            secrets: crate::model::secret::Secrets::default(),
        }
    }

    fn started(duties: &mut Duties) -> Option<u32> {
        duties.start(Instant::now()).map(|(share, _)| share.share)
    }

    #[test]
    fn shares_come_in_order_and_once() {
        let mut duties = Duties::default();
        assert_eq!(duties.known(), None);
        for number in [7, 3, 7, 5] {
            duties.assign(share(number, 1), Instant::now()).unwrap();
        }
        assert_eq!(duties.known(), Some(7));
        duties.cancel(3);
        assert_eq!(started(&mut duties), Some(7));
        assert_eq!(duties.current(), Some(7));
        assert!(duties.finish());
        duties.assign(share(7, 1), Instant::now()).unwrap();
        assert_eq!(started(&mut duties), Some(5));
        duties.cancel(5);
        assert!(!duties.finish());
        assert_eq!(started(&mut duties), None);
    }

    #[test]
    fn waiting_uses_up_the_time() {
        let mut duties = Duties::default();
        let begin = Instant::now();
        let second = std::time::Duration::from_secs(1);
        for number in [1, 2] {
            duties.assign(Share { deadline: Micros(5_000_000), ..share(number, 1) }, begin).unwrap();
        }
        // Said again, it is the one that is there.
        duties.assign(Share { deadline: Micros(5_000_000), ..share(2, 1) }, begin + 3 * second).unwrap();
        let mut left = |after| duties.start(begin + after * second).map(|(share, _)| share.deadline);
        assert_eq!(left(0), Some(Micros(5_000_000)));
        assert_eq!(left(4), Some(Micros(1_000_000)));
        duties.assign(share(3, 1), begin).unwrap();
        assert_eq!(duties.start(begin + 60 * second).map(|(share, _)| share.deadline), Some(Micros(0)));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut duties = Duties::default();
        for number in 0..100 {
            duties.assign(share(number, 1_000), Instant::now()).unwrap();
        }
        let why = duties.assign(share(100, 1), Instant::now()).unwrap_err();
        assert!(why.contains("more than 100000 targets"), "{why}");
        duties.assign(share(99, 1_000), Instant::now()).unwrap(); // a known one takes no room
    }
}
