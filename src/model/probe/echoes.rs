//! What ICMP echo has beside its burst: how much is sent, and whether it may be cut on its way. It must not know sockets.

use serde::{Deserialize, Serialize};

use super::Burst;

/// Questions by ICMP echo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Echoes {
    /// Its parameters.
    #[serde(flatten)]
    pub burst: Burst,
    /// What is behind the ICMP header, in bytes, as `ping -s` has it: from [`Echoes::LEAST`] to [`Echoes::MOST`].
    #[serde(default = "least")]
    pub size: u32,
    /// Whether packets may be cut.
    #[serde(default)]
    pub splitting: Splitting,
}

/// Whether packets may be cut into pieces on their way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Splitting {
    /// By whoever sends them, and over IPv4 by routers too.
    #[default]
    Allowed,
    /// By nobody: "don't fragment".
    Forbidden,
}

impl Echoes {
    /// A question: what proves that an answer belongs to it.
    pub const LEAST: u32 = 36;

    /// What the largest IPv4 packet has room for. IPv6 would have room for 20 bytes more.
    pub const MOST: u32 = 65_507;

    /// What every link carries in one packet: 1,280 bytes (RFC 8200), less the headers of IPv6 and ICMP.
    const OF_ONE_PACKET: u32 = 1_280 - 40 - 8;

    /// Questions of the least size.
    #[must_use]
    pub const fn plain(burst: Burst) -> Self {
        Self { burst, size: Self::LEAST, splitting: Splitting::Allowed }
    }

    /// About as many packets as one question is on the network.
    #[must_use]
    pub const fn pieces(&self) -> u32 {
        match self.splitting {
            Splitting::Allowed => self.size.div_ceil(Self::OF_ONE_PACKET),
            Splitting::Forbidden => 1,
        }
    }

    /// Whether it is what it was before there was anything to choose.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.size == Self::LEAST && matches!(self.splitting, Splitting::Allowed)
    }
}

const fn least() -> u32 {
    Echoes::LEAST
}
