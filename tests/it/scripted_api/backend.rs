//! The backend `kubernetes` as it talks to the scripted server, with less patience than users have.

use std::path::Path;
use std::time::Duration;

use netcheck::backend::kubernetes::{Connection, Kubernetes, Limits, PullPolicy, Settings};
use serde_json::json;
use tempfile::TempDir;

use super::ScriptedApi;

/// The run's id and its namespace.
pub(crate) const RUN: &str = "0a1b2c3d";
pub(crate) const NAMESPACE: &str = "netcheck-0a1b2c3d";

/// Nothing here may take longer: a test that hangs fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A backend, and what has to live as long.
pub(crate) struct Fixture {
    pub(crate) kubernetes: Kubernetes,
    _directory: TempDir,
}

/// A tenth or less of a user's patience.
pub(crate) fn limits() -> Limits {
    let milliseconds = Duration::from_millis;
    Limits {
        connect: milliseconds(2_000),
        call: milliseconds(2_000),
        set_up: milliseconds(2_000),
        image: milliseconds(300),
        attach: milliseconds(3_000),
        relist: milliseconds(500),
        pods_gone: milliseconds(400),
        namespace_gone: milliseconds(300),
        clean_up: milliseconds(1_500),
        outage: milliseconds(3_000),
        recovery: milliseconds(2_000),
    }
}

pub(crate) fn connection(directory: &Path, server: &str) -> Connection {
    let path = directory.join("kubeconfig");
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "scripted",
        "clusters": [{ "name": "c", "cluster": { "server": server } }],
        "contexts": [{ "name": "scripted", "context": { "cluster": "c", "user": "u" } }],
        "users": [{ "name": "u", "user": { "token": "t" } }],
    });
    std::fs::write(&path, text.to_string()).unwrap();
    Connection { kubeconfig: Some(path), ..Connection::default() }
}

pub(crate) async fn backend(server: &str, namespace: Option<&str>, limits: Limits) -> Fixture {
    let directory = TempDir::new().unwrap();
    let settings = Settings {
        connection: connection(directory.path(), server),
        namespace: namespace.map(str::to_owned),
        image: "localhost/netcheck:test".to_owned(),
        pull_policy: PullPolicy::IfNotPresent,
        pull_secret: None,
        node_selector: Vec::new(),
        run: RUN.to_owned(),
        expires_after: Duration::from_secs(600),
        command: "a test".to_owned(),
    };
    Fixture { kubernetes: Kubernetes::connect_within(settings, limits).await.unwrap(), _directory: directory }
}

pub(crate) async fn fixture(api: &ScriptedApi) -> Fixture {
    backend(&format!("http://{}", api.address), None, limits()).await
}
