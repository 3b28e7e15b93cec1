//! Which authorities are trusted, read from where they are. It must not know any certificate that is held against them.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

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
