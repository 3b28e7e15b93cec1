//! What a TLS handshake showed: version, certificate, and whether the certificate is one that was asked for. It holds no opinion.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a handshake showed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsSight {
    /// What both sides speak.
    pub version: TlsVersion,
    /// Whether the certificate is the one of whoever was asked for.
    pub trusted: Trusted,
    /// What it says; none if it cannot be read.
    pub certificate: Option<Certificate>,
}

/// The versions that are spoken; older ones are refused (RFC 8996).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TlsVersion {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// Whether a certificate is the one of whoever was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "as")]
pub enum Trusted {
    /// Nobody looked.
    Unchecked,
    /// Yes.
    Yes,
    /// It is not valid any more.
    Expired,
    /// It is not valid yet, or a clock is wrong.
    NotYet,
    /// None of the authorities that are trusted has signed it.
    UnknownIssuer,
    /// It names others.
    WrongName {
        /// Whom it should name.
        wanted: String,
    },
    /// For another reason.
    Other {
        /// What the check said.
        why: String,
    },
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Until when it is valid, and all that vouch for it up to one that is trusted, in seconds since 1970.
    pub not_after: i64,
    /// From when it was seen until then, in whole hours, below 0 where it is over: by the clock of the agent's node.
    pub hours_left: i64,
    /// Whom it names: at most [`Certificate::NAMES_LIMIT`].
    pub names: Vec<String>,
}

impl Certificate {
    /// The most names that are kept.
    pub const NAMES_LIMIT: usize = 16;
    /// The most bytes of a text beside a certificate, or in it.
    pub const TEXT_LIMIT: usize = 1_100;
}

/// Names that are told in words.
const NAMED: usize = 3;

impl TlsSight {
    /// Whether its texts are within their limits.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let short = |text: &String| text.len() <= Certificate::TEXT_LIMIT;
        let names = self.certificate.as_ref().map_or(&[][..], |certificate| &certificate.names);
        let trusted = match &self.trusted {
            Trusted::WrongName { wanted: text } | Trusted::Other { why: text } => short(text),
            Trusted::Unchecked | Trusted::Yes | Trusted::Expired | Trusted::NotYet | Trusted::UnknownIssuer => true,
        };
        trusted && names.len() <= Certificate::NAMES_LIMIT && names.iter().all(short)
    }
}

impl fmt::Display for TlsSight {
    /// `TLS 1.3, certificate expired (until 2026-05-01), for example.com`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.version)?;
        match &self.trusted {
            Trusted::Unchecked => {}
            Trusted::Yes => f.write_str(", certificate trusted")?,
            other => write!(f, ", certificate not trusted: {other}")?,
        }
        self.certificate.as_ref().map_or(Ok(()), |certificate| write!(f, ", {certificate}"))
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchecked => f.write_str("not checked"),
            Self::Yes => f.write_str("trusted"),
            Self::Expired => f.write_str("expired"),
            Self::NotYet => f.write_str("not valid yet"),
            Self::UnknownIssuer => f.write_str("unknown issuer"),
            Self::WrongName { wanted } => write!(f, "not for {wanted}"),
            Self::Other { why } => f.write_str(why),
        }
    }
}

impl fmt::Display for Certificate {
    /// `valid for 29 days (until 2026-12-21), for a.example, b.example`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.hours_left, self.hours_left / 24) {
            (..0, _) => f.write_str("expired")?,
            (1, _) => f.write_str("valid for 1 hour")?,
            (hours @ 0..48, _) => write!(f, "valid for {hours} hours")?,
            (_, days) => write!(f, "valid for {days} days")?,
        }
        if let Ok(moment) = jiff::Timestamp::from_second(self.not_after) {
            write!(f, " (until {})", moment.strftime("%Y-%m-%d"))?;
        }
        match (self.names.as_slice(), self.names.len().saturating_sub(NAMED)) {
            ([], _) => f.write_str(", for no name"),
            (names, 0) => write!(f, ", for {}", names.join(", ")),
            (names, more) => write!(f, ", for {} and {more} more", names[..NAMED].join(", ")),
        }
    }
}
