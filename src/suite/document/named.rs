//! Which metric a key of `expect` names: by some probes a latency has a name of its own beside the common one. It must not know any bound.

use super::settings::Ask;
use crate::model::expect::{Metric, Scope};
use crate::model::outcome::Step;
use crate::suite::codes;
use crate::suite::language::METRICS;
use crate::suite::remarks::Remark;
use crate::suite::tree::Entry;

/// A metric as `expect` has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'t> {
    pub(super) scope: Scope,
    pub(super) metric: Metric,
    pub(super) entry: &'t Entry,
}

impl Named<'_> {
    /// The same metric under another name, of those before it.
    pub(super) fn twin<'n>(&self, before: &'n [Self]) -> Option<&'n Self> {
        before.iter().find(|other| (other.scope, other.metric) == (self.scope, self.metric))
    }
}

/// What the key names, if the probe asks that.
pub(super) fn metric(name: &str, ask: Option<&Ask>) -> Option<Metric> {
    let (_, metric) = METRICS.into_iter().find(|(known, _)| *known == name)?;
    Some(match (metric, ask) {
        // A question by TCP takes as long as its handshake.
        (Metric::Latency(Step::Connect, quantile), Some(Ask::Tcp)) => Metric::Latency(Step::Whole, quantile),
        _ => metric,
    })
}

/// What is to be said of the way there and back of a probe that measures no such thing.
pub(super) fn odd(entry: &Entry, ask: Option<&Ask>) -> Option<Remark> {
    let name = &*entry.key.name;
    let quantile = name.strip_prefix("rtt.")?;
    let (kind, help) = match ask? {
        Ask::Icmp { .. } | Ask::Udp(_) => return None,
        Ask::Tcp => ("tcp", format!("write `connect.{quantile}`, the time of the handshake")),
        Ask::Dns(_) => ("dns", format!("write `{quantile}`, the time of a lookup")),
        Ask::Http(_) => {
            ("http", format!("write `{quantile}`, the time of the whole request, or `connect.{quantile}` or `ttfb.{quantile}`"))
        }
        Ask::Tls(_) => ("tls", format!("write `{quantile}`, the time of both handshakes, or `connect.{quantile}` or `tls.{quantile}`")),
        Ask::Pmtu { .. } => ("pmtu", format!("write `{quantile}`, the time of the small packets")),
    };
    let message = format!("`{name}` is the way of one packet there and back, by icmp or udp, and this probe is {kind}");
    Some(Remark::error(codes::PROBE_KEY, entry.key.at, message).help([help]))
}
