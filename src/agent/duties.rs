//! The shares that an agent has been given: in order, each once. Pure.

use std::collections::{BTreeSet, VecDeque};

use tokio_util::sync::CancellationToken;

use crate::wire::Share;

/// The most targets that may wait in all shares together: bounds the memory.
const WAITING_LIMIT: usize = 100_000;

/// The shares of an agent.
#[derive(Debug, Default)]
pub(super) struct Duties {
    waiting: VecDeque<Share>,
    current: Option<(u32, CancellationToken)>,
    /// All that were ever assigned. A controller that lost its connection cannot know whether its last words arrived, and
    /// says them again.
    known: BTreeSet<u32>,
}

impl Duties {
    /// One more share, unless it is known already.
    ///
    /// # Errors
    /// In words, if too much waits.
    pub(super) fn assign(&mut self, share: Share) -> Result<(), String> {
        if self.known.contains(&share.share) {
            return Ok(());
        }
        let waiting: usize = self.waiting.iter().map(|share| share.targets.len()).sum();
        if waiting + share.targets.len() > WAITING_LIMIT {
            return Err(format!("share {} would make more than {WAITING_LIMIT} targets wait", share.share));
        }
        self.known.insert(share.share);
        self.waiting.push_back(share);
        Ok(())
    }

    /// The highest that was ever assigned.
    pub(super) fn known(&self) -> Option<u32> {
        self.known.last().copied()
    }

    /// The next share, with what fires when it is cancelled.
    pub(super) fn start(&mut self) -> Option<(Share, CancellationToken)> {
        let share = self.waiting.pop_front()?;
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
        self.waiting.retain(|share| share.share != number);
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
    use crate::model::probe::{Burst, Family, Probe};
    use crate::model::units::{Micros, Port};
    use crate::wire::{Pace, Peer};
    use std::num::NonZeroU32;

    fn share(number: u32, targets: u32) -> Share {
        let port = Port::new(7411).unwrap();
        let peer = |pair| Peer { pair, name: "n".to_owned(), address: [127, 0, 0, 1].into(), tcp: port, udp: port };
        let burst = Burst { family: Family::V4, count: NonZeroU32::MIN, interval: Micros(0), timeout: Micros(1) };
        let (probe, targets) = (Probe::Udp(burst), (0..targets).map(peer).collect());
        Share { share: number, probe, targets, deadline: Micros(1), pace: Pace::gentle(0) }
    }

    fn started(duties: &mut Duties) -> Option<u32> {
        duties.start().map(|(share, _)| share.share)
    }

    #[test]
    fn shares_come_in_order_and_once() {
        let mut duties = Duties::default();
        assert_eq!(duties.known(), None);
        for number in [7, 3, 7, 5] {
            duties.assign(share(number, 1)).unwrap();
        }
        assert_eq!(duties.known(), Some(7));
        duties.cancel(3);
        assert_eq!(started(&mut duties), Some(7));
        assert_eq!(duties.current(), Some(7));
        assert!(duties.finish());
        duties.assign(share(7, 1)).unwrap();
        assert_eq!(started(&mut duties), Some(5));
        duties.cancel(5);
        assert!(!duties.finish());
        assert_eq!(started(&mut duties), None);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut duties = Duties::default();
        for number in 0..100 {
            duties.assign(share(number, 1_000)).unwrap();
        }
        let why = duties.assign(share(100, 1)).unwrap_err();
        assert!(why.contains("more than 100000 targets"), "{why}");
        duties.assign(share(99, 1_000)).unwrap(); // a known one takes no room
    }
}
