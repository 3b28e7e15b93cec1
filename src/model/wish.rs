//! What answers should say. Every probe whose answers say something has its variants here, beside those of what is seen.
//! It must not know how it is held against them.

use std::fmt;

use super::codes;
use super::comparison::Comparison;
use super::dns::Rcode;
use super::vantage::Vantage;
use super::web_wish::{Authority, Hours, Statuses};

/// What is wanted of what answers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// How many different backends answered.
    Backends(Comparison<u64>),
    /// Every response has one of these statuses.
    Status(Statuses),
    /// Every body has this in it.
    Body(String),
    /// Every certificate is one of that authority, valid, and of the name that was asked for.
    Tls(Authority),
    /// Every certificate is valid for so long.
    CertExpiry(Comparison<Hours>),
    /// That each of these backends answered, and nobody else; a suite does not know who they are, and whoever judges it does.
    AllBackends(Vec<Behind>),
    /// What a server of DNS says of each question.
    Rcode(Rcode),
    /// How many of the records that were asked for each answer has.
    Answers(Comparison<u64>),
    /// That each answer has this record, and no other.
    Record(String),
    /// How many queries each lookup takes.
    Queries(Comparison<u64>),
    /// The largest packet that the path takes, in each direction that was searched.
    Mtu(MtuWish),
    /// That no large packet disappears without a word.
    NoBlackHole,
}

/// Who stands behind a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Whose agent it is; answers say so.
    pub vantage: Vantage,
    /// Why it is there no longer, if that is so: whether it was to be heard of, nobody knows.
    pub lost: Option<String>,
}

/// What the largest packet of a path should be, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MtuWish {
    /// Whatever the sender's own interface takes.
    Interface,
    /// That.
    Size(Comparison<u64>),
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// How many different backends answered.
    Backends,
    /// Of responses.
    Status,
    /// Of responses.
    Body,
    /// Whose the certificates are.
    Tls,
    /// How long certificates are valid.
    CertExpiry,
    /// What a server of DNS says of each question.
    Rcode,
    /// The records of each answer.
    Answers,
    /// How many queries each lookup takes.
    Queries,
    /// The largest packet that the path takes.
    Mtu,
    /// Whether large packets disappear without a word.
    BlackHole,
}

impl Wish {
    /// What it is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Backends(_) | Self::AllBackends(_) => Subject::Backends,
            Self::Rcode(_) => Subject::Rcode,
            Self::Answers(_) | Self::Record(_) => Subject::Answers,
            Self::Queries(_) => Subject::Queries,
            Self::Mtu(_) => Subject::Mtu,
            Self::NoBlackHole => Subject::BlackHole,
            Self::Status(_) => Subject::Status,
            Self::Body(_) => Subject::Body,
            Self::Tls(_) => Subject::Tls,
            Self::CertExpiry(_) => Subject::CertExpiry,
        }
    }

    /// The stable code of missing it, of the form `NC2001`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backends(_) | Self::AllBackends(_) => codes::BACKENDS,
            Self::Rcode(_) => codes::RCODE,
            Self::Answers(_) | Self::Record(_) => codes::ANSWERS,
            Self::Queries(_) => codes::QUERIES,
            Self::Mtu(_) => codes::MTU,
            Self::NoBlackHole => codes::BLACK_HOLE,
            Self::Status(_) => codes::STATUS,
            Self::Body(_) => codes::BODY,
            Self::Tls(_) => codes::TLS,
            Self::CertExpiry(_) => codes::CERT_EXPIRY,
        }
    }
}

impl Subject {
    /// Its name in the suite language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backends => "backends",
            Self::Status => "status",
            Self::Body => "body",
            Self::Tls => "tls",
            Self::CertExpiry => "certExpiry",
            Self::Rcode => "rcode",
            Self::Answers => "answers",
            Self::Queries => "queriesPerLookup",
            Self::Mtu => "mtu",
            Self::BlackHole => "blackhole",
        }
    }
}

impl fmt::Display for Wish {
    /// Operator and limit, or what else is written in a suite: `>= 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backends(comparison) | Self::Answers(comparison) | Self::Queries(comparison) | Self::Mtu(MtuWish::Size(comparison)) => {
                comparison.fmt(f)
            }
            Self::AllBackends(names) if names.is_empty() => f.write_str("all"),
            Self::AllBackends(names) => write!(f, "all {}", names.len()),
            Self::Rcode(code) => write!(f, "== {code}"),
            Self::Record(record) => write!(f, "== {record}"),
            Self::Mtu(MtuWish::Interface) => f.write_str("interface"),
            Self::NoBlackHole => f.write_str("false"),
            Self::Status(statuses) => statuses.fmt(f),
            Self::Body(text) => write!(f, "{text:?}"),
            Self::Tls(authority) => f.write_str(authority.word()),
            Self::CertExpiry(comparison) => comparison.fmt(f),
        }
    }
}
