//! Requests and TLS handshakes in a world: a connection, a round trip for each step over it, and what is seen then.
//! It must not know how packets fare.

use std::collections::{BTreeMap, HashMap};

use crate::model::certificate::{TlsSight, TlsVersion};
use crate::model::outcome::{Miss, Samples, Seen, Sight, Stage, Step, StepSamples, Tally};
use crate::model::probe::{Probe, TlsSettings};
use crate::model::response::HttpSight;
use crate::model::units::Micros;
use crate::model::vantage::Network;
use crate::model::world::{ApiServer, Reply, Site, WorldHost};
use crate::probe::note;

use super::books::Books;
use super::exchange::{Exchange, ends_of};
use super::lane::Traveller;

/// What stands at the other end.
enum Server<'s> {
    /// An agent, which answers in the clear.
    Agent,
    /// One that is asked something else than its run's questions: it ends the connection.
    Stranger,
    /// An API server, at these addresses.
    Api(&'s ApiServer, &'s WorldHost),
    /// Something that accepts connections, and says nothing.
    Mute,
}

/// What is seen of each answer, or where each stalls.
pub(super) enum Said {
    /// After these steps.
    Sight(Sight, Vec<Step>),
    /// There.
    Stalls(Stage),
    /// The other side ends the connection.
    Ends,
}

impl Exchange<'_> {
    fn server(&self) -> Server<'_> {
        match self.to {
            Site::Spot(_) if self.name.is_some() => Server::Agent,
            Site::Spot(spot) if spot.network == Network::Pod && self.port == super::PORT => Server::Stranger,
            Site::Spot(_) | Site::Router(_) => Server::Mute,
            Site::Host(number) => {
                let host = self.scene.world.hosts.get(usize::from(number));
                let api = host.and_then(|host| Some((host.serves.as_ref().filter(|api| api.port == self.port)?, host)));
                api.map_or(Server::Mute, |(api, host)| Server::Api(api, host))
            }
        }
    }

    /// What comes over each connection; none if the probe asks nothing over them.
    pub(super) fn said(&self, probe: &Probe) -> Option<Said> {
        match (probe, self.server()) {
            (Probe::Http(http), Server::Agent) if http.tls.is_none() => Some(seen(&Reply { status: 200, body: String::new() }, None, None)),
            (Probe::Http(http), Server::Api(api, host)) => Some(match &http.tls {
                Some(tls) => seen(&api.reply(&http.into()), http.find.as_deref(), Some(self.shown(tls, api, host))),
                None => seen(&ApiServer::in_the_clear(), http.find.as_deref(), None),
            }),
            (Probe::Tls(tls), Server::Api(api, host)) => Some(Said::Sight(Sight::Tls(self.shown(&tls.tls, api, host)), vec![Step::Tls])),
            (Probe::Http(_) | Probe::Tls(_), Server::Stranger) => Some(Said::Ends),
            (Probe::Http(http), _) if http.tls.is_none() => Some(Said::Stalls(Stage::Head)),
            (Probe::Http(_) | Probe::Tls(_), _) => Some(Said::Stalls(Stage::Tls)),
            (Probe::Icmp(_) | Probe::Udp(_) | Probe::Tcp(_) | Probe::Dns(_) | Probe::Pmtu(_), _) => None,
        }
    }

    /// A connection for each question, and a round trip over it for each step; returned is how long each step of each answer took.
    pub(super) fn requests(&self, said: &Said, leaving: Vec<Traveller>, books: &mut Books) -> BTreeMap<Step, Vec<Micros>> {
        let mut alive = self.connected(leaving, books);
        if said.steps().is_empty() {
            self.unanswered(said, alive, books);
            return BTreeMap::new();
        }
        let mut ends: Vec<(Step, HashMap<u32, Micros>)> = vec![(Step::Connect, ends_of(&alive))];
        for step in said.steps() {
            let before = alive.clone();
            alive = self.round(alive, books);
            let there = ends_of(&alive);
            let at = if *step == Step::Tls { Stage::Tls } else { Stage::Head };
            // Of the others, those that were reset are settled already.
            before
                .iter()
                .filter(|traveller| !there.contains_key(&traveller.number))
                .for_each(|lost| books.missed(*lost, Miss::Stalled { at }));
            ends.push((*step, ends_of(&alive)));
        }
        for traveller in &alive {
            // What comes too late is left open, and times out.
            books.answered_over(*traveller, traveller.at);
        }
        let counted = alive.iter().filter(|traveller| traveller.number > 0 && books.in_time(**traveller));
        let mut steps: BTreeMap<Step, Vec<Micros>> = BTreeMap::new();
        for traveller in counted {
            let mut last = books.left(traveller.number);
            for (step, ends) in &ends {
                let end = ends.get(&traveller.number).copied().unwrap_or(last);
                steps.entry(*step).or_default().push(Micros(end.0.saturating_sub(last.0)));
                last = end;
            }
        }
        steps
    }

    /// These connections come to nothing.
    fn unanswered(&self, said: &Said, connected: Vec<Traveller>, books: &mut Books) {
        match said {
            Said::Sight(..) => {}
            Said::Stalls(at) => connected.into_iter().for_each(|traveller| books.missed(traveller, Miss::Stalled { at: *at })),
            // A process that stands still ends nothing.
            Said::Ends => {
                let ended = connected.into_iter().filter(|traveller| self.silence(*traveller).is_none()).collect();
                self.reset(ended, &Miss::Reset, books);
            }
        }
    }

    fn shown(&self, tls: &TlsSettings, api: &ApiServer, host: &WorldHost) -> TlsSight {
        let certificate = api.certificate(&host.addresses);
        let called = self.called.map(|name| name.strip_suffix('.').unwrap_or(name));
        let name = tls.server_name.as_deref().or(called).map_or_else(|| self.address.to_string(), str::to_owned);
        let trusted = api.trusted(&tls.trust, &name, &certificate);
        TlsSight { version: TlsVersion::Tls13, trusted, certificate: Some(certificate) }
    }
}

fn seen(reply: &Reply, find: Option<&str>, tls: Option<TlsSight>) -> Said {
    let found = find.map(|find| reply.body.contains(find));
    let mut sight = HttpSight { status: reply.status, found, note: String::new(), tls };
    if !sight.is_success() || found == Some(false) {
        sight.note = note(&reply.body);
    }
    let steps = sight.tls.iter().map(|_| Step::Tls).chain([Step::FirstByte]).collect();
    Said::Sight(Sight::Http(sight), steps)
}

impl Said {
    /// The steps after the connection.
    pub(super) fn steps(&self) -> &[Step] {
        match self {
            Self::Sight(_, steps) => steps,
            Self::Stalls(_) | Self::Ends => &[],
        }
    }

    /// The tally of a burst, with how long each step of each answer took.
    pub(super) fn add(self, mut tally: Tally, steps: BTreeMap<Step, Vec<Micros>>) -> Tally {
        if let Self::Sight(what, _) = self
            && tally.answered > 0
        {
            tally.seen = vec![Seen { what, count: tally.answered }];
            let samples = |mut took: Vec<Micros>| {
                took.truncate(Samples::RAW_LIMIT);
                Samples::Raw(took)
            };
            tally.steps = steps.into_iter().map(|(step, took)| StepSamples { step, samples: samples(took) }).collect();
        }
        tally
    }
}
