//! Where a name server is on this machine: one of a single link is behind an interface, which resolv.conf names. It must not know what
//! is asked there.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use nix::net::if_::if_nametoindex;

use crate::model::outcome::{Obstacle, ObstacleKind};
use crate::model::resolv_conf::NameServer;

/// Its socket address.
///
/// # Errors
/// Nobody on this machine can ask it.
pub(super) fn at(server: &NameServer, port: u16) -> Result<SocketAddr, Obstacle> {
    let unusable =
        |why: &str| Obstacle { kind: ObstacleKind::NoResolver, detail: format!("the name server {server} cannot be asked: {why}") };
    let IpAddr::V6(address) = server.address else { return Ok(SocketAddr::new(server.address, port)) };
    let scope = match &server.zone {
        Some(zone) => index(zone).ok_or_else(|| unusable(&format!("there is no interface {zone} here")))?,
        None if address.is_unicast_link_local() => {
            return Err(unusable(&format!("which interface it is behind is not said (\"{address}%eth0\")")));
        }
        None => 0,
    };
    Ok(SocketAddrV6::new(address, port, 0, scope).into())
}

/// Of an interface, by its name or its number.
fn index(zone: &str) -> Option<u32> {
    if_nametoindex(zone).ok().or_else(|| zone.parse().ok().filter(|index| *index > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(server: &str, expected: Result<&str, &str>) {
        let found = at(&server.parse().unwrap(), 53).map(|at| at.to_string()).map_err(|obstacle| obstacle.detail);
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{server}");
    }

    #[test]
    fn an_address_of_a_link_needs_an_interface_that_is_there() {
        let loopback = if_nametoindex("lo").unwrap();
        check("10.0.0.1", Ok("10.0.0.1:53"));
        check("::ffff:10.0.0.1", Ok("10.0.0.1:53"));
        check("fd00::a", Ok("[fd00::a]:53"));
        check("fe80::1%lo", Ok(&format!("[fe80::1%{loopback}]:53")));
        check("fe80::1%7", Ok("[fe80::1%7]:53"));
        check("fe80::1%gone0", Err("the name server fe80::1%gone0 cannot be asked: there is no interface gone0 here"));
        check("fe80::1%0", Err("the name server fe80::1%0 cannot be asked: there is no interface 0 here"));
        check("fe80::1", Err("the name server fe80::1 cannot be asked: which interface it is behind is not said (\"fe80::1%eth0\")"));
    }
}
