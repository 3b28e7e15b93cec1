//! What tests come to: cases, and what stands for those that depend on what the cluster has, as long as nobody knows that.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reader::Reader;
use super::settings::Families;
use crate::model::case_id::CaseId;
use crate::model::family::Family;
use crate::model::fixture::Fixture;
use crate::model::service::Wanted;
use crate::model::source::Span;
use crate::model::suite::{About, Case, Destination, Offer, Pending, Source, Which, Whose, Workload};
use crate::model::vantage::{Network, Station};
use crate::suite::each::UNKNOWN;
use crate::suite::remarks::Remarks;
use crate::suite::source::Place;
use crate::suite::tree::Node;

/// What tests come to.
#[derive(Default)]
pub(crate) struct Expanded {
    /// Cases, in the order of the tests.
    pub(crate) cases: Vec<Case>,
    /// What stands for cases that are not known yet.
    pub(crate) pending: Vec<Pending>,
    /// The families that some test asks for, or may ask for if it had something to go over.
    pub(crate) families: BTreeSet<Family>,
    /// What sources and targets have to know of the cluster beside its nodes, each once.
    pub(crate) wanted: Vec<Wanted>,
}

impl Expanded {
    /// That has to be known too.
    pub(super) fn want(&mut self, wanted: Option<Wanted>) {
        self.wanted.extend(wanted.filter(|wanted| !self.wanted.contains(wanted)));
    }
}

/// What has to be known of that source.
pub(super) fn among(from: &Source) -> Option<Wanted> {
    let Source::Workload(Workload { namespace, which }) = from else { return None };
    let selector = match which {
        Which::Labelled { selector, .. } => Some(selector.clone()),
        // Where it is not there, the others are told.
        Which::Named(_) => None,
    };
    Some(Wanted::Pods { namespace: Arc::clone(namespace), selector })
}

/// What has to be known of that target.
pub(super) fn behind(to: &Destination) -> Option<Wanted> {
    let Destination::Service(Offer { whose: Whose::Named { namespace, name, .. }, .. }) = to else { return None };
    Some(Wanted::Endpoints { namespace: Arc::clone(namespace), name: Arc::clone(name) })
}

impl Reader<'_> {
    /// The stand-in of a combination: its name, its place and its tags are those of its cases.
    pub(super) fn pending(&mut self, (mut id, span, tags): (CaseId, Span, Vec<String>), waits_for: &[String]) -> Pending {
        let families = self.families();
        let mut again = Remarks::default();
        let mut reader = self.again(&mut again);
        let (about, conduct) = (reader.about().unwrap_or_default(), reader.conduct().unwrap_or_default());
        if !matches!(families, Some(Families::Fixed(_))) {
            id.key.push(("family".to_owned(), UNKNOWN.to_owned()));
        }
        let stations = ["from", "to"].into_iter().flat_map(|end| self.stations(end)).collect();
        let stand_in = Case { about, conduct, ..Case::of_nothing(id, span, tags, None) };
        Pending { stand_in, waits_for: waits_for.to_vec(), stations, may_ask_fixture: self.may_ask_fixture() }
    }

    /// Over which families the probe asks, if that can be read.
    pub(super) fn families(&self) -> Option<Families> {
        self.again(&mut Remarks::default()).asked_families()
    }

    /// What has to be known of its ends, as far as they can be read where other things of it cannot.
    pub(super) fn looked_up(&self, place: Place, fixtures: &[Fixture]) -> impl Iterator<Item = Wanted> {
        let mut again = Remarks::default();
        let mut reader = self.again(&mut again);
        let from = reader.source();
        let to = reader.aim(place).zip(reader.probe()).and_then(|(to, probe)| reader.destination(to, &probe, fixtures));
        [from.as_ref().and_then(among), to.as_ref().and_then(behind)].into_iter().flatten()
    }

    /// What can be read of what the test says of itself, where other things of it cannot.
    pub(super) fn about_as_it_is(&self) -> About {
        self.again(&mut Remarks::default()).about().unwrap_or_default()
    }

    /// For reading a second time: what is wrong has been said at the first.
    fn again<'r>(&'r self, remarks: &'r mut Remarks) -> Reader<'r> {
        Reader { remarks, test: self.test, defaults: self.defaults, case: self.case, files: self.files }
    }

    /// Also where nobody can tell whom it asks.
    fn may_ask_fixture(&self) -> bool {
        let to = self.entry("to").map(|to| &to.value);
        to.is_some_and(|to| to.entry("fixture").is_some() || to.scalar().is_some_and(|scalar| scalar.text.contains("${{")))
    }

    /// Where somebody may ask or answer; in any network of the nodes where nobody can tell.
    fn stations(&self, end: &str) -> BTreeSet<Station> {
        if end == "to" && self.asks_names() {
            return BTreeSet::new();
        }
        let group = self.entry(end).map(|entry| &entry.value);
        let word = group.and_then(Node::scalar).map(|scalar| &*scalar.text);
        let of = |key: &&str| group.is_some_and(|group| group.entry(key).is_some());
        // Beside a Service, `nodes` says at which of them it is asked.
        let key = ["pods", "workload", "fixture", "host", "service", "endpoints", "nodes"].into_iter().find(of);
        match word.or(key) {
            // At a node's own address nobody of ours answers.
            Some("nodes") if of(&"port") || of(&"address") => BTreeSet::new(),
            Some("pods" | "fixture") => [Station::Pod].into(),
            Some("nodes") => [Station::Host].into(),
            Some("workload") => [Station::Workload].into(),
            // Whoever that is, it is no agent.
            Some("host" | "service" | "endpoints") => BTreeSet::new(),
            Some(_) | None => Network::ALL.map(Station::from).into(),
        }
    }
}
