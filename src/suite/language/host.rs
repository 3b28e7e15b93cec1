//! The address of a machine, as suites and worlds write it. It must not know what is there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::wrong::Wrong;
use crate::model::address::Host;
use crate::suite::codes;
use crate::suite::tree::Scalar;

/// In words, for "expected …".
pub(super) const EXPECTED_HOST: &str = "an IPv4 or IPv6 address without a port, such as 10.0.0.10 or 2001:db8::1";

/// The address of a machine.
///
/// # Errors
/// [`Wrong`] if it is none, or a name, which is not supported yet.
pub(crate) fn read_host(scalar: &Scalar) -> Result<IpAddr, Wrong> {
    match Host::parse(&scalar.text) {
        Ok(Host::Address(address)) if is_of_one(address) => Ok(address),
        Ok(Host::Address(_)) => {
            Err(Wrong::value("the address of one host: neither 0.0.0.0 or ::, nor multicast or broadcast, nor fe80:: or ::ffff: of IPv6"))
        }
        Ok(Host::Name(name)) => {
            let message = Some(format!("the host `{name}` by its name is not supported yet"));
            let help = Some("write its address; a suite would otherwise not say where its packets go".to_owned());
            Err(Wrong { code: codes::NOT_YET, message, expected: EXPECTED_HOST.to_owned(), help })
        }
        Err(_) => Err(Wrong::value(EXPECTED_HOST).help(port_apart(&scalar.text))),
    }
}

/// Whether it can be that of a single host.
fn is_of_one(address: IpAddr) -> bool {
    let single = !address.is_unspecified() && !address.is_multicast();
    single
        && match address {
            IpAddr::V4(address) => address != Ipv4Addr::BROADCAST,
            // A link-local one is of one link alone, and each source has its own; a mapped one is an IPv4 address in disguise.
            IpAddr::V6(address) => !address.is_unicast_link_local() && address.to_ipv4_mapped().is_none(),
        }
}

/// What people write who have a port in mind.
fn port_apart(text: &str) -> Option<String> {
    let whole: SocketAddr = text.parse().ok()?;
    Some(format!("the port stands apart: `host: {}`, `port: {}`", whole.ip(), whole.port()))
}
