//! Who asks whom: groups, strategies, and pairs of one node.

use super::*;
use crate::model::suite::{Beyond, Case, PairStrategy, SameNode, Strategy};
use crate::model::vantage::Network;

/// A strategy, its limit and what follows; `circulant` after `full` goes without saying.
pub(super) fn pairs(pairs: PairStrategy) -> String {
    let one = |strategy: Strategy| match strategy {
        Strategy::Ring { k } | Strategy::Random { k } | Strategy::PerZone { k } => format!("{} {k}", strategy.word()),
        Strategy::Full | Strategy::Circulant | Strategy::Representatives { .. } => strategy.words().to_owned(),
    };
    match pairs.beyond {
        Some(Beyond { limit, strategy: Strategy::Circulant }) if pairs.strategy == Strategy::Full => format!("full {limit}"),
        Some(Beyond { limit, strategy }) => format!("{} {limit} {}", one(pairs.strategy), one(strategy)),
        None => one(pairs.strategy),
    }
}

/// The first case of the shortest suite, with these lines instead of its ends.
fn ends(lines: &str) -> Case {
    let lines = lines.lines().map(|line| format!("    {line}\n")).collect::<Vec<_>>().concat();
    good(&LEAST.replace("    from: pods\n    to: pods\n", &lines)).cases.remove(0)
}

#[test]
fn groups_are_networks_and_selections() {
    let groups = |from: &str, to: &str| {
        let case = ends(&format!("from: {from}\nto: {to}"));
        (case.from.to_string(), case.to.to_string())
    };
    let check = |from: &str, to: &str, expected: (&str, &str)| assert_eq!(groups(from, to), (expected.0.to_owned(), expected.1.to_owned()));
    check("nodes", "pods", ("nodes", "pods"));
    check("{ nodes: all }", "{ pods: all }", ("nodes", "pods"));
    check("nodes", "gateway", ("nodes", "its default gateway"));
    check("pods", "\"${{ 'gate' ~ 'way' }}\"", ("pods", "its default gateway"));
    check("pods", "{ nodes: { zone: eu-1a } }", ("pods", "nodes: { zone: eu-1a }"));
    check("{ pods: { nodes: n1 } }", "{ pods: { nodes: [n2, n1, n2] } }", ("pods: { nodes: [n1] }", "pods: { nodes: [n1, n2] }"));
    check(
        "{ pods: { selector: 'a=b, !c' } }",
        "{ pods: { zone: \"${{ 1 + 1 }}\" } }",
        ("pods: { selector: a=b, !c }", "pods: { zone: 2 }"),
    );
}

#[test]
fn names_of_nodes_may_come_from_a_list() {
    let text = LEAST.replace("    from: pods\n", "    from: { pods: { nodes: \"${{ vars.some }}\" } }\n");
    let from = |some: &str| read(FILE, text.replace("tests:", &format!("vars: {{ some: {some} }}\ntests:")).as_bytes(), &[]);
    let good = |some: &str| from(some).suite.map(|suite| suite.cases[0].from.to_string());
    assert_eq!(good("[n3, n1, n3]").as_deref(), Some("pods: { nodes: [n1, n3] }"));
    assert_eq!(good("n1").as_deref(), Some("pods: { nodes: [n1] }"));
    for wrong in ["{ type: list, default: [[n1], n2] }", "{ type: list, optional: true }", "[n1, Bad]", "{ a: n1 }"] {
        assert!(good(wrong).is_none(), "{wrong}");
    }
    // A list elsewhere is none of its items.
    let zone = text.replace("nodes: \"${{ vars.some }}\"", "zone: \"${{ vars.some }}\"");
    assert!(read(FILE, zone.replace("tests:", "vars: { some: [z1] }\ntests:").as_bytes(), &[]).suite.is_none());
}

#[test]
fn a_host_is_an_address_and_a_port() {
    let to = |lines: &str| {
        let cases = good(&LEAST.replace("    to: pods\n    probe: icmp\n", &format!("    {lines}\n"))).cases;
        cases.into_iter().map(|case| format!("{} {:?}", case.to, case.skip.map(|skip| skip.why))).collect::<Vec<_>>()
    };
    let other = "10.0.0.10 Some(\"10.0.0.10 is an IPv4 address\")";
    assert_eq!(to("to: { host: 10.0.0.10 }\n    probe: icmp"), ["10.0.0.10 None", other]);
    assert_eq!(to("to: { host: '2001:db8::1', port: 53 }\n    probe: { type: udp, family: v6 }"), ["[2001:db8::1]:53 None"]);
    assert_eq!(
        to("to: { host: '2001:DB8::1', port: '${{ 400 + 43 }}' }\n    probe: { type: tcp, family: v6 }"),
        ["[2001:db8::1]:443 None"]
    );
}

#[test]
fn a_host_is_a_name_and_a_port_in_each_family() {
    let to = |lines: &str| {
        let cases = good(&LEAST.replace("    to: pods\n    probe: icmp\n", &format!("    {lines}\n"))).cases;
        cases.into_iter().map(|case| format!("{} {} {:?}", case.to, case.probe.burst().family, case.skip)).collect::<Vec<_>>()
    };
    assert_eq!(to("to: { host: shop.example }\n    probe: icmp"), ["shop.example v4 None", "shop.example v6 None"]);
    assert_eq!(to("to: { host: Shop.example., port: 53 }\n    probe: { type: udp, family: v6 }"), ["Shop.example.:53 v6 None"]);
    assert_eq!(to("to: { host: \"${{ 'sh' ~ 'op' }}\", port: 443 }\n    probe: { type: http, family: v4 }"), ["shop:443 v4 None"]);
}

#[test]
fn a_port_of_nodes_is_whoever_listens_there() {
    let to = |lines: &str| {
        let case = good(&LEAST.replace("    to: pods\n    probe: icmp\n", &format!("    {lines}\n"))).cases.remove(0);
        (case.to.to_string(), case.to.answering())
    };
    let check = |to_: &str, probe: &str, expected: &str| {
        assert_eq!(to(&format!("to: {to_}\n    probe: {probe}")), (expected.to_owned(), None), "{to_}");
    };
    check("{ nodes: all, port: 10250 }", "tcp", "nodes: all, port: 10250");
    check("{ port: '${{ 10000 + 256 }}', nodes: all }", "http", "nodes: all, port: 10256");
    check("{ nodes: { zone: a }, port: 10250 }", "udp", "nodes: { zone: a }, port: 10250");
    check("{ nodes: all, port: kubelet }", "tcp", "nodes: all, port: kubelet");
    check("{ nodes: all, port: \"${{ 'kube' ~ 'let' }}\", address: internal }", "http", "nodes: all, port: kubelet");
    check("{ nodes: { zone: a }, port: kubelet, address: external }", "tcp", "nodes: { zone: a }, address: external, port: kubelet");
    check("{ address: external, nodes: all }", "icmp", "nodes: all, address: external");
    check("{ nodes: { nodes: [n2, n1] }, address: internal }", "icmp", "nodes: { nodes: [n1, n2] }");
    assert_eq!(to("to: { nodes: all }\n    probe: tcp"), ("nodes".to_owned(), Some(Network::Host)));
}

#[test]
fn a_service_is_asked_at_the_ports_of_some_nodes() {
    let check = |to: &str, expected: &str| {
        let case =
            good(&LEAST.replace("    to: pods\n    probe: icmp\n", &format!("    to: {to}\n    probe: {{ type: tcp }}\n"))).cases.remove(0);
        assert_eq!(case.to.to_string(), expected, "{to}");
    };
    check("{ service: shop/cart, via: nodePort }", "service: shop/cart, via: nodePort");
    check("{ service: shop/cart, via: nodePort, nodes: all }", "service: shop/cart, via: nodePort");
    check(
        "{ nodes: { zone: '${{ 1 + 1 }}' }, service: shop/cart, via: nodePort }",
        "service: shop/cart, via: nodePort, nodes: { zone: 2 }",
    );
    check(
        "{ service: shop/cart, port: 80, via: nodePort, nodes: { nodes: [n2, n1] } }",
        "service: shop/cart, port: 80, via: nodePort, nodes: { nodes: [n1, n2] }",
    );
}

#[test]
fn a_host_is_asked_gently_unless_the_suite_says_otherwise() {
    let total = |lines: &str| {
        let text = LEAST.replace("    to: pods\n", &format!("    {lines}\n"));
        good(&text).cases[0].pace().total.map(std::num::NonZeroU32::get)
    };
    assert_eq!(total("to: { host: 10.0.0.10 }"), Some(500));
    assert_eq!(total("to: { host: shop.example }"), Some(500));
    assert_eq!(total("to: { host: 10.0.0.10 }\n    pace: { perNode: 7 }"), Some(500));
    assert_eq!(total("to: { host: 10.0.0.10 }\n    pace: { total: 9 }"), Some(9));
    assert_eq!(total("to: pods"), None);
}

#[test]
fn what_the_defaults_say_of_pairs_does_not_concern_hosts() {
    let text =
        LEAST.replace("tests:", "defaults: { pairs: ring, sameNode: include }\ntests:").replace("to: pods", "to: { host: 10.0.0.10 }");
    assert_eq!((pairs(good(&text).cases[0].pairs).as_str(), good(&text).cases[0].same_node), ("full 10000", SameNode::Exclude));
}

#[test]
fn strategies_have_their_numbers() {
    let check = |written: &str, expected: &str| assert_eq!(pairs(ends(&format!("from: pods\nto: pods\npairs: {written}")).pairs), expected);
    check("full", "full 10000");
    check("{ limit: 7 }", "full 7");
    check("{ beyond: random, k: 5 }", "full 10000 random 5");
    check("{ limit: 9, beyond: representatives }", "full 9 representatives");
    check("ring", "ring 3");
    check("{ strategy: ring, k: 1 }", "ring 1");
    check("random", "random 3");
    check("{ strategy: random, k: 9, limit: 50, beyond: ring }", "random 9 50 ring 9");
    check("perZone", "perZone 3");
    check("{ strategy: perZone, k: \"${{ 2 + 2 }}\", limit: 50, beyond: representatives }", "perZone 4 50 representatives");
    check("representatives", "representatives");
    check("{ strategy: representatives, by: zone }", "representatives");
    check("{ strategy: representatives, by: \"${{ 'po' ~ 'ol' }}\" }", "representatives by pool");
    check("{ limit: 9, beyond: representatives, by: kernel }", "full 9 representatives by kernel");
    check("{ strategy: circulant, limit: 50, beyond: representatives }", "circulant 50 representatives");
}

#[test]
fn the_same_node_is_left_out_unless_the_suite_says_otherwise() {
    let same = |lines: &str| ends(lines).same_node;
    assert_eq!(same("from: pods\nto: nodes"), SameNode::Exclude);
    assert_eq!(same("from: pods\nto: nodes\nsameNode: include"), SameNode::Include);
    assert_eq!(same("from: nodes\nto: pods\nsameNode: only"), SameNode::Only);
    let text = LEAST.replace("tests:", "defaults: { sameNode: include }\ntests:");
    assert_eq!(good(&text).cases[0].same_node, SameNode::Exclude);
    assert_eq!(good(&text.replace("to: pods", "to: nodes")).cases[0].same_node, SameNode::Include);
}
