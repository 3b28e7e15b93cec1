//! With which rights agents run, as little as each station allows. Pure.

use k8s_openapi::api::core::v1::{AppArmorProfile, Capabilities, PodSecurityContext, SeccompProfile, SecurityContext, Sysctl};

use crate::model::agents::IcmpAccess;
use crate::model::vantage::{Network, Station};

/// Lets every user of the pod open unprivileged ICMP sockets, v4 and v6. Safe for a pod of its own network since Kubernetes 1.18.
const PING: (&str, &str) = ("net.ipv4.ping_group_range", "0 2147483647");

/// What it takes to enter a pod's network: `setns(2)` wants `SYS_ADMIN`, and another user's `/proc/PID/ns/net` is opened only with
/// `SYS_PTRACE` (`ptrace(2)`, access mode checking). Once there, an agent gives up both.
const TO_ENTER: [&str; 3] = ["NET_RAW", "SYS_ADMIN", "SYS_PTRACE"];

/// In whose namespace agents that stand so are: whoever needs the rights of a node is in that of the hosts.
pub(super) const fn lodging(station: Station) -> Network {
    match station {
        Station::Pod => Network::Pod,
        Station::Host | Station::Workload => Network::Host,
    }
}

/// How the agent of a pod comes by ICMP. What stands in a host's network has `NET_RAW`: none there may ask for the sysctl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ping {
    /// The pod asks for the right to open unprivileged ICMP sockets, if it may.
    Asked,
    /// The pod does not, since that was refused: the agent then says itself that it cannot.
    GivenUp,
    /// The pod does not, and its agent has `NET_RAW`.
    Raw,
}

impl Ping {
    /// Of a pod that does not ask for the sysctl.
    pub(super) const fn without_sysctl(icmp: IcmpAccess) -> Self {
        match icmp {
            IcmpAccess::Auto => Self::GivenUp,
            IcmpAccess::Raw => Self::Raw,
        }
    }
}

/// The Pod Security level that forbids nothing.
pub(super) const PRIVILEGED: &str = "privileged";

/// The Pod Security level that agents that stand so need, and their namespace has.
pub(super) const fn security_level(station: Station, icmp: IcmpAccess) -> &'static str {
    match (lodging(station), icmp) {
        (Network::Pod, IcmpAccess::Auto) => "restricted",
        // "baseline" knows no NET_RAW.
        (Network::Pod, IcmpAccess::Raw) | (Network::Host, _) => PRIVILEGED,
    }
}

/// No user in a pod's network: the image has a numeric one, and `OpenShift` assigns its own. Elsewhere user 0, and for raw ICMP, since
/// the kubelet gives added capabilities to no other.
pub(super) fn of_pod(station: Station, ping: Ping) -> PodSecurityContext {
    let sysctls = match (station, ping) {
        (Station::Pod, Ping::Asked) => Some(vec![Sysctl { name: PING.0.to_owned(), value: PING.1.to_owned() }]),
        (Station::Pod, Ping::GivenUp | Ping::Raw) | (Station::Host | Station::Workload, _) => None,
    };
    let (run_as_user, run_as_non_root) = match (station, ping) {
        (Station::Pod, Ping::Asked | Ping::GivenUp) => (None, Some(true)),
        (Station::Pod, Ping::Raw) | (Station::Host | Station::Workload, _) => (Some(0), None),
    };
    PodSecurityContext {
        run_as_user,
        run_as_non_root,
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        sysctls,
        ..PodSecurityContext::default()
    }
}

pub(super) fn of_container(station: Station, ping: Ping) -> SecurityContext {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let add = match (station, ping) {
        (Station::Pod, Ping::Asked | Ping::GivenUp) => None,
        (Station::Pod, Ping::Raw) | (Station::Host, _) => Some(words(&["NET_RAW"])),
        (Station::Workload, _) => Some(words(&TO_ENTER)),
    };
    // Where AppArmor is, a container's profile keeps it from looking at the processes of others. The API server takes `false`
    // beside SYS_ADMIN for a contradiction.
    let (profile, escalation) = match station {
        Station::Pod | Station::Host => (None, Some(false)),
        Station::Workload => (Some(AppArmorProfile { type_: "Unconfined".to_owned(), localhost_profile: None }), None),
    };
    SecurityContext {
        allow_privilege_escalation: escalation,
        app_armor_profile: profile,
        capabilities: Some(Capabilities { add, drop: Some(words(&["ALL"])) }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}
