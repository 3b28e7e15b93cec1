//! Metrics that a probe, or what it asks, does not show: a bound on one is refused, since it would be met or missed whatever the network
//! does. It must not know what the bounds are.

use super::settings::{AnyProbe, Ask};
use crate::model::dns::Transport;
use crate::model::expect::{Counted, Metric};
use crate::model::outcome::Step;
use crate::model::probe::SourcePorts;
use crate::model::suite::Destination;
use crate::model::wish::Subject;
use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// A metric, and where something is wanted of it.
type At = (Metric, Place);

/// What is wrong with it, if it is not shown here.
pub(super) fn remark(at: At, probe: &AnyProbe, to: Option<&Destination>) -> Option<Remark> {
    of_dns(at, probe)
        .or_else(|| of_web(at, probe))
        .or_else(|| unsearched(at, probe))
        .or_else(|| uncounted(at, probe))
        .or_else(|| not_looked_up(at, to?))
}

/// What only answers of DNS say.
fn of_dns((metric, at): At, probe: &AnyProbe) -> Option<Remark> {
    let of_names = matches!(metric, Metric::Seen(Subject::Rcode | Subject::Answers | Subject::Queries));
    (of_names && !matches!(probe.ask, Ask::Dns(_))).then(|| {
        let message = format!("`{}` is about answers of dns, and those to {} say nothing of it", metric.name(), probe.kind());
        Remark::error(codes::METRIC_OF_DNS, at, message).help(["leave it out, or write `type: dns` in the probe"])
    })
}

/// What only responses and handshakes show.
fn of_web((metric, at): At, probe: &AnyProbe) -> Option<Remark> {
    (!shows(&probe.ask, metric)).then(|| {
        let what = match &probe.ask {
            Ask::Http(http) if http.tls.is_none() => "http without TLS",
            _ => probe.kind(),
        };
        let message = format!("{what} has no `{}` to judge", metric.name());
        Remark::error(codes::PROBE_KEY, at, message).help(["leave it out, or ask by another probe"])
    })
}

/// Whether it is nothing of responses and handshakes, or the probe has these.
fn shows(ask: &Ask, metric: Metric) -> bool {
    let (http, tls) = match ask {
        Ask::Http(http) => (true, http.tls.is_some()),
        Ask::Tls(_) => (false, true),
        Ask::Icmp { .. } | Ask::Udp(_) | Ask::Tcp | Ask::Dns(_) | Ask::Pmtu { .. } => (false, false),
    };
    match metric {
        Metric::Seen(Subject::Status | Subject::Body) | Metric::Latency(Step::FirstByte, _) => http,
        Metric::Seen(Subject::Tls | Subject::CertExpiry) | Metric::Latency(Step::Tls, _) => tls,
        Metric::Latency(Step::Connect, _) => http || tls,
        // Whether these fit is said elsewhere, each by the one probe or target that shows it.
        Metric::Loss
        | Metric::Latency(Step::Whole | Step::Lookup, _)
        | Metric::Jitter(_)
        | Metric::Count(_)
        | Metric::PairsOk
        | Metric::Seen(Subject::Backends | Subject::Rcode | Subject::Answers | Subject::Queries | Subject::Mtu | Subject::BlackHole) => {
            true
        }
    }
}

/// What only the search after the largest packet finds.
fn unsearched((metric, at): At, probe: &AnyProbe) -> Option<Remark> {
    let searched = matches!(probe.ask, Ask::Pmtu { .. });
    let of_paths = matches!(metric, Metric::Seen(Subject::Mtu | Subject::BlackHole));
    (of_paths && !searched).then(|| {
        let message = format!("`{}` is measured by pmtu, and this probe is {}", metric.name(), probe.kind());
        Remark::error(codes::OTHER_PROBE, at, message).help(["leave it out, or write `type: pmtu`"])
    })
}

/// What only the lookup of a host's name takes.
fn not_looked_up((metric, at): At, to: &Destination) -> Option<Remark> {
    let of_lookups = matches!(metric, Metric::Latency(Step::Lookup, _));
    (of_lookups && !matches!(to, Destination::Named(_))).then(|| {
        let message = format!("`{}` is how long the lookup of a host's name takes, and nobody looks one up here", metric.name());
        let remark = Remark::error(codes::PROBE_KEY, at, message).label(format!("this test asks `to: {to}`"));
        remark.help(["leave it out, or ask a host by its name: `to: { host: shop.example, port: 443 }`"])
    })
}

/// What is counted of answers that come to one socket, one after the other.
fn uncounted((metric, at): At, probe: &AnyProbe) -> Option<Remark> {
    const BY_PACKETS: &str = "leave it out, or ask by `udp` or `icmp`";
    const BY_ONE_PORT: &str = "leave it out, or write `ports: reused`";
    let Metric::Count(counted) = metric else { return None };
    let (why, help) = match (&probe.ask, counted) {
        // Of questions by turns, those that leave from one port are counted.
        (Ask::Icmp { .. } | Ask::Pmtu { .. } | Ask::Udp(None | Some(SourcePorts::Reused | SourcePorts::Both)), _) => return None,
        (Ask::Dns(dns), Counted::Duplicates) if dns.transport == Transport::Udp => return None,
        (Ask::Udp(Some(SourcePorts::Fresh)), Counted::Duplicates) => {
            ("each packet leaves from a port of its own, and of many not each is listened to for copies", BY_ONE_PORT)
        }
        (Ask::Udp(Some(SourcePorts::Fresh)), Counted::Reordered) => {
            ("each packet leaves from a port of its own, so no answer can overtake another", BY_ONE_PORT)
        }
        (Ask::Dns(dns), Counted::Reordered) if dns.transport == Transport::Udp => {
            ("each query leaves from a port of its own, so no answer can overtake another", BY_PACKETS)
        }
        (Ask::Tcp | Ask::Http(_) | Ask::Tls(_) | Ask::Dns(_), _) => {
            ("each question has a connection of its own, and over it one answer", BY_PACKETS)
        }
    };
    let (name, kind) = (counted.name(), probe.kind());
    let message = match (&probe.ask, counted) {
        (Ask::Udp(_), Counted::Duplicates) => {
            format!("`{name}` is counted only in part by this probe of {kind}, so that too many could pass unseen")
        }
        (_, Counted::Duplicates | Counted::Reordered) => {
            format!("`{name}` is not counted by this probe of {kind}, so nothing could miss it")
        }
    };
    Some(Remark::error(codes::PROBE_KEY, at, message).label(why).help([help]))
}
