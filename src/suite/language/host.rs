//! The host of a machine, as suites and worlds write it: its address, or its name. It must not know what is there.

use std::net::{IpAddr, SocketAddr};

use super::wrong::Wrong;
use crate::model::address::{Host, is_of_one};
use crate::suite::tree::Scalar;

/// In words, for "expected …".
pub(super) const EXPECTED_ADDRESS: &str = "an IPv4 or IPv6 address without a port, such as 10.0.0.10 or 2001:db8::1";

/// The same, where a name will do.
pub(super) const EXPECTED_HOST: &str =
    "an IPv4 or IPv6 address or a DNS name, without a port, such as 10.0.0.10, 2001:db8::1 or shop.example";

/// A machine by its address or its name.
///
/// # Errors
/// [`Wrong`] if it is neither.
pub(crate) fn read_host(scalar: &Scalar) -> Result<Host, Wrong> {
    match Host::parse(&scalar.text) {
        Ok(Host::Address(address)) => of_one(address).map(Host::Address),
        Ok(Host::Name(name)) => Ok(Host::Name(name)),
        Err(_) => Err(Wrong::value(EXPECTED_HOST).help(port_apart(&scalar.text))),
    }
}

/// The address of a machine.
///
/// # Errors
/// [`Wrong`] if it is none.
pub(crate) fn read_address(scalar: &Scalar) -> Result<IpAddr, Wrong> {
    match Host::parse(&scalar.text) {
        Ok(Host::Address(address)) => of_one(address),
        Ok(Host::Name(_)) | Err(_) => Err(Wrong::value(EXPECTED_ADDRESS).help(port_apart(&scalar.text))),
    }
}

fn of_one(address: IpAddr) -> Result<IpAddr, Wrong> {
    const ONE: &str = "the address of one host: neither 0.0.0.0 or ::, nor multicast or broadcast, nor fe80:: or ::ffff: of IPv6";
    if is_of_one(address) { Ok(address) } else { Err(Wrong::value(ONE)) }
}

/// What people write who have a port in mind.
fn port_apart(text: &str) -> Option<String> {
    let of_address = || text.parse::<SocketAddr>().ok().map(|whole| (whole.ip().to_string(), whole.port()));
    let of_name = || {
        let (name, port) = text.rsplit_once(':')?;
        Host::parse(name).ok()?;
        Some((name.to_owned(), port.parse().ok()?))
    };
    let (host, port) = of_address().or_else(of_name)?;
    Some(format!("the port stands apart: `host: {host}`, `port: {port}`"))
}
