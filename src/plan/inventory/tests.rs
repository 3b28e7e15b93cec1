//! Files of inventories: written, read again, damaged.

use proptest::prelude::*;

use super::*;
use crate::model::inventory::{Ability, Limit};
use crate::model::taint::Taint;
use crate::model::vantage::Network;

fn sample() -> Inventory {
    let taint = |text| Taint::parse(text).unwrap();
    let taints = |name: &str| {
        if name == "node1" { ["gpu=yes:NoSchedule", "a.b/c:NoExecute", "d:PreferNoSchedule"].map(taint).to_vec() } else { Vec::new() }
    };
    let node = |name: &str, addresses: &[&str], standing| Node {
        name: name.into(),
        zone: Some("a".to_owned()).filter(|_| name != "win1"),
        kernel: Some("6.8.0-45-generic".to_owned()).filter(|_| name != "node2"),
        labels: [("pool".to_owned(), "blue".to_owned())].into_iter().filter(|_| name == "node1").collect(),
        taints: (name != "node2").then(|| taints(name)),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        external_addresses: ["198.51.100.1", "2001:db8::1"]
            .map(|address| address.parse().unwrap())
            .into_iter()
            .filter(|_| name == "node1")
            .collect(),
        kubelet_port: Port::new(10_250).filter(|_| name != "node2"),
        standing,
    };
    let excluded = Standing::Excluded { rule: "not-linux".into(), why: "kubernetes.io/os=windows".to_owned() };
    let limit = |what| Limit { what, why: "because".to_owned() };
    let abilities = [Ability::Icmp, Ability::Names, Ability::Gateway, Ability::PathMtu, Ability::Services, Ability::Workloads]
        .into_iter()
        .chain(Family::ALL.map(Ability::Family))
        .chain(Network::ALL.map(Ability::Network));
    Inventory {
        cluster: "prod-eu".to_owned(),
        version: "Kubernetes v1.35.4".to_owned(),
        nodes: vec![
            node("node1", &["10.0.0.1", "fd00::1"], Standing::Expected),
            node("node2", &["10.0.0.2"], Standing::Unready { why: "NotReady:\nKubelet \"stopped\"".to_owned() }),
            node("win1", &[], excluded),
        ],
        limits: abilities.map(limit).collect(),
        services: Some(services::sample()),
        workloads: Some(workloads::sample()),
    }
}

#[test]
fn what_is_written_is_read_again_and_valid_by_the_schema() {
    let text = write(&sample());
    assert_eq!(read(text.as_bytes()), Ok(sample()));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::validator_for(&schema()).unwrap().is_valid(&value));
}

#[test]
fn what_may_be_left_out_has_its_default_and_nodes_are_sorted() {
    let least = r#"{"schema":"netcheck.inventory/v1","cluster":"c","nodes":[{"name":"b","standing":"expected"},{"name":"a","standing":"expected"}]}"#;
    let inventory = read(least.as_bytes()).unwrap();
    let names: Vec<_> = inventory.nodes.iter().map(|node| &*node.name).collect();
    assert_eq!((names, inventory.limits.len(), inventory.version.as_str()), (vec!["a", "b"], 0, ""));
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = read(text.as_bytes()).map_err(|error| error.message);
    assert_eq!(found.err().as_deref(), Some(expected));
}

#[test]
fn what_is_no_inventory_is_refused_with_its_place() {
    let with = |nodes: &str| format!("{{\"schema\": \"netcheck.inventory/v1\", \"cluster\": \"c\",\n\"nodes\": [{nodes}]}}");
    check("", "it is not an inventory: EOF while parsing a value at line 1 column 0");
    check("nodes: []", "it is not an inventory: expected ident at line 1 column 2");
    check("[]", "it is not an inventory: invalid length 0, expected an object at line 1 column 2");
    check("{}", "it has no `schema`, expected \"netcheck.inventory/v1\"");
    check(r#"{"schema": 1}"#, "it has no `schema`, expected \"netcheck.inventory/v1\"");
    check(r#"{"schema": "netcheck.results/v1"}"#, "its `schema` is \"netcheck.results/v1\", expected \"netcheck.inventory/v1\"");
    let newer = "it is of version \"netcheck.inventory/v2\", and this netcheck reads \"netcheck.inventory/v1\"";
    check(r#"{"schema": "netcheck.inventory/v2", "nodes": 3}"#, newer);
    check(r#"{"schema": "netcheck.inventory/v1"}"#, "it is not an inventory: missing field `cluster` at line 1 column 35");
    check(&with(r#"{"name": 3}"#), "it is not an inventory: invalid type: integer `3`, expected a string at line 2 column 20");
    let unknown = "unknown field `zoen`, expected one of `name`, `zone`, `kernel`, `labels`, `addresses`, `externalAddresses`, `kubeletPort`, `taints`, `standing` at line 2 column 17";
    check(&with(r#"{"zoen": "a"}"#), &format!("it is not an inventory: {unknown}"));
    let two = with(r#"{"name": "a", "standing": "expected"}, {"name": "a", "standing": "expected"}"#);
    check(&two, "number 2 of `nodes`: the name \"a\" is that of number 1 already");
    let name = with(r#"{"name": "a/host", "standing": "expected"}"#);
    check(&name, "number 1 of `nodes`: expected a name of 1 to 253 bytes without `/` and white space, found \"a/host\"");
    let tainted = |taints: &str| with(&format!(r#"{{"name": "a", "taints": [{taints}], "standing": "expected"}}"#));
    let key = "number 1 of `nodes`: number 2 of its `taints`: \"b c\" is no key of a taint, such as `gpu` or `example.com/gpu`";
    check(&tainted(r#"{"key": "a", "effect": "NoExecute"}, {"key": "b c", "effect": "NoExecute"}"#), key);
    let many = vec![r#"{"key": "a", "effect": "NoExecute"}"#; 257].join(", ");
    check(&tainted(&many), "number 1 of `nodes`: expected at most 256 taints, found 257");
    let addresses = with(r#"{"name": "a", "addresses": ["10.0.0.1", "10.0.0.2"], "standing": "expected"}"#);
    check(&addresses, "number 1 of `nodes`: expected at most one IPv4 address, found 10.0.0.1 and 10.0.0.2");
    let addresses = with(r#"{"name": "a", "externalAddresses": ["fd00::1", "fd00::2"], "standing": "expected"}"#);
    check(&addresses, "number 1 of `nodes`: expected at most one external IPv6 address, found fd00::1 and fd00::2");
    let port = with(r#"{"name": "a", "kubeletPort": 0, "standing": "expected"}"#);
    check(&port, "it is not an inventory: invalid value: integer `0`, expected a nonzero u16 at line 2 column 40");
    check(&" ".repeat(SIZE_LIMIT + 1), "it is larger than the 64 MiB that an inventory may have");
}

proptest! {
    #[test]
    fn a_damaged_inventory_never_panics(at in 0_usize..2_000, bytes in proptest::collection::vec(any::<u8>(), 0..4)) {
        let mut text = write(&sample()).into_bytes();
        let at = at.min(text.len());
        let end = (at + bytes.len()).min(text.len());
        text.splice(at..end, bytes);
        if let Ok(inventory) = read(&text) {
            prop_assert_eq!(read(write(&inventory).as_bytes()), Ok(inventory));
        }
    }
}
