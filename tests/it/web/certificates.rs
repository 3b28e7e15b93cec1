//! Certificates of every kind, made for one test each.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

/// An authority, with what its servers show of it.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>, Vec<CertificateDer<'static>>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap(), Vec::new())
    }

    /// One for which this one vouches for so many days.
    pub(crate) fn below(&self, days: u32) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "below");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_after = (SystemTime::now() + Duration::from_secs(3_600) + Duration::from_secs(86_400) * days).into();
        let issuer = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap();
        let shown = CertificateDer::from(issuer.der().to_vec());
        Self(issuer, vec![shown])
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server needs that is called so, with a certificate that is valid from now on for so many days; below 0, it was before.
    pub(crate) fn server(&self, names: &[&str], days: i64) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        let day = Duration::from_secs(86_400);
        let end = SystemTime::now() + Duration::from_secs(3_600) + day * 400;
        params.not_before = (SystemTime::now() - day * 800).into();
        params.not_after = match u32::try_from(days) {
            Ok(days) => (SystemTime::now() + Duration::from_secs(3_600) + day * days).into(),
            Err(_) => (end - day * 400 - day * u32::try_from(-days).unwrap()).into(),
        };
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = [vec![CertificateDer::from(certificate.der().to_vec())], self.1.clone()].concat();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }

    /// A server with a certificate of that name, and without its key.
    pub(crate) fn thief(&self, name: &str) -> Arc<ServerConfig> {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&KeyPair::generate().unwrap(), &self.0).unwrap();
        let other = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KeyPair::generate().unwrap().serialize_der()));
        let key = rustls::crypto::ring::sign::any_supported_type(&other).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_cert_resolver(Arc::new(shown)))
    }
}
