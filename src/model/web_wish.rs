//! What responses and certificates should say. It must not know how it is held against them.

use std::fmt;

use super::certificate::{TlsSight, Trusted};
use super::response::HttpSight;
use super::sight::Sight;

/// Statuses of which a response should have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(pub Vec<StatusRange>);

/// A status, or a hundred of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRange {
    /// That one: 100 to 599.
    One(u16),
    /// All that begin with this digit: 1 to 5.
    Class(u16),
}

impl Statuses {
    /// `2xx`: it went well.
    #[must_use]
    pub fn success() -> Self {
        Self(vec![StatusRange::Class(2)])
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contain(&self, status: u16) -> bool {
        self.0.iter().any(|range| match range {
            StatusRange::One(one) => *one == status,
            StatusRange::Class(class) => status / 100 == *class,
        })
    }
}

impl StatusRange {
    /// Reads `200` or `2xx`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        match text.strip_suffix("xx") {
            Some(class) => number(class).filter(|class| (1..=5).contains(class)).map(Self::Class),
            None => number(text).filter(|status| (100..=599).contains(status)).map(Self::One),
        }
    }
}

impl fmt::Display for Statuses {
    /// `200`, `200, 401 or 403`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            match index {
                0 => {}
                last if last + 1 == self.0.len() => f.write_str(" or ")?,
                _ => f.write_str(", ")?,
            }
            match range {
                StatusRange::One(status) => write!(f, "{status}")?,
                StatusRange::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}

/// Whose signature a certificate should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authority {
    /// The cluster's.
    Cluster,
    /// That of the certificates which the probe gives.
    Given,
    /// Anybody's.
    Any,
}

impl Authority {
    /// As suites spell it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cluster => "clusterCA",
            Self::Given => "ca",
            Self::Any => "none",
        }
    }
}

/// A length of time in whole hours, as certificates have it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours(pub i64);

impl Hours {
    /// The most, about 114 years.
    const MOST: i64 = 1_000_000;

    /// Reads `14d` or `36h`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (number, unit) = [("d", 24), ("h", 1)].into_iter().find_map(|(unit, hours)| Some((text.strip_suffix(unit)?, hours)))?;
        let number: i64 = number.trim_end().parse().ok().filter(|_| number.bytes().next().is_some_and(|byte| byte.is_ascii_digit()))?;
        number.checked_mul(unit).filter(|hours| *hours <= Self::MOST).map(Self)
    }
}

impl fmt::Display for Hours {
    /// `14d` or `36h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 24 == 0 { write!(f, "{}d", self.0 / 24) } else { write!(f, "{}h", self.0) }
    }
}

impl Sight {
    /// The response that was seen, if it was one.
    #[must_use]
    pub const fn http(&self) -> Option<&HttpSight> {
        match self {
            Self::Http(http) => Some(http),
            Self::Backend { .. }
            | Self::Tls(_)
            | Self::ReusedPort
            | Self::Rcode { .. }
            | Self::Answers { .. }
            | Self::Queries { .. }
            | Self::Truncated
            | Self::Size { .. }
            | Self::PathMtu(_)
            | Self::NoName { .. } => None,
        }
    }

    /// The handshake that was seen, if it was one.
    #[must_use]
    pub const fn tls(&self) -> Option<&TlsSight> {
        match self {
            Self::Http(http) => http.tls.as_ref(),
            Self::Tls(tls) => Some(tls),
            Self::Backend { .. }
            | Self::ReusedPort
            | Self::Rcode { .. }
            | Self::Answers { .. }
            | Self::Queries { .. }
            | Self::Truncated
            | Self::Size { .. }
            | Self::PathMtu(_)
            | Self::NoName { .. } => None,
        }
    }
}

impl TlsSight {
    /// Whether the certificate is one of that authority, as the handshake was held against it.
    #[must_use]
    pub fn is_of(&self, authority: Authority) -> bool {
        authority == Authority::Any || self.trusted == Trusted::Yes
    }

    /// How long its certificate is valid; none if it cannot be read.
    #[must_use]
    pub fn left(&self) -> Option<Hours> {
        self.certificate.as_ref().map(|certificate| Hours(certificate.hours_left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_and_written() {
        for (text, expected) in [("200", Some("200")), (" 2xx ", Some("2xx")), ("599", Some("599")), ("5xx", Some("5xx"))] {
            assert_eq!(StatusRange::parse(text).map(|range| Statuses(vec![range]).to_string()).as_deref(), expected);
        }
        for text in ["", "99", "600", "6xx", "0xx", "xx", "2x", "2XX", "+200", "200.0", "two"] {
            assert_eq!(StatusRange::parse(text), None, "{text}");
        }
        let three = Statuses(vec![StatusRange::One(200), StatusRange::One(401), StatusRange::Class(5)]);
        assert_eq!(three.to_string(), "200, 401 or 5xx");
        assert_eq!([200, 201, 401, 503].map(|status| three.contain(status)), [true, false, true, true]);
    }

    #[test]
    fn hours_are_read_and_written() {
        for (text, expected) in [("14d", "14d"), ("36h", "36h"), ("48h", "2d"), ("0d", "0d"), (" 1 d", "1d")] {
            assert_eq!(Hours::parse(text).map(|hours| hours.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "14", "d", "-1d", "1.5d", "1w", "99999999999d", "14 days", "+1d"] {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
    }
}
