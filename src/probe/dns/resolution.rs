//! The address of a host by its name, as an application finds it: a lookup, and which of the addresses it leads to is asked. Pure, so
//! that the simulation resolves as the agent does. It must not know what carries queries, nor what is asked at the address.

use std::net::IpAddr;

use crate::model::address::is_of_one;
use crate::model::dns::{Rcode, RecordKind, Transport};
use crate::model::family::Family;
use crate::model::outcome::Miss;
use crate::model::resolv_conf::{NameServer, ResolvConf};
use crate::model::unresolved::{Resolved, Unfound, Unresolved};

use super::lookup::Lookup;
use super::message::Reply;

/// A lookup in progress, and who said what in it.
#[derive(Debug)]
pub(crate) struct Resolution {
    lookup: Lookup,
    /// Replies, in their order.
    said: Vec<(Rcode, IpAddr)>,
    /// Who did not reply, and how.
    quiet: Vec<(IpAddr, Quiet)>,
}

/// Why a query has no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// Nothing came in time.
    Silent,
    /// Nobody answers names there.
    Refused,
    /// There is no way there.
    NoWay,
}

impl Quiet {
    /// Of what became of the query, as far as that is known.
    pub(crate) const fn of(miss: Option<&Miss>) -> Self {
        match miss {
            Some(Miss::Refused { .. }) => Self::Refused,
            Some(Miss::Unreachable { .. }) => Self::NoWay,
            Some(_) | None => Self::Silent,
        }
    }
}

/// The records that hold addresses of a family.
pub(crate) const fn record(family: Family) -> RecordKind {
    match family {
        Family::V4 => RecordKind::A,
        Family::V6 => RecordKind::Aaaa,
    }
}

impl Resolution {
    /// Of that name, by these servers of resolv.conf: whichever family they are asked over, they know the addresses of both.
    pub(crate) fn of(name: &str, conf: &ResolvConf, servers: Vec<NameServer>) -> Self {
        Self { lookup: Lookup::of(name, conf, servers, Transport::Udp), said: Vec::new(), quiet: Vec::new() }
    }

    /// The next query: for which name, to whom, by what. None when it is over.
    pub(crate) fn next(&self) -> Option<(&str, &NameServer, Transport)> {
        self.lookup.next()
    }

    /// Queries so far.
    pub(crate) const fn queries(&self) -> u32 {
        self.lookup.queries()
    }

    /// That query is sent.
    pub(crate) const fn asked(&mut self) {
        self.lookup.asked();
    }

    /// Its reply came, or none did.
    pub(crate) fn heard(&mut self, from: IpAddr, reply: Result<Reply, Quiet>) {
        match reply {
            Ok(reply) => {
                self.said.push((reply.rcode, from));
                self.lookup.replied(reply);
            }
            Err(quiet) => {
                if !self.quiet.contains(&(from, quiet)) {
                    self.quiet.push((from, quiet));
                }
                self.lookup.unanswered();
            }
        }
    }

    /// What it led whoever has that address to: of several addresses the lowest, so that every run asks the same one. At a loopback
    /// address it would ask itself.
    pub(crate) fn end(self, asker: Option<IpAddr>) -> Result<Resolved, Unresolved> {
        let Self { lookup, said, quiet } = self;
        let nothing_asked = said.is_empty() && quiet.is_empty();
        let Some(finding) = lookup.found().finding else {
            return Err(if nothing_asked { Unresolved { why: Unfound::NoName, by: Vec::new() } } else { unheard(&quiet) });
        };
        let by = said.iter().rev().find(|(rcode, _)| *rcode == finding.rcode).map(|(_, server)| *server).into_iter().collect();
        let addresses: Vec<IpAddr> = finding.answers.iter().filter_map(|record| record.parse().ok()).collect();
        let why = match (finding.rcode, addresses.first()) {
            (Rcode::NO_ERROR, None) => Unfound::NoRecord,
            (Rcode::NO_ERROR, Some(first)) => Unfound::Unusable { address: *first },
            (code, _) => Unfound::Rcode { code },
        };
        let lowest =
            addresses.into_iter().filter(|address| is_of_another(*address, asker)).min().filter(|_| finding.rcode == Rcode::NO_ERROR);
        let kept = u32::try_from(finding.answers.len()).unwrap_or(u32::MAX);
        let of = kept.saturating_add(finding.more);
        lowest.map(|address| Resolved { address, of }).ok_or(Unresolved { why, by })
    }

    /// It took too long.
    pub(crate) fn given_up(self) -> Unresolved {
        Unresolved { why: Unfound::NoAnswer, by: in_that_way(&self.quiet, Quiet::Silent) }
    }
}

fn is_of_another(address: IpAddr, asker: Option<IpAddr>) -> bool {
    is_of_one(address) && (!address.is_loopback() || asker.is_some_and(|asker| asker.is_loopback()))
}

/// Nobody replied: where some said nothing, the others may have been meant for less.
fn unheard(quiet: &[(IpAddr, Quiet)]) -> Unresolved {
    let ways = [(Quiet::Silent, Unfound::NoAnswer), (Quiet::Refused, Unfound::Refused), (Quiet::NoWay, Unfound::NoWay)];
    let found = ways.into_iter().map(|(way, why)| Unresolved { why, by: in_that_way(quiet, way) }).find(|found| !found.by.is_empty());
    found.unwrap_or(Unresolved { why: Unfound::NoAnswer, by: Vec::new() })
}

fn in_that_way(quiet: &[(IpAddr, Quiet)], way: Quiet) -> Vec<IpAddr> {
    quiet.iter().filter(|(_, how)| *how == way).map(|(server, _)| *server).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONF: &str = "nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a.example\noptions ndots:2 attempts:1\n";

    /// Looks `name` up where the servers say that, in order: "-" is silence, "x" a refusal, "!" no way, and what is no code is records.
    #[track_caller]
    fn check(name: &str, says: &[&str], expected: &str) {
        check_from("10.0.0.3", name, says, expected);
    }

    #[track_caller]
    fn check_from(asker: &str, name: &str, says: &[&str], expected: &str) {
        let conf = ResolvConf::parse(CONF);
        let mut resolution = Resolution::of(name, &conf, conf.nameservers.clone());
        let mut says = says.iter();
        while let Some((_, server, _)) = resolution.next() {
            let server = server.address;
            resolution.asked();
            resolution.heard(server, reply(says.next().unwrap()));
        }
        let found = match resolution.end(asker.parse().ok()) {
            Ok(Resolved { address, of }) => format!("{address} of {of}"),
            Err(unresolved) => unresolved.words("it", Family::V4),
        };
        assert_eq!((found.as_str(), says.count()), (expected, 0));
    }

    fn reply(said: &str) -> Result<Reply, Quiet> {
        let (rcode, answers) = match said {
            "-" => return Err(Quiet::Silent),
            "x" => return Err(Quiet::Refused),
            "!" => return Err(Quiet::NoWay),
            "NOERROR" => (0, ""),
            "SERVFAIL" => (2, ""),
            "NXDOMAIN" => (3, ""),
            "REFUSED" => (5, ""),
            records => (0, records),
        };
        let answers = answers.split_whitespace().map(str::to_owned).collect();
        Ok(Reply { rcode: Rcode(rcode), answers, more: 0, truncated: false, size: 40 })
    }

    #[test]
    fn of_several_addresses_the_lowest_is_asked() {
        check("db.example.", &["10.0.0.9"], "10.0.0.9 of 1");
        check("db.example.", &["10.0.0.10 10.0.0.9 10.0.0.100"], "10.0.0.9 of 3");
        check("db", &["NXDOMAIN", "10.0.0.9"], "10.0.0.9 of 1");
        check("db.example.", &["-", "10.0.0.9"], "10.0.0.9 of 1");
        check("db.example.", &["REFUSED", "10.0.0.9"], "10.0.0.9 of 1");
    }

    #[test]
    fn where_there_is_none_whoever_said_so_is_named() {
        check("db.example.", &["NXDOMAIN"], "it has no IPv4 address: NXDOMAIN from 10.0.0.1");
        check("db.example.", &["-", "NXDOMAIN"], "it has no IPv4 address: NXDOMAIN from 10.0.0.2");
        check("db", &["NXDOMAIN", "NXDOMAIN"], "it has no IPv4 address: NXDOMAIN from 10.0.0.1");
        check("db", &["NXDOMAIN", "NOERROR"], "it has no IPv4 address: NOERROR without a record from 10.0.0.1");
        check("db.example.", &["SERVFAIL", "SERVFAIL"], "no IPv4 address of it is known: SERVFAIL from 10.0.0.2");
        check("db.example.", &["-", "-"], "no IPv4 address of it is known: no answer from 10.0.0.1 and 10.0.0.2");
        check("db.example.", &["x", "x"], "no IPv4 address of it is known: refused by 10.0.0.1 and 10.0.0.2");
        check("db.example.", &["x", "!"], "no IPv4 address of it is known: refused by 10.0.0.1");
        check("db.example.", &["!", "!"], "no IPv4 address of it is known: no way to 10.0.0.1 and 10.0.0.2");
        check("db.example.", &["x", "-"], "no IPv4 address of it is known: no answer from 10.0.0.2");
        check("db.example.", &["x", "10.0.0.9"], "10.0.0.9 of 1");
        check("db.example.", &["SERVFAIL", "-"], "no IPv4 address of it is known: no answer from 10.0.0.2");
    }

    #[test]
    fn an_address_of_no_other_host_is_not_asked() {
        check("db.example.", &["0.0.0.0"], "it has no IPv4 address of another host: 0.0.0.0 from 10.0.0.1");
        check("db.example.", &["0.0.0.0 224.0.0.1 255.255.255.255"], "it has no IPv4 address of another host: 0.0.0.0 from 10.0.0.1");
        check("db.example.", &["0.0.0.0 10.0.0.9"], "10.0.0.9 of 2");
        check("db.example.", &["127.0.0.1"], "it has no IPv4 address of another host: 127.0.0.1 from 10.0.0.1");
        check("db.example.", &["127.0.0.1 10.0.0.9"], "10.0.0.9 of 2");
        check_from("127.0.0.2", "db.example.", &["127.0.0.1"], "127.0.0.1 of 1");
    }

    #[test]
    fn what_is_no_name_with_any_search_path_is_asked_of_nobody() {
        let long = format!("{}.", "a.".repeat(130));
        check(&long, &[], "it has no IPv4 address: with the search path it is no name that could be asked for");
    }
}
