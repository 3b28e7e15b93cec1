//! When nodes fetch the image of agents. It must not know which image.

/// When the kubelet fetches the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// For every pod.
    Always,
    /// If the node lacks it.
    IfNotPresent,
    /// Never: it has to be on the node.
    Never,
}

impl PullPolicy {
    /// As Kubernetes spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}
