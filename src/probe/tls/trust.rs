//! Which authorities are trusted, read from where they are. It must not know any certificate that is held against them.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{DistinguishedName, RootCertStore};

use crate::model::outcome::Obstacle;
use crate::model::probe::Trust;
use crate::probe::kit::{Kit, unfit};

/// The authorities that are trusted.
#[derive(Debug, Clone)]
pub(in crate::probe) enum Roots {
    /// Nobody looks.
    None,
    /// These: at least one.
    These(Arc<RootCertStore>),
}

impl Roots {
    /// What they are called, as certificates write it (RFC 5280 4.1.2.4).
    pub(super) fn names(&self) -> impl Iterator<Item = DistinguishedName> {
        let store = match self {
            Self::None => None,
            Self::These(store) => Some(store),
        };
        store.into_iter().flat_map(|store| store.subjects())
    }

    /// Those of a share.
    pub(super) fn of(trust: &Trust, kit: &Kit) -> Result<Self, Obstacle> {
        match trust {
            Trust::None => Ok(Self::None),
            Trust::Given(pem) => Self::read(pem.as_bytes(), "the given CA"),
            Trust::ClusterCa => Self::read(&kit.cluster_ca()?, "the cluster's CA"),
        }
    }

    fn read(pem: &[u8], what: &str) -> Result<Self, Obstacle> {
        let mut roots = RootCertStore::empty();
        let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 { Err(unfit(format!("there is no certificate in {what}"))) } else { Ok(Self::These(Arc::new(roots))) }
    }
}
