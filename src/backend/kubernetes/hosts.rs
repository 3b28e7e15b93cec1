//! Why there are no agents with the rights of their nodes, and who can do what about it: the one part of a run that needs a right
//! which many clusters give to few. It asks nobody.

use std::collections::BTreeSet;

use super::Kubernetes;
use super::security::PRIVILEGED;
use super::site::{Holder, Site};
use crate::backend::BackendError;
use crate::model::vantage::{Network, Station};

/// What whoever has not got the right does without, who is to stand there.
fn without(stations: &BTreeSet<Station>) -> Vec<String> {
    let line = |station: &Station| match station {
        Station::Pod => None,
        Station::Host => Some("or measure without the nodes' own network: leave out --set hosts=true".to_owned()),
        Station::Workload => {
            Some("or measure without your own pods as sources: leave the tests with `from: { workload: … }` out".to_owned())
        }
    };
    stations.iter().filter_map(line).collect()
}

/// An error that concerns the hosts' site alone, with the ways out; those agents that stand so were to be there.
pub(super) fn explained(error: BackendError, site: &Site, stations: &BTreeSet<Station>) -> BackendError {
    let BackendError { code, message, details, help } = error;
    let namespace = &site.namespace;
    let set = if stations.contains(&Station::Host) { "--set hosts=true " } else { "" };
    let mut lines: Vec<String> = Vec::new();
    match (site.holder, code) {
        (_, "api-unreachable" | "unauthorized") => return BackendError { code, message, details, help },
        (_, "quota") => lines.extend(help),
        (Holder::Run, _) => {
            lines.extend(help.into_iter().filter(|line| line.starts_with("kubectl ")));
            lines.push(format!("have whoever may create namespaces make one with the Pod Security level {PRIVILEGED}:"));
            lines.push("kubectl create namespace netcheck-hosts".to_owned());
            lines.push(format!("kubectl label namespace netcheck-hosts pod-security.kubernetes.io/enforce={PRIVILEGED}"));
            lines.push(format!("and give you the rights in it that this prints: netcheck rbac SUITE {set}--host-namespace netcheck-hosts"));
            lines.push("then: --host-namespace netcheck-hosts".to_owned());
        }
        (Holder::Others, "not-found") => {
            lines.push(format!("is there a namespace {namespace}? Without --host-namespace, netcheck makes one of its own"));
        }
        (Holder::Others, _) if message.contains("violates PodSecurity") => {
            lines.push(format!("have whoever owns the namespace allow the Pod Security level {PRIVILEGED} in it:"));
            lines.push(format!("kubectl label --overwrite namespace {namespace} pod-security.kubernetes.io/enforce={PRIVILEGED}"));
        }
        (Holder::Others, _) => {
            lines.extend(help);
            lines.push("another namespace for agents with the rights of their nodes: --host-namespace NAME".to_owned());
        }
    }
    lines.extend(without(stations));
    BackendError { code, message, details, help: lines }
}

/// The Secret for the image is in the namespace of the others.
fn secret_elsewhere(secret: &str, namespace: &str, stations: &BTreeSet<Station>) -> BackendError {
    let name = format!("name a namespace of the Pod Security level {PRIVILEGED} that has it: --host-namespace NAME");
    BackendError {
        code: "pull-secret",
        message: format!(
            "the Secret {secret} for the image is in namespace {namespace}, and agents with the rights of their nodes would stand in one of their own"
        ),
        details: Vec::new(),
        help: std::iter::once(name).chain(without(stations)).collect(),
    }
}

impl Kubernetes {
    /// The Secret for the image is in the namespace of others that the user named for the pods.
    pub(super) fn secret_is_there(&self, network: Network, stations: &BTreeSet<Station>) -> Result<(), BackendError> {
        match (network, &self.settings.pull_secret, &self.settings.namespace) {
            (Network::Host, Some(secret), Some(namespace)) => Err(secret_elsewhere(secret, namespace, stations)),
            (Network::Pod | Network::Host, _, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::site::Sites;
    use super::*;

    fn check(host_namespace: Option<&str>, (code, message): (&'static str, &str), expected: &[&str]) {
        let sites = Sites::new("0a1b2c3d", None, host_namespace);
        let help = vec!["kubectl --context c auth can-i create namespaces".to_owned(), "a run needs: everything".to_owned()];
        let error = BackendError { code, message: message.to_owned(), details: Vec::new(), help };
        let found = explained(error, sites.of(Network::Host), &BTreeSet::from([Station::Host]));
        assert_eq!((found.code, found.message.as_str()), (code, message));
        assert_eq!(found.help.len(), expected.len(), "{:#?}", found.help);
        for (line, part) in found.help.iter().zip(expected) {
            assert!(line.contains(part), "{line} has no {part}");
        }
    }

    #[test]
    fn who_asks_from_pods_of_theirs_does_without_these_and_sets_nothing() {
        let sites = Sites::new("0a1b2c3d", None, None);
        let error = BackendError { code: "forbidden", message: "no".to_owned(), details: Vec::new(), help: Vec::new() };
        let found = explained(error, sites.of(Network::Host), &BTreeSet::from([Station::Workload])).help.join("\n");
        assert!(found.contains("netcheck rbac SUITE --host-namespace netcheck-hosts"), "{found}");
        assert!(found.ends_with("leave the tests with `from: { workload: … }` out"), "{found}");
        assert!(!found.contains("hosts=true"), "{found}");
    }

    #[test]
    fn each_refusal_has_its_way_out() {
        let ways = [
            "auth can-i create namespaces",
            "whoever may create namespaces",
            "kubectl create namespace netcheck-hosts",
            "pod-security.kubernetes.io/enforce=privileged",
            "netcheck rbac SUITE --set hosts=true --host-namespace netcheck-hosts",
            "then: --host-namespace netcheck-hosts",
            "leave out --set hosts=true",
        ];
        check(None, ("forbidden", "create namespaces: no"), &ways);
        check(None, ("admission", "create namespaces: the webhook said no"), &ways);
        check(Some("b"), ("not-found", "create pods: not found"), &["is there a namespace b?", "leave out"]);
        check(
            Some("b"),
            ("admission", "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces"),
            &["whoever owns the namespace", "label --overwrite namespace b pod-security.kubernetes.io/enforce=privileged", "leave out"],
        );
        check(Some("b"), ("forbidden", "cannot create"), &["auth can-i", "a run needs", "--host-namespace NAME", "leave out"]);
        check(Some("b"), ("api-unreachable", "no way"), &["auth can-i", "a run needs"]);
        check(None, ("quota", "exceeded quota"), &["auth can-i", "a run needs", "leave out"]);
    }
}
