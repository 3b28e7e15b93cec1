//! How a case asks: its probe, over which families.

use std::num::NonZeroU32;

use super::dns::DnsAsk;
use super::reader::Reader;
use crate::model::dns::DnsProbe;
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::{Burst, Family, Probe};
use crate::model::units::Micros;
use crate::suite::codes;
use crate::suite::language::{PROBE_COUNT, PROBE_FAMILY, PROBE_INTERVAL, PROBE_TIMEOUT, PROBE_TYPES};
use crate::suite::remarks::Remark;
use crate::suite::tree::{Entry, Node, What};

/// `count`, where nobody says it.
const COUNT: u32 = 20;

/// `interval`, where nobody says it.
const INTERVAL: Micros = Micros(10_000);

/// `timeout`, where nobody says it.
const TIMEOUT: Micros = Micros(1_000_000);

/// The families of a test's cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Families {
    /// One case, of that family.
    Fixed(Family),
    /// A case of each.
    Each,
}

impl Families {
    /// Each family that is measured, with what it adds to the names of cases.
    pub(super) fn labelled(self) -> Vec<(Family, Option<(String, String)>)> {
        match self {
            Self::Fixed(family) => vec![(family, None)],
            Self::Each => Family::ALL.into_iter().map(|family| (family, Some(("family".to_owned(), family.to_string())))).collect(),
        }
    }
}

/// How a probe asks, with what only one kind of probe has.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    /// By ICMP echo.
    Icmp,
    /// By datagrams.
    Udp,
    /// By connections.
    Tcp,
    /// For a name.
    Dns(DnsAsk),
    /// The search after the largest packet of a path.
    Pmtu { floor: u32, ceiling: u32, over: Carrier },
}

/// A probe whose family is still open.
#[derive(Debug, Clone)]
pub(super) struct AnyProbe {
    pub(super) ask: Ask,
    pub(super) families: Families,
    pub(super) count: NonZeroU32,
    pub(super) interval: Micros,
    pub(super) timeout: Micros,
}

impl AnyProbe {
    /// The probe over that family.
    pub(super) fn over(&self, family: Family) -> Probe {
        let burst = Burst { family, count: self.count, interval: self.interval, timeout: self.timeout };
        match &self.ask {
            Ask::Icmp => Probe::Icmp(burst),
            Ask::Udp => Probe::Udp(burst),
            Ask::Tcp => Probe::Tcp(burst),
            Ask::Dns(DnsAsk { name, record, transport, manner, .. }) => {
                Probe::Dns(DnsProbe { burst, name: name.clone(), record: *record, transport: *transport, manner: *manner })
            }
            Ask::Pmtu { floor, ceiling, over } => Probe::Pmtu(PmtuProbe { burst, floor: *floor, ceiling: *ceiling, over: *over }),
        }
    }

    /// Whether kernels answer it by themselves.
    pub(super) const fn is_icmp(&self) -> bool {
        matches!(self.ask, Ask::Icmp | Ask::Pmtu { over: Carrier::Icmp, .. })
    }

    /// As suites spell it.
    pub(super) fn kind(&self) -> &'static str {
        self.over(Family::V4).kind()
    }

    /// What it sends, in the plural.
    pub(super) fn unit(&self) -> &'static str {
        self.over(Family::V4).unit()
    }
}

impl<'a> Reader<'a> {
    /// `probe`: key by key the test's own, the defaults', the built-in. `timeout` may also stand outside of `probe`.
    pub(super) fn probe(&mut self) -> Option<AnyProbe> {
        let ask = self.ask();
        let count = self.parameter("count").map_or(Some(COUNT), |entry| self.whole(entry, &PROBE_COUNT));
        let interval = self.parameter("interval").map_or(Some(INTERVAL), |entry| self.duration(entry, &PROBE_INTERVAL));
        let timeout = self.timeout().map_or(Some(TIMEOUT), |entry| self.duration(entry, &PROBE_TIMEOUT));
        let families = self.asked_families();
        Some(AnyProbe { ask: ask?, families: families?, count: NonZeroU32::new(count?)?, interval: interval?, timeout: timeout? })
    }

    /// `family`, as `probe` has it.
    pub(super) fn asked_families(&mut self) -> Option<Families> {
        self.parameter("family").map_or(Some(Families::Each), |entry| match self.word(entry, &PROBE_FAMILY)? {
            "v4" => Some(Families::Fixed(Family::V4)),
            "v6" => Some(Families::Fixed(Family::V6)),
            _ => Some(Families::Each),
        })
    }

    fn ask(&mut self) -> Option<Ask> {
        let kind = self.kind()?;
        match kind {
            "dns" => return self.dns().map(Ask::Dns),
            "pmtu" => return self.search(),
            _ => {}
        }
        self.dns_keys_of_others(kind);
        self.of_other_probes(kind);
        match kind {
            "icmp" => Some(Ask::Icmp),
            "udp" => Some(Ask::Udp),
            "tcp" => Some(Ask::Tcp),
            // Words are read from `PROBE_TYPES`; a test goes through all of them.
            _ => None,
        }
    }

    fn kind(&mut self) -> Option<&'static str> {
        if let Some(entry) = self.parameter("type") {
            return self.word(entry, &PROBE_TYPES);
        }
        let probe = self.entry("probe")?;
        let remark = Remark::error(codes::MISSING_KEY, probe.key.at, "this probe has no `type`, and neither have the defaults");
        self.remarks.add(remark.help(["write `type: icmp`, `type: udp`, `type: tcp`, `type: dns` or `type: pmtu`"]));
        None
    }

    fn timeout(&self) -> Option<&'a Entry> {
        let of = |holder: &'a Node| parameter(holder, "timeout").or_else(|| holder.entry("timeout"));
        of(self.test).or_else(|| self.defaults.and_then(of))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&'a Entry> {
        parameter(self.test, name).or_else(|| self.defaults.and_then(|defaults| parameter(defaults, name)))
    }
}

/// A key of a `probe`. One that is not a map is its `type`.
fn parameter<'a>(holder: &'a Node, name: &str) -> Option<&'a Entry> {
    let probe = holder.entry("probe")?;
    match probe.value.what {
        What::Map(_) => probe.value.entry(name),
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) | What::Broken => {
            Some(probe).filter(|_| name == "type")
        }
    }
}
