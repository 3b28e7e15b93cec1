//! What `netcheck rbac` prints is enough for a run, and no more than it takes: tried by an account that has exactly these rights.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::kit::{Cluster, image};

const OVERLAY: &str = "suites/overlay.yaml";

/// Until the API server heeds what it was told about rights.
const HEEDED: Duration = Duration::from_secs(20);

/// An account with rights that were printed for it. Dropping it removes everything that was made for it.
struct Account<'a> {
    cluster: &'a Cluster,
    /// Its namespace.
    namespace: String,
    /// The namespace that runs are given, if they are.
    given: Option<String>,
    kubeconfig: PathBuf,
    made: Vec<String>,
}

/// A command as that account, to its end.
struct Said {
    code: Option<i32>,
    /// Standard output and standard error.
    text: String,
}

impl<'a> Account<'a> {
    fn new(cluster: &'a Cluster, name: &str, given: bool) -> Self {
        let namespace = format!("nc-test-{name}-{}", std::process::id());
        let given = given.then(|| format!("{namespace}-given"));
        let mut account = Self { cluster, namespace, given, kubeconfig: cluster.out.path().join("kubeconfig"), made: Vec::new() };
        for space in [Some(account.namespace.clone()), account.given.clone()].into_iter().flatten() {
            let restricted = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
            account.make(
                "/api/v1/namespaces",
                &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": space, "labels": restricted } }),
            );
        }
        for object in account.printed() {
            account.make(&collection(&object), &object);
        }
        account.log_in();
        account.wait_for("list", "nodes", None, true);
        account
    }

    fn make(&mut self, collection: &str, object: &Value) {
        self.cluster.create(collection, object);
        self.made.push(format!("{collection}/{}", object["metadata"]["name"].as_str().unwrap()));
    }

    /// What `netcheck rbac` prints for this account.
    fn printed(&self) -> Vec<Value> {
        let subject = format!("serviceaccount:{}/gate", self.namespace);
        let mut words = vec!["rbac", OVERLAY, "--subject", &subject];
        words.extend(self.given.iter().flat_map(|given| ["--namespace", given]));
        let output = command(&words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split("---\n").skip(1).map(|document| serde_saphyr::from_str(document).unwrap()).collect()
    }

    /// The cluster's kubeconfig, with this account's token for credentials.
    fn log_in(&self) {
        let path = format!("/api/v1/namespaces/{}/serviceaccounts/gate/token", self.namespace);
        let request = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {} });
        let token = self.cluster.create(&path, &request)["status"]["token"].clone();
        let known = kube::config::Kubeconfig::read().unwrap();
        let context = known.contexts.iter().find(|context| Some(&context.name) == known.current_context.as_ref()).unwrap();
        let name = &context.context.as_ref().unwrap().cluster;
        let cluster = known.clusters.iter().find(|cluster| cluster.name == *name).unwrap();
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "gate",
            "clusters": [cluster],
            "users": [{ "name": "gate", "user": { "token": token } }],
            "contexts": [{ "name": "gate", "context": { "cluster": name, "user": "gate" } }],
        });
        std::fs::write(&self.kubeconfig, text.to_string()).unwrap();
    }

    /// Asks until the API server heeds the roles as they are now.
    fn wait_for(&self, verb: &str, resource: &str, namespace: Option<&str>, expected: bool) {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let attributes =
            json!({ "verb": verb, "resource": resource, "subresource": subresource, "namespace": namespace.unwrap_or_default() });
        let user = format!("system:serviceaccount:{}:gate", self.namespace);
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "metadata": {},
            "spec": { "user": user, "groups": ["system:authenticated"], "resourceAttributes": attributes },
        });
        let until = Instant::now() + HEEDED;
        while self.cluster.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", &review)["status"]["allowed"] != json!(expected) {
            assert!(Instant::now() < until, "{verb} {resource}/{subresource} is still {}", !expected);
        }
    }

    /// Takes a verb on a resource out of the role in the given namespace.
    fn lose(&mut self, verb: &str, resource: &str) {
        let given = self.given.clone().unwrap();
        let mut role = self.printed().into_iter().find(|object| object["kind"] == "Role").unwrap();
        let rules = role["rules"].as_array_mut().unwrap();
        let rule = rules.iter_mut().find(|rule| rule["resources"][0] == resource).unwrap();
        rule["verbs"].as_array_mut().unwrap().retain(|word| word != verb);
        let path = format!("{}/{}", collection(&role), role["metadata"]["name"].as_str().unwrap());
        self.cluster.delete(&path);
        self.cluster.create(&collection(&role), &role);
        self.wait_for("create", "pods", Some(&given), true);
        self.wait_for(verb, resource, Some(&given), false);
    }

    /// Runs a command on the suite as this account.
    fn netcheck(&self, verb: &str) -> Said {
        self.netcheck_with(verb, &[])
    }

    fn netcheck_with(&self, verb: &str, more: &[&str]) -> Said {
        let kubeconfig = self.kubeconfig.to_string_lossy().into_owned();
        let mut words = vec![verb, OVERLAY, "--kubeconfig", &kubeconfig];
        words.extend(self.given.iter().flat_map(|given| ["--namespace", given]));
        words.extend(more);
        let output = command(&words).output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        Said { code: output.status.code(), text }
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        for path in self.made.iter().rev() {
            self.cluster.remove(path);
        }
    }
}

impl Said {
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self
    }

    /// Lines with that word before them.
    fn rows(&self, word: &str) -> Vec<&str> {
        self.text.lines().filter_map(|line| line.trim_start().strip_prefix(word)?.strip_prefix("  ")).collect()
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

/// Where objects of that kind are created.
fn collection(object: &Value) -> String {
    let (api, plural) = match object["kind"].as_str().unwrap() {
        "ServiceAccount" => ("/api/v1", "serviceaccounts"),
        "ClusterRole" => ("/apis/rbac.authorization.k8s.io/v1", "clusterroles"),
        "ClusterRoleBinding" => ("/apis/rbac.authorization.k8s.io/v1", "clusterrolebindings"),
        "Role" => ("/apis/rbac.authorization.k8s.io/v1", "roles"),
        "RoleBinding" => ("/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
        other => panic!("{other} is not expected"),
    };
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{api}/namespaces/{namespace}/{plural}"),
        None => format!("{api}/{plural}"),
    }
}

/// The Job of the example, for that account and the image of this build.
fn job(account: &Account<'_>) -> Value {
    const IMAGE: &str = "registry.example/netcheck:0.1.0";
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ci-examples/job.yaml")).unwrap();
    assert!(text.contains(IMAGE));
    let mut job: Value = serde_saphyr::from_str(&text.replace(IMAGE, &image())).unwrap();
    job["metadata"]["namespace"] = json!(account.namespace);
    job["spec"]["template"]["spec"]["serviceAccountName"] = json!("gate");
    job
}

#[test]
fn a_job_within_the_cluster_runs_the_suite_with_the_rights_that_are_printed() {
    let cluster = Cluster::turn();
    let account = Account::new(&cluster, "job", false);
    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", account.namespace);
    cluster.create(&jobs, &job(&account));
    let deadline = Instant::now() + Duration::from_secs(180);
    let status = loop {
        let status = cluster.get(&format!("{jobs}/netcheck"))["status"].clone();
        let is_over = |condition: &Value| condition["type"] == "Complete" || condition["type"] == "Failed";
        if status["conditions"].as_array().is_some_and(|conditions| conditions.iter().any(is_over)) {
            break status;
        }
        assert!(Instant::now() < deadline, "{status}");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(status["succeeded"], 1, "{status}");
    cluster.assert_clean();
}

#[test]
fn the_printed_rights_are_enough_for_namespaces_of_the_runs_own() {
    let cluster = Cluster::turn();
    let account = Account::new(&cluster, "own", false);
    account.wait_for("create", "pods/exec", Some("netcheck-00000000"), true);
    account.netcheck("doctor").exits(0);
    account.netcheck("run").exits(0);
    // Whoever may make namespaces may make one for the hosts' agents, too.
    account.netcheck_with("run", &["--set", "hosts=true"]).exits(0);
    drop(account);
    cluster.assert_clean();
}

#[test]
fn without_the_right_to_a_privileged_namespace_the_hosts_cases_are_errored_and_the_others_measured() {
    let cluster = Cluster::turn();
    let account = Account::new(&cluster, "pods", true);
    account.wait_for("create", "pods/exec", account.given.as_deref(), true);
    let results = cluster.out.path().join("hosts.json");
    let report = format!("json={}", results.display());
    let run = account.netcheck_with("run", &["--set", "hosts=true", "--report", &report]).exits(3);
    assert!(run.text.contains("cannot create resource \"namespaces\""), "{}", run.text);
    assert!(run.text.contains("--host-namespace netcheck-hosts"), "{}", run.text);
    let results: Value = serde_json::from_slice(&std::fs::read(results).unwrap()).unwrap();
    for case in results["suites"][0]["cases"].as_array().unwrap() {
        let (name, status) = (case["name"].as_str().unwrap(), case["status"].as_str().unwrap());
        // The kernel of a node answers ICMP without an agent there; and a zone is not asked from itself.
        let expected: &[&str] = match name {
            name if name.contains("pod-to-pod") || name.contains("pod-to-node[proto=icmp") => &["passed"],
            name if name.contains("zone-pairs") => &["passed", "skipped"],
            _ => &["errored"],
        };
        assert!(expected.contains(&status), "{name} is {status}: {}", run.text);
    }
    drop(account);
    cluster.assert_clean();
}

#[test]
fn the_printed_rights_are_enough_for_a_given_namespace_and_every_one_is_needed() {
    let cluster = Cluster::turn();
    let mut account = Account::new(&cluster, "given", true);
    let given = account.given.clone().unwrap();
    account.wait_for("create", "pods/exec", Some(&given), true);
    account.wait_for("create", "pods", Some("default"), false);
    account.netcheck("doctor").exits(0);
    account.netcheck("run").exits(0);

    account.lose("get", "pods/exec");
    let doctor = account.netcheck("doctor").exits(3);
    let expected = format!("rights: get pods/exec in namespace {given} is denied; it is for: orders to agents, and their results");
    assert_eq!(doctor.rows("fail"), [expected], "{}", doctor.text);
    let run = account.netcheck("run").exits(3);
    assert!(run.text.contains(&format!("get pods/exec in namespace {given}")), "{}", run.text);
    drop(account);
    cluster.assert_clean();
}

#[test]
fn a_namespace_that_refuses_agents_is_known_before_the_run() {
    let cluster = Cluster::turn();
    let mut account = Account::new(&cluster, "quota", true);
    let given = account.given.clone().unwrap();
    let quotas = format!("/api/v1/namespaces/{given}/resourcequotas");
    account.make(
        &quotas,
        &json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "none" }, "spec": { "hard": { "pods": "0" } } }),
    );
    account.wait_for("create", "pods/exec", Some(&given), true);
    let until = Instant::now() + HEEDED;
    // A quota counts once its controller has seen it.
    loop {
        let doctor = account.netcheck("doctor");
        if doctor.rows("fail").iter().any(|row| row.contains("exceeded quota: none")) {
            doctor.exits(3);
            break;
        }
        assert!(Instant::now() < until, "{}", doctor.text);
    }
    let run = account.netcheck("run").exits(3);
    assert!(run.text.contains("exceeded quota: none"), "{}", run.text);
    drop(account);
    cluster.assert_clean();
}
