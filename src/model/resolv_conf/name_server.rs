//! A name server as resolv.conf writes it. It must not know the interfaces of any machine.

use std::fmt;
use std::net::{AddrParseError, IpAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a name server is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NameServer {
    /// Its address. One of IPv4 that is written as one of IPv6 (`::ffff:10.0.0.1`) is one of IPv4: so it travels.
    pub address: IpAddr,
    /// The interface behind which it is, by name or number (RFC 4007 11): an address of one link says nothing without. At most
    /// [`NameServer::ZONE_LIMIT`] characters.
    pub zone: Option<String>,
}

impl NameServer {
    /// No interface has a longer name (`IFNAMSIZ`): what is cut to this is none.
    pub const ZONE_LIMIT: usize = 16;
}

impl From<IpAddr> for NameServer {
    fn from(address: IpAddr) -> Self {
        Self { address: address.to_canonical(), zone: None }
    }
}

impl FromStr for NameServer {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        let Some((address, zone)) = text.split_once('%') else { return text.parse::<IpAddr>().map(Self::from) };
        // Addresses of IPv4 have no zones.
        let address = IpAddr::V6(address.parse()?).to_canonical();
        let zone: String = zone.chars().take(Self::ZONE_LIMIT).collect();
        Ok(Self { address, zone: Some(zone).filter(|zone| !zone.is_empty() && address.is_ipv6()) })
    }
}

impl TryFrom<String> for NameServer {
    type Error = AddrParseError;

    fn try_from(text: String) -> Result<Self, AddrParseError> {
        text.parse()
    }
}

impl From<NameServer> for String {
    fn from(server: NameServer) -> Self {
        server.to_string()
    }
}

impl fmt::Display for NameServer {
    /// As resolv.conf writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            None => write!(f, "{}", self.address),
            Some(zone) => write!(f, "{}%{zone}", self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::family::Family;
    use crate::model::resolv_conf::ResolvConf;

    #[track_caller]
    fn check(text: &str, expected: Option<(Family, &str)>) {
        let conf = ResolvConf::parse(&format!("nameserver {text}\n"));
        let found = conf.nameservers.first().map(|server| (Family::of(server.address), server.to_string()));
        assert_eq!(found, expected.map(|(family, words)| (family, words.to_owned())), "{text}");
        // As it crosses the wire.
        let again: ResolvConf = serde_json::from_str(&serde_json::to_string(&conf).unwrap()).unwrap();
        assert_eq!(again, conf);
    }

    #[test]
    fn every_form_that_the_c_library_takes_is_a_server_of_its_family() {
        check("10.96.0.10", Some((Family::V4, "10.96.0.10")));
        check("::ffff:10.0.0.1", Some((Family::V4, "10.0.0.1")));
        check("::ffff:10.0.0.1%eth0", Some((Family::V4, "10.0.0.1")));
        check("fd00::a", Some((Family::V6, "fd00::a")));
        check("fe80::1%eth0", Some((Family::V6, "fe80::1%eth0")));
        check("fe80::1%2", Some((Family::V6, "fe80::1%2")));
        check("fe80::1%", Some((Family::V6, "fe80::1")));
        check("fe80::1%an-interface-with-a-long-name", Some((Family::V6, "fe80::1%an-interface-wit")));
        check("10.0.0.1%eth0", None);
        check("%eth0", None);
        check("localhost", None);
    }
}
