//! What an agent's pod gets to ask the API server, and only if it has to: the certificates of the cluster, which every namespace has
//! (`kube-root-ca.crt`, since Kubernetes 1.20), and perhaps a token of its own namespace's `default` service account, which no role is
//! bound to. It asks nobody: the kubelet fetches both, so that the run itself needs no further right.

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, KeyToPath, PodSpec, ProjectedVolumeSource, ServiceAccountTokenProjection, Volume, VolumeMount, VolumeProjection,
};

use crate::agent::CREDENTIALS;
use crate::model::probe::Credential;

/// The name of the volume.
const VOLUME: &str = "credentials";

/// Where the certificates of the cluster are in every namespace.
const AUTHORITY: (&str, &str) = ("kube-root-ca.crt", "ca.crt");

/// How long a token is good, in seconds: the shortest that there is. The kubelet renews it.
const LIFETIME: i64 = 600;

/// Gives it to all containers, to read.
pub(super) fn give(credential: Credential, spec: &mut PodSpec) {
    let mount =
        VolumeMount { name: VOLUME.to_owned(), mount_path: CREDENTIALS.to_owned(), read_only: Some(true), ..VolumeMount::default() };
    for container in &mut spec.containers {
        container.volume_mounts.get_or_insert_default().push(mount.clone());
    }
    let sources = match credential {
        Credential::Authority => vec![authority()],
        Credential::Token => vec![authority(), token()],
    };
    let projected = ProjectedVolumeSource { sources: Some(sources), ..ProjectedVolumeSource::default() };
    spec.volumes.get_or_insert_default().push(Volume { name: VOLUME.to_owned(), projected: Some(projected), ..Volume::default() });
}

fn authority() -> VolumeProjection {
    let (name, key) = AUTHORITY;
    let item = KeyToPath { key: key.to_owned(), path: key.to_owned(), mode: None };
    let config_map = ConfigMapProjection { name: name.to_owned(), items: Some(vec![item]), optional: None };
    VolumeProjection { config_map: Some(config_map), ..VolumeProjection::default() }
}

fn token() -> VolumeProjection {
    let token = ServiceAccountTokenProjection { path: "token".to_owned(), expiration_seconds: Some(LIFETIME), audience: None };
    VolumeProjection { service_account_token: Some(token), ..VolumeProjection::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::Container;

    fn check(credential: Credential, token: bool) {
        let mut spec = PodSpec { containers: vec![Container::default()], ..PodSpec::default() };
        give(credential, &mut spec);
        let found = serde_json::to_value(&spec).unwrap();
        let sources = &found["volumes"][0]["projected"]["sources"];
        assert_eq!(sources[0]["configMap"]["name"], "kube-root-ca.crt");
        assert_eq!(sources[1]["serviceAccountToken"]["expirationSeconds"].as_i64(), token.then_some(600));
        assert_eq!(found["containers"][0]["volumeMounts"][0]["mountPath"], CREDENTIALS);
        assert_eq!(found["containers"][0]["volumeMounts"][0]["readOnly"], true);
    }

    #[test]
    fn a_token_is_there_only_where_it_is_needed() {
        check(Credential::Authority, false);
        check(Credential::Token, true);
    }
}
