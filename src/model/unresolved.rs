//! What the name of a host led to where it was looked up: an address, or why there is none. It must not know how names are looked up.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::dns::Rcode;
use super::family::Family;

/// The address that a name led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// The one that is asked.
    pub address: IpAddr,
    /// How many there are, it among them.
    pub of: u32,
}

/// Why a name led to no address that could be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unresolved {
    /// What was said.
    pub why: Unfound,
    /// Who said so, or said nothing: at most [`Unresolved::SERVERS`].
    pub by: Vec<IpAddr>,
}

/// What was said of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "as")]
pub enum Unfound {
    /// An error.
    Rcode {
        /// Which.
        code: Rcode,
    },
    /// The name is there, and has no address of the family.
    NoRecord,
    /// Nothing.
    NoAnswer,
    /// That nobody answers names there.
    Refused,
    /// That there is no way there.
    NoWay,
    /// Addresses that are those of no other host.
    Unusable {
        /// The first of them.
        address: IpAddr,
    },
    /// Nothing that resolv.conf makes of the name can be asked for.
    NoName,
}

impl Unresolved {
    /// The most servers that are told.
    pub const SERVERS: usize = 3;
    /// When a lookup that has led to nothing is given up: an application has long told its user by then that it cannot find it.
    pub const AFTER: Duration = Duration::from_secs(30);

    /// `shop.example has no IPv6 address: NXDOMAIN from 10.96.0.10`.
    #[must_use]
    pub fn words(&self, name: &str, family: Family) -> String {
        let (family, by) = (family.words(), Joined(" from ", &self.by));
        match self.why {
            Unfound::Rcode { code: code @ Rcode::NO_SUCH_NAME } => format!("{name} has no {family} address: {code}{by}"),
            Unfound::Rcode { code } => format!("no {family} address of {name} is known: {code}{by}"),
            Unfound::NoRecord => format!("{name} has no {family} address: NOERROR without a record{by}"),
            Unfound::NoAnswer => format!("no {family} address of {name} is known: no answer{by}"),
            Unfound::Refused => format!("no {family} address of {name} is known: refused{}", Joined(" by ", &self.by)),
            Unfound::NoWay => format!("no {family} address of {name} is known: no way{}", Joined(" to ", &self.by)),
            Unfound::Unusable { address } => format!("{name} has no {family} address of another host: {address}{by}"),
            Unfound::NoName => format!("{name} has no {family} address: with the search path it is no name that could be asked for"),
        }
    }
}

/// " from ADDRESS and ADDRESS", with that word.
struct Joined<'a>(&'static str, &'a [IpAddr]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, address) in self.1.iter().enumerate() {
            write!(f, "{}{address}", if place == 0 { self.0 } else { " and " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(why: Unfound, by: &[&str], expected: &str) {
        let by = by.iter().map(|address| address.parse().unwrap()).collect();
        assert_eq!(Unresolved { why, by }.words("shop.example", Family::V6), expected);
    }

    #[test]
    fn each_reason_names_who_gave_it() {
        let one = ["10.96.0.10"];
        check(Unfound::Rcode { code: Rcode::NO_SUCH_NAME }, &one, "shop.example has no IPv6 address: NXDOMAIN from 10.96.0.10");
        check(Unfound::Rcode { code: Rcode::REFUSED }, &one, "no IPv6 address of shop.example is known: REFUSED from 10.96.0.10");
        check(Unfound::NoRecord, &one, "shop.example has no IPv6 address: NOERROR without a record from 10.96.0.10");
        let two = ["10.96.0.10", "fd96::a"];
        check(Unfound::NoAnswer, &two, "no IPv6 address of shop.example is known: no answer from 10.96.0.10 and fd96::a");
        check(Unfound::Refused, &two, "no IPv6 address of shop.example is known: refused by 10.96.0.10 and fd96::a");
        check(Unfound::NoWay, &one, "no IPv6 address of shop.example is known: no way to 10.96.0.10");
        let address = "ff02::1".parse().unwrap();
        check(Unfound::Unusable { address }, &one, "shop.example has no IPv6 address of another host: ff02::1 from 10.96.0.10");
        let none = "shop.example has no IPv6 address: with the search path it is no name that could be asked for";
        check(Unfound::NoName, &[], none);
    }
}
