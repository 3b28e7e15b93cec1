//! A request as it is sent, with its secrets in their places. Nothing of it is printed. It must not know what comes back.

use std::net::SocketAddr;

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method as Verb, Uri};

use crate::model::outcome::Obstacle;
use crate::model::probe::{Auth, Header, HttpProbe, Method};
use crate::model::secret::{Secrets, Text};
use crate::probe::errand::Errand;
use crate::probe::kit::{Kit, unfit};
use crate::probe::packet::Question;

use super::echo;

/// Tells whoever reads the logs of a server who this is.
const AGENT: &str = concat!("netcheck/", env!("CARGO_PKG_VERSION"));

/// Whether the other side may read secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confidence {
    Given,
    /// Its certificate is not one of those that are trusted.
    Withheld,
}

/// The requests of a burst.
pub(super) struct Request {
    verb: Verb,
    uri: Uri,
    headers: HeaderMap,
    /// Those with secrets in them.
    credentials: HeaderMap,
    find: Option<String>,
    /// What must not be shown of an answer.
    secrets: Secrets,
    /// Read anew for each request: a token is renewed while the agent runs.
    account: Option<Kit>,
}

impl Request {
    pub(super) fn of(probe: &HttpProbe, errand: &Errand, kit: &Kit) -> Result<Self, Obstacle> {
        if probe.headers.len() > HttpProbe::HEADERS_LIMIT || probe.path.len() > HttpProbe::PATH_LIMIT {
            return Err(unfit("a request with more headers or a longer path than are asked for".to_owned()));
        }
        let (mut headers, mut credentials) = (HeaderMap::new(), HeaderMap::new());
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(HOST, value("host", &host(probe, errand))?);
        for Header { name, value: text } in &probe.headers {
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit(format!("{name:?} can be no header")))?;
            let among = if text.secrets().next().is_some() { &mut credentials } else { &mut headers };
            among.insert(key, value(name, &filled(text, &kit.secrets)?)?);
        }
        if let Some(Auth::Token(text)) = &probe.auth {
            credentials.insert(AUTHORIZATION, bearer(&filled(text, &kit.secrets)?)?);
        }
        let verb = match probe.method {
            Method::Get => Verb::GET,
            Method::Head => Verb::HEAD,
        };
        let uri = probe.path.parse().map_err(|_| unfit(format!("{:?} can be no path", probe.path)))?;
        let account = matches!(probe.auth, Some(Auth::ServiceAccount)).then(|| kit.clone());
        // Told before anybody is asked, who might not be there.
        account.as_ref().map(Kit::token).transpose()?;
        Ok(Self { verb, uri, headers, credentials, find: probe.find.clone(), secrets: kit.secrets.clone(), account })
    }

    /// What the body is searched for.
    pub(super) fn find(&self) -> Option<&str> {
        self.find.as_deref()
    }

    /// Whether it has something to withhold.
    pub(super) fn has_credentials(&self) -> bool {
        self.account.is_some() || !self.credentials.is_empty()
    }

    /// The next; where one of our own is asked, its question.
    pub(super) fn build(&self, question: Option<&Question>, confidence: Confidence) -> Result<hyper::Request<Empty<Bytes>>, Obstacle> {
        let mut request = hyper::Request::new(Empty::new());
        *request.method_mut() = self.verb.clone();
        *request.uri_mut() = match question {
            Some(question) => echo::path(question).parse().map_err(|_| unfit("a question that can be no path".to_owned()))?,
            None => self.uri.clone(),
        };
        *request.headers_mut() = self.headers.clone();
        if confidence == Confidence::Given {
            for (name, value) in &self.credentials {
                request.headers_mut().insert(name, value.clone());
            }
            if let Some(kit) = &self.account {
                request.headers_mut().insert(AUTHORIZATION, bearer(&kit.token()?)?);
            }
        }
        Ok(request)
    }

    /// A text without any secret that the request had in it.
    pub(super) fn redacted(&self, text: &str) -> String {
        let mut secrets = self.secrets.clone();
        if let Some(Ok(token)) = self.account.as_ref().map(Kit::token) {
            secrets.insert("", token);
        }
        secrets.redacted(text)
    }
}

fn filled(text: &Text, secrets: &Secrets) -> Result<String, Obstacle> {
    text.filled(secrets).map_err(|name| unfit(format!("the value of the secret {name} did not come with the share")))
}

fn bearer(token: &str) -> Result<HeaderValue, Obstacle> {
    value("authorization", &format!("Bearer {token}"))
}

/// Without the value in what is said of it.
fn value(name: &str, text: &str) -> Result<HeaderValue, Obstacle> {
    let mut value =
        HeaderValue::from_str(text).map_err(|_| unfit(format!("the value of the header {name} has characters that no header has")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whom the request is for (RFC 9110 7.2).
fn host(probe: &HttpProbe, errand: &Errand) -> String {
    let name = probe.tls.as_ref().and_then(|tls| tls.server_name.as_deref()).or_else(|| errand.called());
    let usual = if probe.tls.is_some() { 443 } else { 80 };
    match (name, errand.to) {
        (Some(name), to) if to.port() == usual => name.to_owned(),
        (Some(name), to) => format!("{name}:{}", to.port()),
        (None, SocketAddr::V6(to)) if to.port() == usual => format!("[{}]", to.ip()),
        (None, to) if to.port() == usual => to.ip().to_string(),
        (None, to) => to.to_string(),
    }
}
