//! The objects that a run creates: from a few values to a namespace and a pod. Pure: it asks nobody and reads no clock.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    Affinity, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, EnvVarSource, LocalObjectReference, Namespace, NodeAffinity,
    NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, ObjectFieldSelector, Pod, PodSpec, ResourceRequirements, Toleration, Volume,
    VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::api::ObjectMeta;

use super::credentials;
use super::names::{self, Mark};
use super::pull_policy::PullPolicy;
use super::security::{self, Ping, security_level};
use super::workloads::Entry;
use crate::agent;
use crate::model::agents::IcmpAccess;
use crate::model::probe::Credential;
use crate::model::units::PortRange;
use crate::model::vantage::{Network, Station, Vantage};

/// The container of an agent's pod.
pub(super) const CONTAINER: &str = "agent";
/// Where the agent's socket is, and nothing else.
const RUN_DIRECTORY: &str = "/run/netcheck";
/// How a command in the pod reaches its agent.
pub(super) const SOCKET: &str = "/run/netcheck/agent.sock";
/// The label by which agents of the two networks are told apart.
pub(super) const COMPONENT: &str = "app.kubernetes.io/component";
/// What known injectors of sidecars look for: a proxy in between would be measured along.
const NO_SIDECAR_LABELS: [(&str, &str); 4] = [
    ("sidecar.istio.io/inject", "false"),
    ("istio.io/dataplane-mode", "none"),
    ("kuma.io/sidecar-injection", "disabled"),
    ("openservicemesh.io/sidecar-injection", "disabled"),
];
const NO_SIDECAR_ANNOTATIONS: [(&str, &str); 6] = [
    ("sidecar.istio.io/inject", "false"),
    ("linkerd.io/inject", "disabled"),
    ("kuma.io/sidecar-injection", "disabled"),
    ("openservicemesh.io/sidecar-injection", "disabled"),
    ("consul.hashicorp.com/connect-inject", "false"),
    ("dapr.io/enabled", "false"),
];

/// What all pods of a run have in common.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// Whose they are.
    pub(super) mark: Mark,
    /// The image's name.
    pub(super) image: String,
    /// When it is fetched.
    pub(super) pull_policy: PullPolicy,
    /// The Secret that opens its registry.
    pub(super) pull_secret: Option<String>,
    /// After this long Kubernetes ends the pod by itself.
    pub(super) lifetime: Duration,
    /// The ports that agents may take of a node; none for any that are free.
    pub(super) host_ports: Option<PortRange>,
}

/// What a pod has to know of its node, and of the pod whose network it enters.
#[derive(Debug, Clone, Default)]
pub(super) struct Ground {
    /// What it must tolerate to land there.
    pub(super) tolerations: Vec<Toleration>,
    /// Where the node can be reached, one address a family at most.
    pub(super) addresses: Vec<IpAddr>,
    /// The pod whose network its agent enters, if it enters one.
    pub(super) entry: Entry,
}

/// What an agent that stands so is called by [`COMPONENT`].
pub(super) const fn component(station: Station) -> &'static str {
    match station {
        Station::Pod => "agent-in-pods",
        Station::Host => "agent-on-hosts",
        Station::Workload => "agent-in-workloads",
    }
}

/// A run's own namespace for its pods in that network, where those come by ICMP so.
pub(super) fn namespace(mark: &Mark, network: Network, icmp: IcmpAccess) -> Namespace {
    let level = |mode| (format!("pod-security.kubernetes.io/{mode}"), security_level(network.into(), icmp).to_owned());
    let mut labels = mark.labels();
    labels.extend(["enforce", "audit", "warn"].map(level));
    let metadata = ObjectMeta {
        name: Some(names::namespace(&mark.run, network)),
        labels: Some(labels),
        annotations: Some(mark.annotations()),
        ..ObjectMeta::default()
    };
    Namespace { metadata, ..Namespace::default() }
}

/// The pod of the agent on that vantage.
pub(super) fn pod(pattern: &Pattern, vantage: &Vantage, ground: &Ground, ping: Ping, credential: Option<Credential>) -> Pod {
    let mut labels = pattern.mark.labels();
    labels.extend(owned(&NO_SIDECAR_LABELS));
    labels.insert(COMPONENT.to_owned(), component(vantage.station()).to_owned());
    let mut annotations = pattern.mark.annotations();
    annotations.extend(owned(&NO_SIDECAR_ANNOTATIONS));
    let metadata = ObjectMeta {
        name: Some(names::pod(&pattern.mark.run, vantage)),
        labels: Some(labels),
        annotations: Some(annotations),
        ..ObjectMeta::default()
    };
    let mut spec = spec(pattern, vantage, ground, ping);
    if let Some(credential) = credential {
        credentials::give(credential, &mut spec);
    }
    Pod { metadata, spec: Some(spec), status: None }
}

/// Tests of names ask as an application there would: those of pods by the cluster's DNS, those of hosts by their node's, and
/// those of workloads by what they find in the pod that they enter. The agent itself asks for no name, whatever is broken.
const fn dns_policy(station: Station) -> &'static str {
    match station {
        Station::Pod => "ClusterFirst",
        Station::Host | Station::Workload => "Default",
    }
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn spec(pattern: &Pattern, vantage: &Vantage, ground: &Ground, ping: Ping) -> PodSpec {
    PodSpec {
        active_deadline_seconds: Some(i64::try_from(pattern.lifetime.as_secs().max(1)).unwrap_or(i64::MAX)),
        affinity: Some(on_node(vantage.node())),
        automount_service_account_token: Some(false),
        containers: vec![container(pattern, vantage, ground, ping)],
        dns_policy: Some(dns_policy(vantage.station()).to_owned()),
        enable_service_links: Some(false),
        host_network: (vantage.station() == Station::Host).then_some(true),
        // Only there the processes of other pods can be seen.
        host_pid: (vantage.station() == Station::Workload).then_some(true),
        image_pull_secrets: pattern.pull_secret.clone().map(|name| vec![LocalObjectReference { name }]),
        restart_policy: Some("Never".to_owned()),
        security_context: Some(security::of_pod(vantage.station(), ping)),
        termination_grace_period_seconds: Some(1),
        tolerations: Some(ground.tolerations.clone()),
        volumes: Some(vec![volume()]),
        ..PodSpec::default()
    }
}

/// By affinity and not by `nodeName`: so the scheduler says why it cannot be.
fn on_node(node: &str) -> Affinity {
    let this_node =
        NodeSelectorRequirement { key: "metadata.name".to_owned(), operator: "In".to_owned(), values: Some(vec![node.to_owned()]) };
    let term = NodeSelectorTerm { match_fields: Some(vec![this_node]), match_expressions: None };
    let required = NodeSelector { node_selector_terms: vec![term] };
    let node_affinity = NodeAffinity { required_during_scheduling_ignored_during_execution: Some(required), ..NodeAffinity::default() };
    Affinity { node_affinity: Some(node_affinity), ..Affinity::default() }
}

fn container(pattern: &Pattern, vantage: &Vantage, ground: &Ground, ping: Ping) -> Container {
    let station = vantage.station();
    Container {
        name: CONTAINER.to_owned(),
        image: Some(pattern.image.clone()),
        image_pull_policy: Some(pattern.pull_policy.name().to_owned()),
        args: Some(arguments(station, pattern.host_ports, ground)),
        env: Some(environment(&pattern.mark.run, vantage, ground)),
        ports: ports(station),
        resources: Some(resources()),
        security_context: Some(security::of_container(station, ping)),
        // The last lines of a failing agent come with its status: no right to read logs is needed.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![VolumeMount { name: "run".to_owned(), mount_path: RUN_DIRECTORY.to_owned(), ..VolumeMount::default() }]),
        ..Container::default()
    }
}

fn arguments(station: Station, host_ports: Option<PortRange>, ground: &Ground) -> Vec<String> {
    let mut words = ["agent", "serve", "--socket", SOCKET].map(str::to_owned).to_vec();
    match station {
        Station::Pod => {}
        Station::Host => {
            words.extend(["--network", "host"].map(str::to_owned));
            words.extend(host_ports.into_iter().flat_map(|range| ["--ports".to_owned(), range.to_string()]));
        }
        Station::Workload => words.extend(["--netns-of".to_owned(), ground.entry.names.join(",")]),
    }
    words
}

/// In a host's network none are declared: the scheduler would keep them, and nobody knows them before the agent has them. In
/// a workload's nobody is answered.
fn ports(station: Station) -> Option<Vec<ContainerPort>> {
    let port = |protocol: &str| ContainerPort {
        container_port: agent::PORT.get().into(),
        name: Some(format!("netcheck-{}", protocol.to_lowercase())),
        protocol: Some(protocol.to_owned()),
        ..ContainerPort::default()
    };
    match station {
        Station::Pod => Some(vec![port("TCP"), port("UDP")]),
        Station::Host | Station::Workload => None,
    }
}

fn environment(run: &str, vantage: &Vantage, ground: &Ground) -> Vec<EnvVar> {
    let field = |name: &str, path: &str| EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector { api_version: None, field_path: path.to_owned() }),
            ..EnvVarSource::default()
        }),
    };
    let plain = |name: &str, value: String| EnvVar { name: name.to_owned(), value: Some(value), value_from: None };
    let listed = |addresses: &[IpAddr]| addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(",");
    let mut variables = vec![plain("NETCHECK_RUN", run.to_owned()), field("NETCHECK_NODE", "spec.nodeName")];
    match vantage.of_workload() {
        Some(pod) => {
            variables.push(plain("NETCHECK_ADDRESSES", listed(&ground.entry.addresses)));
            variables.push(plain("NETCHECK_WORKLOAD", pod.to_string()));
        }
        None => variables.push(field("NETCHECK_ADDRESSES", "status.podIPs")),
    }
    // A kubelet with one address to give says nothing of the node's other family.
    if vantage.station() == Station::Host && !ground.addresses.is_empty() {
        variables.push(plain("NETCHECK_PRESUMED_ADDRESSES", listed(&ground.addresses)));
    }
    variables
}

/// No limit on CPU: its quota would stop the agent for tens of milliseconds at a time, and that would be measured as latency.
fn resources() -> ResourceRequirements {
    let quantities =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), Quantity((*value).to_owned()))).collect();
    ResourceRequirements {
        requests: Some(quantities(&[("cpu", "20m"), ("memory", "24Mi")])),
        limits: Some(quantities(&[("memory", "64Mi")])),
        ..ResourceRequirements::default()
    }
}

fn volume() -> Volume {
    let memory = EmptyDirVolumeSource { medium: Some("Memory".to_owned()), size_limit: Some(Quantity("1Mi".to_owned())) };
    Volume { name: "run".to_owned(), empty_dir: Some(memory), ..Volume::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern() -> Pattern {
        Pattern {
            mark: Mark {
                run: "0a1b2c3d".to_owned(),
                expires: "2026-11-21T10:00:00Z".parse().unwrap(),
                command: "netcheck run suites/overlay.yaml".to_owned(),
            },
            image: "localhost/netcheck:0.1.0".to_owned(),
            pull_policy: PullPolicy::IfNotPresent,
            pull_secret: Some("registry".to_owned()),
            lifetime: Duration::from_secs(1_800),
            host_ports: None,
        }
    }

    fn ground() -> Ground {
        let toleration = Toleration {
            key: Some("node-role.kubernetes.io/control-plane".to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some("NoSchedule".to_owned()),
            ..Toleration::default()
        };
        Ground {
            tolerations: vec![toleration],
            addresses: ["10.0.0.1", "fd00::1"].map(|text| text.parse().unwrap()).to_vec(),
            entry: Entry::default(),
        }
    }

    fn check(object: &impl serde::Serialize, expected: &str) {
        let found = serde_json::to_string_pretty(object).unwrap();
        assert_eq!(found.trim(), expected.trim(), "\n{found}");
    }

    #[test]
    fn a_pod_is_exactly_this() {
        check(&pod(&pattern(), &Vantage::pod("node1"), &ground(), Ping::Asked, None), include_str!("snapshots/pod.json"));
        check(&pod(&pattern(), &Vantage::host("node1"), &ground(), Ping::Asked, None), include_str!("snapshots/host-pod.json"));
        let entry = Entry {
            names: vec!["0a-1b".to_owned(), "9f".repeat(32)],
            addresses: ["10.244.1.7", "fd00::7"].map(|text| text.parse().unwrap()).to_vec(),
        };
        let (cart, ground) = ("node1:shop/cart-7f".parse().unwrap(), Ground { entry, ..ground() });
        check(&pod(&pattern(), &cart, &ground, Ping::Asked, None), include_str!("snapshots/workload-pod.json"));
    }

    #[test]
    fn a_namespace_is_exactly_this() {
        for (network, icmp, expected) in [
            (Network::Pod, IcmpAccess::Auto, include_str!("snapshots/namespace.json")),
            (Network::Host, IcmpAccess::Auto, include_str!("snapshots/host-namespace.json")),
            (Network::Host, IcmpAccess::Raw, include_str!("snapshots/host-namespace.json")),
            (Network::Pod, IcmpAccess::Raw, &include_str!("snapshots/namespace.json").replace("restricted", "privileged")),
        ] {
            check(&namespace(&pattern().mark, network, icmp), expected);
        }
    }

    #[test]
    fn ports_of_a_host_are_named_where_there_are_rules_for_them() {
        let pattern = Pattern { host_ports: Some(PortRange::parse("30000-30100").unwrap()), ..pattern() };
        let args =
            |vantage| pod(&pattern, &vantage, &ground(), Ping::Asked, None).spec.unwrap().containers.remove(0).args.unwrap().join(" ");
        assert_eq!(args(Vantage::host("node1")), "agent serve --socket /run/netcheck/agent.sock --network host --ports 30000-30100");
        assert_eq!(args(Vantage::pod("node1")), "agent serve --socket /run/netcheck/agent.sock");
    }

    #[test]
    fn raw_icmp_takes_user_0_and_one_capability_and_changes_nothing_elsewhere() {
        let security = |vantage: Vantage, ping| {
            let spec = pod(&pattern(), &vantage, &ground(), ping, None).spec.unwrap();
            serde_json::json!([spec.security_context, spec.containers[0].security_context])
        };
        let found = security(Vantage::pod("node1"), Ping::Raw);
        let expected = serde_json::json!([
            { "runAsUser": 0, "seccompProfile": { "type": "RuntimeDefault" } },
            { "allowPrivilegeEscalation": false, "capabilities": { "add": ["NET_RAW"], "drop": ["ALL"] }, "readOnlyRootFilesystem": true },
        ]);
        assert_eq!(found, expected);
        for elsewhere in [Vantage::host("node1"), "node1:shop/cart-7f".parse().unwrap()] {
            assert_eq!(security(elsewhere.clone(), Ping::Raw), security(elsewhere, Ping::Asked));
        }
    }

    #[test]
    fn a_refused_sysctl_is_left_out_and_nothing_else() {
        let security =
            pod(&pattern(), &Vantage::pod("node1"), &Ground::default(), Ping::GivenUp, None).spec.unwrap().security_context.unwrap();
        check(&security, "{\n  \"runAsNonRoot\": true,\n  \"seccompProfile\": {\n    \"type\": \"RuntimeDefault\"\n  }\n}");
    }
}
