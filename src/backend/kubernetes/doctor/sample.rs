//! The objects of a run exactly as it would create them: one of each kind, for a trial. It must not know what is tried on them.

use k8s_openapi::api::core::v1::{Namespace, Pod};

use crate::backend::kubernetes::manifest::{self, Ground, Pattern};
use crate::backend::kubernetes::needs::Room;
use crate::backend::kubernetes::security::{Ping, lodging, security_level};
use crate::model::agents::IcmpAccess;
use crate::model::vantage::{PodName, Station, Vantage};

/// What a run creates for agents that stand alike.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// How.
    pub(super) station: Station,
    /// How it comes by ICMP, if that is in the pod network.
    pub(super) icmp: IcmpAccess,
    /// The namespace of the run's own, unless one is given.
    pub(super) own: Option<Namespace>,
    /// The namespace that is given.
    pub(super) given: Option<String>,
    /// An agent's pod.
    pub(super) pod: Pod,
    /// The same, where the cluster refuses it the sysctl.
    pub(super) frugal: Pod,
}

impl Sample {
    /// For the agent on that vantage, whose node is so.
    pub(super) fn of(pattern: &Pattern, (room, icmp): (&Room, IcmpAccess), vantage: &Vantage, ground: &Ground) -> Self {
        let station = vantage.station();
        let (own, given) = match room {
            Room::Own => (Some(manifest::namespace(&pattern.mark, lodging(station), icmp)), None),
            Room::Given(namespace) => (None, Some(namespace.clone())),
        };
        let pod = |ping| manifest::pod(pattern, vantage, ground, ping, None);
        let frugal = Ping::without_sysctl(icmp);
        let asking = if icmp == IcmpAccess::Auto { Ping::Asked } else { frugal };
        Self { station, icmp, own, given, pod: pod(asking), frugal: pod(frugal) }
    }

    /// The namespace that the run would use.
    pub(super) fn namespace(&self) -> String {
        let own = self.own.as_ref().and_then(|namespace| namespace.metadata.name.clone());
        self.given.clone().or(own).unwrap_or_default()
    }

    /// The Pod Security level that its pods need.
    pub(super) const fn level(&self) -> &'static str {
        security_level(self.station, self.icmp)
    }

    /// What runs in it.
    pub(super) const fn agent(&self) -> &'static str {
        match (self.station, self.icmp) {
            (Station::Pod, IcmpAccess::Auto) => "an agent",
            (Station::Pod, IcmpAccess::Raw) => "an agent with raw ICMP",
            (Station::Host, _) => "a host agent",
            (Station::Workload, _) => "an agent that enters a pod's network",
        }
    }

    /// How to go elsewhere.
    pub(super) const fn another_namespace(&self) -> &'static str {
        match (self.station, self.icmp) {
            (Station::Pod, IcmpAccess::Auto) => "a namespace that is spared: make one, and name it with --namespace NAME",
            (Station::Pod, IcmpAccess::Raw) => {
                "a namespace that is spared: make one of Pod Security level privileged, and name it with --namespace NAME; \
                 or leave `agents: { icmp: raw }` of the suites out"
            }
            (Station::Workload, _) => {
                "a namespace that is spared: make one of Pod Security level privileged, and name it with --host-namespace NAME; \
                 or leave the tests with `from: { workload: … }` out"
            }
            (Station::Host, _) => {
                "a namespace that is spared: make one of Pod Security level privileged, and name it with --host-namespace NAME; \
                 or leave the nodes' own network out: without --set hosts=true"
            }
        }
    }
}

/// Somewhere, where nobody is known to stand so.
pub(super) fn any(station: Station) -> Vantage {
    const ANY: &str = "any";
    match station {
        Station::Pod => Vantage::pod(ANY),
        Station::Host => Vantage::host(ANY),
        Station::Workload => Vantage::workload(ANY, PodName { namespace: ANY.into(), name: ANY.into() }),
    }
}
