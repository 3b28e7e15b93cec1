//! An agent from its first duty to its end: its lasting state, and whoever works on it. It must not know lines or sockets.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::probe::{LOOK, watch};

use super::core::Core;
use super::worker::work;
use super::{Identity, Prober};

/// An agent. Conversations come and go; what it has to do and to tell stays. Dropping it ends its work.
#[derive(Debug)]
pub struct Agent {
    pub(super) core: Arc<Core>,
    worker: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Agent {
    /// An agent that carries out its shares by `prober`.
    #[must_use]
    pub fn new(identity: Identity, prober: Prober) -> Self {
        Self { core: Arc::new(Core::new(identity, prober)), worker: Mutex::new(None) }
    }

    /// When a controller last said anything; before the first word, when the agent began.
    pub(super) fn heard(&self) -> Instant {
        self.core.heard()
    }

    /// Watches whether this process runs, for the beats to tell, until what is returned is dropped.
    pub(super) fn watch(&self) -> AbortOnDropHandle<()> {
        let core = Arc::clone(&self.core);
        core.watched(std::time::Instant::now());
        AbortOnDropHandle::new(tokio::spawn(async move {
            watch(LOOK, |now| core.ran(now)).await;
        }))
    }

    /// Lets the work begin, unless it has.
    pub(super) fn start(&self) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        worker.get_or_insert_with(|| AbortOnDropHandle::new(tokio::spawn(work(Arc::clone(&self.core)))));
    }
}
