//! An API server on loopback that does as its script says: enough of Kubernetes for a run, and everything that can go wrong with it.
//! Plain HTTP by hand, so that it can be cut off, fall silent and lie.

mod cluster;
mod connection;
mod exec;
pub(crate) mod rules;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use cluster::Cluster;
use rules::Rule;

/// What the server does; the default is a healthy cluster of three nodes.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// How many nodes: `node1`, `node2`, …
    pub(crate) nodes: usize,
    /// What is wrong with it.
    pub(crate) faults: Vec<Fault>,
    /// Answers of that code to requests that begin so: `("POST /api/v1/namespaces/", 403, message)`.
    pub(crate) refusals: Vec<(&'static str, u16, &'static str)>,
    /// So many creations of pods are refused for want of a service account.
    pub(crate) accountless: usize,
    /// Pods wait for ever, with that reason.
    pub(crate) waiting: Option<(&'static str, &'static str)>,
    /// What execs do.
    pub(crate) exec: Exec,
    /// What its user may do; none: everything.
    pub(crate) rules: Option<Vec<Rule>>,
    /// Of the first nodes, in order; the others are amd64.
    pub(crate) architectures: Vec<&'static str>,
    /// Of every namespace.
    pub(crate) quotas: Vec<Value>,
}

/// Something that is wrong with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Accepts connections and never answers.
    Stalled,
    /// Pods that ask for a sysctl are refused.
    NoSysctl,
    /// Every watch is cut off after its first event, in the middle of a line.
    CutWatch,
    /// Pods do not end but by force.
    StickyPods,
    /// Namespaces stay `Terminating`.
    StickyNamespace,
    /// What is in front of the server takes the upgrade out of every request.
    NoUpgrade,
    /// Nobody may create namespaces.
    NoNamespaces,
    /// A policy of the cluster refuses namespaces of the Pod Security level "privileged".
    NoPrivilegedNamespaces,
}

impl Script {
    /// Whether that is wrong with it.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

/// What an exec does. Each says hello first, and answers every line with a beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exec {
    /// Goes on until it is told to stop.
    Works,
    /// The same, by protocol v4.
    WorksByV4,
    /// Is torn off at the first line.
    Breaks,
    /// Is closed in order at the first line, without a status.
    Closes,
    /// Says something on stderr, then ends with exit code 3, at the first line.
    Fails,
    /// Is refused with 500 the first time; works then.
    StartsLate,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            nodes: 3,
            faults: Vec::new(),
            refusals: Vec::new(),
            accountless: 0,
            waiting: None,
            exec: Exec::Works,
            rules: None,
            architectures: Vec::new(),
            quotas: Vec::new(),
        }
    }
}

/// A running server; dropping it ends it and every connection to it.
pub(crate) struct ScriptedApi {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    cluster: Arc<Mutex<Cluster>>,
    _task: AbortOnDropHandle<()>,
}

impl ScriptedApi {
    /// Starts one.
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cluster = Arc::new(Mutex::new(Cluster::new(script)));
        let shared = Arc::clone(&cluster);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(connection::serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, cluster, _task: AbortOnDropHandle::new(task) }
    }

    /// What it has, to look at and to change.
    pub(crate) fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap()
    }

    /// Every request so far, as `METHOD PATH`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.cluster().requests.clone()
    }
}
