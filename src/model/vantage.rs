//! Where from and where to: the agents of a run and the directed pairs between them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place that measures and answers: the agent in a pod of its own on the node of that name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Vantage(pub Arc<str>);

impl Vantage {
    /// The vantage on the node of that name.
    #[must_use]
    pub fn on(node: &str) -> Self {
        Self(Arc::from(node))
    }

    /// The node's name.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One directed source → target of a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Who asks.
    pub source: Vantage,
    /// Who is asked.
    pub target: Vantage,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.source, self.target)
    }
}
