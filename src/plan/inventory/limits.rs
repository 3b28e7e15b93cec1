//! What no agent can do in a place, as an inventory's file says it. It must not know what follows from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::family::Family;
use crate::model::inventory::{Ability, Limit};
use crate::model::vantage::Network;

/// Something that no agent can do in this place.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LimitDocument {
    /// What.
    what: AbilityDocument,
    /// Why.
    why: String,
}

/// What a case may need of its agents.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum AbilityDocument {
    /// To ask by ICMP.
    Icmp,
    /// To reach a DNS server.
    Names,
    /// An IPv4 address for each.
    V4,
    /// An IPv6 address for each.
    V6,
    /// To be in the pod network.
    Pods,
    /// To be in the nodes' own network.
    Hosts,
    /// To have links of a size of their own between them.
    PathMtu,
    /// To have a gateway.
    Gateway,
    /// To ask Services that a run makes.
    Services,
    /// To enter the network namespaces of the user's pods.
    Workloads,
}

impl LimitDocument {
    pub(super) fn of(limit: &Limit) -> Self {
        let what = match limit.what {
            Ability::Icmp => AbilityDocument::Icmp,
            Ability::Names => AbilityDocument::Names,
            Ability::Family(Family::V4) => AbilityDocument::V4,
            Ability::Family(Family::V6) => AbilityDocument::V6,
            Ability::Network(Network::Pod) => AbilityDocument::Pods,
            Ability::Network(Network::Host) => AbilityDocument::Hosts,
            Ability::PathMtu => AbilityDocument::PathMtu,
            Ability::Gateway => AbilityDocument::Gateway,
            Ability::Services => AbilityDocument::Services,
            Ability::Workloads => AbilityDocument::Workloads,
        };
        Self { what, why: limit.why.clone() }
    }

    pub(super) fn limit(&self) -> Limit {
        let what = match self.what {
            AbilityDocument::Icmp => Ability::Icmp,
            AbilityDocument::Names => Ability::Names,
            AbilityDocument::V4 => Ability::Family(Family::V4),
            AbilityDocument::V6 => Ability::Family(Family::V6),
            AbilityDocument::Pods => Ability::Network(Network::Pod),
            AbilityDocument::Hosts => Ability::Network(Network::Host),
            AbilityDocument::PathMtu => Ability::PathMtu,
            AbilityDocument::Gateway => Ability::Gateway,
            AbilityDocument::Services => Ability::Services,
            AbilityDocument::Workloads => Ability::Workloads,
        };
        Limit { what, why: self.why.clone() }
    }
}
