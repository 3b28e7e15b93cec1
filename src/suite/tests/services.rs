//! What suites discover of Services and of who stands behind them.

use super::discover::{EACH, completed, four_nodes, inventory, names, node, suite};
use super::*;
use crate::model::service::{Endpoint, Service, ServicePort, Transport, Wanted};
use crate::model::units::Port;

fn port(written: &str) -> ServicePort {
    let (name, rest) = written.split_once(':').unwrap();
    let (number, protocol) = rest.split_once('/').unwrap();
    ServicePort {
        name: (!name.is_empty()).then(|| name.to_owned()),
        protocol: Transport::of(protocol).unwrap(),
        port: Port::new(number.parse().unwrap()).unwrap(),
        node_port: None,
    }
}

fn service(key: &str, addresses: &[&str], ports: &str) -> Service {
    let (namespace, name) = key.split_once('/').unwrap();
    Service {
        namespace: namespace.into(),
        name: name.into(),
        labels: [("app".to_owned(), name.to_owned())].into(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        ports: ports.split_whitespace().map(port).collect(),
        balancers: Vec::new(),
        externals: Vec::new(),
        endpoints: Some(Vec::new()),
    }
}

fn endpoint(address: &str, port_of: &str, node: Option<&str>) -> Endpoint {
    let ServicePort { name, protocol, port, .. } = port(port_of);
    Endpoint { address: address.parse().unwrap(), name, protocol, port, node: node.map(Into::into) }
}

/// One with two ports of one number and two addresses, one without a port's name, one that nobody stands behind, a headless one.
pub(super) fn services() -> Vec<Service> {
    let dns = service("dns/dns", &["10.96.0.10", "fd00::a"], "dns:53/UDP dns-tcp:53/TCP");
    let behind = [
        endpoint("10.244.1.2", "dns:1053/UDP", Some("n1")),
        endpoint("10.244.0.9", "dns:1053/UDP", Some("gone")),
        endpoint("fd01::2", "dns:1053/UDP", None),
        endpoint("10.244.1.2", "dns-tcp:1054/TCP", Some("n1")),
    ];
    let web = Service {
        endpoints: Some(vec![endpoint("10.244.3.3", ":8080/TCP", Some("n4"))]),
        ..service("shop/web", &["10.96.0.7"], ":80/TCP")
    };
    let cart = service("shop/cart", &["10.96.0.8"], ":80/TCP");
    vec![Service { endpoints: Some(behind.to_vec()), ..dns }, service("shop/alone", &[], "peer:7000/TCP"), cart, web]
}

#[track_caller]
fn check(query: &str, expected: &[&str]) {
    assert_eq!(names(&suite(query, EACH), &four_nodes()), expected, "{query}");
}

/// The titles of the cases, or the remarks.
#[track_caller]
fn titles(query: &str, title: &str, expected: &[&str]) {
    let text = suite(query, &format!("{EACH}\ntitle: \"{title}\""));
    let reading = completed(&text, &four_nodes());
    let suite = reading.suite.unwrap_or_else(|| panic!("{}", drawn(&reading.diagnostics)));
    let titles: Vec<_> = suite.cases.iter().filter_map(|case| case.about.title.as_deref()).collect();
    assert_eq!(titles, expected, "{query}");
}

#[test]
fn services_are_found_port_by_port() {
    check("{ services: { protocol: UDP } }", &["t[n=dns/dns:dns]"]);
    check("{ services: { name: dns/dns } }", &["t[n=dns/dns:dns]", "t[n=dns/dns:dns-tcp]"]);
    check("{ services: { port: 53, protocol: TCP } }", &["t[n=dns/dns:dns-tcp]"]);
    check("{ services: { port: 80 } }", &["t[n=shop/cart]", "t[n=shop/web]"]);
    check("{ services: { selector: \"app in (web, dns)\", port: 80 } }", &["t[n=shop/web]"]);
    // Without the headless one.
    check("{ services: { namespace: shop } }", &["t[n=shop/cart]", "t[n=shop/web]"]);
}

#[test]
fn items_of_services_have_fields() {
    let title = "${{ n.service }} ${{ n.namespace }} ${{ n.name }} ${{ n.ip }} ${{ n.ipv4 }} ${{ n.ipv6 or 'none' }} ${{ n.port + 1 }} ${{ n.portName or 'none' }} ${{ n.protocol }}";
    titles("{ services: { name: dns/dns, port: dns } }", title, &["dns/dns dns dns 10.96.0.10 10.96.0.10 fd00::a 54 dns UDP"]);
    titles("{ services: { name: shop/web } }", title, &["shop/web shop web 10.96.0.7 10.96.0.7 none 81 none TCP"]);
}

#[test]
fn endpoints_are_those_behind_one_port_by_address() {
    let title = "${{ n.ip }} ${{ n.port + 0 }} ${{ n.node or '-' }} ${{ n.zone or '-' }} ${{ n.family }}";
    let udp = ["10.244.0.9 1053 gone - v4", "10.244.1.2 1053 n1 z1 v4", "fd01::2 1053 - - v6"];
    titles("{ endpoints: { service: dns/dns, port: dns } }", title, &udp);
    titles("{ endpoints: { service: dns/dns, protocol: UDP } }", title, &udp);
    titles("{ endpoints: { service: dns/dns, port: 53, protocol: TCP } }", title, &["10.244.1.2 1054 n1 z1 v4"]);
    titles("{ endpoints: { service: shop/web } }", title, &["10.244.3.3 8080 n4 - v4"]);
    check("{ endpoints: { service: dns/dns, port: dns } }", &["t[n=1]", "t[n=2]", "t[n=3]"]);
}

#[test]
fn what_is_named_has_to_be_there() {
    check("{ endpoints: { service: dns/dsn, port: dns } }", &["NC1061 there is no Service dns/dsn"]);
    check("{ services: { name: shop/wbe } }", &["NC1061 there is no Service shop/wbe"]);
    check("{ endpoints: { service: dns/dns, port: metrics } }", &["NC1062 the Service dns/dns has no port metrics"]);
    check("{ endpoints: { service: dns/dns, protocol: SCTP } }", &["NC1062 the Service dns/dns has no port over SCTP"]);
    check("{ endpoints: { service: dns/dns } }", &["NC1062 the Service dns/dns has 2 ports that fit"]);
    let reading = completed(&suite("{ endpoints: { service: dns/dsn, port: dns } }", EACH), &four_nodes());
    assert!(reading.diagnostics[0].help[0].contains("dns/dns"), "{}", drawn(&reading.diagnostics));
    let nobody_looked = inventory(vec![node("n1", None, "")]);
    for query in ["{ services: { port: 80 } }", "{ endpoints: { service: shop/web } }"] {
        assert_eq!(names(&suite(query, EACH), &nobody_looked), ["NC1063 nothing is known of Services in c"], "{query}");
    }
}

#[track_caller]
fn nothing(query: &str, why: &str) {
    let skipped = completed(&suite(query, &format!("{EACH}\nempty: skip")), &four_nodes()).suite.unwrap();
    let skip = skipped.cases[0].skip.clone().unwrap();
    assert_eq!((skip.code, skip.why), ("empty", format!("nothing to go over: `discover.q` finds nothing, since {why}")));
    check(query, &["NC1053 the list of `n` has no items"]);
}

#[test]
fn nothing_found_is_told_with_what_there_is() {
    nothing("{ services: { namespace: none } }", "there is no Service in the namespace none");
    nothing(
        "{ services: { selector: app=x, namespace: shop } }",
        "no Service in the namespace shop fits `app=x`; there are shop/alone, shop/cart, shop/web",
    );
    nothing("{ services: { selector: app=web, port: 81 } }", "none of 1 Service (shop/web) has a port 81; of ports there are 80/TCP");
    nothing("{ services: { port: peer } }", "1 Service (shop/alone) has no cluster address, and is left out");
    nothing("{ endpoints: { service: shop/cart } }", "no endpoint of shop/cart is ready behind its port 80/TCP");
}

#[test]
fn a_suite_says_what_it_wants_to_know_once() {
    let text = suite("{ services: { selector: \"app=${{ vars.app }}\", namespace: shop } }", "");
    let more = "vars: { app: web }\ndiscover: { n: { nodes: {} }, r: { endpoints: { service: a/b } }, s: { endpoints: { service: a/b, port: x } }, t: { services: { name: a/b } }, ";
    let suite = good(&text.replace("discover: {", more));
    let endpoints = Wanted::Endpoints { namespace: "a".into(), name: "b".into() };
    let named = Wanted::Services { namespace: Some("a".into()), selector: None };
    let selector = crate::model::selector::Selector::parse("app=web").ok();
    assert_eq!(suite.wanted, [endpoints, named, Wanted::Services { namespace: Some("shop".into()), selector }]);
    assert_eq!(good(LEAST).wanted, []);
}

/// The others are told where it is not there.
#[test]
fn of_a_pod_by_its_name_all_pods_of_its_namespace_are_looked_up() {
    let suite = good(
        &LEAST.replace("    from: pods\n", "    from: { workload: { namespace: shop, name: \"${{ 'cart' ~ '-0' }}\", via: netns } }\n"),
    );
    assert_eq!(suite.wanted, [Wanted::Pods { namespace: "shop".into(), selector: None }]);
    assert_eq!(suite.cases[0].from.to_string(), "workload: { namespace: shop, name: cart-0 }");
}

/// Else nobody looks for them, and a test whose items are known in the end has nobody to ask from.
#[test]
fn ends_are_looked_up_whatever_else_a_test_waits_for() {
    let selector = crate::model::selector::Selector::parse("app=cart").ok();
    let pods = Wanted::Pods { namespace: "shop".into(), selector };
    let web = Wanted::Endpoints { namespace: "shop".into(), name: "web".into() };
    let workload = "{ workload: { namespace: shop, selector: app=cart, via: netns } }";
    let host = "{ host: \"${{ e.ip }}\", port: 80 }";
    let service = "{ service: shop/web, port: 80 }";
    let nodes = "{ nodes: { zone: \"${{ n.zone }}\" } }";
    for (from, to, wanted) in [(workload, host, &pods), (workload, service, &pods), (workload, service, &web), (nodes, service, &web)] {
        let query = "discover: { n: { nodes: {} }, e: { endpoints: { service: dns/dns } } }";
        let each = "forEach: { n: \"${{ discover.n }}\", e: \"${{ discover.e }}\" }";
        let test = format!("- id: t\n  {each}\n  from: {from}\n  to: {to}\n  probe: {{ type: tcp }}");
        let text = format!("netcheck: v1\nsuite: s\n{query}\ntests:\n{test}\n");
        assert!(good(&text).wanted.contains(wanted), "{text}");
    }
}
