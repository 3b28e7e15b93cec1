//! What suites discover: with an inventory cases, without one what stands for them.

use proptest::prelude::*;

use super::*;
use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::run::Start;
use crate::model::vantage::Station;

pub(super) fn node(name: &str, zone: Option<&str>, labels: &str) -> Node {
    let labels = labels.split_whitespace().filter_map(|label| label.split_once('='));
    Node {
        zone: zone.map(str::to_owned),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        ..Node::named(name, Standing::Expected)
    }
}

pub(super) fn inventory(nodes: Vec<Node>) -> Inventory {
    Inventory { cluster: "c".to_owned(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads: None }
}

/// Two in the zone `z1`, of which one is not ready, one in `z2`, one in none, and one that a rule leaves out, alone in `z3`.
pub(super) fn four_nodes() -> Inventory {
    let unready = Node { standing: Standing::Unready { why: "NotReady".to_owned() }, ..node("n3", Some("z2"), "p=y") };
    let excluded = Standing::Excluded { rule: "virtual".into(), why: "type=virtual-kubelet".to_owned() };
    let excluded = Node { standing: excluded, ..node("n5", Some("z3"), "p=x") };
    let nodes = vec![node("n2", Some("z1"), "p=y"), node("n1", Some("z1"), "p=x"), unready, node("n4", None, "p=x"), excluded];
    Inventory { services: Some(super::services::services()), ..inventory(nodes) }
}

/// A suite with that query `q` and a test with these keys.
pub(super) fn suite(query: &str, keys: &str) -> String {
    with(&format!("probe: {{ type: icmp, family: v4 }}\n{keys}")).replace("tests:", &format!("discover: {{ q: {query} }}\ntests:"))
}

pub(super) fn completed(text: &str, inventory: &Inventory) -> Reading {
    complete(FILE, text.as_bytes(), &[], &|path| Err(format!("{path}: no such file")), Seen { inventory, start: &Start::of_none(1) })
}

/// The names of the cases, or the remarks.
pub(super) fn names(text: &str, inventory: &Inventory) -> Vec<String> {
    let reading = completed(text, inventory);
    match reading.suite {
        Some(suite) => {
            assert!(suite.pending.is_empty(), "{text}");
            suite.cases.iter().map(|case| case.id.name() + if case.skip.is_some() { " skipped" } else { "" }).collect()
        }
        None => reading.diagnostics.iter().map(|remark| format!("{} {}", remark.code, remark.message)).collect(),
    }
}

pub(super) const EACH: &str = "forEach: { n: \"${{ discover.q }}\" }\nwhen: n is not none";

#[track_caller]
fn check(query: &str, expected: &[&str]) {
    assert_eq!(names(&suite(query, EACH), &four_nodes()), expected, "{query}");
}

#[test]
fn queries_find_nodes_that_take_part() {
    check("{ nodes: {} }", &["t[n=n1]", "t[n=n2]", "t[n=n3]", "t[n=n4]"]);
    check("{ nodes: { distinct: zone } }", &["t[n=z1]", "t[n=z2]"]);
    check("{ nodes: { selector: p=x } }", &["t[n=n1]", "t[n=n4]"]);
    check("{ nodes: { selector: p=x, distinct: zone } }", &["t[n=z1]"]);
    check("{ nodes: { zone: z1, selector: p=y } }", &["t[n=n2]"]);
    check("{ nodes: { names: [n4, n1] } }", &["t[n=n1]", "t[n=n4]"]);
    check(
        "{ nodes: { names: [n1, n5, n6] } }",
        &["NC1060 the rule virtual leaves the node `n5` out: type=virtual-kubelet", "NC1060 there is no node `n6`"],
    );
    check("{ nodes: { zone: z3 } }", &["NC1053 the list of `n` has no items"]);
}

#[test]
fn a_query_may_use_variables_and_its_items_have_fields() {
    let text = suite(
        "{ nodes: { selector: \"p=${{ vars.p }}\" } }",
        &format!("{EACH}\ntitle: \"${{{{ n.key }}}} in ${{{{ n.zone or 'none' }}}}\""),
    );
    let suite = completed(&text.replace("discover:", "vars: { p: x }\ndiscover:"), &four_nodes()).suite.unwrap();
    let titles: Vec<_> = suite.cases.iter().filter_map(|case| case.about.title.as_deref()).collect();
    assert_eq!(titles, ["n1 in z1", "n4 in none"]);
}

#[test]
fn what_is_found_can_be_reckoned_with() {
    let zones = "{ nodes: { distinct: zone } }";
    let skip = |most: u8| suite(zones, &format!("{EACH}\nskipIf: [{{ if: discover.q | length < {most}, because: few }}]"));
    assert_eq!(names(&skip(2), &four_nodes()), ["t[n=z1]", "t[n=z2]"]);
    assert_eq!(names(&skip(3), &four_nodes()), ["t[n=z1] skipped", "t[n=z2] skipped"]);
    // No zone at all: the condition needs no item, and says more than that there is nothing.
    assert_eq!(names(&skip(2), &inventory(vec![node("n1", None, "")])), ["t skipped"]);
    assert_eq!(names(&suite(zones, "forEach: { n: \"${{ discover.q[1:] }}\" }"), &four_nodes()), ["t[n=z2]"]);
    // A condition that needs an item cannot decide for a list without any.
    let own = suite(zones, &format!("{EACH}\nskipIf: [{{ if: n == 'z1', because: few }}]"));
    assert_eq!(names(&own, &inventory(vec![node("n1", None, "")])), ["NC1053 the list of `n` has no items"]);
}

#[track_caller]
fn nothing(query: &str, inventory: &Inventory, why: &str) {
    let reading = completed(&suite(query, EACH), inventory);
    let [remark] = reading.diagnostics.as_slice() else { panic!("{}", drawn(&reading.diagnostics)) };
    assert_eq!(
        (remark.code, remark.help[0].as_str(), remark.related[0].1.as_str()),
        (codes::NOTHING_TO_REPEAT, why, "`discover.q` finds nothing")
    );
    let skipped = completed(&suite(query, &format!("{EACH}\nempty: skip")), inventory).suite.unwrap();
    let skip = skipped.cases[0].skip.clone().unwrap();
    assert_eq!((skip.code, skip.why), ("empty", format!("nothing to go over: `discover.q` finds nothing, since {why}")));
}

#[test]
fn nothing_found_is_told_with_what_there_is() {
    let there = four_nodes();
    nothing(
        "{ nodes: { selector: p=z } }",
        &there,
        "none of 4 nodes (n1, n2, n3, n4) fits `p=z`; of the label p there are the values x, y",
    );
    nothing("{ nodes: { selector: q } }", &there, "none of 4 nodes (n1, n2, n3, n4) fits `q`; none has the label q");
    nothing("{ nodes: { zone: z3 } }", &there, "none of 4 nodes (n1, n2, n3, n4) is in the zone z3; there are the zones z1, z2");
    nothing("{ nodes: { zone: z2, selector: p=x } }", &there, "none of 4 nodes (n1, n2, n3, n4) fits all that the query says");
    nothing("{ nodes: { names: n4, distinct: zone } }", &there, "none of 1 node has the label topology.kubernetes.io/zone (n4)");
    nothing("{ nodes: {} }", &inventory(Vec::new()), "there is no node that takes part");
}

#[test]
fn nodes_without_a_zone_are_told_of_where_others_have_one() {
    let told =
        |inventory: &Inventory| completed(&suite("{ nodes: { distinct: zone } }", &format!("{EACH}\nempty: skip")), inventory).diagnostics;
    let [remark] = &*told(&four_nodes()) else { panic!() };
    assert_eq!(
        (remark.code, remark.message.as_str()),
        (codes::WITHOUT_ZONE, "1 of 4 nodes is in no zone, so it is in nothing that `discover.q` finds")
    );
    assert!(remark.label.ends_with(": n4"), "{}", remark.label);
    assert_eq!(told(&inventory(vec![node("n1", None, "")])), []);
    assert_eq!(told(&inventory(vec![node("n1", Some("a"), "")])), []);
}

/// Without an inventory: what stands for the cases, and no remark.
#[track_caller]
fn pending(text: &str, expected: &[(&str, &str)]) {
    let reading = read(FILE, text.as_bytes(), &[]);
    assert_eq!(drawn(&reading.diagnostics), "", "{text}");
    let suite = reading.suite.unwrap();
    assert!(suite.cases.is_empty(), "{text}");
    let found: Vec<_> = suite.pending.iter().map(|pending| (pending.stand_in.id.name(), pending.waits_for.join(" "))).collect();
    let expected: Vec<_> = expected.iter().map(|(name, waits)| ((*name).to_owned(), (*waits).to_owned())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_depends_on_the_nodes_is_pending_without_them() {
    let zones = "{ nodes: { distinct: zone } }";
    pending(&suite(zones, EACH), &[("t[n=?]", "discover.q")]);
    pending(
        &suite(zones, &format!("{EACH}\nmatrix: {{ a: [x, y] }}\nowner: \"${{{{ matrix.a }}}}\"")),
        &[("t[a=x,n=?]", "discover.q"), ("t[a=y,n=?]", "discover.q")],
    );
    pending(&suite(zones, "when: discover.q | length > 1"), &[("t", "discover.q")]);
    pending(&suite(zones, "skipIf: [{ if: true, because: \"${{ discover.q | length }} zones\" }]"), &[("t", "discover.q")]);
    pending(&suite(zones, "title: \"${{ discover.q | first }}\""), &[("t", "discover.q")]);
    pending(&suite(zones, "expect: { overall: { loss: \"<= ${{ discover.q | length }}%\" } }"), &[("t", "discover.q")]);
    // How many families it is measured over is not known either.
    let text = suite(zones, EACH).replace("family: v4", "family: \"${{ 'v4' if n == 'a' else 'each' }}\"");
    pending(&text, &[("t[n=?,family=?]", "discover.q")]);
    let defaults = suite(zones, "").replace("tests:", "defaults: { owner: \"${{ discover.q | first }}\" }\ntests:");
    pending(&defaults, &[("t", "discover.q")]);
}

/// Rights are asked for beforehand, and no more of them than a run would use.
#[test]
fn what_is_pending_says_where_it_needs_agents() {
    let stations = |to: &str| {
        let text = suite("{ nodes: { distinct: zone } }", EACH).replace("to: pods", to).replace("type: icmp", "type: tcp");
        good(&text).pending[0].stations.iter().copied().collect::<Vec<_>>()
    };
    let (pods, nodes) = (Station::Pod, Station::Host);
    assert_eq!(stations("to: pods"), [pods]);
    assert_eq!(stations("to: nodes"), [pods, nodes]);
    assert_eq!(stations("to: { host: 10.0.0.1, port: 80 }"), [pods]);
    assert_eq!(stations("to: { port: 10250, nodes: all }"), [pods]);
    assert_eq!(stations("to: { nodes: all }"), [pods, nodes]);
    assert_eq!(stations("to: { service: shop/cart, via: nodePort, nodes: all }"), [pods]);
    assert_eq!(stations("to: \"${{ 'nodes' if n == 'z1' else 'pods' }}\""), [pods, nodes]);
}

#[test]
fn what_does_not_depend_on_them_is_not() {
    let suite = good(&suite("{ nodes: { distinct: zone } }", ""));
    assert_eq!((suite.cases.len(), suite.pending.len()), (1, 0));
}

/// A lone item is checked as any other: only its values are not known.
#[test]
fn mistakes_beside_what_is_not_known_are_found_without_an_inventory() {
    for keys in ["timeout: 99h", "expect: { loss: 200% }", "owner: \"${{ n.zone }}\"", "pairs: rnig"] {
        let reading = read(FILE, suite("{ nodes: { distinct: zone } }", &format!("{EACH}\n{keys}")).as_bytes(), &[]);
        assert!(reading.suite.is_none(), "{keys}");
    }
}

#[test]
fn a_suite_asks_at_most_100_queries() {
    let queries: Vec<_> = (0..101).map(|number| format!("q{number}: {{ nodes: {{}} }}")).collect();
    let text = LEAST.replace("tests:", &format!("discover: {{ {} }}\ntests:", queries.join(", ")));
    let reading = read(FILE, text.as_bytes(), &[]);
    assert_eq!(reading.diagnostics.iter().map(|remark| remark.code).collect::<Vec<_>>(), [codes::TOO_BIG]);
}

#[test]
fn five_thousand_nodes_are_five_thousand_cases() {
    let nodes = (0..5_000).map(|number| node(&format!("{}-{number:05}", "n".repeat(90)), Some("a"), "")).collect();
    let found = names(&suite("{ nodes: {} }", EACH), &inventory(nodes));
    assert_eq!((found.len(), found.first().map(String::len)), (5_000, Some("t[n=]".len() + 96)));
    let nodes = (0..101).map(|number| node(&format!("n{number}"), Some(&format!("z{number}")), "")).collect();
    let pairs = "forEach: { a: \"${{ discover.q }}\", b: \"${{ discover.q }}\" }";
    assert_eq!(
        names(&suite("{ nodes: { distinct: zone } }", pairs), &inventory(nodes)),
        ["NC1019 with this test the suite has more than 10000 cases"]
    );
}

proptest! {
    /// The same nodes in any order give the same cases, every time, and one more node changes no other case.
    #[test]
    fn the_same_nodes_give_the_same_cases(zones in proptest::collection::vec(proptest::option::of(0_u8..4), 1..12), turn in 0_usize..12) {
        let mut nodes: Vec<_> = zones.iter().enumerate().map(|(number, zone)| {
            node(&format!("n{number}"), zone.map(|zone| format!("z{zone}")).as_deref(), "")
        }).collect();
        for query in ["{ nodes: {} }", "{ nodes: { distinct: zone } }"] {
            let text = suite(query, &format!("{EACH}\nempty: skip"));
            let cases = |nodes: &[Node]| completed(&text, &inventory(nodes.to_vec())).suite.unwrap().cases;
            let before = cases(&nodes);
            prop_assert_eq!(&before, &cases(&nodes));
            let turned = turn % nodes.len();
            nodes.rotate_left(turned);
            prop_assert_eq!(&before, &cases(&nodes));
            let more: Vec<_> = nodes.iter().cloned().chain([node("new", Some("z9"), "")]).collect();
            let after = cases(&more);
            prop_assert!(before.iter().filter(|case| case.skip.is_none()).all(|case| after.contains(case)));
        }
    }
}
