//! Addresses of Services: a question is passed on to an agent behind one, chosen by a hash of its addresses and ports, so that a flow
//! stays with one; and what comes back gets the address again that was asked. It must not know faults of ways.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use crate::model::service::Transport;
use crate::model::units::Port;
use crate::model::world::{Asked, Passed, Site, Spot, Table, Turn, World};

use super::checksum::after_change;
use super::flows::Flows;
use super::packet::{Carried, Header, Piece};
use super::recent::Recent;

/// The Services that there are now: a run makes more of them while packets pass.
pub(in crate::backend::sandbox) type Services = Arc<RwLock<Table>>;

/// Flows that are kept of each generation: beyond twice as many the oldest are forgotten.
const GENERATION: usize = 65_536;

/// What passes between a Service's address and those behind it.
#[derive(Debug)]
pub(super) struct Translator {
    services: Services,
    young: HashMap<Behind, Before>,
    old: HashMap<Behind, Before>,
    /// Between two that ask each other at their own addresses.
    direct: Flows,
    recent: Recent,
}

/// A flow as whoever stands behind the Service sees it: the protocol, who asks, who answers.
type Behind = (Transport, SocketAddr, SocketAddr);

/// The same flow as whoever asks sees it.
#[derive(Debug, Clone, Copy)]
struct Before {
    client: SocketAddr,
    door: SocketAddr,
    through: Option<Spot>,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It goes on as it is: no Service is asked, and none answers. Whose turn it is with it.
    Direct(Turn),
    /// It goes to somebody behind a Service; through that node, where its port was asked.
    Question(Option<Spot>),
    /// It comes from somebody behind a Service; through that node.
    Answer(Option<Spot>),
    /// Nobody stands behind the Service: it is refused.
    Refused,
    /// It is lost.
    Lost,
}

impl Translator {
    pub(super) fn new(services: Services) -> Self {
        Self { services, young: HashMap::new(), old: HashMap::new(), direct: Flows::default(), recent: Recent::default() }
    }

    /// Translates a packet in place.
    pub(super) fn pass(&mut self, world: &World, from: Site, header: &Header, bytes: &mut [u8]) -> Outcome {
        let (Site::Spot(from), Some((transport, source_port, target_port))) = (from, translatable(header)) else {
            return Outcome::Direct(self.turn(header));
        };
        let (source, target) = ends(header, (source_port, target_port));
        if let Some(before) = self.before(&(transport, target, source)) {
            rewrite(bytes, header, before.door, before.client);
            return Outcome::Answer(before.through);
        }
        let pick = hashed(&(transport, source, target));
        // Nobody else looks at it.
        let reused = world.is_among(&world.translation.stale, from) && self.recent.uses_again(header.source, source_port, target);
        let asked = Asked { from, address: header.target, port: target_port, transport, reused, pick };
        let passed = self.services.read().unwrap_or_else(PoisonError::into_inner).pass(world, &asked);
        match passed {
            Passed::Unchanged => {
                let turn = self.turn(header);
                if turn == Turn::Question {
                    self.forget(&(transport, source, target));
                }
                Outcome::Direct(turn)
            }
            Passed::ToNobody => Outcome::Refused,
            Passed::Lost => Outcome::Lost,
            Passed::To(backend, through) => {
                let backend = SocketAddr::new(backend.address, backend.port.get());
                // A kernel takes nothing that seems to come from itself: to itself it comes from the Service.
                let seen = if backend.ip() == source.ip() { SocketAddr::new(target.ip(), source.port()) } else { source };
                self.note((transport, seen, backend), Before { client: source, door: target, through });
                rewrite(bytes, header, seen, backend);
                Outcome::Question(through)
            }
        }
    }

    fn before(&mut self, behind: &Behind) -> Option<Before> {
        if let Some(before) = self.young.get(behind) {
            return Some(*before);
        }
        let before = *self.old.get(behind)?;
        self.note(*behind, before);
        Some(before)
    }

    fn note(&mut self, behind: Behind, before: Before) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&behind) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(behind, before);
    }

    /// Whoever answers there answers somebody who asks it directly, from now on.
    fn forget(&mut self, behind: &Behind) {
        self.young.remove(behind);
        self.old.remove(behind);
    }

    /// Whose turn it is with a packet that no Service concerns.
    fn turn(&mut self, header: &Header) -> Turn {
        header.packet(|| self.direct.asks(header)).map_or(Turn::Answer, |packet| packet.turn)
    }
}

/// Gives a packet the ends again that it had when this was read.
pub(super) fn restore(bytes: &mut [u8], sent: &Header) {
    if let Some((_, source_port, target_port)) = translatable(sent) {
        let (source, target) = ends(sent, (source_port, target_port));
        rewrite(bytes, sent, source, target);
    }
}

/// How it is asked and from which port to which; none for what is never translated.
fn translatable(header: &Header) -> Option<(Transport, Port, Port)> {
    let transport = match header.carried {
        Carried::Tcp(_) => Transport::Tcp,
        Carried::Udp => Transport::Udp,
        Carried::Echo | Carried::EchoReply | Carried::IcmpError | Carried::OtherIcmp | Carried::Other(_) => return None,
    };
    let (source, target) = header.ports.filter(|_| header.piece == Piece::Whole)?;
    Some((transport, source, target))
}

fn ends(header: &Header, ports: (Port, Port)) -> (SocketAddr, SocketAddr) {
    (SocketAddr::new(header.source, ports.0.get()), SocketAddr::new(header.target, ports.1.get()))
}

/// The same for equal flows.
fn hashed(flow: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    flow.hash(&mut hasher);
    hasher.finish()
}

/// Gives a whole packet of TCP or UDP other ends, of the same family; its checksums stay as right as they were.
fn rewrite(bytes: &mut [u8], header: &Header, source: SocketAddr, target: SocketAddr) {
    let sum = match header.carried {
        Carried::Udp => header.start + 6,
        _ => header.start + 16,
    };
    let none = header.carried == Carried::Udp && bytes.get(sum..sum + 2) == Some(&[0, 0]);
    let (places, own) = match (source.ip(), target.ip()) {
        (IpAddr::V4(source), IpAddr::V4(target)) => ([(12, source.octets().to_vec()), (16, target.octets().to_vec())], Some(10)),
        (source, target) => ([(8, octets(source)), (24, octets(target))], None),
    };
    let mut sums: Vec<usize> = own.into_iter().collect();
    if !none {
        sums.push(sum);
    }
    for (place, octets) in places {
        put(bytes, place, &octets, &sums);
    }
    let ports = if none { Vec::new() } else { vec![sum] };
    put(bytes, header.start, &source.port().to_be_bytes(), &ports);
    put(bytes, header.start + 2, &target.port().to_be_bytes(), &ports);
    // Of UDP, 0 stands for no checksum at all (RFC 768).
    if header.carried == Carried::Udp
        && !none
        && let Some(field) = bytes.get_mut(sum..sum + 2).filter(|field| **field == [0, 0])
    {
        field.copy_from_slice(&[0xff, 0xff]);
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// Puts 16-bit words there, and mends the checksums at these places.
fn put(bytes: &mut [u8], at: usize, words: &[u8], sums: &[usize]) {
    for (word, place) in words.as_chunks::<2>().0.iter().zip((at..).step_by(2)) {
        let Some(before) = bytes.get(place..place + 2).and_then(|field| <[u8; 2]>::try_from(field).ok()) else { return };
        for sum in sums {
            if let Some(field) = bytes.get_mut(*sum..*sum + 2)
                && let Ok(checksum) = <[u8; 2]>::try_from(&*field)
            {
                field.copy_from_slice(&after_change(checksum, before, *word));
            }
        }
        if let Some(field) = bytes.get_mut(place..place + 2) {
            field.copy_from_slice(word);
        }
    }
}
