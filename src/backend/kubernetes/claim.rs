//! Whether an object is what it looks like: only where name, label and annotation agree may it be removed. Pure.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::ObjectMeta;

use super::names::{self, EXPIRES, INSTANCE, MANAGED_BY, NETCHECK};
use crate::model::vantage::Network;

/// What a run's object says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// The run.
    pub(super) run: String,
    /// When nobody can need it any more.
    pub(super) expires: Timestamp,
}

/// What a namespace says of itself.
///
/// # Errors
/// What does not agree, in words.
pub(super) fn claim(namespace: &Namespace) -> Result<Claim, String> {
    of(&namespace.metadata, |name, run| [Network::Pod, Network::Host].iter().any(|network| name == names::namespace(run, *network)))
}

/// What a pod says of itself.
///
/// # Errors
/// What does not agree, in words.
pub(super) fn claim_of_pod(pod: &Pod) -> Result<Claim, String> {
    of(&pod.metadata, |name, run| name.starts_with(&format!("{}-", names::namespace(run, Network::Pod))))
}

/// What a Service says of itself.
///
/// # Errors
/// What does not agree, in words.
pub(super) fn claim_of_service(metadata: &ObjectMeta) -> Result<Claim, String> {
    of(metadata, |name, run| name.ends_with(&format!("-{run}")))
}

fn of(metadata: &ObjectMeta, fits: impl Fn(&str, &str) -> bool) -> Result<Claim, String> {
    let label = |key: &str| metadata.labels.as_ref().and_then(|labels| labels.get(key)).map(String::as_str).unwrap_or_default();
    if label(MANAGED_BY) != NETCHECK {
        return Err(format!("its label {MANAGED_BY} is not {NETCHECK}"));
    }
    let run = label(INSTANCE);
    if !names::is_run(run) {
        return Err(format!("its label {INSTANCE}={run} is no run"));
    }
    let name = metadata.name.as_deref().unwrap_or_default();
    if !fits(name, run) {
        return Err(format!("its name is not that of run {run}, which its label names"));
    }
    let expires = metadata.annotations.as_ref().and_then(|annotations| annotations.get(EXPIRES)).map(String::as_str).unwrap_or_default();
    let expires = expires.parse().map_err(|_| format!("its annotation {EXPIRES} is no time: {expires:?}"))?;
    Ok(Claim { run: run.to_owned(), expires })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(name: &str, managed_by: &str, instance: &str, expires: &str, expected: Result<&str, &str>) {
        let metadata = json!({
            "name": name,
            "labels": { MANAGED_BY: managed_by, INSTANCE: instance },
            "annotations": { EXPIRES: expires },
        });
        let namespace: Namespace = serde_json::from_value(json!({ "metadata": metadata })).unwrap();
        match (claim(&namespace), expected) {
            (Ok(found), Ok(run)) => assert_eq!(found.run, run),
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (found, wanted) => panic!("{name}: {found:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn name_label_and_annotation_have_to_agree() {
        let (run, time) = ("0a1b2c3d", "2026-11-21T10:00:00Z");
        check("netcheck-0a1b2c3d", "netcheck", run, time, Ok(run));
        check("netcheck-0a1b2c3d-host", "netcheck", run, time, Ok(run));
        check("netcheck-0a1b2c3d-hosts", "netcheck", run, time, Err("its name is not that of run 0a1b2c3d"));
        check("netcheck-ffffffff-host", "netcheck", run, time, Err("its name is not that of run 0a1b2c3d"));
        check("netcheck-0a1b2c3d", "helm", run, time, Err("managed-by is not netcheck"));
        check("netcheck-0a1b2c3d", "netcheck", "", time, Err("is no run"));
        check("kube-system", "netcheck", run, time, Err("its name is not that of run 0a1b2c3d"));
        check("netcheck-ffffffff", "netcheck", run, time, Err("its name is not that"));
        check("netcheck-0a1b2c3d", "netcheck", run, "soon", Err("is no time: \"soon\""));
        check("netcheck-0a1b2c3d", "netcheck", run, "", Err("is no time"));
    }

    #[test]
    fn a_pod_has_its_runs_name_and_more() {
        let pod = |name: &str| -> Pod {
            let labels = json!({ MANAGED_BY: "netcheck", INSTANCE: "0a1b2c3d" });
            let annotations = json!({ EXPIRES: "2026-11-21T10:00:00Z" });
            serde_json::from_value(json!({ "metadata": { "name": name, "labels": labels, "annotations": annotations } })).unwrap()
        };
        assert!(claim_of_pod(&pod("netcheck-0a1b2c3d-node1")).is_ok());
        assert!(claim_of_pod(&pod("netcheck-0a1b2c3d-node1-host")).is_ok());
        assert!(claim_of_pod(&pod("netcheck-0a1b2c3d")).is_err());
        assert!(claim_of_pod(&pod("database-0")).is_err());
    }
}
