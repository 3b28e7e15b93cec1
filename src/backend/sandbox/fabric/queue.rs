//! Packets that wait for their time, in the order in which they are to leave. It reads no clock and writes to no device.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use crate::model::world::{Effect, Site, Spot};

/// The most that waits. What comes on top is lost, and counted.
pub(super) const MOST_MIB: usize = 128;
/// What a packet costs besides its own bytes, at most.
const COST: usize = 256;
/// Buffers keep no more room than this for the next packet.
const KEPT_BUFFER: usize = 4_096;

/// Between which networks a packet goes: only on one way do packets overtake each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Way {
    pub(super) from: Site,
    /// The node whose port was asked, where it goes to somebody behind a Service or comes from there.
    pub(super) through: Option<Spot>,
    pub(super) to: Site,
}

impl Way {
    /// The same the other way round.
    pub(super) const fn back(self) -> Self {
        Self { from: self.to, through: self.through, to: self.from }
    }
}

/// Packets with the time since the fabric began at which they leave, and the index of the port that they leave by.
#[derive(Debug, Default)]
pub(super) struct Queue {
    order: BinaryHeap<Reverse<Ticket>>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Packets that let the next one on their way pass, in the order in which they came.
    held: HashMap<Way, Vec<Ticket>>,
    tickets: u64,
    bytes: usize,
    overflow: u64,
}

/// Equal times leave in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ticket {
    due: Duration,
    number: u64,
    slot: usize,
}

#[derive(Debug)]
struct Slot {
    /// Of the one ticket that is valid.
    ticket: u64,
    port: usize,
    packet: Vec<u8>,
    held_on: Option<Way>,
}

impl Queue {
    /// Lets a packet leave by that port at that time.
    pub(super) fn push(&mut self, due: Duration, port: usize, packet: &[u8]) {
        self.put(due, port, packet, None);
    }

    /// Lets a packet wait for the next one on its way, but not for ever.
    pub(super) fn hold(&mut self, way: Way, due: Duration, port: usize, packet: &[u8]) {
        let latest = due.saturating_add(Effect::OVERTAKEN_WITHIN.duration());
        if let Some(number) = self.put(latest, port, packet, Some(way)) {
            self.held.entry(way).or_default().push(Ticket { due, ..number });
        }
    }

    /// Whether a packet waits on that way for the next one.
    pub(super) fn holds(&self, way: Way) -> bool {
        !self.held.is_empty() && self.held.contains_key(&way)
    }

    /// The next one on that way leaves at that time: who waited for it leaves right after.
    pub(super) fn release(&mut self, way: Way, due: Duration) {
        for held in self.held.remove(&way).unwrap_or_default() {
            let ticket = Ticket { due: due.max(held.due), number: self.number(), slot: held.slot };
            if let Some(slot) = self.slots.get_mut(held.slot) {
                (slot.ticket, slot.held_on) = (ticket.number, None);
                self.order.push(Reverse(ticket));
            }
        }
    }

    /// When it has to be looked at next.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.order.peek().map(|Reverse(ticket)| ticket.due)
    }

    /// Hands every packet over whose time has come.
    pub(super) fn drain(&mut self, now: Duration, mut leave: impl FnMut(usize, &[u8])) {
        while let Some(Reverse(ticket)) = self.order.peek().copied().filter(|Reverse(ticket)| ticket.due <= now) {
            self.order.pop();
            let Some(slot) = self.slots.get_mut(ticket.slot).filter(|slot| slot.ticket == ticket.number) else { continue };
            leave(slot.port, &slot.packet);
            self.bytes -= slot.packet.len() + COST;
            slot.packet.clear();
            slot.packet.shrink_to(KEPT_BUFFER);
            slot.ticket = u64::MAX;
            self.free.push(ticket.slot);
            if let Some(way) = slot.held_on.take() {
                // Nobody came in time.
                self.held.remove(&way);
            }
        }
    }

    /// Packets that were lost because too many waited.
    pub(super) fn overflow(&self) -> u64 {
        self.overflow
    }

    fn put(&mut self, due: Duration, port: usize, packet: &[u8], held_on: Option<Way>) -> Option<Ticket> {
        if self.bytes + packet.len() + COST > MOST_MIB << 20 {
            self.overflow += 1;
            return None;
        }
        let number = self.number();
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(Slot { ticket: number, port, packet: Vec::new(), held_on });
        }
        let ticket = Ticket { due, number, slot };
        let slot = self.slots.get_mut(slot)?;
        (slot.ticket, slot.port, slot.held_on) = (number, port, held_on);
        slot.packet.extend_from_slice(packet);
        self.bytes += packet.len() + COST;
        self.order.push(Reverse(ticket));
        Some(ticket)
    }

    fn number(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}
