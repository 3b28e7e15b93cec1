//! Bounds on what the probe does not measure, or of which it does not try what would decide them: refused, since they would be met or
//! missed whatever the network does. It must not know what is judged elsewhere by the answers alone (`dns`, `web`).

use super::expect::{Expectation, Wanted};
use super::settings::{AnyProbe, Ask};
use crate::model::comparison::{Comparison, Operator};
use crate::model::dns::Transport;
use crate::model::expect::{Claim, Counted, Metric, Scope};
use crate::model::outcome::Step;
use crate::model::probe::SourcePorts;
use crate::model::suite::Destination;
use crate::model::wish::{MtuWish, Subject, Wish};
use crate::suite::codes;
use crate::suite::language::PACKET_SIZE;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// What is wrong with bounds that the probe does not decide, also with those that have no value.
pub(super) fn remarks(expect: &Expectation, probe: &AnyProbe, to: &Destination) -> Vec<Remark> {
    let wanted = expect.wanted.iter().map(|wanted| (wanted.claim.of(), wanted.at));
    let metrics = wanted.chain(expect.open.iter().map(|open| (open.metric, open.at)));
    let unmeasured =
        metrics.filter_map(|metric| unsearched(metric, probe).or_else(|| uncounted(metric, probe)).or_else(|| not_looked_up(metric, to)));
    let untried = expect.wanted.iter().filter_map(|wanted| untried(wanted, probe));
    unmeasured.chain(untried).chain(uncounted_pairs(expect)).collect()
}

/// What counts pairs by what is wanted of each, where nothing is.
fn uncounted_pairs(expect: &Expectation) -> Option<Remark> {
    let counts = expect.wanted.iter().find(|wanted| matches!(wanted.claim, Claim::PairsOk(_)))?;
    let judged = expect.wanted.iter().any(|wanted| wanted.scope == Scope::Each);
    (!judged).then(|| {
        let message = "`pairsOk` counts the pairs that meet every bound on `each`, and no such bound has a value";
        Remark::error(codes::EXPECTS_NOTHING, counts.at, message).help(["add one, such as `each: { loss: 0% }`"])
    })
}

/// What only the search after the largest packet finds.
fn unsearched((metric, at): (Metric, Place), probe: &AnyProbe) -> Option<Remark> {
    let searched = matches!(probe.ask, Ask::Pmtu { .. });
    let of_paths = matches!(metric, Metric::Seen(Subject::Mtu | Subject::BlackHole));
    (of_paths && !searched).then(|| {
        let message = format!("`{}` is measured by pmtu, and this probe is {}", metric.name(), probe.kind());
        Remark::error(codes::OTHER_PROBE, at, message).help(["leave it out, or write `type: pmtu`"])
    })
}

/// What only the lookup of a host's name takes.
fn not_looked_up((metric, at): (Metric, Place), to: &Destination) -> Option<Remark> {
    let of_lookups = matches!(metric, Metric::Latency(Step::Lookup, _));
    (of_lookups && !matches!(to, Destination::Named(_))).then(|| {
        let message = format!("`{}` is how long the lookup of a host's name takes, and nobody looks one up here", metric.name());
        let remark = Remark::error(codes::PROBE_KEY, at, message).label(format!("this test asks `to: {to}`"));
        remark.help(["leave it out, or ask a host by its name: `to: { host: shop.example, port: 443 }`"])
    })
}

/// What is counted of answers that come to one socket, one after the other.
fn uncounted((metric, at): (Metric, Place), probe: &AnyProbe) -> Option<Remark> {
    const BY_PACKETS: &str = "leave it out, or ask by `udp` or `icmp`";
    let Metric::Count(counted) = metric else { return None };
    let (why, help) = match (&probe.ask, counted) {
        // Of questions by turns, those that leave from one port are counted.
        (Ask::Icmp { .. } | Ask::Pmtu { .. } | Ask::Udp(None | Some(SourcePorts::Reused | SourcePorts::Both)), _) => return None,
        (Ask::Dns(dns), Counted::Duplicates) if dns.transport == Transport::Udp => return None,
        (Ask::Udp(Some(SourcePorts::Fresh)), _) => {
            ("each packet leaves from a port of its own, where only its first answer is heard", "leave it out, or write `ports: reused`")
        }
        (Ask::Dns(dns), Counted::Reordered) if dns.transport == Transport::Udp => {
            ("each query leaves from a port of its own, so no answer can overtake another", BY_PACKETS)
        }
        (Ask::Tcp | Ask::Http(_) | Ask::Tls(_) | Ask::Dns(_), _) => {
            ("each question has a connection of its own, and over it one answer", BY_PACKETS)
        }
    };
    let message = format!("`{}` is not counted by this probe of {}, so nothing could miss it", counted.name(), probe.kind());
    Some(Remark::error(codes::PROBE_KEY, at, message).label(why).help([help]))
}

/// Sizes by which a bound would be decided, and which are not tried.
fn untried(bound: &Wanted, probe: &AnyProbe) -> Option<Remark> {
    let (Claim::Seen(Wish::Mtu(MtuWish::Size(comparison))), Ask::Pmtu { floor, ceiling, .. }) = (&bound.claim, &probe.ask) else {
        return None;
    };
    let tried = u64::from(*floor)..=u64::from(*ceiling);
    let size = deciding(comparison).into_iter().find(|size| !tried.contains(size))?;
    let below = size < *tried.start();
    let (end, key) = if below { (floor, "floor") } else { (ceiling, "ceiling") };
    let side = if below { "smaller" } else { "larger" };
    let message = format!("`mtu {comparison}` asks whether packets of {size} bytes arrive, and the probe tries none of that size");
    let can_be = u32::try_from(size).is_ok_and(|size| (PACKET_SIZE.least..=PACKET_SIZE.most).contains(&size));
    let other = within(comparison, *end, below);
    let help = if can_be { format!("write `{key}: {size}` in the probe, or {other}") } else { format!("write {other}") };
    let remark = Remark::error(codes::UNTRIED, bound.at, message);
    Some(remark.label(format!("nothing {side} than {end} bytes is tried, its `{key}`")).help([help]))
}

/// The sizes of which a bound says whether they should arrive.
fn deciding(Comparison { operator, limit }: &Comparison<u64>) -> Vec<u64> {
    let next = limit.saturating_add(1);
    match operator {
        Operator::AtLeast | Operator::Below => vec![*limit],
        Operator::Above | Operator::AtMost => vec![next],
        Operator::Equal => vec![*limit, next],
    }
}

/// A bound of that kind at the end of what is tried.
fn within(comparison: &Comparison<u64>, end: u32, below: bool) -> String {
    let kind = match comparison.operator {
        Operator::AtLeast | Operator::Above => ">=",
        Operator::Below | Operator::AtMost => "<",
        // A path that takes all that is tried may take more.
        Operator::Equal => {
            if below {
                "<"
            } else {
                ">="
            }
        }
    };
    format!("a bound that it can decide, such as `mtu: \"{kind} {end}\"`")
}
