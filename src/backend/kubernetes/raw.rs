//! Why there are no agents that ask by raw ICMP, and what to do about it: they need more than a restricted namespace gives. It asks nobody.

use super::security::PRIVILEGED;
use super::site::{Holder, Site};
use crate::backend::BackendError;

/// What whoever may not have such agents does without.
const WITHOUT: &str = "or leave `agents: { icmp: raw }` of the suite out: agents then have no capability, and take no user 0";

/// What helps agents in pods that have no ICMP socket.
pub(super) const REMEDY: &str = "`agents: { icmp: raw }` in the suite has agents in pods ask by raw ones";

/// An error that concerns the site of agents in the pod network, with the ways out.
pub(super) fn explained(error: BackendError, site: &Site) -> BackendError {
    let BackendError { code, message, details, mut help } = error;
    if code == "admission" {
        let namespace = &site.namespace;
        if site.holder == Holder::Others && message.contains("violates PodSecurity") {
            help = vec![
                format!(
                    "raw ICMP takes user 0 and NET_RAW: have whoever owns the namespace allow the Pod Security level {PRIVILEGED} in it:"
                ),
                format!("kubectl label --overwrite namespace {namespace} pod-security.kubernetes.io/enforce={PRIVILEGED}"),
            ];
        }
        help.push(WITHOUT.to_owned());
    }
    BackendError { code, message, details, help }
}

#[cfg(test)]
mod tests {
    use super::super::site::Sites;
    use super::*;
    use crate::model::vantage::Network;

    fn check(namespace: Option<&str>, (code, message): (&'static str, &str), expected: &[&str]) {
        let sites = Sites::new("0a1b2c3d", namespace, None);
        let error = BackendError { code, message: message.to_owned(), details: Vec::new(), help: vec!["ask whoever owns it".to_owned()] };
        let found = explained(error, sites.of(Network::Pod));
        assert_eq!((found.code, found.message.as_str()), (code, message));
        assert_eq!(found.help.len(), expected.len(), "{:#?}", found.help);
        for (line, part) in found.help.iter().zip(expected) {
            assert!(line.contains(part), "{line} has no {part}");
        }
    }

    #[test]
    fn each_refusal_has_its_way_out() {
        let level = "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": unrestricted capabilities";
        let label = "label --overwrite namespace a pod-security.kubernetes.io/enforce=privileged";
        check(Some("a"), ("admission", level), &["user 0 and NET_RAW", label, "leave `agents: { icmp: raw }`"]);
        check(Some("a"), ("admission", "the webhook said no"), &["ask whoever", "leave `agents: { icmp: raw }`"]);
        check(None, ("admission", "the webhook said no"), &["ask whoever", "leave `agents: { icmp: raw }`"]);
        check(Some("a"), ("forbidden", "cannot create"), &["ask whoever"]);
        check(None, ("quota", "exceeded quota"), &["ask whoever"]);
    }
}
