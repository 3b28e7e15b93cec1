//! The figures of a case or a pair in `netcheck.results/v1`, and what fills them. It must not know whose they are.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::case;
use crate::model::expect::Quantile;
use crate::model::outcome::{Layer, Miss as Way, Missed, Unreachable};
use crate::model::units::Micros;

/// The sums of a case, or of a pair.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Figures {
    /// Questions asked, warm-ups left out.
    pub sent: u64,
    /// Of these, not answered in time.
    pub lost: u64,
    /// The same in parts per million, rounded up.
    pub loss_ppm: u32,
    /// In which ways they were not answered.
    pub missed: Vec<Miss>,
    /// Answers that came more than once.
    pub duplicates: u64,
    /// Answers that came out of order.
    pub reordered: u64,
    /// What came and was not ours.
    pub foreign: u64,
    /// Warm-ups that were not answered.
    pub warm_ups_lost: u64,
    /// How long answers took, in microseconds; a percentile only where there are enough answers for it.
    pub latency_us: Latency,
    /// The same of each step that was timed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepDocument>,
    /// How much one latency differs from the one before; null where there were less than two answers.
    pub jitter_us: Option<JitterDocument>,
    /// What answers said beside that they came, the commonest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<SeenDocument>,
}

/// How long a step of the answers took.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct StepDocument {
    /// `dns` (from the name of a host to its address, once for each pair), `connect`, `tls`, or `ttfb` (from the question to the first byte of the answer).
    pub step: &'static str,
    /// In microseconds.
    pub latency_us: Latency,
}

/// How much one latency differs from the one before, in microseconds.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct JitterDocument {
    /// The mean of the differences, without their signs.
    pub mean: u64,
    /// The interarrival jitter of RFC 3550 in the end; of several pairs, the largest.
    pub rfc3550: u64,
}

/// Something that answers said.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct SeenDocument {
    /// What, in words.
    pub words: String,
    /// How many of them; more than 0.
    pub count: u64,
}

/// Percentiles of the latency in microseconds, over the answers alone; null where there are too few.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Latency {
    /// The median.
    pub p50: Option<u64>,
    /// 95 of 100 are at most this.
    pub p95: Option<u64>,
    /// 99 of 100 are at most this.
    pub p99: Option<u64>,
    /// The longest.
    pub max: Option<u64>,
    /// The mean.
    pub avg: Option<u64>,
}

/// A way of not being answered, with how often.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Miss {
    /// The way.
    pub kind: MissKind,
    /// The same in words, with who said so where it is known.
    pub words: String,
    /// How often; more than 0.
    pub count: u32,
    /// Who said so, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What the link takes that was too small, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<u32>,
    /// Who answered instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The ways of not being answered.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) enum MissKind {
    /// Nothing came back.
    TimedOut,
    /// The answer came, after the timeout.
    Late,
    /// Nobody listens there.
    Refused,
    /// An established connection was reset or closed before the answer.
    Reset,
    /// No route to the network.
    NetworkUnreachable,
    /// The host does not answer on its link.
    HostUnreachable,
    /// The host does not know the protocol.
    ProtocolUnreachable,
    /// Forbidden by an administrator.
    Prohibited,
    /// It was passed on as often as a packet may be: mostly in a circle.
    HopLimitExceeded,
    /// Not all of its fragments came.
    ReassemblyTimeExceeded,
    /// Unreachable for another reason.
    Unreachable,
    /// Larger than a link takes.
    TooBig,
    /// The target sent back something else than it was asked with.
    Altered,
    /// Somebody else answered.
    WrongPeer,
    /// There was no TLS connection.
    TlsFailed,
    /// What came is no HTTP.
    HttpFailed,
    /// What came is no whole answer of DNS.
    DnsFailed,
}

impl Figures {
    pub(super) fn of(figures: &case::Figures) -> Self {
        Self {
            sent: figures.sent,
            lost: figures.lost,
            loss_ppm: figures.loss().0,
            missed: figures.missed.iter().map(Miss::of).collect(),
            duplicates: figures.duplicates,
            reordered: figures.reordered,
            foreign: figures.foreign,
            warm_ups_lost: figures.warm_ups_lost,
            latency_us: Latency::of(&figures.latency),
            steps: figures
                .steps
                .iter()
                .map(|(step, latency)| StepDocument { step: step.name(), latency_us: Latency::of(latency) })
                .collect(),
            jitter_us: figures.jitter.map(|(mean, rfc3550)| JitterDocument { mean: mean.0, rfc3550: rfc3550.0 }),
            seen: figures.seen.iter().map(|(what, count)| SeenDocument { words: what.to_string(), count: *count }).collect(),
        }
    }
}

impl Latency {
    fn of(latency: &[(Quantile, Micros)]) -> Self {
        let mut document = Self::default();
        for (quantile, value) in latency {
            let place = match quantile {
                Quantile::P50 => &mut document.p50,
                Quantile::P95 => &mut document.p95,
                Quantile::P99 => &mut document.p99,
                Quantile::Max => &mut document.max,
                Quantile::Avg => &mut document.avg,
            };
            *place = Some(value.0);
        }
        document
    }
}

impl Miss {
    fn of(missed: &Missed) -> Self {
        let (by, mtu, name) = match &missed.how {
            Way::TimedOut | Way::Late | Way::Reset | Way::Altered { .. } | Way::Stalled { .. } | Way::Broken { .. } => (None, None, None),
            Way::Refused { by } | Way::Unreachable { by, .. } => (*by, None, None),
            Way::TooBig { by, mtu } => (*by, Some(*mtu).filter(|mtu| *mtu > 0), None),
            Way::WrongPeer { name } => (None, None, Some(name.clone())),
        };
        let by = by.map(|address| address.to_string());
        Self { kind: MissKind::of(&missed.how), words: missed.how.to_string(), count: missed.count, by, mtu, name }
    }
}

impl MissKind {
    const fn of(way: &Way) -> Self {
        match way {
            Way::TimedOut | Way::Stalled { .. } => Self::TimedOut,
            Way::Late => Self::Late,
            Way::Refused { .. } => Self::Refused,
            Way::Reset => Self::Reset,
            Way::Unreachable { what: Unreachable::Network, .. } => Self::NetworkUnreachable,
            Way::Unreachable { what: Unreachable::Host, .. } => Self::HostUnreachable,
            Way::Unreachable { what: Unreachable::Protocol, .. } => Self::ProtocolUnreachable,
            Way::Unreachable { what: Unreachable::Prohibited, .. } => Self::Prohibited,
            Way::Unreachable { what: Unreachable::HopLimit, .. } => Self::HopLimitExceeded,
            Way::Unreachable { what: Unreachable::Reassembly, .. } => Self::ReassemblyTimeExceeded,
            Way::Unreachable { what: Unreachable::Other, .. } => Self::Unreachable,
            Way::TooBig { .. } => Self::TooBig,
            Way::Altered { .. } => Self::Altered,
            Way::WrongPeer { .. } => Self::WrongPeer,
            Way::Broken { what: Layer::Tls, .. } => Self::TlsFailed,
            Way::Broken { what: Layer::Http, .. } => Self::HttpFailed,
            Way::Broken { what: Layer::Dns, .. } => Self::DnsFailed,
        }
    }
}
