//! Why there are no agents in the nodes' own network, and who can do what about it: the one part of a run that needs a right
//! which many clusters give to few. Pure: words only.

use super::manifest::security_level;
use super::site::{Holder, Site};
use crate::backend::BackendError;
use crate::model::vantage::Network;

/// What whoever has not got the right does without.
const WITHOUT: &str = "or measure without the nodes' own network: leave out --set hosts=true";

/// An error that concerns the hosts' site alone, with the ways out.
pub(super) fn explained(error: BackendError, site: &Site) -> BackendError {
    let BackendError { code, message, details, help } = error;
    let namespace = &site.namespace;
    let level = security_level(Network::Host);
    let mut lines: Vec<String> = Vec::new();
    match (site.holder, code) {
        (_, "api-unreachable" | "unauthorized") => return BackendError { code, message, details, help },
        (_, "quota") => lines.extend(help),
        (Holder::Run, _) => {
            lines.extend(help.into_iter().filter(|line| line.starts_with("kubectl ")));
            lines.push(format!("have whoever may create namespaces make one with the Pod Security level {level}:"));
            lines.push("kubectl create namespace netcheck-hosts".to_owned());
            lines.push(format!("kubectl label namespace netcheck-hosts pod-security.kubernetes.io/enforce={level}"));
            lines.push(
                "and give you the rights in it that this prints: netcheck rbac SUITE --set hosts=true --host-namespace netcheck-hosts"
                    .to_owned(),
            );
            lines.push("then: --host-namespace netcheck-hosts".to_owned());
        }
        (Holder::Others, "not-found") => {
            lines.push(format!("is there a namespace {namespace}? Without --host-namespace, netcheck makes one of its own"));
        }
        (Holder::Others, _) if message.contains("violates PodSecurity") => {
            lines.push(format!("have whoever owns the namespace allow the Pod Security level {level} in it:"));
            lines.push(format!("kubectl label --overwrite namespace {namespace} pod-security.kubernetes.io/enforce={level}"));
        }
        (Holder::Others, _) => {
            lines.extend(help);
            lines.push("another namespace for agents in the nodes' own network: --host-namespace NAME".to_owned());
        }
    }
    lines.push(WITHOUT.to_owned());
    BackendError { code, message, details, help: lines }
}

/// The Secret for the image is in the namespace of the others.
pub(super) fn secret_elsewhere(secret: &str, namespace: &str) -> BackendError {
    BackendError {
        code: "pull-secret",
        message: format!(
            "the Secret {secret} for the image is in namespace {namespace}, and agents of hosts would stand in one of their own"
        ),
        details: Vec::new(),
        help: vec![
            format!("name a namespace of the Pod Security level {} that has it: --host-namespace NAME", security_level(Network::Host)),
            WITHOUT.to_owned(),
        ],
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
        let found = explained(error, sites.of(Network::Host));
        assert_eq!((found.code, found.message.as_str()), (code, message));
        assert_eq!(found.help.len(), expected.len(), "{:#?}", found.help);
        for (line, part) in found.help.iter().zip(expected) {
            assert!(line.contains(part), "{line} has no {part}");
        }
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
