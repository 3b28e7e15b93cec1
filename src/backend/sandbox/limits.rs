//! What agents cannot do in a sandbox, whatever its world says. It must not know any world.

use super::isolation::Isolation;
use super::namespace;
use crate::model::family::Family;
use crate::model::inventory::{Ability, Limit};
use crate::probe;
use crate::wire::IcmpMode;

/// What this machine cannot give.
pub(super) fn of(isolation: &Isolation) -> Vec<Limit> {
    let loopback = matches!(isolation, Isolation::Loopback { .. });
    let no_v6 = if loopback {
        Some("the sandbox's loopback isolation has no IPv6 address for each node")
    } else {
        (!namespace::has_v6()).then_some("this machine's kernel has no IPv6")
    };
    let mut limits: Vec<Limit> = no_v6.into_iter().map(|why| Limit { what: Ability::Family(Family::V6), why: why.to_owned() }).collect();
    if loopback {
        for (what, nothing) in [(Ability::Names, "DNS server"), (Ability::Gateway, "gateways"), (Ability::Services, "Services")] {
            limits.push(Limit { what, why: format!("the sandbox's loopback isolation has no {nothing}") });
        }
    }
    if let (true, IcmpMode::Unavailable(why)) = (loopback, probe::icmp_mode()) {
        let why = format!("this machine gives no unprivileged ICMP socket (sysctl net.ipv4.ping_group_range): {why}");
        limits.push(Limit { what: Ability::Icmp, why });
    }
    if loopback {
        let why = "in the sandbox's loopback isolation every path is the loopback interface, whose MTU says nothing of the world's links";
        limits.push(Limit { what: Ability::PathMtu, why: why.to_owned() });
    }
    let why = "the sandbox has no pods of yours: `--backend simulated` has those of a world";
    limits.push(Limit { what: Ability::Workloads, why: why.to_owned() });
    limits
}
