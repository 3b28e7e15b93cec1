//! The whole search of a pair, in one direction or in both at once: bursts of packets, what came of each, and the result. Pure: it
//! must not know sockets, clocks, nor whether the packets are real; the simulation searches by it too.

use std::net::IpAddr;

use crate::model::path_mtu::{Direction, Larger, PathMtu};

use super::search::{Next, Search};

/// What a search begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outset {
    /// Which ways are searched.
    pub(crate) directions: &'static [Direction],
    /// Of a packet that is known to pass, in bytes of the whole IP packet.
    pub(crate) base: u32,
    /// Smaller ones are not tried.
    pub(crate) floor: u32,
    /// Larger ones cannot be sent, or are not to be.
    pub(crate) top: u32,
    /// How many packets of the base size were sent.
    pub(crate) sent: u32,
    /// How many of them were not answered.
    pub(crate) lost: u32,
}

/// A packet to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Tells it from all others of the ladder; from 0.
    pub(crate) number: u32,
    /// In which direction it is that large.
    pub(crate) direction: Direction,
    /// Of the whole IP packet, in bytes.
    pub(crate) size: u32,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As round trips go.
    Briefly,
    /// As long as the probe says: what is not answered now will be called a black hole.
    Fully,
}

/// A search in progress.
#[derive(Debug)]
pub(crate) struct Ladder {
    outset: Outset,
    searches: Vec<(Direction, Search)>,
    steps: Vec<(Step, Fate)>,
    /// Where the last burst begins.
    burst: usize,
    bursts: u32,
    wait: Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    Arrived,
    Refused,
    Withdrawn,
}

/// More loss than this, and silence says nothing of sizes.
const MOST_LOST: f64 = 0.2;

/// What chance alone may make of a size that passes: to be lost in all of its tries.
const DOUBT: f64 = 0.001;

/// Tries of a size, whatever the loss.
const TRIES: std::ops::RangeInclusive<u32> = 3..=8;

/// Bursts of one ladder: it takes about five to search the whole range.
const BURSTS: u32 = 24;

impl Ladder {
    pub(crate) fn new(outset: Outset) -> Self {
        let search = |direction: &Direction| (*direction, Search::new(outset.base, outset.floor, outset.top));
        let searches = outset.directions.iter().map(search).collect();
        Self { outset, searches, steps: Vec::new(), burst: 0, bursts: 0, wait: Wait::Briefly }
    }

    /// The next packets to send, all at once; none when there is nothing more to find out.
    pub(crate) fn next_burst(&mut self) -> Vec<Step> {
        self.burst = self.steps.len();
        self.bursts += 1;
        if self.bursts > BURSTS {
            return Vec::new();
        }
        self.wait = Wait::Briefly;
        let (lost, sent) = (self.outset.lost, self.outset.sent);
        for (direction, search) in &mut self.searches {
            let (more_lost, more_sent) = search.losses();
            let sizes = match search.next(tries(lost + more_lost, sent + more_sent)) {
                Next::Try(sizes) => sizes,
                Next::Confirm(sizes) => {
                    self.wait = Wait::Fully;
                    sizes
                }
                Next::Nothing => continue,
            };
            // Copies of a size are not sent one right after the other: what is lost in a row is not all of one size.
            let most = sizes.iter().map(|(_, copies)| *copies).max().unwrap_or(0);
            for (size, _) in (0..most).flat_map(|copy| sizes.iter().filter(move |(_, copies)| *copies > copy)) {
                let number = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
                self.steps.push((Step { number, direction: *direction, size: *size }, Fate::Open));
            }
        }
        self.steps[self.burst..].iter().map(|(step, _)| *step).collect()
    }

    /// How long the answers to the last burst may take.
    pub(crate) const fn wait(&self) -> Wait {
        self.wait
    }

    /// Whether nobody needs to wait for the last burst any longer.
    pub(crate) fn is_settled(&self) -> bool {
        self.steps[self.burst..].iter().all(|(step, fate)| {
            let known = || self.search(step.direction).is_some_and(|search| search.knows(step.size));
            // A packet that confirms is waited for although its size is known.
            *fate != Fate::Open || (self.wait == Wait::Briefly && known())
        })
    }

    /// A packet arrived; that it did twice makes no difference.
    pub(crate) fn arrived(&mut self, number: u32) {
        if let Some(step) = self.settle(number, Fate::Arrived) {
            self.change(step.direction, |search| search.arrived(step.size));
        }
    }

    /// A packet was refused: by somebody on the way, or (none) by its sender's own interface.
    pub(crate) fn refused(&mut self, number: u32, by: Option<IpAddr>, mtu: u32) {
        if let Some(step) = self.settle(number, Fate::Refused) {
            self.change(step.direction, |search| search.refused(step.size, by, mtu));
        }
    }

    /// The sender's kernel keeps such a packet back: somebody, whom it does not name, told it that the way takes no more than that.
    pub(crate) fn lowered(&mut self, number: u32, mtu: u32) {
        if let Some(step) = self.settle(number, Fate::Refused) {
            self.change(step.direction, |search| search.lowered(mtu));
        }
    }

    /// The sender's kernel keeps such a packet back, since whoever answers takes none that is larger than that.
    pub(crate) fn capped(&mut self, number: u32, most: u32) {
        if let Some(step) = self.settle(number, Fate::Withdrawn) {
            self.change(step.direction, |search| {
                search.withdraw(step.size);
                search.capped(most);
            });
        }
    }

    /// A packet was not sent after all, or it cannot be known what became of it.
    pub(crate) fn withdrawn(&mut self, number: u32) {
        if let Some(step) = self.settle(number, Fate::Withdrawn) {
            self.change(step.direction, |search| search.withdraw(step.size));
        }
    }

    /// The oldest packet in a direction whose fate is open, larger than that: the best guess where an error does not say which it is about.
    pub(crate) fn oldest_open(&self, larger_than: u32) -> Option<u32> {
        let mut open =
            self.steps.iter().filter(|(step, fate)| *fate == Fate::Open && step.direction != Direction::Back && step.size > larger_than);
        open.next().map(|(step, _)| step.number)
    }

    /// What was found, for each direction.
    ///
    /// # Errors
    /// Why it is no number.
    pub(crate) fn result(&self) -> Result<Vec<PathMtu>, String> {
        self.searches.iter().map(|(direction, search)| self.found(*direction, search)).collect()
    }

    fn found(&self, direction: Direction, search: &Search) -> Result<PathMtu, String> {
        let found = search.found();
        let (more_lost, more_sent) = search.losses();
        let (lost, sent) = (self.outset.lost + more_lost, self.outset.sent + more_sent);
        let silent = found.larger == Larger::Vanished;
        if silent && f64::from(lost) > MOST_LOST * f64::from(sent) {
            let percent = f64::from(lost) * 100.0 / f64::from(sent.max(1));
            return Err(format!(
                "too much loss to tell large packets from lost ones: {lost} of {sent} packets {direction} ({percent:.0} %) were lost whose size \
                 passes, and above 20 % silence says nothing of sizes; mend the loss first"
            ));
        }
        if silent && (found.unsteady || self.bursts > BURSTS) {
            return Err(format!(
                "the way changed while it was measured: packets of {} bytes {direction} passed, and then did not",
                found.size
            ));
        }
        if found.larger == Larger::Unsent && found.is_capped {
            return Err(format!(
                "all packets of {size} bytes {direction} arrive, and TCP sends no larger ones: whoever answers takes none, or somebody on the \
                 way had its MSS lowered; what the way itself takes beyond is not known; write `ceiling: {size}` to ask for no more",
                size = found.size
            ));
        }
        Ok(PathMtu { direction, size: found.size, top: found.top, fails: found.fails, larger: found.larger })
    }

    fn settle(&mut self, number: u32, becomes: Fate) -> Option<Step> {
        let (step, fate) = self.steps.get_mut(usize::try_from(number).ok()?)?;
        // An answer proves that its question arrived, whatever an error said before.
        let news = *fate == Fate::Open || (*fate == Fate::Refused && becomes == Fate::Arrived);
        news.then(|| {
            *fate = becomes;
            *step
        })
    }

    fn search(&self, direction: Direction) -> Option<&Search> {
        self.searches.iter().find(|(own, _)| *own == direction).map(|(_, search)| search)
    }

    fn change(&mut self, direction: Direction, change: impl FnOnce(&mut Search)) {
        if let Some((_, search)) = self.searches.iter_mut().find(|(own, _)| *own == direction) {
            change(search);
        }
    }
}

/// How often a size is tried, so that loss alone silences one that passes less often than [`DOUBT`]. The loss is taken for half a
/// packet more than was seen: none of a few is not none at all.
fn tries(lost: u32, sent: u32) -> u32 {
    let loss = (f64::from(lost) + 0.5) / (f64::from(sent) + 1.0);
    TRIES.clone().find(|tries| loss.powi(i32::try_from(*tries).unwrap_or(i32::MAX)) < DOUBT).unwrap_or(*TRIES.end())
}

#[cfg(test)]
mod tests;
