//! The DNS server of a world: which names it knows, what is wrong with it, and who asks it. It must not know how messages are written.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Spot, World};
use crate::model::dns::{Rcode, RecordKind, Transport};
use crate::model::family::Family;
use crate::model::vantage::Network;

/// The server, which is a pod of no node: [`Spot::DNS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldDns {
    /// The cluster's own domain, without a dot at its end.
    pub domain: String,
    /// Names that it knows besides those of the cluster: small letters, without a dot at their ends.
    pub records: BTreeMap<String, Vec<WorldRecord>>,
    /// What is wrong with it; the first that fits a query decides.
    pub faults: Vec<DnsFault>,
}

/// A record of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldRecord {
    /// A or AAAA.
    Address(IpAddr),
    /// SRV.
    Server {
        /// Lower ones first.
        priority: u16,
        /// Among equals.
        weight: u16,
        /// Where it listens.
        port: u16,
        /// Its name, without a dot at its end.
        target: String,
    },
    /// PTR: a name, without a dot at its end.
    Name(String),
}

/// What the server does that it should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsFault {
    /// Asked for that name alone: small letters, without a dot at its end.
    pub name: Option<String>,
    /// Asked by that transport alone.
    pub transport: Option<Transport>,
    /// What it says then.
    pub says: Lie,
}

/// What a server says that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lie {
    /// That.
    Rcode(Rcode),
    /// This address, and no other.
    Address(IpAddr),
    /// That the name is there, without such records.
    NoRecords,
    /// That there is more than fits.
    Truncated,
    /// Nothing.
    Nothing,
}

/// What a server says to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whether it knows.
    pub rcode: Rcode,
    /// Of the kind that was asked for.
    pub records: Vec<WorldRecord>,
    /// It pretends that there is more.
    pub truncated: bool,
}

impl Spot {
    /// Where the DNS server of every world is: `10.244.255.53` and `fd44::ff35`, beyond the last node.
    pub const DNS: Self = Self { node: 0xff34, network: Network::Pod };
}

impl Default for WorldDns {
    fn default() -> Self {
        Self { domain: Self::DOMAIN.to_owned(), records: BTreeMap::new(), faults: Vec::new() }
    }
}

impl WorldRecord {
    const fn kind(&self) -> RecordKind {
        match self {
            Self::Address(IpAddr::V4(_)) => RecordKind::A,
            Self::Address(IpAddr::V6(_)) => RecordKind::Aaaa,
            Self::Server { .. } => RecordKind::Srv,
            Self::Name(_) => RecordKind::Ptr,
        }
    }
}

impl WorldDns {
    /// `domain`, where the file says nothing.
    pub const DOMAIN: &'static str = "cluster.local";
    /// The namespace and the name of its Service.
    pub const SERVICE: (&'static str, &'static str) = ("kube-system", "kube-dns");
    /// What it is called where faults name their ends.
    pub const NAME: &'static str = "dns";
    /// The most names that a world gives it.
    pub const RECORDS_LIMIT: usize = 1_000;
    /// The most faults that it has.
    pub const FAULTS_LIMIT: usize = 100;

    /// What it says to a query for that name, without a dot at its end; none if it says nothing.
    #[must_use]
    pub fn says(&self, families: &[Family], name: &str, kind: RecordKind, transport: Transport) -> Option<Said> {
        let name = name.to_ascii_lowercase();
        let fits = |fault: &&DnsFault| {
            fault.name.as_ref().is_none_or(|only| *only == name) && fault.transport.is_none_or(|only| only == transport)
        };
        let said = |rcode, records| Said { rcode, records, truncated: false };
        match self.faults.iter().find(fits).map(|fault| &fault.says) {
            None => Some(self.truth(families, &name, kind)),
            Some(Lie::Rcode(rcode)) => Some(said(*rcode, Vec::new())),
            Some(Lie::Address(address)) => Some(said(Rcode::NO_ERROR, vec![WorldRecord::Address(*address)])),
            Some(Lie::NoRecords) => Some(said(Rcode::NO_ERROR, Vec::new())),
            Some(Lie::Truncated) => Some(Said { truncated: true, ..said(Rcode::NO_ERROR, Vec::new()) }),
            Some(Lie::Nothing) => None,
        }
    }

    fn truth(&self, families: &[Family], name: &str, kind: RecordKind) -> Said {
        let own = self.own(families);
        let known = own.iter().chain(&self.records);
        let records: Vec<WorldRecord> = known
            .clone()
            .filter(|(known, _)| *known == name)
            .flat_map(|(_, records)| records)
            .filter(|record| record.kind() == kind)
            .cloned()
            .collect();
        // What only stands behind other names is a name without records (RFC 8020).
        let is_there = known.clone().any(|(known, _)| known == name || known.strip_suffix(name).is_some_and(|head| head.ends_with('.')));
        Said { rcode: if is_there { Rcode::NO_ERROR } else { Rcode::NO_SUCH_NAME }, records, truncated: false }
    }

    /// The names of the cluster itself: its API server and this server.
    fn own(&self, families: &[Family]) -> BTreeMap<String, Vec<WorldRecord>> {
        let domain = self.domain.to_ascii_lowercase();
        let api = format!("kubernetes.default.svc.{domain}");
        let https = WorldRecord::Server { priority: 0, weight: 100, port: 443, target: api.clone() };
        let addresses = families.iter().map(|family| WorldRecord::Address(Spot::DNS.address(*family))).collect();
        let (namespace, name) = Self::SERVICE;
        BTreeMap::from([
            (format!("_https._tcp.{api}"), vec![https]),
            (reversed(World::api_address(families)), vec![WorldRecord::Name(api.clone())]),
            (api, vec![WorldRecord::Address(World::api_address(families))]),
            (format!("{name}.{namespace}.svc.{domain}"), addresses),
        ])
    }
}

/// The name under which the names of an address stand (RFC 1035 3.5, RFC 3596 2.5).
fn reversed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = address.octets().into_iter().rev().flat_map(|byte| [byte & 0xf, byte >> 4]);
            let digits: Vec<String> = digits.map(|digit| format!("{digit:x}")).collect();
            format!("{}.ip6.arpa", digits.join("."))
        }
    }
}

impl World {
    /// The address of the Service `kubernetes`, as in most clusters; of the first family alone, as there.
    #[must_use]
    pub fn api_address(families: &[Family]) -> IpAddr {
        match families.first() {
            Some(Family::V4) | None => Ipv4Addr::new(10, 96, 0, 1).into(),
            Some(Family::V6) => Ipv6Addr::new(0xfd96, 0, 0, 0, 0, 0, 0, 1).into(),
        }
    }

    /// What stands in the resolv.conf of every agent, as in a pod of the namespace `netcheck`.
    #[must_use]
    pub fn resolv_conf(&self) -> String {
        let domain = &self.dns.domain;
        let servers = self.families.iter().map(|family| format!("nameserver {}\n", Spot::DNS.address(*family)));
        servers.collect::<String>() + &format!("search netcheck.svc.{domain} svc.{domain} {domain}\noptions ndots:5\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dns: &WorldDns, query: (&str, RecordKind, Transport), expected: &str) {
        let (name, kind, transport) = query;
        let said = dns.says(&Family::ALL, name, kind, transport).map_or("nothing".to_owned(), |said| {
            let records: Vec<String> = said.records.iter().map(|record| format!("{record:?}")).collect();
            format!("{}{} {}", said.rcode, if said.truncated { " cut" } else { "" }, records.join(" "))
        });
        assert_eq!(said.trim_end(), expected, "{name}");
    }

    #[test]
    fn the_cluster_s_own_names_are_known_and_no_others() {
        let dns = WorldDns::default();
        let udp = |name, kind| (name, kind, Transport::Udp);
        check(&dns, udp("Kubernetes.default.svc.cluster.local", RecordKind::A), "NOERROR Address(10.96.0.1)");
        check(&dns, udp("kubernetes.default.svc.cluster.local", RecordKind::Aaaa), "NOERROR");
        check(&dns, udp("default.svc.cluster.local", RecordKind::A), "NOERROR");
        check(&dns, udp("kubernetes.default", RecordKind::A), "NXDOMAIN");
        check(&dns, udp("kube-dns.kube-system.svc.cluster.local", RecordKind::Aaaa), "NOERROR Address(fd44::ff35)");
        check(&dns, udp("1.0.96.10.in-addr.arpa", RecordKind::Ptr), "NOERROR Name(\"kubernetes.default.svc.cluster.local\")");
        check(&dns, udp("local", RecordKind::A), "NOERROR");
        check(&dns, udp("ocal", RecordKind::A), "NXDOMAIN");
        assert_eq!(reversed("fd96::1".parse().unwrap()).len(), 72);
    }

    #[test]
    fn the_first_fault_that_fits_decides() {
        let name = Some("kubernetes.default.svc.cluster.local".to_owned());
        let faults = vec![
            DnsFault { name, transport: Some(Transport::Udp), says: Lie::Rcode(Rcode::SERVER_FAILURE) },
            DnsFault { name: None, transport: Some(Transport::Udp), says: Lie::Nothing },
            DnsFault { name: None, transport: None, says: Lie::Address([10, 6, 6, 6].into()) },
        ];
        let dns = WorldDns { faults, ..WorldDns::default() };
        check(&dns, ("kubernetes.default.svc.cluster.local", RecordKind::A, Transport::Udp), "SERVFAIL");
        check(&dns, ("x", RecordKind::A, Transport::Udp), "nothing");
        check(&dns, ("x", RecordKind::A, Transport::Tcp), "NOERROR Address(10.6.6.6)");
    }
}
