//! How HTTP and TLS are asked, beside what every burst has. It crosses the wire, and holds no secret: only the names of some.

use serde::{Deserialize, Serialize};

use super::Burst;
use crate::model::secret::Text;

/// Requests to one target, each over a connection of its own; no redirect is followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpProbe {
    /// How often, over which family.
    pub burst: Burst,
    /// Only what changes nothing.
    pub method: Method,
    /// What is asked for, with its query: visible characters, beginning with `/`. An agent is asked for its own answer instead.
    pub path: String,
    /// Further headers, in the order of the suite.
    pub headers: Vec<Header>,
    /// Who asks, if anybody.
    pub auth: Option<Auth>,
    /// What the body is searched for.
    pub find: Option<String>,
    /// How the connection is secured; in the clear where it is not.
    pub tls: Option<TlsSettings>,
}

impl HttpProbe {
    /// The longest path, in bytes.
    pub const PATH_LIMIT: usize = 2_000;
    /// The most headers.
    pub const HEADERS_LIMIT: usize = 32;
    /// How much of a body is read and searched, in bytes.
    pub const BODY_LIMIT: usize = 65_536;

    /// The names of the secrets that it needs.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let token = match &self.auth {
            Some(Auth::Token(text)) => Some(text),
            Some(Auth::ServiceAccount) | None => None,
        };
        self.headers.iter().map(|header| &header.value).chain(token).flat_map(Text::secrets)
    }
}

/// TLS handshakes with one target.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsProbe {
    /// How often, over which family.
    pub burst: Burst,
    /// What is asked for, and what the certificate is held against.
    pub tls: TlsSettings,
}

/// What can be asked of a server without changing anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Head and body.
    #[default]
    Get,
    /// The head alone.
    Head,
}

impl Method {
    /// As HTTP spells it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
        }
    }
}

/// A header of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Text,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Auth {
    /// The service account of the agent's own pod: its token is read when it is needed, and never leaves the agent but in the request.
    ServiceAccount,
    /// Whoever has this token.
    Token(Text),
}

/// How a connection is secured.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsSettings {
    /// Whom the certificate must name, and who is asked for where the server has several; the address that is asked where there is none.
    pub server_name: Option<String>,
    /// What the certificate is held against. The connection goes on whatever comes of it.
    pub trust: Trust,
}

/// What an agent needs of its pod to ask the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credential {
    /// The certificates of the cluster's authority.
    Authority,
    /// These, and a token of its service account.
    Token,
}

/// What a certificate is held against.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trust {
    /// The authority of the cluster, as the agent's pod is given it.
    ClusterCa,
    /// These certificates, in PEM.
    Given(String),
    /// Nothing: anybody could have answered.
    None,
}
