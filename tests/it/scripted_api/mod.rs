//! An API server on loopback that does as its script says: enough of Kubernetes for a run, and everything that can go wrong with it.
//! Plain HTTP by hand, so that it can be cut off, fall silent and lie.

mod agents;
mod cluster;
mod connection;
mod exec;
pub(crate) mod rules;
mod services;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use agents::Cut;
use cluster::Cluster;
use rules::Rule;
use wire::Wear;

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
    /// So long after an outage, pods that wait start: kubelets have to come back first.
    pub(crate) starts_after: Option<Duration>,
    /// What execs do.
    pub(crate) exec: Exec,
    /// What its user may do; none: everything.
    pub(crate) rules: Option<Vec<Rule>>,
    /// Of the first nodes, in order; the others are amd64.
    pub(crate) architectures: Vec<&'static str>,
    /// Operating systems of the first nodes, in order; the others run Linux.
    pub(crate) systems: Vec<&'static str>,
    /// Of every namespace.
    pub(crate) quotas: Vec<Value>,
    /// Its Services.
    pub(crate) services: Vec<Value>,
    /// Who is behind them.
    pub(crate) slices: Vec<Value>,
    /// Its Secrets.
    pub(crate) secrets: Vec<Value>,
    /// What is wrong with the network between the agents.
    pub(crate) cut: Cut,
    /// When the server goes away.
    pub(crate) outage: Option<Outage>,
    /// Connections are cut after a number of bytes that this seed decides; but for the first so many they last.
    pub(crate) worn: Option<(u64, usize)>,
}

/// For a while nobody listens, and what was connected is cut off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    /// It begins with the first request that begins so.
    pub(crate) at: &'static str,
    /// And so it ends for that request.
    pub(crate) lost: Lost,
    /// From then on.
    pub(crate) lasts: Duration,
}

/// What an outage takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The request, of which nothing comes.
    Question,
    /// What was answered to it, when it was done.
    Answer,
    /// The way to itself: it refuses the first request, whose rules it cannot look up any more, and goes away at the second.
    Itself,
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
    /// Services that are asked for come to be only after the next look at those that there are, and nobody is told.
    LateServices,
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
    /// Is refused with 500: the kubelet does not answer.
    NoKubelet,
    /// Leads to an agent that measures.
    Agent,
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
            systems: Vec::new(),
            quotas: Vec::new(),
            services: Vec::new(),
            slices: Vec::new(),
            secrets: Vec::new(),
            starts_after: None,
            cut: |_, _| false,
            outage: None,
            worn: None,
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
        // Connections to 127.0.0.1 come from there, and while nobody listens one could meet itself.
        let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let wear = Wear::new(script.worn);
        let (away, outages) = mpsc::unbounded_channel();
        let cluster = Arc::new(Mutex::new(Cluster::new(script, away)));
        let task = tokio::spawn(serve(listener, outages, wear, Arc::clone(&cluster)));
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

    /// Cuts off everything that is connected.
    pub(crate) fn cut(&self) {
        self.cluster().go_away(Duration::ZERO);
    }
}

async fn serve(mut listener: TcpListener, mut outages: mpsc::UnboundedReceiver<Duration>, mut wear: Wear, cluster: Arc<Mutex<Cluster>>) {
    let address = listener.local_addr().unwrap();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(wire::carry(stream, wear.next(), Arc::clone(&cluster)));
            }
            Some(lasts) = outages.recv() => {
                connections.shutdown().await;
                if !lasts.is_zero() {
                    drop(listener);
                    tokio::time::sleep(lasts).await;
                    listener = TcpListener::bind(address).await.unwrap();
                    connections.spawn(start_pods(Arc::clone(&cluster)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn start_pods(cluster: Arc<Mutex<Cluster>>) {
    let after = cluster.lock().unwrap().script.starts_after;
    if let Some(after) = after {
        tokio::time::sleep(after).await;
        cluster.lock().unwrap().start_pods();
    }
}
