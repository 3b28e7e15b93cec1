//! The API server of a world: what it says to whom. It must not know how it is asked.

use std::net::IpAddr;

use crate::model::certificate::{Certificate, Trusted};
use crate::model::probe::{Auth, HttpProbe, Method, Trust};
use crate::model::units::Port;

/// What a host says over TLS that is an API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiServer {
    /// Where.
    pub port: Port,
    /// What it shows.
    pub shows: Shows,
    /// The checks of `/readyz` that fail.
    pub failing: Vec<String>,
}

/// The certificate that an API server shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shows {
    /// One of the cluster's authority for its names, with a year left.
    #[default]
    Valid,
    /// It ended three days ago.
    Expired,
    /// It ends in three days.
    EndsSoon,
    /// It is for somebody else.
    OtherName,
    /// Another authority has signed it.
    OtherAuthority,
}

/// What it is asked, as far as it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'r> {
    /// How.
    pub method: Method,
    /// For what, perhaps with a query.
    pub path: &'r str,
    /// By whom.
    pub caller: Caller,
}

/// Who asks an API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Somebody without a token.
    Anonymous,
    /// A service account of the cluster.
    Account,
    /// Somebody whose token it does not know.
    Stranger,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// What an API server is called in its cluster.
const NAMES: [&str; 4] = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];

/// What everybody may see (the role `system:public-info-viewer`).
const PUBLIC: [&str; 4] = ["/healthz", "/livez", "/readyz", "/version"];

impl<'r> From<&'r HttpProbe> for Request<'r> {
    fn from(probe: &'r HttpProbe) -> Self {
        let caller = match probe.auth {
            None => Caller::Anonymous,
            Some(Auth::ServiceAccount) => Caller::Account,
            Some(Auth::Token(_)) => Caller::Stranger,
        };
        Self { method: probe.method, path: &probe.path, caller }
    }
}

/// A simulated world is always so old: 2026-01-01.
const NOW: i64 = 1_767_225_600;

impl ApiServer {
    /// What it answers to a request over TLS.
    #[must_use]
    pub fn reply(&self, request: &Request<'_>) -> Reply {
        let path = request.path.split('?').next().unwrap_or_default();
        let reply = |status, body: String| Reply { status, body: if request.method == Method::Head { String::new() } else { body } };
        if request.caller == Caller::Stranger {
            return reply(401, "Unauthorized\n".to_owned());
        }
        if !PUBLIC.contains(&path) {
            return reply(403, "Forbidden\n".to_owned());
        }
        if self.failing.is_empty() || !matches!(path, "/readyz" | "/healthz") {
            return reply(200, "ok".to_owned());
        }
        let failed: Vec<String> = self.failing.iter().map(|check| format!("[-]{check} failed: reason withheld\n")).collect();
        let failed = failed.concat();
        reply(500, format!("{failed}readyz check failed\n"))
    }

    /// What it answers to a request in the clear.
    #[must_use]
    pub fn in_the_clear() -> Reply {
        Reply { status: 400, body: "Client sent an HTTP request to an HTTPS server.\n".to_owned() }
    }

    /// Its certificate, where it has these addresses.
    #[must_use]
    pub fn certificate(&self, addresses: &[IpAddr]) -> Certificate {
        let hours_left = match self.shows {
            Shows::Expired => -72,
            Shows::EndsSoon => 72,
            Shows::Valid | Shows::OtherName | Shows::OtherAuthority => 365 * 24,
        };
        let names = match self.shows {
            Shows::OtherName => vec!["other.example".to_owned()],
            _ => NAMES.iter().map(ToString::to_string).chain(addresses.iter().map(ToString::to_string)).collect(),
        };
        Certificate { not_after: NOW + hours_left * 3_600, hours_left, names }
    }

    /// What comes of holding that against what is trusted, where `name` is asked for.
    #[must_use]
    pub fn trusted(&self, trust: &Trust, name: &str, certificate: &Certificate) -> Trusted {
        match (trust, self.shows) {
            (Trust::None, _) => Trusted::Unchecked,
            (Trust::Given(_), _) | (Trust::ClusterCa, Shows::OtherAuthority) => Trusted::UnknownIssuer,
            (Trust::ClusterCa, Shows::Expired) => Trusted::Expired,
            (Trust::ClusterCa, _) if certificate.names.iter().any(|known| known == name) => Trusted::Yes,
            (Trust::ClusterCa, _) => Trusted::WrongName { wanted: name.to_owned() },
        }
    }
}
