//! One target's part of a share, with all that asking it takes. It must not know how the asking is done.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use crate::model::burst::Burst;
use crate::model::family::Family;
use crate::model::outcome::{Obstacle, ObstacleKind, Outcome, Sight};
use crate::model::probe::SourcePorts;
use crate::wire::{Peer, Who};

use super::interface;
use super::pace::{Pacer, mix};
use super::packet::{Question, RunTag, printable};

/// One target's part of a share.
#[derive(Debug, Clone)]
pub(super) struct Errand {
    pub(super) run: RunTag,
    pub(super) share: u32,
    pub(super) burst: Burst,
    /// The ports that its questions leave from.
    pub(super) ports: SourcePorts,
    pub(super) peer: Peer,
    /// Where it is asked: port 0 where the probe has none.
    pub(super) to: SocketAddr,
    /// The asker's address of the family.
    pub(super) source: IpAddr,
    pub(super) pacer: Arc<Pacer>,
    pub(super) nonces: Nonces,
    /// Decides the jitter.
    pub(super) seed: u64,
}

/// What all errands of a share have in common.
#[derive(Debug, Clone)]
pub(super) struct Makings {
    pub(super) run: RunTag,
    pub(super) share: u32,
    pub(super) ports: SourcePorts,
    /// The asker's own addresses.
    pub(super) addresses: Vec<IpAddr>,
    pub(super) pacer: Arc<Pacer>,
    pub(super) nonces: Nonces,
    /// Decides the jitter.
    pub(super) seed: u64,
}

impl Makings {
    /// The asker's address of that family.
    pub(super) fn source(&self, family: Family) -> Option<IpAddr> {
        self.addresses.iter().copied().find(|address| Family::of(*address) == family)
    }

    /// What came of asking over that family, unless the address to ask from was taken away meanwhile, as that of a pod that ends:
    /// then it says nothing of the network that anything stayed away.
    pub(super) fn stood(&self, family: Family, outcome: Result<Outcome, Obstacle>) -> Result<Outcome, Obstacle> {
        let whole = matches!(&outcome, Ok(Outcome::Measured(tally)) if !tally.is_lossy());
        match self.source(family).filter(|source| !whole && interface::lost(*source)) {
            None => outcome,
            Some(source) => Err(Obstacle {
                kind: ObstacleKind::NoAddress,
                detail: format!("its address {source} was gone when this was measured: its pod has ended, or lost it"),
            }),
        }
    }

    /// The errand to that peer, which is there.
    pub(super) fn errand(&self, burst: Burst, peer: Peer, to: SocketAddr) -> Result<Errand, Obstacle> {
        let source = self.source(burst.family).ok_or_else(|| Obstacle {
            kind: ObstacleKind::NoAddress,
            detail: format!("no {} address of its own to ask from", burst.family.words()),
        })?;
        let Self { run, share, ports, addresses: _, pacer, nonces, seed } = self.clone();
        Ok(Errand { run, share, burst, ports, peer, to, source, pacer, nonces, seed })
    }
}

impl Errand {
    /// The address that this one is asked from.
    pub(super) fn source_to(&self, to: IpAddr) -> IpAddr {
        heard_at(to, self.source)
    }

    /// The question of that number.
    pub(super) fn question(&self, sequence: u32) -> Question {
        let (share, pair) = (self.share, self.peer.pair);
        Question { run: self.run, share, pair, sequence, nonce: self.nonces.of(share, pair, sequence) }
    }

    /// The chance of this target alone.
    pub(super) fn chance(&self) -> u64 {
        mix(self.seed ^ mix(u64::from(self.peer.pair)))
    }

    /// The name by which the peer was looked up, without the dot at its end: what it calls itself to whoever asks.
    pub(super) fn called(&self) -> Option<&str> {
        self.peer.looked_up().map(|name| name.strip_suffix('.').unwrap_or(name))
    }

    /// What an answer by that name says of the backend of a Service; nothing where no Service is asked.
    pub(super) fn sight(&self, name: &[u8]) -> Option<Sight> {
        match self.peer.who {
            Who::Backend { .. } => Some(Sight::Backend { name: printable(name) }),
            Who::Agent { .. } | Who::Anyone { .. } => None,
        }
    }

    /// Whether the peer may not call itself that.
    pub(super) fn is_wrong(&self, name: &[u8]) -> bool {
        self.peer.name().is_some_and(|expected| expected.as_bytes() != name)
    }

    /// The number of a question of this errand; none if it is of another, or nobody asked it.
    pub(super) fn sequence_of(&self, question: &Question) -> Option<u32> {
        (*question == self.question(question.sequence)).then_some(question.sequence)
    }
}

/// Numbers that nobody can know who has not seen the question: a keyed hash (the standard library's, whose key is random)
/// of what the question is, so that none needs to be remembered.
#[derive(Debug, Clone, Default)]
pub(super) struct Nonces(RandomState);

impl Nonces {
    fn of(&self, share: u32, pair: u32, sequence: u32) -> u64 {
        self.0.hash_one((share, pair, sequence))
    }
}

/// Whence that one is asked: many of those that listen on a loopback address, such as systemd-resolved, hear loopback addresses alone.
fn heard_at(to: IpAddr, source: IpAddr) -> IpAddr {
    match to {
        IpAddr::V4(to) if to.is_loopback() && !source.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(to) if to.is_loopback() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => source,
    }
}

/// Our own trouble with a socket.
pub(super) fn socket_trouble(doing: &str, error: &std::io::Error) -> Obstacle {
    Obstacle { kind: ObstacleKind::Socket, detail: format!("{doing}: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::{Miss, Tally, count_misses};
    use crate::model::unresolved::{Unfound, Unresolved};
    use crate::wire::Pace;

    #[test]
    fn what_stays_away_says_nothing_where_the_asker_has_lost_its_address() {
        let makings = |address: &str| Makings {
            run: RunTag::of("run"),
            share: 1,
            ports: SourcePorts::Reused,
            addresses: vec![address.parse().unwrap()],
            pacer: Arc::new(Pacer::new(Pace::gentle(0))),
            nonces: Nonces::default(),
            seed: 0,
        };
        let (here, gone) = (makings("127.0.0.1"), makings("192.0.2.1"));
        let lossy = Tally { sent: 1, missed: count_misses([Miss::TimedOut]), ..Tally::empty() };
        let unresolved = Unresolved { why: Unfound::NoAnswer, by: Vec::new() };
        let trouble = Obstacle { kind: ObstacleKind::Socket, detail: "binding".to_owned() };
        for outcome in [Ok(Outcome::Measured(lossy)), Ok(Outcome::Unresolved(unresolved)), Err(trouble)] {
            assert_eq!(here.stood(Family::V4, outcome.clone()), outcome);
            let said = gone.stood(Family::V4, outcome).unwrap_err();
            assert_eq!(said.kind, ObstacleKind::NoAddress);
            assert!(said.detail.contains("192.0.2.1"), "{}", said.detail);
        }
        let whole = Ok(Outcome::Measured(Tally { sent: 1, answered: 1, ..Tally::empty() }));
        assert_eq!(gone.stood(Family::V4, whole.clone()), whole);
    }

    #[test]
    fn a_loopback_address_is_asked_from_one() {
        for (to, source, expected) in [
            ("127.0.0.53", "10.0.0.3", "127.0.0.1"),
            ("127.0.0.53", "127.77.0.9", "127.77.0.9"),
            ("10.96.0.10", "10.0.0.3", "10.0.0.3"),
            ("::1", "fd00::3", "::1"),
            ("fd96::a", "fd00::3", "fd00::3"),
        ] {
            let [to, source, expected] = [to, source, expected].map(|address| address.parse::<IpAddr>().unwrap());
            assert_eq!(heard_at(to, source), expected, "{to}");
        }
    }
}
