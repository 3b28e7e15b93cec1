//! One burst to a Service: every question is passed on to one of those behind it, and goes its way from there as any other.
//! It must not know how a way is disturbed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::outcome::{Miss, Outcome, Sight, Tally};
use crate::model::probe::Probe;
use crate::model::service::Transport;
use crate::model::units::{Micros, Port};
use crate::model::world::{Asked, Backend, Passed, Site, Spot};
use crate::wire::{Peer, Who};

use super::books::Books;
use super::exchange::Exchange;
use super::lane::Traveller;
use super::scene::Scene;

/// A burst, and where it begins.
pub(super) struct Visit<'s> {
    pub(super) scene: &'s Scene,
    pub(super) from: Spot,
    pub(super) peer: &'s Peer,
    pub(super) address: IpAddr,
    pub(super) at: Micros,
}

/// Those who are passed the same questions.
type Turns = BTreeMap<(Spot, Option<Spot>), (Backend, Vec<Traveller>)>;

impl Visit<'_> {
    /// What it comes to; none where no Service is asked.
    pub(super) fn tally(&self, probe: &Probe) -> Option<Tally> {
        let (transport, port) = probe.transport().zip(self.peer.port(probe))?;
        let itself = self.itself(port);
        if self.passed(transport, port, Pick { reused: false, pick: 0 }) == Passed::Unchanged && itself.is_none() {
            return None;
        }
        let mut books = Books::open(probe, self.at);
        let mut turns = Turns::new();
        let mut fresh = 0;
        for question in books.leaving() {
            let reused = !probe.ports().is_fresh(question.number);
            fresh += u64::from(!reused);
            let pick = if reused { 0 } else { fresh };
            let passed = self.passed(transport, port, Pick { reused, pick: pick + u64::from(self.from.node) });
            match itself.filter(|_| passed == Passed::Unchanged).unwrap_or(passed) {
                Passed::To(backend, through) => {
                    books.says(question.number, self.sight(&backend));
                    turns.entry((backend.spot, through)).or_insert_with(|| (backend, Vec::new())).1.push(question);
                }
                Passed::ToNobody => books.missed(question, Miss::Refused { by: Some(self.address) }),
                Passed::Lost | Passed::Unchanged => {}
            }
        }
        for ((_, through), (backend, questions)) in turns {
            self.ask(probe, (backend, through), questions, &mut books);
        }
        Some(books.close())
    }

    /// Behind a headless Service an agent is asked at its own address.
    fn itself(&self, port: Port) -> Option<Passed> {
        match (&self.peer.who, self.scene.world.site(self.address)) {
            (Who::Backend { .. }, Some(Site::Spot(spot))) => Some(Passed::To(Backend { spot, address: self.address, port }, None)),
            _ => None,
        }
    }

    fn passed(&self, transport: Transport, port: Port, Pick { reused, pick }: Pick) -> Passed {
        let asked = Asked { from: self.from, address: self.address, port, transport, reused, pick };
        self.scene.table().pass(&self.scene.world, &asked)
    }

    fn ask(&self, probe: &Probe, (backend, through): (Backend, Option<Spot>), questions: Vec<Traveller>, books: &mut Books) {
        let name = self.name(backend.spot);
        // Nothing is sent over a connection to somebody else, and what is sent is no question of the run's.
        let silent = matches!((&self.peer.who, probe), (Who::Anyone { .. }, Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_)));
        self.exchange(&backend, through, (!silent).then_some(name.as_str())).carry_out(probe, questions, books);
    }

    /// The search after the largest packet of a path, where a Service stands at that address: all connections of a search reach the same
    /// backend here. None where nobody is passed anything.
    pub(super) fn search(&self, probe: &Probe) -> Option<Outcome> {
        let Probe::Pmtu(_) = probe else { return None };
        let (transport, port) = probe.transport().zip(self.peer.port(probe))?;
        match self.passed(transport, port, Pick { reused: true, pick: 0 }) {
            Passed::To(backend, through) => Some(self.exchange(&backend, through, None).outcome(probe)),
            Passed::ToNobody | Passed::Lost | Passed::Unchanged => None,
        }
    }

    fn exchange<'e>(&'e self, backend: &Backend, through: Option<Spot>, name: Option<&'e str>) -> Exchange<'e> {
        Exchange {
            scene: self.scene,
            from: self.from,
            to: Site::Spot(backend.spot),
            address: backend.address,
            called: self.peer.looked_up(),
            name,
            port: backend.port,
            through,
            at: self.at,
        }
    }

    fn sight(&self, backend: &Backend) -> Option<Sight> {
        match self.peer.who {
            Who::Backend { .. } => Some(Sight::Backend { name: self.name(backend.spot) }),
            Who::Agent { .. } | Who::Anyone { .. } => None,
        }
    }

    fn name(&self, spot: Spot) -> String {
        self.scene.world.nodes.get(usize::from(spot.node)).map(|node| node.name.to_string()).unwrap_or_default()
    }
}

/// What decides among backends.
struct Pick {
    reused: bool,
    pick: u64,
}
