//! The API server of a world: TLS with a certificate of its cluster, and HTTP as far as it is asked. It must not know what it answers
//! (`model::world::ApiServer`), nor where its sockets are.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::server::ServerConfig;
use rustls::sign::SingleCertAndKey;
use rustls::{Error, crypto::ring};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, copy, sink};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::certificates::{Authority, random};
use crate::model::probe::Method;
use crate::model::world::{ApiServer, Caller, Reply, Request, Shows};

/// What the API server of a cluster and its pods have in common.
pub(super) struct Cluster {
    authority: Authority,
    token: String,
}

/// One that listens.
pub(super) struct Server {
    api: ApiServer,
    acceptor: TlsAcceptor,
    token: String,
}

/// How a record of TLS with a handshake in it begins (RFC 8446 5.1).
const HANDSHAKE: u8 = 22;

/// The longest head of a request.
const HEAD_LIMIT: u64 = 16_384;

impl Cluster {
    /// A new authority, and a token that nobody can guess.
    pub(super) fn new() -> Result<Self, Error> {
        let token = format!("{:032x}{:032x}", u128::from_be_bytes(random()?), u128::from_be_bytes(random()?));
        Ok(Self { authority: Authority::new()?, token })
    }

    /// The certificate of its authority.
    pub(super) fn authority(&self) -> String {
        self.authority.pem()
    }

    /// That of its service accounts: nobody tells them apart.
    pub(super) fn token(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for Cluster {
    /// Never the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cluster")
    }
}

impl Server {
    /// The API server of that cluster at these addresses, with a key of its own.
    pub(super) fn of(api: &ApiServer, addresses: &[IpAddr], cluster: &Cluster) -> Result<Self, Error> {
        let certificate = api.certificate(addresses);
        let key = match api.shows {
            Shows::OtherAuthority => Authority::new()?.issue(&certificate)?,
            Shows::Valid | Shows::Expired | Shows::EndsSoon | Shows::OtherName => cluster.authority.issue(&certificate)?,
        };
        let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
        let mut config = versions.with_no_client_auth().with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { api: api.clone(), acceptor: TlsAcceptor::from(Arc::new(config)), token: cluster.token.clone() })
    }

    /// One request, one answer; then the other side ends.
    pub(super) async fn converse(self: Arc<Self>, stream: TcpStream) -> io::Result<()> {
        let mut first = [0];
        stream.peek(&mut first).await?;
        if first == [HANDSHAKE] {
            let stream = self.acceptor.accept(stream).await?;
            return answer(stream, |head| self.reply(head)).await;
        }
        answer(stream, |_| ApiServer::in_the_clear()).await
    }

    fn reply(&self, head: &str) -> Reply {
        let mut lines = head.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let method = match words.next() {
            Some("GET") => Method::Get,
            Some("HEAD") => Method::Head,
            Some(_) | None => return Reply { status: 405, body: String::new() },
        };
        let path = words.next().unwrap_or_default();
        self.api.reply(&Request { method, path, caller: self.caller(lines) })
    }

    fn caller<'h>(&self, mut fields: impl Iterator<Item = &'h str>) -> Caller {
        let told = fields.find_map(|field| {
            let (name, value) = field.split_once(':')?;
            name.eq_ignore_ascii_case("authorization").then(|| value.trim())
        });
        match told.map(|told| told.strip_prefix("Bearer ")) {
            None => Caller::Anonymous,
            Some(Some(token)) if token == self.token => Caller::Account,
            Some(_) => Caller::Stranger,
        }
    }
}

/// Answers a request, if it is one.
async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, reply: impl FnOnce(&str) -> Reply) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    let mut limited = (&mut stream).take(HEAD_LIMIT);
    while !head.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut head).await? == 0 {
            return Ok(());
        }
    }
    let Reply { status, body } = reply(&String::from_utf8_lossy(&head));
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
    stream.shutdown().await?;
    copy(&mut stream, &mut sink()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::Port;

    fn check(request: &str, token: Option<&str>, expected: (u16, &str)) {
        let cluster = Cluster::new().unwrap();
        let api = ApiServer { port: Port::HTTPS, shows: Shows::Valid, failing: vec!["etcd".to_owned()] };
        let server = Server::of(&api, &[], &cluster).unwrap();
        let token = token.map(|token| format!("Authorization: Bearer {}\r\n", token.replace("OWN", cluster.token())));
        let reply = server.reply(&format!("{request} HTTP/1.1\r\nhost: x\r\n{}\r\n", token.unwrap_or_default()));
        assert_eq!((reply.status, reply.body.lines().next().unwrap_or_default()), expected, "{request}");
    }

    #[test]
    fn requests_are_read_as_they_are_sent() {
        check("GET /livez", None, (200, "ok"));
        check("GET /livez?verbose", Some("OWN"), (200, "ok"));
        check("GET /readyz", Some("OWN"), (500, "[-]etcd failed: reason withheld"));
        check("HEAD /readyz", None, (500, ""));
        check("GET /livez", Some("other"), (401, "Unauthorized"));
        check("GET /livez", Some("OWN2"), (401, "Unauthorized"));
        check("GET /api", Some("OWN"), (403, "Forbidden"));
        check("POST /livez", None, (405, ""));
        check("", None, (405, ""));
    }
}
