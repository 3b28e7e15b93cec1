//! How a case asks: its probe, over which families.

use std::num::NonZeroU32;

use super::dns::DnsAsk;
use super::reader::Reader;
use super::{echoes, search};
use crate::model::burst::Burst;
use crate::model::dns::DnsProbe;
use crate::model::family::Family;
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::probe::{Echoes, Flows, HttpProbe, Probe, SourcePorts, Splitting, TlsProbe};
use crate::model::suite::{Count, Destination};
use crate::model::units::Micros;
use crate::suite::codes;
use crate::suite::language::{PROBE_FAMILY, PROBE_INTERVAL, PROBE_TIMEOUT, PROBE_TYPES, SOURCE_PORTS, read_count};
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
    Icmp { size: u32, splitting: Splitting },
    /// By datagrams; from which ports, if that is said.
    Udp(Option<SourcePorts>),
    /// By connections.
    Tcp,
    /// By requests; over which family is still open.
    Http(Box<HttpProbe>),
    /// By handshakes; over which family is still open.
    Tls(Box<TlsProbe>),
    /// For a name.
    Dns(DnsAsk),
    /// The search after the largest packet of a path.
    Pmtu { floor: u32, ceiling: u32, over: Carrier },
}

/// A mistake that is among the remarks.
struct Told;

/// A probe whose family is still open.
#[derive(Debug, Clone)]
pub(super) struct AnyProbe {
    pub(super) ask: Ask,
    pub(super) families: Families,
    pub(super) count: NonZeroU32,
    /// Whether that is the number, or just the least.
    pub(super) counted: Count,
    pub(super) interval: Micros,
    pub(super) timeout: Micros,
}

impl AnyProbe {
    /// The probe over that family.
    pub(super) fn over(&self, family: Family) -> Probe {
        let burst = Burst { family, count: self.count, interval: self.interval, timeout: self.timeout };
        match &self.ask {
            Ask::Icmp { size, splitting } => Probe::Icmp(Echoes { burst, size: *size, splitting: *splitting }),
            Ask::Udp(ports) => Probe::Udp(Flows { burst, ports: ports.unwrap_or_default() }),
            Ask::Tcp => Probe::Tcp(burst),
            Ask::Http(http) => Probe::Http(HttpProbe { burst, ..(**http).clone() }),
            Ask::Tls(tls) => Probe::Tls(TlsProbe { burst, ..(**tls).clone() }),
            Ask::Dns(DnsAsk { name, record, transport, manner, .. }) => {
                Probe::Dns(DnsProbe { burst, name: name.clone(), record: *record, transport: *transport, manner: *manner })
            }
            Ask::Pmtu { floor, ceiling, over } => Probe::Pmtu(PmtuProbe { burst, floor: *floor, ceiling: *ceiling, over: *over }),
        }
    }

    /// The same to that target: a Service is asked over ports of both kinds where nobody says which.
    pub(super) fn to(&self, to: &Destination, family: Family) -> Probe {
        match (&self.ask, to.offer()) {
            (Ask::Udp(None), Some(_)) => Self { ask: Ask::Udp(Some(SourcePorts::Both)), ..self.clone() }.over(family),
            _ => self.over(family),
        }
    }

    /// Whether kernels answer it by themselves.
    pub(super) const fn is_icmp(&self) -> bool {
        matches!(self.ask, Ask::Icmp { .. } | Ask::Pmtu { over: Carrier::Icmp, .. })
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
        let count = self.parameter("count").map_or(Some(Some(COUNT)), |entry| self.value("count", &entry.value, read_count));
        let interval = self.parameter("interval").map_or(Some(INTERVAL), |entry| self.duration(entry, &PROBE_INTERVAL));
        let timeout = self.timeout().map_or(Some(TIMEOUT), |entry| self.duration(entry, &PROBE_TIMEOUT));
        let families = self.asked_families();
        let least = |count: Option<Option<u32>>| count.flatten().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        // Of a mistake in how fast it asks, nothing else follows: no deadline is too short for the shortest interval, no bound too high for
        // the longest timeout.
        let (interval, timeout) = (interval.unwrap_or(PROBE_INTERVAL.least), timeout.unwrap_or(PROBE_TIMEOUT.most));
        let burst = Burst { family: Family::V4, count: least(count), interval, timeout };
        let ask = self.kind().and_then(|kind| self.ask(kind, burst));
        let counted = if count == Some(None) { Count::Auto } else { Count::Fixed };
        let count = NonZeroU32::new(count?.unwrap_or(COUNT))?;
        Some(AnyProbe { ask: ask?, families: families?, count, counted, interval, timeout })
    }

    /// `ports`, which only udp has; nothing where it is not said, or not of this probe.
    ///
    /// # Errors
    /// [`Told`] of what is wrong with it.
    fn ports(&mut self, kind: &str) -> Result<Option<SourcePorts>, Told> {
        let Some(entry) = self.parameter("ports") else { return Ok(None) };
        let word = self.word(entry, &SOURCE_PORTS).ok_or(Told)?;
        let own = self.test.entry("probe").is_some_and(|probe| probe.value.entry("ports").is_some());
        let idle = match kind {
            "udp" => None,
            // What holds for all tests that can have it is no mistake of those that cannot.
            _ if !own => return Ok(None),
            "tcp" => self.idle(entry, "tcp", "leave it out: each connection has a port of its own").or(Some(())),
            kind => self.idle(entry, kind, "leave it out: only udp has ports to choose").or(Some(())),
        };
        if idle.is_some() {
            return Err(Told);
        }
        Ok([SourcePorts::Reused, SourcePorts::Fresh, SourcePorts::Both].into_iter().find(|ports| ports.word() == word))
    }

    /// `family`, as `probe` has it.
    pub(super) fn asked_families(&mut self) -> Option<Families> {
        self.parameter("family").map_or(Some(Families::Each), |entry| match self.word(entry, &PROBE_FAMILY)? {
            "v4" => Some(Families::Fixed(Family::V4)),
            "v6" => Some(Families::Fixed(Family::V6)),
            _ => Some(Families::Each),
        })
    }

    /// A probe of that kind; its burst is that of one family. Every key is read before the first that is wrong counts.
    fn ask(&mut self, kind: &str, burst: Burst) -> Option<Ask> {
        let (ports, foreign) = (self.ports(kind), self.foreign_keys(kind));
        if !matches!(kind, "dns" | "pmtu") {
            self.dns_keys_of_others(kind);
            self.of_other_probes(kind, "pmtu", &search::KEYS);
        }
        if kind != "icmp" {
            self.of_other_probes(kind, "icmp", &echoes::KEYS);
        }
        let ports = ports.ok().filter(|_| !foreign)?;
        match kind {
            "dns" => self.dns().map(Ask::Dns),
            "pmtu" => self.search(),
            "http" => self.http(burst),
            "tls" => Some(self.tls(burst)),
            "icmp" => self.echoes(),
            "udp" => Some(Ask::Udp(ports)),
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
        self.remarks
            .add(remark.help(["write `type: icmp`, `type: udp`, `type: tcp`, `type: dns`, `type: pmtu`, `type: http` or `type: tls`"]));
        None
    }

    fn timeout(&self) -> Option<&'a Entry> {
        let of = |holder: &'a Node| parameter(holder, "timeout").or_else(|| holder.entry("timeout"));
        of(self.test).or_else(|| self.defaults.and_then(of))
    }

    /// A key of the test's own `probe`.
    pub(super) fn own_parameter(&self, name: &str) -> Option<&'a Entry> {
        parameter(self.test, name)
    }

    /// A key of `probe`, the test's own or that of the defaults.
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
