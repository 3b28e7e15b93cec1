//! A TLS handshake over a connection of ours, and what it shows. Its own certificate check never ends it: what is wrong with a
//! certificate is told beside what came over the connection. It must not know what is asked over it.

mod certificate;

mod recorder;

mod trust;

use std::io;
use std::sync::Arc;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{ClientConfig, Error, PeerIncompatible, ProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::certificate::{TlsSight, TlsVersion};
use crate::model::outcome::{Layer, Miss, Obstacle};
use crate::model::probe::TlsSettings;

use super::connections::broken;
use super::errand::Errand;
use super::kit::{Kit, unfit};
use recorder::Recorder;

pub(super) use trust::Roots;

/// What is the same for all handshakes of a burst.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    roots: Roots,
    name: ServerName<'static>,
    /// What is spoken over it, if anything (RFC 7301).
    speak: Option<&'static [u8]>,
    /// When the burst began: all its certificates are valid for so long from then.
    began: UnixTime,
}

impl Terms {
    /// Reads certificates, from the share or from the files of the agent.
    pub(super) fn of(settings: &TlsSettings, errand: &Errand, kit: &Kit, speak: Option<&'static [u8]>) -> Result<Self, Obstacle> {
        let name = match settings.server_name.as_deref().or_else(|| errand.called()) {
            Some(name) => ServerName::try_from(name.to_owned()).map_err(|_| unfit(format!("{name:?} can be no server's name")))?,
            None => ServerName::IpAddress(errand.to.ip().into()),
        };
        Ok(Self { roots: Roots::of(&settings.trust, kit)?, name, speak, began: UnixTime::now() })
    }
}

/// Shakes hands. What fails is a miss: without a connection there is nothing to tell of.
pub(super) async fn shake(stream: TcpStream, terms: &Terms) -> Result<(TlsStream<TcpStream>, TlsSight), Miss> {
    let recorder = Arc::new(Recorder::new(terms.roots.clone(), terms.began));
    let mut config = settings(&recorder)?;
    config.alpn_protocols = terms.speak.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = TlsConnector::from(Arc::new(config)).connect(terms.name.clone(), stream).await.map_err(|error| failed(&error))?;
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => TlsVersion::Tls13,
        Some(_) | None => TlsVersion::Tls12,
    };
    let (trusted, certificate) = recorder.found();
    Ok((stream, TlsSight { version, trusted, certificate }))
}

/// Anew for each handshake, so that none goes by the tickets of another and shows no certificate.
fn settings(recorder: &Arc<Recorder>) -> Result<ClientConfig, Miss> {
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider())).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Miss::broken(Layer::Tls, &error.to_string()))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::clone(recorder) as _).with_no_client_auth())
}

/// A handshake that failed.
fn failed(error: &io::Error) -> Miss {
    match error.get_ref().and_then(|error| error.downcast_ref::<Error>()) {
        Some(error) => told(error),
        None => broken(error),
    }
}

/// In words of ours, where those of the library are for programmers.
pub(super) fn told(error: &Error) -> Miss {
    let why = match error {
        Error::AlertReceived(alert) => format!("it was refused by an alert: {alert:?}"),
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => "an older version than TLS 1.2 was offered".to_owned(),
        Error::InvalidMessage(_) => "what came is no TLS".to_owned(),
        other => other.to_string(),
    };
    Miss::broken(Layer::Tls, &why)
}
