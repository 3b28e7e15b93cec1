//! A Service as a target: one that is there, or one that a fixture of the suite makes. It must not know which Services there are.

use super::reader::Reader;
use super::settings::{AnyProbe, Ask};
use crate::model::family::Family;
use crate::model::fixture::{Fixture, TrafficPolicy, Via};
use crate::model::path_mtu::Carrier;
use crate::model::suite::{Offer, Selection, Whose};
use crate::suite::codes;
use crate::suite::language::{FIXTURE_NAME, SERVICE_NAME, TRAFFIC_POLICIES, VIAS, read_name, read_port, read_word};
use crate::suite::remarks::{Remark, any_of, did_you_mean};
use crate::suite::tree::{Entry, Scalar};

/// A Service as it was written.
pub(super) struct Offered<'e> {
    offer: Offer,
    /// What names it.
    named: &'e Entry,
    via: Option<&'e Entry>,
}

impl Offered<'_> {
    /// The keys that name one.
    pub(super) const KEYS: [&'static str; 3] = ["service", "endpoints", "fixture"];
    /// The keys that are about nothing else.
    pub(super) const OWN: [&'static str; 2] = ["via", "trafficPolicy"];

    /// Whether there is but one target for each source, as far as it can be told beforehand.
    pub(super) fn is_one(&self) -> bool {
        match self.offer.via {
            Via::ClusterIp | Via::LoadBalancer | Via::ExternalIps => true,
            Via::NodePort | Via::Endpoints => false,
        }
    }

    /// Whether its targets are no nodes, but who stands behind it.
    pub(super) fn is_endpoints(&self) -> bool {
        matches!(self.offer, Offer { whose: Whose::Named { .. }, via: Via::Endpoints, .. })
    }
}

impl<'a> Reader<'a> {
    /// `to`, where it names a Service. Every key is read before the first that is wrong counts.
    pub(super) fn offered(&mut self, to: &'a Entry) -> Option<Offered<'a>> {
        let [service, endpoints, fixture] = Offered::KEYS.map(|key| to.value.entry(key));
        let named = service.or(endpoints).or(fixture)?;
        let via = to.value.entry("via");
        let usual = if endpoints.is_some() { Via::Endpoints } else { Via::ClusterIp };
        let way = via.map_or(Some(usual), |entry| self.way(entry));
        let (policy, written) = (self.policy(to), to.value.entry("port"));
        let port = written.and_then(|entry| self.value("port", &entry.value, read_port));
        if written.is_some() && port.is_none() {
            return None;
        }
        let is_fixture = &*named.key.name == "fixture";
        let pattern = if is_fixture { &FIXTURE_NAME } else { &SERVICE_NAME };
        let name = self
            .value(&named.key.name, &named.value, |scalar| read_name(scalar, pattern).map_err(|wrong| wrong.help(without_port(scalar))));
        let nodes = to.value.entry("nodes");
        let only = nodes.map_or(Some(Selection::All), |entry| self.some(entry));
        let (way, (policy, policy_entry), name, only) = (way?, policy?, name?, only?);
        if let Some(entry) = via.filter(|_| endpoints.is_some()) {
            return self.idle(entry, "`endpoints`", "leave it out: each of them is asked by itself");
        }
        if let Some(entry) = policy_entry.filter(|_| !is_fixture || way != Via::NodePort) {
            let help = "leave it out: it is about the node port of a fixture, `via: nodePort`; a Service that is there has its own policy";
            return self.idle(entry, "this target", help);
        }
        if let Some(entry) = nodes.filter(|_| way != Via::NodePort) {
            let help = "leave it out, or write `via: nodePort`: it says at which nodes the port of a Service is asked";
            return self.idle(entry, "this target", help);
        }
        let whose = if is_fixture {
            if let Some(entry) = to.value.entry("port") {
                return self.idle(entry, "`fixture`", "leave it out: a fixture has ports of its own");
            }
            Whose::Fixture { name, policy }
        } else {
            let (namespace, name) = name.split_once('/')?;
            Whose::Named { namespace: namespace.into(), name: name.into(), port }
        };
        Some(Offered { offer: Offer { whose, via: way, nodes: only }, named, via })
    }

    fn way(&mut self, entry: &Entry) -> Option<Via> {
        let word = self.word(entry, &VIAS)?;
        Via::ALL.into_iter().find(|via| via.word() == word)
    }

    fn policy<'e>(&mut self, to: &'e Entry) -> Option<(TrafficPolicy, Option<&'e Entry>)> {
        let Some(entry) = to.value.entry("trafficPolicy") else { return Some((TrafficPolicy::Cluster, None)) };
        let word = self.value("trafficPolicy", &entry.value, |scalar| read_word(scalar, &TRAFFIC_POLICIES))?;
        let all = [TrafficPolicy::Cluster, TrafficPolicy::Local];
        all.into_iter().find(|policy| policy.word() == word).map(|policy| (policy, Some(entry)))
    }

    /// What was written, for that probe.
    pub(super) fn offer(&mut self, offered: &Offered<'_>, probe: &AnyProbe, fixtures: &[Fixture]) -> Option<Offer> {
        let remark = unaskable(offered, probe).or_else(|| match &offered.offer.whose {
            Whose::Named { .. } => None,
            Whose::Fixture { name, .. } => match fixtures.iter().find(|fixture| fixture.name == *name) {
                None => Some(unknown(offered, name, fixtures)),
                Some(fixture) => unfit(offered, fixture, probe),
            },
        });
        let Some(remark) = remark else { return Some(offered.offer.clone()) };
        self.remarks.add(remark.case(self.case));
        None
    }
}

/// The `key` of what is discovered has the port of a Service with several behind it.
fn without_port(scalar: &Scalar) -> Option<String> {
    let (name, port) = scalar.text.split_once(':').filter(|(name, _)| (SERVICE_NAME.fits)(name))?;
    Some(format!(
        "the port stands by itself: `service: {name}`, `port: {port}`; of an item of `discover`, write `.service` instead of `.key`"
    ))
}

fn unaskable(offered: &Offered<'_>, probe: &AnyProbe) -> Option<Remark> {
    if matches!((&probe.ask, &offered.offer.whose), (Ask::Pmtu { over: Carrier::Tcp, .. }, Whose::Named { .. }))
        && offered.offer.via != Via::Endpoints
    {
        let at = offered.via.map_or(offered.named.key.at, |entry| entry.value.at);
        let remark = Remark::error(codes::SERVICE_PROBE, at, "`pmtu` cannot ask a Service, only each of its endpoints");
        let remark = remark.label("each connection may reach another of them, so that what arrives is of no single path");
        return Some(remark.help(["write `via: endpoints`"]));
    }
    probe.over(Family::V4).transport().is_none().then(|| {
        let others = match (&offered.offer.whose, &probe.ask) {
            (Whose::Named { .. }, Ask::Pmtu { .. }) if offered.offer.via == Via::Endpoints => "write `over: tcp`, which asks its ports",
            (Whose::Named { .. }, Ask::Pmtu { .. }) => {
                "write `via: endpoints`, and `over: tcp` in the probe: each of its endpoints has a path"
            }
            (Whose::Named { .. }, _) => "ask it by `udp`, `tcp`, `http` or `tls`",
            (Whose::Fixture { .. }, _) => "ask it by `udp` or `tcp`",
        };
        let message = format!("{} cannot ask a Service", probe.kind());
        let remark = Remark::error(codes::SERVICE_PROBE, offered.named.key.at, message);
        remark.label("a Service is its ports, and passes nothing else on").help([others])
    })
}

fn unknown(offered: &Offered<'_>, name: &str, fixtures: &[Fixture]) -> Remark {
    let names = || fixtures.iter().map(|fixture| &*fixture.name);
    let remark = Remark::error(codes::FIXTURE_UNKNOWN, offered.named.value.at, format!("the suite has no fixture `{name}`"));
    let there = if fixtures.is_empty() {
        format!("declare it: `fixtures: [{{ echo: {{ name: {name} }} }}]`")
    } else {
        format!("there are {}", names().collect::<Vec<_>>().join(", "))
    };
    remark.help(did_you_mean(name, names())).help([there])
}

/// What a fixture does not have: that Service, or that protocol.
fn unfit(offered: &Offered<'_>, fixture: &Fixture, probe: &AnyProbe) -> Option<Remark> {
    let via = offered.offer.via;
    if !fixture.vias.contains(&via) {
        let at = offered.via.map_or(offered.named.value.at, |entry| entry.value.at);
        let remark = Remark::error(codes::FIXTURE_LACKS, at, format!("the fixture {} cannot be asked via {via}", fixture.name));
        let others = any_of(fixture.vias.iter().map(|via| via.word()));
        return Some(remark.label(format!("expected {others}, as its `services` say")));
    }
    if matches!(probe.ask, Ask::Http(_) | Ask::Tls(_) | Ask::Pmtu { .. }) {
        let message = format!("a fixture does not answer {}", probe.kind());
        return Some(Remark::error(codes::FIXTURE_LACKS, offered.named.value.at, message).help(["ask it by `udp` or `tcp`"]));
    }
    let transport = probe.over(Family::V4).transport()?;
    (!fixture.serve.contains(&transport)).then(|| {
        let message = format!("the fixture {} does not answer {}", fixture.name, probe.kind());
        let serve = fixture.serve.iter().map(|served| served.word().to_lowercase()).collect::<Vec<_>>().join(", ");
        let remark = Remark::error(codes::FIXTURE_LACKS, offered.named.value.at, message).label(format!("its `serve` says {serve}"));
        remark.help([format!("add {} to its `serve`, or ask by another probe", probe.kind())])
    })
}
