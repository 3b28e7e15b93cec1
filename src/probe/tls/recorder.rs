//! Takes down what a server shows of itself, holds it against what is trusted, and lets the handshake go on whatever comes of it.
//! That the server has the key of its certificate is proved all the same. It must not know what is done over the connection.

use std::sync::{Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::model::certificate::{Certificate, Trusted};
use crate::model::outcome::Miss;

use super::certificate::{self, Shown};
use super::trust::Roots;

/// One handshake's.
#[derive(Debug)]
pub(super) struct Recorder {
    roots: Roots,
    began: UnixTime,
    algorithms: WebPkiSupportedAlgorithms,
    found: Mutex<(Trusted, Option<Certificate>)>,
}

impl Recorder {
    pub(super) fn new(roots: Roots, began: UnixTime) -> Self {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Self { roots, began, algorithms, found: Mutex::new((Trusted::Unchecked, None)) }
    }

    /// What was found; before a handshake, nothing.
    pub(super) fn found(&self) -> (Trusted, Option<Certificate>) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn check(&self, shown: Shown<'_>, name: &ServerName<'_>, now: UnixTime) -> Trusted {
        let Roots::These(roots) = &self.roots else { return Trusted::Unchecked };
        match self.verify(shown, name, now, roots) {
            Ok(()) => Trusted::Yes,
            Err(error) => verdict(&error, name),
        }
    }

    fn verify(&self, (own, others): Shown<'_>, name: &ServerName<'_>, now: UnixTime, roots: &RootCertStore) -> Result<(), Error> {
        let own = ParsedCertificate::try_from(own)?;
        verify_server_cert_signed_by_trust_anchor(&own, roots, others, now, self.algorithms.all)?;
        verify_server_name(&own, name)
    }
}

fn verdict(error: &Error, name: &ServerName<'_>) -> Trusted {
    use CertificateError as Wrong;
    match error {
        Error::InvalidCertificate(Wrong::Expired | Wrong::ExpiredContext { .. }) => Trusted::Expired,
        Error::InvalidCertificate(Wrong::NotValidYet | Wrong::NotValidYetContext { .. }) => Trusted::NotYet,
        // An authority of the same name with another key: those of all clusters are called the same.
        Error::InvalidCertificate(Wrong::UnknownIssuer | Wrong::BadSignature) => Trusted::UnknownIssuer,
        Error::InvalidCertificate(Wrong::NotValidForName | Wrong::NotValidForNameContext { .. }) => {
            Trusted::WrongName { wanted: name.to_str().into_owned() }
        }
        other => Trusted::Other { why: other.to_string().chars().take(Miss::NAME_LIMIT).collect() },
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = (end_entity, intermediates);
        let trusted = self.check(shown, server_name, now);
        let certificate = certificate::read(shown, |name| self.roots.names().any(|root| root.as_ref() == name), self.began);
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = (trusted, certificate);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
