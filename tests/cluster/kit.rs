//! What every cluster test needs: the program, the cluster's own view, and evidence when something is wrong.
//! It must not know any particular cluster: `KUBECONFIG` names it, `NETCHECK_IMAGE` the image that its nodes have.

#![allow(dead_code)] // two test targets share it, and neither needs all of it

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Event, Namespace, Node, Pod};
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::{Value, json};

/// Tests take turns: they share one cluster.
static TURN: Mutex<()> = Mutex::new(());

/// A test's turn at the cluster. What it did is shown if it fails.
pub(crate) struct Cluster {
    _turn: MutexGuard<'static, ()>,
    runtime: tokio::runtime::Runtime,
    client: kube::Client,
    pub(crate) out: tempfile::TempDir,
}

impl Cluster {
    /// Waits for its turn; fails, rather than skips, without a cluster.
    pub(crate) fn turn() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(std::env::var_os("KUBECONFIG").is_some(), "cluster tests need KUBECONFIG");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(kube::Client::try_default()).unwrap();
        Self { _turn: turn, runtime, client, out: tempfile::tempdir().unwrap() }
    }

    fn all<K>(&self, labels: &str) -> Vec<K>
    where
        K: kube::Resource<DynamicType = ()> + Clone + std::fmt::Debug + serde::de::DeserializeOwned,
    {
        let api: Api<K> = Api::all(self.client.clone());
        self.runtime.block_on(api.list(&ListParams::default().labels(labels))).unwrap().items
    }

    /// Names of nodes that are ready, in order.
    pub(crate) fn nodes(&self) -> Vec<String> {
        let mut names: Vec<_> = self.all::<Node>("").into_iter().filter(ready).filter_map(|node| node.metadata.name).collect();
        names.sort();
        names
    }

    /// The nodes, each with its first internal address.
    pub(crate) fn addresses(&self) -> Vec<(String, String)> {
        let named = |node: Node| {
            let of = node.status?.addresses?.into_iter().find(|address| address.type_ == "InternalIP")?;
            Some((node.metadata.name?, of.address))
        };
        self.all::<Node>("").into_iter().filter_map(named).collect()
    }

    /// Namespaces and pods of netcheck's that are there.
    pub(crate) fn ours(&self) -> Vec<String> {
        let ours = "app.kubernetes.io/managed-by=netcheck";
        let spaces =
            self.all::<Namespace>(ours).into_iter().filter_map(|space| space.metadata.name).map(|name| format!("namespace {name}"));
        let pods = self.all::<Pod>(ours).into_iter().filter_map(|pod| pod.metadata.name).map(|name| format!("pod {name}"));
        spaces.chain(pods).collect()
    }

    /// The pods of agents.
    pub(crate) fn agents(&self) -> Vec<Pod> {
        self.all::<Pod>("app.kubernetes.io/managed-by=netcheck")
    }

    /// Waits until pods of netcheck's are asked for, for a minute at most.
    pub(crate) fn until_pods(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.all::<Pod>("app.kubernetes.io/managed-by=netcheck").is_empty() {
            assert!(Instant::now() < deadline, "no pods are asked for");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the pod on a node at once, as a crash would.
    pub(crate) fn kill_agent(&self, node: &str) {
        let pods = self.all::<Pod>("app.kubernetes.io/managed-by=netcheck");
        let pod = pods.into_iter().find(|pod| pod.spec.as_ref().is_some_and(|spec| spec.node_name.as_deref() == Some(node))).unwrap();
        let api: Api<Pod> = Api::namespaced(self.client.clone(), pod.metadata.namespace.as_deref().unwrap());
        let now = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::default() };
        self.runtime.block_on(api.delete(pod.metadata.name.as_deref().unwrap(), &now)).unwrap();
    }

    /// Waits until every node starts pods again: kubelets and controllers come back from an outage of the API server later than it
    /// does. A pod of each node has to run to its end within 3 minutes.
    pub(crate) fn settled(&self) {
        let image = image();
        let labels = "app.kubernetes.io/managed-by=netcheck-tests";
        for node in self.nodes() {
            let metadata = json!({ "name": format!("settled-{node}"), "labels": { "app.kubernetes.io/managed-by": "netcheck-tests" } });
            let container = json!({ "name": "c", "image": image, "command": ["/netcheck", "--version"] });
            let spec = json!({ "nodeName": node, "restartPolicy": "Never", "containers": [container] });
            self.create(
                "/api/v1/namespaces/default/pods",
                &json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec }),
            );
        }
        let over = |pod: &Pod| pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Succeeded");
        let deadline = Instant::now() + Duration::from_secs(180);
        while !self.all::<Pod>(labels).iter().all(over) {
            assert!(Instant::now() < deadline, "pods do not start: {:#?}", self.all::<Pod>(labels));
            std::thread::sleep(Duration::from_millis(200));
        }
        for pod in self.all::<Pod>(labels).into_iter().filter_map(|pod| pod.metadata.name) {
            self.remove(&format!("/api/v1/namespaces/default/pods/{pod}?gracePeriodSeconds=0"));
        }
    }

    /// Waits until a pod is ready, for 2 minutes at most; its address.
    pub(crate) fn until_ready(&self, namespace: &str, name: &str) -> String {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            let status = self.runtime.block_on(api.get(name)).unwrap().status.unwrap_or_default();
            let ready = status.conditions.iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True");
            if let Some(address) = status.pod_ip.clone().filter(|_| ready) {
                return address;
            }
            assert!(Instant::now() < deadline, "{name} is not ready: {status:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Makes an object from YAML, whatever it is, through the API.
    pub(crate) fn create(&self, path: &str, object: &Value) -> Value {
        let request =
            http::Request::post(path).header("content-type", "application/json").body(serde_json::to_vec(object).unwrap()).unwrap();
        self.runtime.block_on(self.client.request(request)).unwrap()
    }

    /// Says of an object what a controller would say of it.
    pub(crate) fn state(&self, path: &str, status: &Value) {
        let words = serde_json::to_vec(&json!({ "status": status })).unwrap();
        let request = http::Request::patch(format!("{path}/status")).header("content-type", "application/merge-patch+json");
        let _: Value = self.runtime.block_on(self.client.request(request.body(words).unwrap())).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.runtime.block_on(self.client.request(http::Request::get(path).body(Vec::new()).unwrap())).unwrap()
    }

    pub(crate) fn delete(&self, path: &str) {
        let request = http::Request::delete(path).body(Vec::new()).unwrap();
        let _: Value = self.runtime.block_on(self.client.request(request)).unwrap();
    }

    /// Deletes it, if it is there: for what must go even if a test fails.
    pub(crate) fn remove(&self, path: &str) {
        let request = http::Request::delete(path).body(Vec::new()).unwrap();
        let _ = self.runtime.block_on(self.client.request_text(request));
    }

    /// A suite of this test's own.
    pub(crate) fn suite(&self, text: &str) -> String {
        let path = self.out.path().join("suite.yaml");
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    fn results_path(&self, name: &str) -> PathBuf {
        self.out.path().join(format!("{name}.json"))
    }

    /// Starts a run with a JSON report of that name.
    pub(crate) fn start(&self, name: &str, arguments: &[&str]) -> Running {
        let report = format!("json={}", self.results_path(name).display());
        let mut words = vec!["run", "-v", "--report", &report];
        words.extend(arguments);
        let mut child = command(&words).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        Running { child, lines, stderr: String::new(), results: self.results_path(name) }
    }

    /// A run to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        self.start("results", arguments).finish()
    }

    /// Nothing of ours may be left after a run.
    pub(crate) fn assert_clean(&self) {
        let left = self.ours();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- evidence\nours: {:?}", self.ours());
            for pod in self.all::<Pod>("app.kubernetes.io/managed-by=netcheck") {
                eprintln!("{:?}: {}", pod.metadata.name, serde_json::to_string(&pod.status).unwrap());
            }
            for event in self.all::<Event>("").into_iter().rev().take(30) {
                eprintln!("event {:?} {:?}: {:?}", event.involved_object.name, event.reason, event.message);
            }
        }
    }
}

/// The agents' image, as the nodes know it.
pub(crate) fn image() -> String {
    std::env::var("NETCHECK_IMAGE").unwrap_or_else(|_| format!("localhost/netcheck:{}", env!("CARGO_PKG_VERSION")))
}

/// Any command, to its end.
pub(crate) fn netcheck(arguments: &[&str]) -> Finished {
    let output = command(arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Finished { status: output.status, stderr, results: Value::Null }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

fn ready(node: &Node) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True"))
}

/// A run that goes on.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: BufReader<std::process::ChildStderr>,
    pub(crate) stderr: String,
    results: PathBuf,
}

impl Running {
    /// Until the program has said so many more lines; fewer if it ended.
    pub(crate) fn after_lines(&mut self, count: usize) {
        for _ in 0..count {
            if self.lines.read_line(&mut self.stderr).unwrap() == 0 {
                return;
            }
        }
    }

    /// Until a line holds this.
    pub(crate) fn until(&mut self, part: &str) {
        loop {
            let before = self.stderr.len();
            assert!(self.lines.read_line(&mut self.stderr).unwrap() > 0, "it never said {part:?}:\n{}", self.stderr);
            if self.stderr[before..].contains(part) {
                return;
            }
        }
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        // It may have ended by itself: that is for the test to see.
        let _ = nix::sys::signal::kill(pid, signal);
    }

    pub(crate) fn finish(mut self) -> Finished {
        let mut rest = Vec::new();
        std::io::Read::read_to_end(&mut self.lines, &mut rest).unwrap();
        self.stderr.push_str(&String::from_utf8_lossy(&rest));
        let status = self.child.wait().unwrap();
        let results = std::fs::read(&self.results).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Finished { status, stderr: self.stderr, results }
    }
}

/// A command that has ended.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
    pub(crate) results: Value,
}

impl Finished {
    /// The exit code must be this one.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{}", self.stderr);
        self
    }

    /// The terminal must say this.
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "{part:?} is not said in:\n{}", self.stderr);
        self
    }

    pub(crate) fn cases(&self) -> Vec<Value> {
        let suites = self.results["suites"].as_array().unwrap();
        suites.iter().flat_map(|suite| suite["cases"].as_array().unwrap()).cloned().collect()
    }

    /// Ids of the cases that ended so, in order.
    pub(crate) fn with_status(&self, status: &str) -> Vec<String> {
        self.cases().iter().filter(|case| case["status"] == status).map(|case| case["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Failed pairs of all cases as `source>target`, each once, in order.
    pub(crate) fn failing_pairs(&self) -> Vec<String> {
        let mut pairs: Vec<String> = self
            .cases()
            .iter()
            .flat_map(|case| case["failingPairs"].as_array().cloned().unwrap_or_default())
            .map(|pair| format!("{}>{}", pair["source"].as_str().unwrap(), pair["target"].as_str().unwrap()))
            .collect();
        pairs.sort();
        pairs.dedup();
        pairs
    }

    /// State of every node.
    pub(crate) fn nodes(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.results["nodes"].as_array().unwrap().iter().map(|node| (text(&node["name"]), text(&node["state"]))).collect()
    }
}
