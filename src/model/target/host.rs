//! Hosts as a suite names them: by address or by name, with the port that is asked. It must not know who asks.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::units::Port;

/// An address, with the port that is asked there; none for ICMP, which has no ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// Where.
    pub address: IpAddr,
    /// Which port.
    pub port: Option<Port>,
}

/// The name of a host, with the port that is asked there; none for ICMP, which has no ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// Its name; one without a dot at its end is searched for.
    pub name: Arc<str>,
    /// Which port.
    pub port: Option<Port>,
}

impl fmt::Display for Endpoint {
    /// As in a URL: `10.0.0.10:443`, `[2001:db8::1]:443`; just the address where there is no port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.address) {
            (None, address) => f.pad(&address.to_string()),
            (Some(port), address) => f.pad(&std::net::SocketAddr::new(address, port.get()).to_string()),
        }
    }
}

impl fmt::Display for Named {
    /// `shop.example:443`; just the name where there is no port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            None => f.pad(&self.name),
            Some(port) => f.pad(&format!("{}:{port}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_port_is_written_as_in_a_url() {
        for (address, port, expected) in [
            ("10.0.0.10", Some(443), "10.0.0.10:443"),
            ("2001:db8::1", Some(443), "[2001:db8::1]:443"),
            ("10.0.0.10", None, "10.0.0.10"),
            ("2001:db8::1", None, "2001:db8::1"),
        ] {
            let endpoint = Endpoint { address: address.parse().unwrap(), port: port.and_then(Port::new) };
            assert_eq!(endpoint.to_string(), expected);
        }
    }
}
