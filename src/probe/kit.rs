//! What an agent has at hand for requests: secrets, which came with the share, and what its own pod keeps. It must not know where
//! that is kept, nor who wants it.

use std::fmt;
use std::sync::Arc;

use crate::model::outcome::{Obstacle, ObstacleKind};
use crate::model::probe::Credential;
use crate::model::secret::Secrets;

/// Where an agent has its token and the certificates of the cluster: fetched when they are needed, since a token is renewed while
/// the agent runs.
#[derive(Clone)]
pub struct Keeper(Arc<dyn Fn(Credential) -> Result<String, String> + Send + Sync>);

impl Keeper {
    /// One that fetches so: the token alone for [`Credential::Token`].
    pub fn new(fetch: impl Fn(Credential) -> Result<String, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fetch))
    }

    fn fetch(&self, what: Credential) -> Result<String, Obstacle> {
        (self.0)(what).map_err(|detail| Obstacle { kind: ObstacleKind::NoCredentials, detail })
    }
}

impl fmt::Debug for Keeper {
    /// Never what is kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}

/// What is at hand.
#[derive(Debug, Clone)]
pub(super) struct Kit {
    pub(super) secrets: Secrets,
    pub(super) keeper: Keeper,
}

impl Kit {
    /// The certificates of the cluster, in PEM.
    pub(super) fn cluster_ca(&self) -> Result<Vec<u8>, Obstacle> {
        self.keeper.fetch(Credential::Authority).map(String::into_bytes)
    }

    /// The token of this pod's service account.
    pub(super) fn token(&self) -> Result<String, Obstacle> {
        self.keeper.fetch(Credential::Token)
    }
}

/// What a share says that cannot be asked for.
pub(super) fn unfit(detail: String) -> Obstacle {
    Obstacle { kind: ObstacleKind::Internal, detail }
}
