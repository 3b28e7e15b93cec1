//! Who spoke first, of two that exchange datagrams: whoever did asks, the other answers. It must not know what follows from it.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use crate::model::units::Port;

use super::packet::Header;

/// After so many flows the oldest are forgotten: a datagram of theirs then counts as a question again.
const GENERATION: usize = 65_536;

/// The flows that were seen, each as who asked and who was asked.
#[derive(Debug, Default)]
pub(super) struct Flows {
    young: HashSet<Flow>,
    /// The generation before.
    old: HashSet<Flow>,
}

type Flow = (SocketAddr, SocketAddr);

impl Flows {
    /// Whether a datagram belongs to a flow in which nobody spoke before the other way; notes that its sender has spoken now.
    pub(super) fn asks(&mut self, header: &Header) -> bool {
        let Some((from, to)) = header.ports else { return true };
        let end = |address: IpAddr, port: Port| SocketAddr::new(address, port.get());
        let (from, to) = (end(header.source, from), end(header.target, to));
        let answered = (to, from);
        if self.young.contains(&answered) {
            return false;
        }
        if self.old.contains(&answered) {
            self.note(answered);
            return false;
        }
        self.note((from, to));
        true
    }

    fn note(&mut self, flow: Flow) {
        if self.young.len() >= GENERATION && !self.young.contains(&flow) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(flow);
    }
}
