//! The search after the largest packet in one direction: which sizes are tried next, and what is known. Pure: no sockets, no
//! clock, no dice. It must not know who sends, nor how long anybody waits.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::path_mtu::Larger;

/// Sizes of packets, in bytes, that links are known to have: common tunnels over common links, and jumbo frames.
const KNOWN: [u32; 34] = [
    576, 1_280, 1_300, 1_350, 1_360, 1_370, 1_376, 1_380, 1_390, 1_392, 1_400, 1_410, 1_420, 1_422, 1_430, 1_440, 1_446, 1_450, 1_454,
    1_458, 1_460, 1_464, 1_472, 1_476, 1_480, 1_492, 1_500, 2_000, 4_352, 8_850, 8_896, 8_950, 9_000, 9_001,
];

/// So many sizes of a gap are tried at once.
const RUNGS: u32 = 32;

/// A search in progress. Sizes are those of whole IP packets.
#[derive(Debug)]
pub(super) struct Search {
    /// The smallest that is tried on purpose.
    floor: u32,
    /// The largest that could arrive.
    top: u32,
    /// Whether that is for who answers.
    is_capped: bool,
    /// The largest that arrived; at first the size of what was answered before.
    passed: u32,
    limit: Option<Limit>,
    tries: BTreeMap<u32, Tries>,
    check: Check,
}

/// What somebody on the way said.
#[derive(Debug, Clone, Copy)]
struct Limit {
    /// Nothing larger passes.
    most: u32,
    by: Option<IpAddr>,
    mtu: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    sent: u32,
    arrived: u32,
}

/// The burst that has to confirm what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Due,
    /// Sent, about that size, of which so many had arrived before.
    Sent {
        passed: u32,
        arrived: u32,
    },
    /// What was found to pass did not pass again.
    Failed,
}

/// What is to be sent next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// So many of each size, to find out.
    Try(Vec<(u32, u32)>),
    /// The same, to confirm what was found.
    Confirm(Vec<(u32, u32)>),
    /// Everything is known that can be.
    Nothing,
}

/// What is known in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) size: u32,
    pub(super) top: u32,
    /// The smallest that was tried and did not arrive; 0 where none was too large.
    pub(super) fails: u32,
    pub(super) larger: Larger,
    /// What was found to pass passed once, and not again.
    pub(super) unsteady: bool,
    /// Larger ones could not be sent to whoever answers.
    pub(super) is_capped: bool,
}

impl Search {
    /// Nothing is known but that packets of `base` bytes pass.
    pub(super) fn new(base: u32, floor: u32, top: u32) -> Self {
        let top = top.max(base);
        Self { floor: floor.clamp(base, top), top, is_capped: false, passed: base, limit: None, tries: BTreeMap::new(), check: Check::Due }
    }

    /// What to send, where so many tries without an answer mean that a size does not pass.
    pub(super) fn next(&mut self, patience: u32) -> Next {
        if self.passed >= self.top {
            return Next::Nothing;
        }
        if self.tries.is_empty() {
            return self.send(vec![(self.top, 1)]);
        }
        let wanted = self.wanted(patience);
        if !wanted.is_empty() {
            return self.send(wanted);
        }
        if self.larger() != Larger::Vanished {
            return Next::Nothing;
        }
        self.confirm(patience)
    }

    /// A packet of that size arrived.
    pub(super) fn arrived(&mut self, size: u32) {
        self.tries.entry(size).or_default().arrived += 1;
        self.passed = self.passed.max(size);
        self.limit = self.limit.filter(|limit| limit.most >= self.passed);
    }

    /// A packet of that size was refused: by somebody on the way, or (none) by its sender's own interface.
    pub(super) fn refused(&mut self, size: u32, by: Option<IpAddr>, mtu: u32) {
        let said = (1..size).contains(&mtu);
        let most = if said { mtu } else { size.saturating_sub(1) };
        if most < self.passed {
            return;
        }
        match by {
            None => self.top = self.top.min(most),
            by => self.limit(Limit { most, by, mtu: if said { mtu } else { 0 } }),
        }
        self.floor = self.floor.min(self.top);
    }

    /// The sender's kernel believes somebody, whom it does not name, that the way takes no more than `mtu`.
    pub(super) fn lowered(&mut self, mtu: u32) {
        if mtu >= self.passed {
            self.limit(Limit { most: mtu, by: None, mtu });
        }
    }

    /// Larger ones cannot be sent to whoever answers, though the interface would take them.
    pub(super) fn capped(&mut self, most: u32) {
        if most >= self.passed && most < self.top {
            (self.top, self.is_capped) = (most, true);
            self.floor = self.floor.min(most);
        }
    }

    /// A packet of that size was not sent after all.
    pub(super) fn withdraw(&mut self, size: u32) {
        if let Some(tries) = self.tries.get_mut(&size) {
            tries.sent = tries.sent.saturating_sub(1);
        }
    }

    fn limit(&mut self, limit: Limit) {
        if self.limit.is_none_or(|known| limit.most < known.most) {
            self.limit = Some(limit);
        }
    }

    /// Whether it is known what becomes of a size, so that nobody has to wait for its answer.
    pub(super) fn knows(&self, size: u32) -> bool {
        size <= self.passed || size > self.most()
    }

    /// Packets that got lost although their size passes, and all of such sizes.
    pub(super) fn losses(&self) -> (u32, u32) {
        let passing = self.tries.range(..=self.passed);
        passing.fold((0, 0), |(lost, sent), (_, tries)| (lost + tries.sent.saturating_sub(tries.arrived), sent + tries.sent))
    }

    pub(super) fn found(&self) -> Found {
        let larger = self.larger();
        let fails = match larger {
            Larger::Unsent => 0,
            Larger::Refused { .. } => self.passed + 1,
            Larger::Vanished => (self.passed + 1).max(self.floor),
        };
        Found { size: self.passed, top: self.top, fails, larger, unsteady: self.check == Check::Failed, is_capped: self.is_capped }
    }

    fn larger(&self) -> Larger {
        match self.limit {
            _ if self.passed >= self.top => Larger::Unsent,
            Some(Limit { most, by, mtu }) if most == self.passed => Larger::Refused { by, mtu },
            Some(_) | None => Larger::Vanished,
        }
    }

    /// The largest that nobody has refused.
    fn most(&self) -> u32 {
        self.limit.map_or(self.top, |limit| limit.most.min(self.top))
    }

    /// Sizes whose fate is open, with how many are to be sent of each; none if the largest that passes is known.
    fn wanted(&self, patience: u32) -> Vec<(u32, u32)> {
        let failed = self.tries.range(self.passed + 1..).find(|(_, tries)| tries.sent >= patience).map(|(size, _)| *size);
        let high = failed.unwrap_or(u32::MAX).min(self.most().saturating_add(1));
        let open = self.passed + 1..high;
        let known = KNOWN.into_iter().chain([self.floor]).filter(|size| *size >= self.floor);
        // What somebody said is the best guess.
        let guesses: Vec<u32> = match self.limit {
            Some(limit) if limit.mtu > 0 && open.contains(&limit.most) => vec![limit.most],
            Some(_) | None => known.chain([self.top]).filter(|size| open.contains(size)).collect(),
        };
        let mut sizes = if guesses.is_empty() && self.passed >= self.floor { rungs(open) } else { guesses };
        sizes.sort_unstable();
        sizes.dedup();
        let open = sizes.into_iter().map(|size| (size, patience.saturating_sub(self.tries.get(&size).map_or(0, |tries| tries.sent))));
        open.filter(|(_, copies)| *copies > 0).collect()
    }

    /// Once more what passes, and what does not: the next larger one, and the largest.
    fn confirm(&mut self, patience: u32) -> Next {
        let arrived = self.tries.get(&self.passed).map_or(0, |tries| tries.arrived);
        match self.check {
            Check::Sent { passed, arrived: before } if passed == self.passed => {
                // What was answered before the search began is not tried again.
                if arrived == before && self.passed >= self.floor {
                    self.check = Check::Failed;
                }
                return Next::Nothing;
            }
            Check::Failed => return Next::Nothing,
            Check::Due | Check::Sent { .. } => {}
        }
        self.check = Check::Sent { passed: self.passed, arrived };
        let mut sizes = vec![(self.passed, patience), ((self.passed + 1).max(self.floor), patience), (self.most(), patience)];
        sizes.retain(|(size, _)| *size >= self.floor);
        sizes.dedup();
        self.note(&sizes);
        Next::Confirm(sizes)
    }

    fn send(&mut self, sizes: Vec<(u32, u32)>) -> Next {
        self.note(&sizes);
        Next::Try(sizes)
    }

    fn note(&mut self, sizes: &[(u32, u32)]) {
        for (size, copies) in sizes {
            self.tries.entry(*size).or_default().sent += copies;
        }
    }
}

/// Sizes that lie evenly in a gap, the smallest and the largest of it among them.
fn rungs(gap: std::ops::Range<u32>) -> Vec<u32> {
    let width = gap.len();
    match u32::try_from(width).ok() {
        Some(0) | None => Vec::new(),
        Some(width) if width <= RUNGS => gap.collect(),
        Some(width) => (0..RUNGS).map(|rung| gap.start + (width - 1) * rung / (RUNGS - 1)).collect(),
    }
}
