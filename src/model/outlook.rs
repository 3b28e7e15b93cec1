//! What a run of a plan would do besides asking: how long, what it creates, what it has to be allowed. It must not know how that is
//! found out, nor how it is shown.

use std::time::Duration;

use super::plan::Plan;
use super::shard::Shard;

/// A plan, and what comes with it.
#[derive(Debug, Clone)]
pub struct Outlook<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Which part of the cases it is, if it is not all of them.
    pub shard: Option<Shard>,
    /// How long each case asks where nothing is lost, in the order of the plan.
    pub asking: Vec<Duration>,
    /// How long all of them ask, beside each other as far as they may.
    pub together: Duration,
    /// What is created in the cluster; nothing in other places.
    pub creates: Vec<Creation>,
    /// What the run has to be allowed.
    pub rights: Vec<NeededRight>,
    /// The command that prints these rights as a manifest; none where none are needed.
    pub rights_command: Option<String>,
}

/// Objects of one kind in one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// `Namespace` or `Pod`.
    pub kind: &'static str,
    /// How many.
    pub count: usize,
    /// The namespace that is created, or that they are in.
    pub namespace: String,
    /// The same in words.
    pub words: String,
}

/// A right on the core group, as `kubectl auth can-i` spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededRight {
    /// `create`.
    pub verb: &'static str,
    /// `pods/exec`.
    pub resource: &'static str,
    /// On that object alone; none for all of the kind.
    pub name: Option<String>,
    /// In which namespace; none for all of them, and for what belongs to none.
    pub namespace: Option<String>,
    /// What for.
    pub why: &'static str,
    /// Whether a run cannot measure and clean up without it.
    pub needed: bool,
}
