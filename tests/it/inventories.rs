//! A plan made offline is the plan that is made against the place itself: same cases, same pairs, same hash.

use std::path::Path;
use std::process::{Command, Output};

use crate::kubernetes_api::connection;
use crate::kubernetes_api::scripted_api::{Script, ScriptedApi};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn netcheck(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1").env_remove("NETCHECK_IMAGE").output().unwrap()
}

#[track_caller]
fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A world in which every kind of standing and limit has its part.
const WORLD: &str = "netcheck: v1\nworld: offline\nfamilies: [v4, v6]\nnodes:\n  - { name: node1, zone: a }\n  - { name: node2, zone: b }\n  \
                     - { name: node3, zone: a, notReady: 'NotReady: no word' }\n  - { name: node4 }\n";

/// A line without the time that it tells: agents that share a machine take longer than those with a node each.
fn timeless(line: &str) -> &str {
    if line.starts_with(" asks for at least ") {
        return "";
    }
    match line.trim_end().rsplit_once("  ") {
        Some((before, last)) if last.ends_with('s') && last.starts_with(|c: char| c.is_ascii_digit()) => before.trim_end(),
        Some(_) | None => line,
    }
}

/// Plans both ways; what differs is how long it takes, and the last lines, which say what is created and where the plan comes from.
#[track_caller]
fn check(backend: &str, world: &Path, file: &Path, sets: &[&str]) -> String {
    let (world, file) = (world.to_str().unwrap(), file.to_str().unwrap());
    let place = ["--backend", backend, "--world", world];
    let discovered = netcheck(&[&["discover", "-o", file], &place[..]].concat());
    assert_eq!(text(discovered), "", "the inventory goes to the file alone");
    let live = text(netcheck(&[&["plan", "suites/overlay.yaml"], sets, &place[..]].concat()));
    let offline = text(netcheck(&[&["plan", "suites/overlay.yaml", "--inventory", file], sets].concat()));
    let split = |text: &str| {
        let (plan, more) = text.split_once("\n creates ").unwrap();
        (plan.lines().map(timeless).collect::<Vec<_>>().join("\n"), more.trim_end().to_owned())
    };
    let ((live, creates), (offline, more)) = (split(&live), split(&offline));
    assert_eq!(live, offline);
    assert_eq!(creates, "nothing outside this machine");
    let (creates, from) = more.rsplit_once("\n ").unwrap();
    assert!(
        creates.starts_with("namespace netcheck-<run> ") && creates.contains("\n needs rights: netcheck rbac suites/overlay.yaml"),
        "{creates}"
    );
    assert_eq!(from, format!("planned offline from {file}: nothing was contacted"));
    live
}

#[test]
fn a_plan_made_offline_is_the_plan_of_the_place() {
    let out = tempfile::tempdir().unwrap();
    let world = out.path().join("world.yaml");
    std::fs::write(&world, WORLD).unwrap();
    let without = check("simulated", &world, &out.path().join("simulated.json"), &[]);
    let with = check("simulated", &world, &out.path().join("simulated.json"), &["--set", "hosts=true", "--seed", "7"]);
    assert_ne!(without, with, "what is asked for decides");
    // The sandbox has limits, which skip cases.
    check("sandbox", &world, &out.path().join("sandbox.json"), &["--set", "hosts=true"]);
}

/// Which cases there are depends on the nodes: a run over the place has those of the plan over its inventory, and the same hash.
#[test]
fn what_is_discovered_is_the_same_in_a_plan_made_offline_and_in_a_run() {
    let out = tempfile::tempdir().unwrap();
    let path = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let (world, suite, inventory, results) = (path("world.yaml"), path("suite.yaml"), path("inventory.json"), path("results.json"));
    std::fs::write(&world, "netcheck: v1\nworld: w\nnodes: [{ name: n1, zone: a }, { name: n2, zone: b }, { name: n3, zone: b }]\n")
        .unwrap();
    std::fs::write(&suite, DISCOVERING).unwrap();
    let place = ["--backend", "simulated", "--world", &world];
    text(netcheck(&[&["discover", "-o", &inventory], &place[..]].concat()));
    for selection in [&[][..], &["--case", "s/t[src=a,dst=b]"], &["--shard", "1/2"]] {
        let json = text(netcheck(&[&["plan", &suite, "--inventory", &inventory, "--format", "json"], selection].concat()));
        let report = format!("json={results}");
        text(netcheck(&[&["run", &suite, "--report", &report], &place[..], selection].concat()));
        let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
        let run: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&results).unwrap()).unwrap();
        let hash = run.pointer("/run/planHash").or_else(|| run.get("planHash")).and_then(serde_json::Value::as_str).unwrap();
        assert!(!hash.is_empty() && json.contains(hash), "{hash} is not in {plan:#}");
    }
}

/// Nobody comes to know the nodes: what stands for the cases is errored, and no other.
#[test]
fn cases_that_nobody_comes_to_know_are_not_measured() {
    let out = tempfile::tempdir().unwrap();
    let suite = out.path().join("suite.yaml");
    std::fs::write(&suite, DISCOVERING).unwrap();
    let kubeconfig = "tests/golden/cluster-unreachable/kubeconfig";
    for selection in [&[][..], &["--case", "s/t[src=a,dst=b]"], &["--shard", "1/3"], &["--shard", "2/3"], &["--shard", "3/3"]] {
        let output = netcheck(&[&["run", suite.to_str().unwrap(), "--kubeconfig", kubeconfig], selection].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("s/t[src=?,dst=?]") && text.contains("1 case: 1 errored"), "{text}");
        assert_eq!(output.status.code(), Some(3), "{text}");
    }
}

const DISCOVERING: &str = "netcheck: v1
suite: s
discover: { zones: { nodes: { distinct: zone } } }
tests:
  - id: t
    skipIf: [{ if: src == dst, because: another test }]
    forEach: { src: '${{ discover.zones }}', dst: '${{ discover.zones }}' }
    from: { pods: { zone: '${{ src }}' } }
    to: { pods: { zone: '${{ dst }}' } }
    probe: { type: udp, family: v4 }
";

#[test]
fn an_inventory_goes_to_standard_output_too() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("inventory.json");
    let arguments = ["discover", "--backend", "simulated", "-o"];
    text(netcheck(&[&arguments[..], &[file.to_str().unwrap()]].concat()));
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text(netcheck(&arguments[..3])), written);
    assert_eq!(text(netcheck(&[&arguments[..], &["-"]].concat())), written);
}

#[test]
fn an_inventory_that_is_too_large_is_refused_at_once() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("inventory.json");
    // Sparse: it takes no room on the disk, and reading all of it would take long.
    std::fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
    let output = netcheck(&["plan", "suites/overlay.yaml", "--inventory", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("it is larger than the 64 MiB that an inventory may have"), "{words}");
}

/// What says where to run has no effect on a plan that is made from a file: it is refused. An image may be in the environment.
#[test]
fn every_flag_of_a_place_conflicts_with_an_inventory() {
    let command = netcheck::cli::command();
    let plan = command.find_subcommand("plan").unwrap();
    let inventory = plan.get_arguments().find(|argument| argument.get_id() == "inventory").unwrap();
    let conflicts: Vec<_> = plan.get_arg_conflicts_with(inventory).into_iter().map(clap::Arg::get_id).collect();
    let places = plan.get_arguments().filter(|argument| matches!(argument.get_help_heading(), Some("Place" | "Cluster")));
    let ids: Vec<_> = places.map(clap::Arg::get_id).filter(|id| *id != "inventory" && *id != "image").collect();
    assert!(ids.len() >= 8, "{ids:?}");
    for id in ids {
        assert!(conflicts.contains(&id), "--inventory has to conflict with {id}: cli/arguments/");
    }
}

/// What `plan` prints and `discover` writes over that cluster, where `node1` is a Windows node.
async fn with_windows(flags: &[&str]) -> (String, String) {
    let api = ScriptedApi::start(Script { systems: vec!["windows"], ..Script::default() }).await;
    let directory = tempfile::tempdir().unwrap();
    connection(directory.path(), &format!("http://{}", api.address));
    let file = directory.path().join("kubeconfig").to_str().unwrap().to_owned();
    let flags: Vec<String> = ["--kubeconfig", &file].iter().chain(flags).map(|&word| word.to_owned()).collect();
    let told = tokio::task::spawn_blocking(move || {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let planned = text(netcheck(&[&["plan", "suites/overlay.yaml"], &flags[..]].concat()));
        (planned, text(netcheck(&[&["discover"], &flags[..]].concat())))
    });
    told.await.unwrap()
}

#[tokio::test]
async fn an_excluded_node_says_by_which_rule_and_takes_part_when_the_rule_is_ignored() {
    let (plan, inventory) = with_windows(&[]).await;
    assert!(plan.contains("\n 2 of 3 nodes in scripted get an agent\n"), "{plan}");
    assert!(plan.contains("\n   node1 is excluded by the rule not-linux: kubernetes.io/os=windows\n"), "{plan}");
    assert!(plan.contains("\n   to let excluded nodes take part: --ignore-rule not-linux\n"), "{plan}");
    assert!(inventory.contains("\"rule\": \"not-linux\""), "{inventory}");
    let (plan, inventory) = with_windows(&["--ignore-rule", "not-linux", "--ignore-rule", "virtual"]).await;
    assert!(plan.contains("\n 3 of 3 nodes in scripted get an agent\n"), "{plan}");
    assert!(!plan.contains("excluded") && !inventory.contains("excluded"), "{plan}{inventory}");
    let (plan, _) = with_windows(&["--ignore-rule", "virtual"]).await;
    assert!(plan.contains("node1 is excluded by the rule not-linux"), "{plan}");
}

/// What a command asks of Services, and how it ends, with a suite that has this query.
async fn asked_for(command: &'static str, discover: &str, script: Script) -> (Vec<String>, Output) {
    let api = ScriptedApi::start(script).await;
    let directory = tempfile::tempdir().unwrap();
    connection(directory.path(), &format!("http://{}", api.address));
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let tests = "tests: [{ id: t, from: pods, to: pods, probe: icmp, empty: skip, forEach: { x: \"${{ discover.q }}\" } }]";
    std::fs::write(path("suite.yaml"), format!("netcheck: v1\nsuite: s\ndiscover: {{ q: {discover} }}\n{tests}\n")).unwrap();
    let (suite, file) = (path("suite.yaml"), path("kubeconfig"));
    let output = tokio::task::spawn_blocking(move || netcheck(&[command, &suite, "--kubeconfig", &file])).await.unwrap();
    let asked = api.requests().into_iter().filter(|request| request.contains("services") || request.contains("endpointslices"));
    let mut asked: Vec<String> = asked.map(|request| request.split("limit=").next().unwrap_or_default().to_owned()).collect();
    asked.sort();
    (asked, output)
}

#[tokio::test]
async fn services_are_asked_for_only_where_a_suite_wants_them() {
    let (asked, output) = asked_for("plan", "{ nodes: {} }", Script::default()).await;
    assert_eq!((asked, output.status.code()), (Vec::new(), Some(0)));
    let (asked, output) = asked_for("plan", "{ services: { namespace: shop, port: 80 } }", Script::default()).await;
    assert_eq!((asked.len(), output.status.code()), (1, Some(0)), "{asked:?}");
    assert!(asked[0].starts_with("GET /api/v1/namespaces/shop/services"), "{asked:?}");
    // Nobody is there: the suite cannot be run, whatever else it says.
    let (asked, output) = asked_for("run", "{ endpoints: { service: shop/cart } }", Script::default()).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error[NC1061]: there is no Service shop/cart"));
    let begins = ["GET /api/v1/namespaces/shop/services", "GET /apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"];
    assert!(asked.len() == 2 && asked.iter().zip(begins).all(|(asked, begin)| asked.starts_with(begin)), "{asked:?}");
}

#[tokio::test]
async fn a_run_that_may_not_look_at_services_is_not_measured_and_says_which_right_it_takes() {
    let why = "services is forbidden: User \"jane\" cannot list resource \"services\" in API group \"\" in the namespace \"shop\"";
    for command in ["run", "plan"] {
        let script = Script { refusals: vec![("GET /api/v1/namespaces/shop/services", 403, why)], ..Script::default() };
        let (_, output) = asked_for(command, "{ services: { namespace: shop } }", script).await;
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("list services") && told.contains("netcheck rbac SUITE"), "{told}");
    }
}
