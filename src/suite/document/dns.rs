//! What only a probe of DNS has: its name, its server, what its answers should say. It must not know what other probes have.

use std::net::IpAddr;

use super::ends::Aim;
use super::expect::{Expectation, Wanted, Wish};
use super::reader::Reader;
use super::settings::{AnyProbe, Ask, Families};
use crate::model::comparison::{Comparison, Operator};
use crate::model::dns::{DnsProbe, Manner, Rcode, RecordKind, Transport};
use crate::model::expect::{Claim, Scope};
use crate::model::family::Family;
use crate::model::suite::{Destination, Endpoint};
use crate::model::units::Port;
use crate::model::wish;
use crate::suite::codes;
use crate::suite::language::names::{DNS_NAME, RECORDS, RESOLVERS, TRANSPORTS};
use crate::suite::language::{PORT, read_address, read_name};
use crate::suite::remarks::Remark;
use crate::suite::source::Place;
use crate::suite::tree::Entry;

/// A probe of DNS, as it was written.
#[derive(Debug, Clone)]
pub(super) struct DnsAsk {
    pub(super) name: String,
    pub(super) record: RecordKind,
    pub(super) transport: Transport,
    pub(super) manner: Manner,
    /// Who is asked.
    pub(super) server: Whom,
}

impl DnsAsk {
    /// The fewest and the most queries of one lookup.
    pub(super) const fn queries(&self) -> (u32, u32) {
        (1, DnsProbe::queries_of_a_lookup(self.manner, self.transport))
    }
}

/// Who is asked.
#[derive(Debug, Clone)]
pub(super) enum Whom {
    /// The first of each source's own resolv.conf.
    Own,
    /// This server.
    Server(Server),
}

/// A server that the suite names.
#[derive(Debug, Clone)]
pub(super) struct Server {
    address: IpAddr,
    at: Place,
    port: Port,
}

/// The keys of `probe` that it alone has.
const KEYS: [&str; 6] = ["name", "port", "record", "resolver", "server", "transport"];

impl<'a> Reader<'a> {
    /// Whether the probe is one of DNS, even where the rest of it cannot be read.
    pub(super) fn asks_names(&self) -> bool {
        self.parameter("type").and_then(|entry| entry.value.scalar()).is_some_and(|kind| &*kind.text == "dns")
    }

    /// The keys of a probe of DNS.
    pub(super) fn dns(&mut self) -> Option<DnsAsk> {
        let name = self.dns_name();
        let record = self.parameter("record").map_or(Some(RecordKind::default()), |entry| self.word(entry, &RECORDS).map(record));
        let transport = self.parameter("transport").map_or(Some(Transport::Udp), |entry| {
            self.word(entry, &TRANSPORTS).map(|word| if word == "tcp" { Transport::Tcp } else { Transport::Udp })
        });
        let manner = self.parameter("resolver").map_or(Some(Manner::Raw), |entry| self.word(entry, &RESOLVERS).map(|_| Manner::Resolver));
        let server = self.server();
        Some(DnsAsk { name: name?, record: record?, transport: transport?, manner: manner?, server: server? })
    }

    fn dns_name(&mut self) -> Option<String> {
        if let Some(entry) = self.parameter("name") {
            return self.value("name", &entry.value, |scalar| read_name(scalar, &DNS_NAME)).map(|name| name.to_string());
        }
        let place = self.parameter("type").or_else(|| self.entry("probe"))?.key.at;
        let remark = Remark::error(codes::MISSING_KEY, place, "this probe of dns has no `name`, and neither have the defaults");
        self.remarks.add(
            remark
                .help(["write `name: kubernetes.default.svc.cluster.local.`, with a dot at its end where no search path is to be added"])
                .case(self.case),
        );
        None
    }

    fn server(&mut self) -> Option<Whom> {
        let (server, port) = (self.parameter("server"), self.parameter("port"));
        let number = port.map(|port| self.whole(port, &PORT));
        let Some(server) = server else {
            let Some(port) = port else { return Some(Whom::Own) };
            return self.contradiction(
                port,
                "`port` has no effect without `server`",
                "name the `server`, or leave `port` out: resolv.conf knows no ports",
            );
        };
        if let Some(resolver) = self.parameter("resolver") {
            let message = "`resolver` and `server` contradict each other";
            return self.contradiction(
                resolver,
                message,
                "leave one of them out: a resolver asks the name servers of the source's own resolv.conf",
            );
        }
        let address = self.value("server", &server.value, read_address)?;
        let port = match number {
            None => Port::DNS,
            Some(number) => Port::of(number?)?,
        };
        Some(Whom::Server(Server { address, at: server.value.at, port }))
    }

    fn contradiction<T>(&mut self, entry: &Entry, message: &str, help: &str) -> Option<T> {
        self.remarks.add(Remark::error(codes::DNS_KEYS, entry.key.at, message).help([help]).case(self.case));
        None
    }

    /// Keys of a probe of DNS that the test itself gives one of another type; those of the defaults are for other tests.
    pub(super) fn dns_keys_of_others(&mut self, kind: &str) {
        let own = self.test.entry("probe").map_or(&[][..], |probe| probe.value.entries());
        for entry in own.iter().filter(|entry| KEYS.contains(&&*entry.key.name)) {
            let message = format!("`{}` has no effect on a probe of type {kind}", entry.key.name);
            let remark = Remark::error(codes::DNS_KEYS, entry.key.at, message);
            self.remarks.add(remark.help(["leave it out, or write `type: dns`"]).case(self.case));
        }
    }

    /// A probe of DNS has its target in itself; a `to` of the defaults is for other tests.
    pub(super) fn no_aim(&mut self) -> Aim<'a> {
        if let Some(to) = self.test.entry("to") {
            let remark = Remark::error(codes::TO_OF_DNS, to.key.at, "a test of dns has no `to`: who is asked is its server");
            self.remarks.add(remark.help(["leave it out; to ask one server, write `server: ADDRESS` in the probe"]).case(self.case));
        }
        Aim::Names
    }

    /// Whom it asks.
    pub(super) fn name_server(&mut self, probe: &AnyProbe) -> Option<Destination> {
        let Ask::Dns(DnsAsk { server, .. }) = &probe.ask else { return None };
        let Whom::Server(server) = server else { return Some(Destination::Resolver) };
        let own = Family::of(server.address);
        if let Families::Fixed(family) = probe.families
            && family != own
        {
            let message = format!("{} is no {} address", server.address, family.words());
            let remark = Remark::error(codes::OTHER_FAMILY, server.at, message).label(format!("the probe asks over {}", family.words()));
            self.remarks.add(remark.help([format!("write `family: {own}`, or an {} address", family.words())]).case(self.case));
            return None;
        }
        Some(Destination::Host(Endpoint { address: server.address, port: Some(server.port) }))
    }
}

/// `reachable` by DNS is more than that something comes back.
pub(super) fn complete(expectation: &mut Expectation, probe: &AnyProbe) {
    let first = expectation.wanted.first().filter(|_| matches!(probe.ask, Ask::Dns(_)) && expectation.wish == Wish::Reachable);
    let Some(at) = first.map(|wanted| wanted.at) else { return };
    let wishes = [wish::Wish::Rcode(Rcode::NO_ERROR), SOME];
    expectation.wanted.extend(wishes.map(|wish| Wanted { scope: Scope::Each, claim: Claim::Seen(wish), at, uses: Vec::new() }));
}

/// At least one record.
const SOME: wish::Wish = wish::Wish::Answers(Comparison { operator: Operator::AtLeast, limit: 1 });

/// Words are read from `RECORDS`; a test goes through all of them.
fn record(word: &str) -> RecordKind {
    [RecordKind::A, RecordKind::Aaaa, RecordKind::Srv, RecordKind::Ptr].into_iter().find(|kind| kind.word() == word).unwrap_or_default()
}
