//! Pods of the user's in a world.

use std::sync::Arc;

use super::World;
use crate::model::selector::Labels;
use crate::model::vantage::PodName;

/// A pod of the user's in a world: packets from it are those of the pod network of its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldWorkload {
    /// Its namespace and its name.
    pub pod: PodName,
    /// The node that it is on.
    pub node: Arc<str>,
    /// Its labels.
    pub labels: Labels,
    /// It is not ready, in these words.
    pub not_ready: Option<String>,
}

impl World {
    /// The most pods of the user's.
    pub const WORKLOADS_LIMIT: usize = 5_000;
}
