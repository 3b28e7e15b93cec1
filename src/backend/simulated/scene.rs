//! What the agents of a simulation share: the world, its clock, and which of them have fallen silent. It must not know lines.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::time::Instant;

use crate::model::fixture::TrafficPolicy;
use crate::model::service::Service;
use crate::model::units::Micros;
use crate::model::world::{Rules, Spot, Table, World};

/// A world in which time passes.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) world: Arc<World>,
    pub(super) rules: Rules,
    began: OnceLock<Instant>,
    table: Mutex<Arc<Table>>,
    silences: Mutex<HashMap<Spot, (Micros, Silence)>>,
}

/// Why an agent answers no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// Its process is gone.
    Died,
    /// Its process stands still.
    Froze,
}

impl Scene {
    pub(super) fn new(world: Arc<World>) -> Self {
        let mut table = Table::default();
        for service in world.described(super::PORT) {
            table.add(&service, TrafficPolicy::Cluster);
        }
        let table = Mutex::new(Arc::new(table));
        Self { rules: world.rules(), table, world, began: OnceLock::new(), silences: Mutex::new(HashMap::new()) }
    }

    /// The Services that there are now.
    pub(super) fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One Service more.
    pub(super) fn add(&self, service: &Service, policy: TrafficPolicy) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let mut more = Table::clone(&table);
        more.add(service, policy);
        *table = Arc::new(more);
    }

    /// When the world began: now, if it has not yet.
    pub(super) fn began(&self) -> Instant {
        *self.began.get_or_init(Instant::now)
    }

    /// How old the world is, if it has begun.
    pub(super) fn known_age(&self) -> Option<Micros> {
        self.began.get().map(|began| Micros::of(began.elapsed()))
    }

    /// How old the world is.
    pub(super) fn age(&self) -> Micros {
        Micros::of(self.began().elapsed())
    }

    /// From now on the agent there answers no more.
    pub(super) fn silence(&self, spot: Spot, why: Silence) {
        let since = self.age();
        self.silences.lock().unwrap_or_else(PoisonError::into_inner).entry(spot).or_insert((since, why));
    }

    /// Why the agent there does not answer at that moment, if it does not.
    pub(super) fn silence_of(&self, spot: Spot, at: Micros) -> Option<Silence> {
        let silences = self.silences.lock().unwrap_or_else(PoisonError::into_inner);
        silences.get(&spot).filter(|(since, _)| *since <= at).map(|(_, why)| *why)
    }
}
