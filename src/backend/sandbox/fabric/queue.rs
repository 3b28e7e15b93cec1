//! Packets that wait for their time, in the order in which they are to leave. It reads no clock and writes to no device.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// The most bytes that wait: 64 MiB. What comes on top is lost, and counted.
const MOST_BYTES: usize = 64 << 20;
/// Buffers up to this size are used again.
const KEPT_BUFFER: usize = 4_096;

/// Packets with the time at which they leave, since the fabric began, and the index of the port that they leave by.
#[derive(Debug, Default)]
pub(super) struct Queue {
    order: BinaryHeap<Reverse<Ticket>>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    next: u64,
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
    /// The one valid ticket's number.
    number: u64,
    port: usize,
    packet: Vec<u8>,
}

impl Queue {
    /// Lets a packet leave by that port at that time.
    pub(super) fn push(&mut self, due: Duration, port: usize, packet: &[u8]) {
        if self.bytes + packet.len() > MOST_BYTES {
            self.overflow += 1;
            return;
        }
        self.bytes += packet.len();
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { number: 0, port, packet: Vec::new() });
            self.slots.len() - 1
        });
        let number = self.next;
        self.next += 1;
        if let Some(entry) = self.slots.get_mut(slot) {
            entry.number = number;
            entry.port = port;
            entry.packet.extend_from_slice(packet);
            self.order.push(Reverse(Ticket { due, number, slot }));
        }
    }

    /// When the next one leaves.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.order.peek().map(|Reverse(ticket)| ticket.due)
    }

    /// Hands the next packet over, if its time has come.
    pub(super) fn pop(&mut self, now: Duration, leave: impl FnOnce(usize, &[u8])) -> bool {
        let Some(Reverse(ticket)) = self.order.peek().copied().filter(|Reverse(ticket)| ticket.due <= now) else { return false };
        self.order.pop();
        if let Some(slot) = self.slots.get_mut(ticket.slot) {
            self.bytes -= slot.packet.len();
            leave(slot.port, &slot.packet);
            slot.packet.clear();
            slot.packet.shrink_to(KEPT_BUFFER);
            self.free.push(ticket.slot);
        }
        true
    }
}
