//! Echo servers that a suite brings along: the run's own agents, behind Services that are made for them. It must not know how a
//! Service is made, nor who asks it.

use std::fmt;
use std::sync::Arc;

use super::service::Transport;

/// Services of a suite's own; behind each are the run's agents in the pod network, one a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fixture {
    /// What tests call it, and what its Services are called by.
    pub name: Arc<str>,
    /// What it answers, each once.
    pub serve: Vec<Transport>,
    /// Through which of its Services it may be asked, each once.
    pub vias: Vec<Via>,
}

impl Fixture {
    /// What it answers, where the suite does not say.
    pub const SERVES: [Transport; 2] = [Transport::Udp, Transport::Tcp];

    /// Through what, where the suite does not say.
    pub const VIAS: [Via; 3] = [Via::ClusterIp, Via::NodePort, Via::Endpoints];
}

/// The way on which a Service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// Its own address in the cluster.
    ClusterIp,
    /// Its port at the address of every node.
    NodePort,
    /// Who stands behind it, each by itself: nothing is translated.
    Endpoints,
    /// The addresses that a load balancer has given it.
    LoadBalancer,
    /// The addresses from outside the cluster that its specification names (`externalIPs`).
    ExternalIps,
}

impl Via {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::ClusterIp, Self::NodePort, Self::Endpoints, Self::LoadBalancer, Self::ExternalIps];

    /// As suites write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClusterIp => "clusterIP",
            Self::NodePort => "nodePort",
            Self::Endpoints => "endpoints",
            Self::LoadBalancer => "loadBalancer",
            Self::ExternalIps => "externalIPs",
        }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whom a node port passes on what comes to it from outside (`externalTrafficPolicy`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrafficPolicy {
    /// To any backend of the cluster.
    #[default]
    Cluster,
    /// To backends on that very node.
    Local,
}

impl TrafficPolicy {
    /// As suites write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Local => "local",
        }
    }
}

/// One Service of a fixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Front {
    /// With an address of its own.
    ClusterIp,
    /// Without one: whoever stands behind it is asked.
    Headless,
    /// With a port at every node.
    NodePort(TrafficPolicy),
}

impl Front {
    /// Whom it passes on what comes to its node ports.
    #[must_use]
    pub const fn policy(self) -> TrafficPolicy {
        match self {
            Self::NodePort(policy) => policy,
            Self::ClusterIp | Self::Headless => TrafficPolicy::Cluster,
        }
    }

    /// What its name has behind that of the fixture.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::ClusterIp => "",
            Self::Headless => "-headless",
            Self::NodePort(TrafficPolicy::Cluster) => "-node",
            Self::NodePort(TrafficPolicy::Local) => "-node-local",
        }
    }
}

/// A Service that a run needs: decided by its plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stand {
    /// The fixture.
    pub fixture: Arc<str>,
    /// Which of its Services.
    pub front: Front,
    /// What it answers.
    pub serve: Vec<Transport>,
}

impl Stand {
    /// The port of the Service itself: the port of echo (RFC 862), which nobody else has at an address of its own.
    pub const PORT: u16 = 7;

    /// What the Service is called.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}", self.fixture, self.front.suffix())
    }
}
