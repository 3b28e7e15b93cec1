//! The shipped suites on healthy clusters of many shapes, unedited: green, or skipped with a reason, and never a mistake.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn netcheck(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netcheck")).args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

/// Runs all suites on a simulated world; those that have a case that passed.
#[track_caller]
fn green(world: &str) -> BTreeSet<String> {
    let place = tempfile::tempdir().unwrap();
    let (file, report) = (place.path().join("world.yaml"), place.path().join("results.json"));
    std::fs::write(&file, format!("netcheck: v1\nworld: w\n{world}")).unwrap();
    let report_to = format!("json={}", report.display());
    let ran = netcheck(&["run", "-q", "--backend", "simulated", "--world", &text(&file), "--report", &report_to, "suites/all.yaml"]);
    assert_eq!(ran.status.code(), Some(0), "{world}: {}", String::from_utf8_lossy(&ran.stderr));
    let results: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let has_passed = |suite: &&Value| suite["cases"].as_array().unwrap().iter().any(|case| case["status"] == "passed");
    let suites = results["suites"].as_array().unwrap();
    suites.iter().filter(has_passed).map(|suite| suite["id"].as_str().unwrap().to_owned()).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn suites(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn clusters_of_any_shape_are_green() {
    let all = suites(&["overlay", "pmtu", "dns", "service-udp", "apiserver"]);
    let zones = (0..20).map(|zone| format!("  - {{ name: n{zone}, zone: z{zone} }}\n")).collect::<Vec<_>>().concat();
    for world in [
        "nodes: 2\n",
        "nodes: [{ name: a, zone: z }, { name: b, zone: z }, { name: c, zone: z }]\n",
        "nodes: 3\nfamilies: [v4]\n",
        "nodes: 3\nfamilies: [v6]\n",
        "nodes: 101\nfamilies: [v4]\n",
        &format!("nodes:\n{zones}"),
    ] {
        assert_eq!(green(world), all, "{world}");
    }
}

#[test]
fn a_cluster_of_one_node_is_green_where_it_has_something_to_ask() {
    assert_eq!(green("nodes: 1\n"), suites(&["dns", "service-udp", "apiserver"]));
}

/// What `plan` says of all suites on a cluster whose DNS is that Service.
fn planned(dns: &Value, flags: &[&str]) -> (Option<i32>, String) {
    let endpoint = |address: &str, name: &str, protocol: &str, port: u16| json!({ "address": address, "name": name, "protocol": protocol, "port": port });
    let api = json!({
        "namespace": "default", "name": "kubernetes", "addresses": ["10.96.0.1"],
        "ports": [{ "name": "https", "protocol": "TCP", "port": 443 }],
        "endpoints": [endpoint("172.30.0.2", "https", "TCP", 6443)],
    });
    let nodes = ["n1", "n2"].map(|name| json!({ "name": name, "addresses": [format!("10.0.0.{}", &name[1..])], "standing": "expected" }));
    let inventory =
        json!({ "schema": "netcheck.inventory/v1", "cluster": "c", "version": "v1.35.4", "nodes": nodes, "services": [api, dns] });
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("inventory.json");
    std::fs::write(&file, inventory.to_string()).unwrap();
    let ran = netcheck(&[["plan", "suites/all.yaml", "--inventory", &text(&file)].as_slice(), flags].concat());
    (ran.status.code(), String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned())
}

#[test]
fn the_dns_of_a_cluster_may_be_called_otherwise_and_be_away() {
    let dns = |name: &str, port: &str, ready: bool| {
        let endpoints = json!([{ "address": "10.244.0.9", "name": port, "protocol": "UDP", "port": 53 }]);
        json!({
            "namespace": "kube-system", "name": name, "addresses": ["10.96.0.10"],
            "ports": [{ "name": port, "protocol": "UDP", "port": 53 }],
            "endpoints": if ready { endpoints } else { json!([]) },
        })
    };
    let one = "dns/each-coredns[ep=1]  ";
    for (service, flags, said) in [
        (dns("kube-dns", "dns", true), vec![], one),
        (dns("kube-dns", "udp-53", true), vec![], one),
        (dns("rke2-coredns", "udp-53", true), vec!["--set", "dnsService=kube-system/rke2-coredns"], one),
        (dns("rke2-coredns", "udp-53", true), vec![], "finds nothing, since there is no Service kube-system/kube-dns"),
        (dns("kube-dns", "dns", false), vec![], "no endpoint of kube-system/kube-dns is ready"),
    ] {
        let (exit, words) = planned(&service, &flags);
        assert_eq!(exit, Some(0), "{service}: {words}");
        assert!(words.contains(said), "{said}: {words}");
        assert!(words.contains("dns/cluster-names[transport=udp,family=v4]  "), "{words}");
    }
}
