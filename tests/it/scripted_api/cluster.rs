//! What the scripted server knows: namespaces, pods, and what happened to them. It does no I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netcheck::agent::Agent;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::connection::Request;
use super::rules::Asked;
use super::{Exec, Fault, Lost, Outage, Script, agents, services};

/// A cluster in a table or two.
pub(crate) struct Cluster {
    pub(crate) script: Script,
    pub(crate) namespaces: BTreeMap<String, Value>,
    /// By namespace and name.
    pub(crate) pods: BTreeMap<(String, String), Value>,
    pub(crate) requests: Vec<String>,
    /// What the requests asked to be allowed.
    pub(crate) asked: BTreeSet<Asked>,
    /// What watches tell: namespace and event, in order; a version is a place in it.
    pub(crate) events: Vec<(String, Value)>,
    pub(crate) changed: Arc<Notify>,
    /// Creations of Services that are carried out later: namespace and object.
    pub(crate) put_off: Vec<(String, Value)>,
    uids: usize,
    execs: usize,
    /// Execs that are open now, and the most that ever were at once.
    open_execs: usize,
    pub(crate) most_execs: usize,
    agents: BTreeMap<(String, String), Arc<Agent>>,
    /// Makes the server go away for that long.
    away: mpsc::UnboundedSender<Duration>,
}

/// An exec that is open.
pub(crate) struct OpenExec(Arc<Mutex<Cluster>>);

impl OpenExec {
    /// One more.
    pub(crate) fn count(cluster: &Arc<Mutex<Cluster>>) -> Self {
        let mut counted = cluster.lock().unwrap();
        counted.open_execs += 1;
        counted.most_execs = counted.most_execs.max(counted.open_execs);
        Self(Arc::clone(cluster))
    }
}

impl Drop for OpenExec {
    fn drop(&mut self) {
        self.0.lock().unwrap().open_execs -= 1;
    }
}

/// An answer: code and body.
pub(crate) type Answer = (u16, Value);

impl Cluster {
    pub(crate) fn new(script: Script, away: mpsc::UnboundedSender<Duration>) -> Self {
        Self {
            script,
            namespaces: BTreeMap::new(),
            pods: BTreeMap::new(),
            requests: Vec::new(),
            asked: BTreeSet::new(),
            events: Vec::new(),
            changed: Arc::new(Notify::new()),
            put_off: Vec::new(),
            uids: 0,
            execs: 0,
            open_execs: 0,
            most_execs: 0,
            agents: BTreeMap::new(),
            away,
        }
    }

    /// Takes a request in; `path` is without its query.
    pub(crate) fn answer(&mut self, method: &str, path: &str, query: &str, body: &Value) -> Answer {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["version"]) => (
                200,
                json!({ "major": "1", "minor": "35", "gitVersion": "v1.35.0", "gitCommit": "", "gitTreeState": "",
                "buildDate": "", "goVersion": "", "compiler": "", "platform": "" }),
            ),
            ("GET", ["api", "v1", "nodes"]) => {
                let of = |list: &[&'static str], number: usize, otherwise| list.get(number - 1).copied().unwrap_or(otherwise);
                let system = |number| of(&self.script.systems, number, "linux");
                let architecture = |number| of(&self.script.architectures, number, "amd64");
                let nodes = (1..=self.script.nodes).map(|number| node(number, system(number), architecture(number)));
                (200, list("Node", &nodes.collect::<Vec<_>>(), 0))
            }
            ("POST", ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"]) => {
                (201, json!({ "metadata": {}, "status": { "userInfo": { "username": "jane" } } }))
            }
            ("POST", ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"]) => {
                let allowed = self.script.rules.as_ref().is_none_or(|rules| Asked::of_review(body).allowed(rules));
                (201, json!({ "metadata": {}, "spec": {}, "status": { "allowed": allowed } }))
            }
            ("POST", ["api", "v1", "namespaces"]) if is_trial(query) => (201, body.clone()),
            ("GET", ["api", "v1", "namespaces", _, "resourcequotas"]) => (200, list("ResourceQuota", &self.script.quotas, 0)),
            ("GET", ["api", "v1", "pods"]) => (200, list("Pod", &self.pods.values().cloned().collect::<Vec<_>>(), 0)),
            ("GET", ["api", "v1", "namespaces"]) => (200, list("Namespace", &self.namespaces.values().cloned().collect::<Vec<_>>(), 0)),
            ("POST", ["api", "v1", "namespaces"]) => self.create_namespace(body),
            ("GET", ["api", "v1", "namespaces", name]) => self.namespaces.get(*name).map_or_else(not_found, |found| (200, found.clone())),
            ("DELETE", ["api", "v1", "namespaces", name]) => self.delete_namespace(name),
            ("GET", ["api", "v1", "namespaces", name, "pods"]) => {
                let pods: Vec<Value> = self.selected(name, query).into_iter().map(|key| self.pods[&key].clone()).collect();
                (200, list("Pod", &pods, self.events.len()))
            }
            ("POST", ["api", "v1", "namespaces", name, "pods"]) => self.create_pod(name, body, is_trial(query)),
            ("DELETE", ["api", "v1", "namespaces", name, "pods"]) => self.delete_pods(name, query),
            ("DELETE", ["api", "v1", "namespaces", name, "pods", pod]) => self.delete_pod(name, pod, body),
            ("GET", ["api", "v1", "namespaces", name, "secrets", secret]) => self.secret(name, secret),
            ("GET", ["api", "v1", "namespaces", _, "pods", pod, "log"]) => (200, json!(format!("words of {pod}"))),
            ("GET", ["api", "v1", "namespaces", "default", "events"]) => {
                let event = json!({ "metadata": {}, "involvedObject": { "kind": "Node", "name": "node1" }, "type": "Warning",
                    "reason": "KernelDeadlock", "message": "task hung", "lastTimestamp": "2026-01-01T00:00:01Z" });
                (200, list("Event", &[event], 0))
            }
            ("GET", ["api", "v1", "namespaces", _, "events"]) => {
                let pod = self.pods.keys().next().map(|key| key.1.clone()).unwrap_or_default();
                let event = json!({ "metadata": {}, "involvedObject": { "name": pod }, "reason": "FailedCreatePodSandBox", "message": "no network plugin" });
                (200, list("Event", &[event], 0))
            }
            _ => self.of_services(method, &parts, query, body).unwrap_or_else(not_found),
        }
    }

    fn secret(&self, namespace: &str, name: &str) -> Answer {
        let is_it = |found: &&Value| found["metadata"]["namespace"] == *namespace && found["metadata"]["name"] == *name;
        self.script.secrets.iter().find(is_it).map_or_else(not_found, |found| (200, found.clone()))
    }

    /// The refusal that the script has for a request, if any.
    pub(crate) fn refusal(&mut self, request: &str) -> Option<Answer> {
        if self.lost(request) == Some(Lost::Itself) {
            self.script.outage = self.script.outage.map(|outage| Outage { lost: Lost::Question, ..outage });
            return Some(status(403, "it is forbidden: Get \"https://[::1]:6443/api\": dial tcp [::1]:6443: connect: connection refused"));
        }
        let (_, code, message) = self.script.refusals.iter().find(|(begin, ..)| request.starts_with(begin))?;
        Some(status(*code, message))
    }

    /// The refusal of what the user may not do; what is asked is noted.
    pub(crate) fn denial(&mut self, request: &Request) -> Option<Answer> {
        let asked = Asked::of(&request.method, &request.path, &request.query);
        self.asked.extend(asked.iter().cloned());
        let rules = self.script.rules.as_ref()?;
        let denied = asked.into_iter().find(|asked| !asked.allowed(rules))?;
        Some(status(403, &denied.refusal()))
    }

    /// What an outage that begins with this request takes along.
    pub(crate) fn lost(&self, request: &str) -> Option<Lost> {
        self.script.outage.filter(|outage| request.starts_with(outage.at)).map(|outage| outage.lost)
    }

    /// The outage of the script begins; there is but one.
    pub(crate) fn begin_outage(&mut self) {
        if let Some(outage) = self.script.outage.take() {
            self.go_away(outage.lasts);
        }
    }

    /// Cuts off everything that is connected; for that long nobody listens.
    pub(crate) fn go_away(&self, lasts: Duration) {
        self.away.send(lasts).unwrap();
    }

    /// How this exec is refused, if it is.
    pub(crate) fn refuses_exec(&mut self, path: &str) -> Option<Answer> {
        self.execs += 1;
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match self.pods.get(&(parts[3].to_owned(), parts[5].to_owned())) {
            None => Some(not_found()),
            Some(pod) if pod.pointer("/status/containerStatuses/0/state/running").is_none() => {
                Some(status(500, "container not found (\"agent\")"))
            }
            Some(_) if self.script.exec == Exec::StartsLate && self.execs == 1 => Some(status(500, "container not found (\"agent\")")),
            Some(_) if self.script.exec == Exec::NoKubelet => {
                Some(status(500, "error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused"))
            }
            Some(_) => None,
        }
    }

    /// The agent in a pod.
    pub(crate) fn agent(&mut self, namespace: &str, pod: &str) -> Arc<Agent> {
        let (run, node) = self.identity(namespace, pod);
        let key = (namespace.to_owned(), pod.to_owned());
        let cut = self.script.cut;
        Arc::clone(self.agents.entry(key).or_insert_with(|| agents::agent(&run, &node, cut)))
    }

    /// Every pod that waits starts, and those to come do not wait.
    pub(crate) fn start_pods(&mut self) {
        self.script.waiting = None;
        let keys: Vec<_> = self.pods.keys().cloned().collect();
        for key in keys {
            let pod = self.pods.get_mut(&key).unwrap();
            pod["status"]["containerStatuses"][0]["state"] = json!({ "running": {} });
            let pod = pod.clone();
            self.tell(&key.0, "MODIFIED", pod);
        }
    }

    /// The pod's process has ended, as it should.
    pub(crate) fn end_pod(&mut self, namespace: &str, pod: &str) {
        self.terminate(namespace, pod, &json!({ "exitCode": 0, "reason": "Completed" }));
    }

    /// The pod's process has ended so.
    pub(crate) fn terminate(&mut self, namespace: &str, name: &str, terminated: &Value) {
        let key = (namespace.to_owned(), name.to_owned());
        let Some(pod) = self.pods.get_mut(&key) else { return };
        pod["status"]["containerStatuses"][0]["state"] = json!({ "terminated": terminated });
        let pod = pod.clone();
        self.agents.remove(&key);
        self.tell(namespace, "MODIFIED", pod);
    }

    /// The run and the vantage of a pod: what its agent says of itself.
    pub(crate) fn identity(&self, namespace: &str, pod: &str) -> (String, String) {
        let pod = &self.pods[&(namespace.to_owned(), pod.to_owned())];
        let run = pod["metadata"]["labels"]["app.kubernetes.io/instance"].as_str().unwrap().to_owned();
        let node = pod.pointer(
            "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0",
        );
        let node = node.unwrap().as_str().unwrap();
        let variables = pod["spec"]["containers"][0]["env"].as_array().unwrap();
        if let Some(workload) = variables.iter().find(|variable| variable["name"] == "NETCHECK_WORKLOAD") {
            return (run, format!("{node}:{}", workload["value"].as_str().unwrap()));
        }
        (run, if pod["spec"]["hostNetwork"] == json!(true) { format!("{node}/host") } else { node.to_owned() })
    }

    fn create_namespace(&mut self, body: &Value) -> Answer {
        let name = body["metadata"]["name"].as_str().unwrap().to_owned();
        if self.script.has(Fault::NoNamespaces) {
            let message =
                "namespaces is forbidden: User \"u\" cannot create resource \"namespaces\" in API group \"\" at the cluster scope";
            return status(403, message);
        }
        if self.script.has(Fault::NoPrivilegedNamespaces)
            && body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == json!("privileged")
        {
            return status(403, "admission webhook \"levels.example.com\" denied the request: no privileged namespaces");
        }
        let mut namespace = body.clone();
        namespace["metadata"]["uid"] = self.uid();
        self.namespaces.insert(name, namespace.clone());
        self.changed.notify_waiters();
        (201, namespace)
    }

    fn delete_namespace(&mut self, name: &str) -> Answer {
        let Some(namespace) = self.namespaces.get_mut(name) else { return not_found() };
        namespace["metadata"]["deletionTimestamp"] = json!("2026-11-21T10:00:00Z");
        namespace["status"] = json!({ "phase": "Terminating", "conditions": [
            { "type": "NamespaceContentRemaining", "status": "True", "reason": "SomeResourcesRemain", "message": "Some resources are remaining: things.example.com has 1 resource instances" }
        ] });
        let answer = namespace.clone();
        if !self.script.has(Fault::StickyNamespace) {
            self.namespaces.remove(name);
            self.remove_pods(|key| key.0 == name);
            self.script.services.retain(|service| service["metadata"]["namespace"] != name);
            self.changed.notify_waiters();
        }
        (200, answer)
    }

    fn create_pod(&mut self, namespace: &str, body: &Value, trial: bool) -> Answer {
        let name = body["metadata"]["name"].as_str().unwrap().to_owned();
        if self.script.accountless > 0 {
            self.script.accountless -= 1;
            return status(
                403,
                &format!(
                    "pods \"{name}\" is forbidden: error looking up service account {namespace}/default: serviceaccount \"default\" not found"
                ),
            );
        }
        if self.script.has(Fault::NoSysctl) && body["spec"]["securityContext"]["sysctls"].is_array() {
            return status(403, &format!("pods \"{name}\" is forbidden: forbidden sysctls (net.ipv4.ping_group_range)"));
        }
        let mut pod = body.clone();
        if trial {
            return (201, pod);
        }
        pod["metadata"]["uid"] = self.uid();
        pod["metadata"]["namespace"] = json!(namespace);
        let accepted = pod.clone();
        let state = match self.script.waiting {
            Some((reason, message)) => json!({ "waiting": { "reason": reason, "message": message } }),
            None => json!({ "running": {} }),
        };
        pod["status"] = json!({ "phase": "Pending", "containerStatuses": [
            { "name": "agent", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state }
        ] });
        self.pods.insert((namespace.to_owned(), name), pod.clone());
        self.tell(namespace, "ADDED", accepted.clone());
        self.tell(namespace, "MODIFIED", pod);
        (201, accepted)
    }

    fn delete_pods(&mut self, namespace: &str, query: &str) -> Answer {
        let keys = self.selected(namespace, query);
        if !self.script.has(Fault::StickyPods) {
            self.remove_pods(|key| keys.contains(key));
        }
        (200, list("Pod", &[], self.events.len()))
    }

    fn delete_pod(&mut self, namespace: &str, name: &str, body: &Value) -> Answer {
        let key = (namespace.to_owned(), name.to_owned());
        let by_force = body["gracePeriodSeconds"] == json!(0);
        match self.pods.get(&key).cloned() {
            Some(pod) => {
                if by_force || !self.script.has(Fault::StickyPods) {
                    self.remove_pods(|other| *other == key);
                }
                (200, pod)
            }
            None => not_found(),
        }
    }

    /// Removes pods, and tells the watches.
    pub(crate) fn remove_pods(&mut self, which: impl Fn(&(String, String)) -> bool) {
        let keys: Vec<_> = self.pods.keys().filter(|key| which(key)).cloned().collect();
        for key in keys {
            let pod = self.pods.remove(&key).unwrap();
            self.tell(&key.0, "DELETED", pod);
        }
    }

    fn selected(&self, namespace: &str, query: &str) -> Vec<(String, String)> {
        let wanted = services::labels(query);
        let fits = |pod: &Value| wanted.iter().all(|(key, value)| pod["metadata"]["labels"][key] == json!(value));
        self.pods.iter().filter(|(key, pod)| key.0 == namespace && fits(pod)).map(|(key, _)| key.clone()).collect()
    }

    fn tell(&mut self, namespace: &str, kind: &str, mut pod: Value) {
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        pod["metadata"]["resourceVersion"] = json!((self.events.len() + 1).to_string());
        self.events.push((namespace.to_owned(), json!({ "type": kind, "object": pod })));
        self.changed.notify_waiters();
    }

    fn uid(&mut self) -> Value {
        self.uids += 1;
        json!(format!("uid-{}", self.uids))
    }
}

fn node(number: usize, system: &str, architecture: &str) -> Value {
    json!({
        "metadata": { "name": format!("node{number}"), "labels": { "kubernetes.io/os": system, "topology.kubernetes.io/zone": "a" } },
        "spec": { "taints": [{ "key": "role", "value": "x", "effect": "NoSchedule" }] },
        "status": {
            "conditions": [{ "type": "Ready", "status": "True" }],
            "allocatable": { "cpu": "2", "memory": "4Gi", "pods": "110" },
            "images": [{ "names": ["localhost/netcheck:test"] }],
            "nodeInfo": { "architecture": architecture },
            "addresses": [
                { "type": "Hostname", "address": format!("node{number}") },
                { "type": "InternalIP", "address": format!("10.9.0.{number}") },
                { "type": "InternalIP", "address": format!("fd09::{number}") },
                { "type": "ExternalIP", "address": format!("198.51.100.{number}") },
            ],
            "daemonEndpoints": { "kubeletEndpoint": { "Port": 10_250 } },
        },
    })
}

/// Whether it is a dry run: nothing of it stays.
fn is_trial(query: &str) -> bool {
    query.contains("dryRun=All")
}

pub(super) fn list(kind: &str, items: &[Value], version: usize) -> Value {
    json!({ "apiVersion": "v1", "kind": format!("{kind}List"), "metadata": { "resourceVersion": version.to_string() }, "items": items })
}

pub(super) fn not_found() -> Answer {
    status(404, "not found")
}

/// A refusal as the API server puts it.
pub(crate) fn status(code: u16, message: &str) -> Answer {
    let reason = match code {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "AlreadyExists",
        _ => "InternalError",
    };
    (
        code,
        json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code }),
    )
}
