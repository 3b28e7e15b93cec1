//! What expressions know of the place and of the run: with an inventory values, without one what stands for the cases.

use super::discover::{completed, four_nodes, names};
use super::*;
use crate::model::inventory::Inventory;
use crate::model::run::Start;
use crate::model::service::{Service, Wanted};
use crate::suite::surroundings::FACTS;

/// A suite whose only test has these keys.
fn suite(keys: &str) -> String {
    with(&format!("probe: {{ type: icmp, family: v4 }}\n{keys}"))
}

fn titled(expression: &str) -> String {
    suite(&format!("title: \"${{{{ {expression} }}}}\""))
}

/// A cluster with an API server of these addresses, and four nodes that take part.
fn cluster(addresses: &[&str]) -> Inventory {
    let other = super::services::services().remove(0);
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let kubernetes = Service { namespace: "default".into(), name: "kubernetes".into(), addresses, ..other.clone() };
    Inventory { version: "Kubernetes v1.35.4".to_owned(), services: Some(vec![kubernetes, other]), ..four_nodes() }
}

#[track_caller]
fn check(expression: &str, inventory: &Inventory, expected: &str) {
    let start = Start { id: "0badcafe".to_owned(), seed: 7, at: "2026-05-01T03:00:00Z".to_owned() };
    let text = titled(expression);
    let reading = complete(FILE, text.as_bytes(), &[], &|path| Err(format!("{path}: no such file")), Seen { inventory, start: &start });
    let suite = reading.suite.unwrap_or_else(|| panic!("{expression}\n{}", drawn(&reading.diagnostics)));
    let titles: Vec<_> = suite.cases.iter().map(|case| (case.id.name(), case.about.title.clone().unwrap_or_default())).collect();
    assert_eq!(titles, [("t".to_owned(), expected.to_owned())], "{expression}");
}

#[test]
fn facts_have_values_once_somebody_has_looked() {
    let there = cluster(&["10.96.0.1", "fd00::1"]);
    check("cluster.apiServiceIP", &there, "10.96.0.1");
    check("'AAAA' if ':' in cluster.apiServiceIP else 'A'", &there, "A");
    check("'AAAA' if ':' in cluster.apiServiceIP else 'A'", &cluster(&["fd00::1"]), "AAAA");
    check("cluster.name", &there, "c");
    // The fifth is left out by a rule.
    check("cluster.nodes + 1", &there, "5");
    let mut dual = there.clone();
    assert!(dual.nodes.iter().all(|node| node.addresses.is_empty()));
    check("cluster.families | length", &there, "0");
    dual.nodes[1].addresses = vec!["10.0.0.1".parse().unwrap()];
    // What a rule leaves out counts as little as among the nodes.
    dual.nodes[4].addresses = vec!["fd00::5".parse().unwrap()];
    check("cluster.families | length ~ cluster.families[0]", &dual, "1v4");
    dual.nodes[0].addresses = vec!["fd00::1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
    check("cluster.families | first", &dual, "v4");
    check("cluster.families | last", &dual, "v6");
    check("'dual' if 'v6' in cluster.families else 'single'", &dual, "dual");
    check("cluster.version", &there, "Kubernetes v1.35.4");
    check("run.id ~ '-' ~ run.seed", &there, "0badcafe-7");
    check("run.seed + 1", &there, "8");
    check("run.startedAt[:10]", &there, "2026-05-01");
}

/// No seed is refused, and none is another than it is: beyond what expressions reckon with it is text.
#[test]
fn the_greatest_seed_is_itself() {
    let start = Start { seed: u64::MAX, ..Start::of_none(1) };
    let text = titled("run.seed");
    let seen = Seen { inventory: &four_nodes(), start: &start };
    let reading = complete(FILE, text.as_bytes(), &[], &|path| Err(format!("{path}: no such file")), seen);
    assert_eq!(reading.suite.unwrap().cases[0].about.title.as_deref(), Some("18446744073709551615"));
}

/// Offline every fact is known by its name: the test is checked, its cases keep their names, and their values wait.
#[test]
fn without_an_inventory_they_are_waited_for() {
    for (name, _) in FACTS {
        let suite = good(&titled(name));
        assert!(suite.cases.is_empty(), "{name}");
        let [pending] = suite.pending.as_slice() else { panic!("{name}") };
        assert_eq!((pending.stand_in.id.name().as_str(), pending.waits_for.join(" ").as_str()), ("t", name));
    }
    let defaults = suite("").replace("tests:", "defaults: { owner: \"${{ cluster.name }}\" }\ntests:");
    assert_eq!(good(&defaults).pending[0].waits_for, ["cluster.name"]);
    assert_eq!(good(&suite("when: cluster.nodes > 1")).pending[0].waits_for, ["cluster.nodes"]);
}

#[test]
fn conditions_go_by_facts_and_say_which() {
    let there = cluster(&["10.96.0.1"]);
    let left = completed(&suite("when: \"'v6' in cluster.families\""), &there).suite.unwrap();
    assert_eq!(left.cases[0].skip.as_ref().unwrap().why, "`'v6' in cluster.families` is false, as cluster.families = []");
    assert_eq!(names(&suite("when: cluster.nodes > 3"), &there), ["t"]);
    let left = completed(&suite("when: cluster.nodes > 4"), &there).suite.unwrap();
    assert_eq!(left.cases[0].skip.as_ref().unwrap().why, "`cluster.nodes > 4` is false, as cluster.nodes = 4");
    let few = "skipIf: [{ if: cluster.nodes < 9, because: \"only ${{ cluster.nodes }} nodes\" }]";
    assert_eq!(completed(&suite(few), &there).suite.unwrap().cases[0].skip.as_ref().unwrap().why, "only 4 nodes");
}

/// Rights are asked for beforehand, and no more of them than a run would use.
#[test]
fn only_the_api_servers_address_takes_a_look_at_services() {
    let kubernetes = Wanted::Services { namespace: Some("default".into()), selector: None };
    for (name, _) in FACTS {
        let expected = if name == "cluster.apiServiceIP" { vec![kubernetes.clone()] } else { Vec::new() };
        assert_eq!(good(&titled(name)).wanted, expected, "{name}");
        let defaults = suite("").replace("tests:", &format!("defaults: {{ owner: \"${{{{ {name} }}}}\" }}\ntests:"));
        assert_eq!(good(&defaults).wanted, expected, "{name}");
    }
    assert_eq!(completed(&titled("cluster.apiServiceIP"), &cluster(&["10.96.0.1"])).suite.unwrap().wanted, [kubernetes]);
}

#[test]
fn the_origin_of_a_bound_names_the_fact() {
    let text = suite("expect: { each: { loss: \"<= ${{ cluster.nodes }}%\" } }");
    let suite = completed(&text, &cluster(&[])).suite.unwrap();
    assert_eq!(suite.cases[0].expect[0].origin.as_deref(), Some("cluster.nodes = 4"));
}
