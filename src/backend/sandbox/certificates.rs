//! Certificates of an API server and of the authority that signs them (RFC 5280), made when a world begins: keys are Ed25519, for which
//! a private key is any 32 bytes (RFC 8410). It must not know where they are shown.

mod der;

use std::net::IpAddr;
use std::sync::Arc;

use rustls::crypto::ring::{default_provider, sign::any_eddsa_type};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{Error, SignatureScheme};

use crate::model::certificate::Certificate;
use der::{Moment, bits, bytes, context, integer, oid, sequence, set, text, yes};

/// Who signs certificates of a cluster.
#[derive(Debug)]
pub(super) struct Authority {
    key: Arc<dyn SigningKey>,
    own: CertificateDer<'static>,
}

/// What all authorities of clusters are called: only their keys tell them apart.
const AUTHORITY: &str = "kubernetes";

/// What a server's certificate calls it first.
const SERVER: &str = "kube-apiserver";

/// PKCS #8 of a private key of Ed25519 (RFC 8410 7), but for its 32 bytes.
const PRIVATE_KEY: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const KEY_USAGE: &[u8] = &[0x55, 29, 15];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 29, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 29, 19];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 29, 37];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];

/// Bits of a key's usage, with how many of them are unused before.
const SIGNS_CERTIFICATES: [u8; 2] = [2, 0b0000_0100];
const SIGNS_HANDSHAKES: [u8; 2] = [7, 0b1000_0000];

const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 24 * HOUR;

/// What a certificate says.
struct Said<'c> {
    subject: &'c str,
    /// From when until when, in seconds of the Unix epoch.
    valid: (i64, i64),
    public_key: &'c [u8],
    extensions: Vec<Vec<u8>>,
}

impl Authority {
    /// A new one, that is good for ten years.
    pub(super) fn new() -> Result<Self, Error> {
        let (key, now) = (new_key()?, now());
        let extensions = vec![
            extension(BASIC_CONSTRAINTS, true, &sequence(&[yes()])),
            extension(KEY_USAGE, true, &bits(SIGNS_CERTIFICATES[0], &SIGNS_CERTIFICATES[1..])),
        ];
        let public_key = public_key(&key)?;
        let said = Said { subject: AUTHORITY, valid: (now - YEAR, now + 10 * YEAR), public_key: &public_key, extensions };
        let own = signed(&said, &key)?;
        Ok(Self { key, own })
    }

    /// Its own certificate, for whoever trusts it, as files have it (RFC 7468).
    pub(super) fn pem(&self) -> String {
        der::pem("CERTIFICATE", &self.own)
    }

    /// A server's key with a certificate that says that.
    pub(super) fn issue(&self, certificate: &Certificate) -> Result<CertifiedKey, Error> {
        let key = new_key()?;
        // In the middle of an hour, so that it has as many left for as long as a run takes.
        let end = now() + certificate.hours_left * HOUR + HOUR / 2;
        let names: Vec<Vec<u8>> = certificate.names.iter().map(|name| alternative(name)).collect();
        let extensions = vec![
            extension(KEY_USAGE, true, &bits(SIGNS_HANDSHAKES[0], &SIGNS_HANDSHAKES[1..])),
            extension(EXTENDED_KEY_USAGE, false, &sequence(&[oid(SERVER_AUTHENTICATION)])),
            extension(ALTERNATIVE_NAME, false, &sequence(&names)),
        ];
        let public_key = public_key(&key)?;
        let said = Said { subject: SERVER, valid: (end - 2 * YEAR, end), public_key: &public_key, extensions };
        Ok(CertifiedKey::new(vec![signed(&said, &self.key)?], key))
    }
}

fn now() -> i64 {
    i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX / 2)
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    default_provider().secure_random.fill(&mut bytes)?;
    Ok(bytes)
}

fn new_key() -> Result<Arc<dyn SigningKey>, Error> {
    let document = [&PRIVATE_KEY[..], &random::<32>()?].concat();
    any_eddsa_type(&PrivatePkcs8KeyDer::from(document))
}

fn public_key(key: &Arc<dyn SigningKey>) -> Result<Vec<u8>, Error> {
    Ok(key.public_key().ok_or_else(|| Error::General("a key without its public half".to_owned()))?.to_vec())
}

/// What that says, signed by the authority of that key.
fn signed(said: &Said<'_>, key: &Arc<dyn SigningKey>) -> Result<CertificateDer<'static>, Error> {
    let algorithm = || sequence(&[oid(ED25519)]);
    let (from, until) = said.valid;
    let body = sequence(&[
        context(0, true, &integer(&[2])),
        // Positive, and without a zero before it (RFC 5280 4.1.2.2).
        integer(&[&[0x40], &random::<15>()?[..]].concat()),
        algorithm(),
        name(AUTHORITY),
        sequence(&[Moment(from).written(), Moment(until).written()]),
        name(said.subject),
        said.public_key.to_vec(),
        context(3, true, &sequence(&said.extensions)),
    ]);
    let signer = key.choose_scheme(&[SignatureScheme::ED25519]).ok_or_else(|| Error::General("a key that cannot sign".to_owned()))?;
    let signature = signer.sign(&body)?;
    Ok(sequence(&[body, algorithm(), bits(0, &signature)]).into())
}

fn name(name: &str) -> Vec<u8> {
    sequence(&[set(&[sequence(&[oid(COMMON_NAME), text(name)])])])
}

fn extension(which: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(which)];
    parts.extend(critical.then(yes));
    parts.push(bytes(value));
    sequence(&parts)
}

/// Whom a server can be called by: a name of DNS, or an address.
fn alternative(name: &str) -> Vec<u8> {
    match name.parse() {
        Ok(IpAddr::V4(address)) => context(7, false, &address.octets()),
        Ok(IpAddr::V6(address)) => context(7, false, &address.octets()),
        Err(_) => context(2, false, name.as_bytes()),
    }
}

#[cfg(test)]
mod tests;
