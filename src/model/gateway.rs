//! The default routes of an agent's own network, and the gateways that they lead to. It must not know how they are found.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::family::Family;

/// The default route of a family: of several the one that the system prefers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefaultRoute {
    /// Of which family.
    pub family: Family,
    /// The gateway; none where everything goes straight to the device.
    pub via: Option<IpAddr>,
    /// Which device it leads to.
    pub device: String,
}

/// A gateway, as it is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gateway {
    /// Where.
    pub address: IpAddr,
    /// The device behind which a link-local address is, which says nothing without; else none.
    pub device: Option<String>,
}

impl DefaultRoute {
    /// The most characters of the name of a device (`IFNAMSIZ`).
    const DEVICE_LIMIT: usize = 15;

    /// Its gateway, if there is one of its own family.
    #[must_use]
    pub fn gateway(&self) -> Option<Gateway> {
        let address = self.via.filter(|via| Family::of(*via) == self.family)?;
        let linked = matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
        Some(Gateway { address, device: linked.then(|| self.device.chars().take(Self::DEVICE_LIMIT).collect()) })
    }

    /// Why there is no gateway of that family, as these routes have it: after "has no default gateway".
    #[must_use]
    pub fn why_none(routes: &[Self], family: Family) -> String {
        let route = routes.iter().find(|route| route.family == family);
        let device = route.map(|route| route.device.chars().take(Self::DEVICE_LIMIT).collect::<String>());
        device.map_or_else(
            || format!("over {}: there is no default route", family.words()),
            |device| format!("over {}: the default route leads straight to {device}", family.words()),
        )
    }
}

impl fmt::Display for Gateway {
    /// `10.244.1.1`, `fe80::1%eth0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.device {
            Some(device) => write!(f, "{}%{device}", self.address),
            None => self.address.fmt(f),
        }
    }
}
