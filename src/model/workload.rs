//! Pods of the user's as sources: what a suite says of them, and what there is of them. It must not know how their network is entered.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::pairs::Group;
use super::selector::{Labels, Selector};
use super::vantage::{Network, PodName, Station};

/// Who asks in a case: its `from`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Agents of the run's own, in a network of some nodes.
    Group(Group),
    /// Pods of the user's, whose network namespaces agents enter.
    Workload(Workload),
}

impl Source {
    /// How its agents stand.
    #[must_use]
    pub fn station(&self) -> Station {
        match self {
            Self::Group(group) => group.network.into(),
            Self::Workload(_) => Station::Workload,
        }
    }

    /// In which of the nodes' networks they are.
    #[must_use]
    pub const fn network(&self) -> Network {
        match self {
            Self::Group(group) => group.network,
            Self::Workload(_) => Network::Pod,
        }
    }
}

impl fmt::Display for Source {
    /// As a suite writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => group.fmt(f),
            Self::Workload(workload) => workload.fmt(f),
        }
    }
}

/// Which pods of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Workload {
    /// Of that namespace.
    pub namespace: Arc<str>,
    /// Which of its pods.
    pub which: Which,
}

/// Which pods of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Which {
    /// Those with such labels.
    Labelled {
        /// The labels.
        selector: Selector,
        /// How many of those that are ready.
        pick: Pick,
    },
    /// The one of that name.
    Named(Arc<str>),
}

impl fmt::Display for Workload {
    /// As a suite writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, which } = self;
        match which {
            Which::Labelled { selector, pick } => {
                write!(f, "workload: {{ namespace: {namespace}, selector: {selector}, pick: {pick} }}")
            }
            Which::Named(name) => write!(f, "workload: {{ namespace: {namespace}, name: {name} }}"),
        }
    }
}

/// How many of the pods that are ready ask. Which of several, the seed decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Pick {
    /// Every one.
    All,
    /// So many; where there are fewer, there is none.
    Some(NonZeroU32),
    /// One in each zone that has one. Nodes without a zone are a zone of their own.
    OnePerZone,
    /// One on each node that has one.
    #[default]
    OnePerNode,
}

impl Pick {
    /// The most pods that may ask by number, and where all of them do: each has a privileged agent of its own beside it.
    pub const MOST: u32 = 1_000;
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Some(count) => count.fmt(f),
            Self::OnePerZone => f.write_str("onePerZone"),
            Self::OnePerNode => f.write_str("onePerNode"),
        }
    }
}

/// A pod of the user's as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadPod {
    /// Its namespace and its name.
    pub pod: PodName,
    /// Its labels.
    pub labels: Labels,
    /// Whether it can ask.
    pub state: PodState,
}

/// Whether a pod can ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodState {
    /// It is ready, in a network namespace of its own.
    Ready {
        /// The node that it is on.
        node: Arc<str>,
    },
    /// It is not ready.
    Unready {
        /// In the words of whoever knows: `Pending: 0/3 nodes are available`.
        why: String,
    },
    /// It shares the network of its node, which is asked from by `from: nodes`.
    OnHost,
    /// In its network something takes connections over before they leave: they would be accepted whatever became of the target.
    Proxied {
        /// Its name: `istio-proxy`.
        by: String,
    },
}
