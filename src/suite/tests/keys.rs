//! No key without its effect: each key of the description changes what is read, or what is refused.

use super::*;
use crate::suite::language::SUITE;

/// With the key's last part, a body without it and one with it, both for a test and for the defaults.
const BODIES: &[(&str, &str, &str)] = &[
    ("from", "to: pods, probe: icmp", "from: pods, to: pods, probe: icmp"),
    ("to", "from: pods, probe: icmp", "from: pods, to: pods, probe: icmp"),
    ("probe", "from: pods, to: pods", "from: pods, to: pods, probe: icmp"),
    ("pairs", "B", "B, pairs: circulant"),
    ("timeout", "B", "B, timeout: 3s"),
    ("expect", "B", "B, expect: { loss: 5% }"),
    ("probe.type", "from: pods, to: pods, probe: { count: 3 }", "from: pods, to: pods, probe: { count: 3, type: udp }"),
    ("probe.count", "from: pods, to: pods, probe: { type: udp }", "from: pods, to: pods, probe: { type: udp, count: 7 }"),
    ("probe.interval", "from: pods, to: pods, probe: { type: udp }", "from: pods, to: pods, probe: { type: udp, interval: 1ms }"),
    ("probe.timeout", "B, timeout: 2s", "from: pods, to: pods, timeout: 2s, probe: { type: icmp, timeout: 3s }"),
    ("probe.family", "from: pods, to: pods, probe: { type: udp }", "from: pods, to: pods, probe: { type: udp, family: v6 }"),
    ("probe.name", "from: pods, probe: { type: dns, name: a.example }", "from: pods, probe: { type: dns, name: b.example }"),
    (
        "probe.record",
        "from: pods, probe: { type: dns, name: a.example }",
        "from: pods, probe: { type: dns, name: a.example, record: AAAA }",
    ),
    (
        "probe.transport",
        "from: pods, probe: { type: dns, name: a.example }",
        "from: pods, probe: { type: dns, name: a.example, transport: tcp }",
    ),
    (
        "probe.resolver",
        "from: pods, probe: { type: dns, name: a.example }",
        "from: pods, probe: { type: dns, name: a.example, resolver: pod }",
    ),
    (
        "probe.server",
        "from: pods, probe: { type: dns, name: a.example }",
        "from: pods, probe: { type: dns, name: a.example, server: 10.0.0.1 }",
    ),
    (
        "probe.port",
        "from: pods, probe: { type: dns, name: a.example, server: 10.0.0.1 }",
        "from: pods, probe: { type: dns, name: a.example, server: 10.0.0.1, port: 5353 }",
    ),
    ("owner", "B", "B, owner: team-net"),
    ("runbook", "B", "B, runbook: docs/runbooks/net.md"),
    ("severity", "B", "B, severity: warn"),
    ("exclusive", "B", "B, exclusive: true"),
    ("collect", "B", "B, collect: [routes]"),
    ("deadline", "B", "B, deadline: 30s"),
    ("pace", "B", "B, pace: { total: 100 }"),
    ("pace.perNode", "B, pace: { total: 100 }", "B, pace: { total: 100, perNode: 10 }"),
    ("pace.total", "B, pace: { perNode: 10 }", "B, pace: { perNode: 10, total: 100 }"),
    ("probe.floor", "from: pods, to: pods, probe: { type: pmtu }", "from: pods, to: pods, probe: { type: pmtu, floor: 1400 }"),
    ("probe.ceiling", "from: pods, to: pods, probe: { type: pmtu }", "from: pods, to: pods, probe: { type: pmtu, ceiling: 1500 }"),
    ("probe.over", "from: pods, to: pods, probe: { type: pmtu }", "from: pods, to: pods, probe: { type: pmtu, over: icmp }"),
    ("pairs.strategy", "B", "B, pairs: { strategy: circulant }"),
    ("pairs.limit", "B", "B, pairs: { limit: 7 }"),
    ("pairs.beyond", "B", "B, pairs: { beyond: ring }"),
    ("pairs.k", "B, pairs: { strategy: ring }", "B, pairs: { strategy: ring, k: 7 }"),
    ("sameNode", "from: pods, to: nodes, probe: icmp", "from: pods, to: nodes, probe: icmp, sameNode: include"),
    ("from.pods", "to: pods, probe: icmp", "to: pods, probe: icmp, from: { pods: { zone: a } }"),
    ("from.nodes", "to: pods, probe: icmp, from: { pods: { zone: a } }", "to: pods, probe: icmp, from: { nodes: { zone: a } }"),
    ("to.pods", "from: pods, probe: icmp", "from: pods, probe: icmp, to: { pods: { zone: a } }"),
    ("to.nodes", "from: pods, probe: icmp, to: { pods: { zone: a } }", "from: pods, probe: icmp, to: { nodes: { zone: a } }"),
    (
        "retry",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3 }",
    ),
    (
        "retry.attempts",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3 }",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 4 }",
    ),
    (
        "retry.backoff",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3 }",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3, backoff: 3s }",
    ),
    (
        "retry.only",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3 }",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3, only: [timeout] }",
    ),
    (
        "retry.flaky",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3 }",
        "from: pods, to: pods, probe: { type: tcp, count: 1 }, retry: { attempts: 3, flaky: fail }",
    ),
    ("to.host", "from: pods, probe: icmp, to: { host: 10.0.0.10 }", "from: pods, probe: icmp, to: { host: 10.0.0.11 }"),
    ("to.port", "from: pods, probe: tcp, to: { host: 10.0.0.10, port: 80 }", "from: pods, probe: tcp, to: { host: 10.0.0.10, port: 443 }"),
    ("expect.each", "B", "B, expect: { each: { loss: 5% } }"),
    ("expect.overall", "B", "B, expect: { overall: { loss: 5% } }"),
];

const SUITES: &[(&str, &str, &str)] = &[
    ("netcheck", "suite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]"),
    ("suite", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: u\ntests: [{ id: t, B }]"),
    ("title", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntitle: T\ntests: [{ id: t, B }]"),
    ("vars", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\nvars: { a: 1 }\ntests: [{ id: t, B }]"),
    (
        "vars.type",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5 } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { type: size, default: 5 } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.default",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int, default: 5 } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.help",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5 } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5, help: h } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.choices",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5 } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5, choices: [6] } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.optional",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int, optional: true } }\ntests: [{ id: t, B }]",
    ),
    (
        "expectFamilies",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nexpectFamilies: [v6]\ntests: [{ id: t, B }]",
    ),
    (
        "defaults",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ndefaults: { timeout: 3s }\ntests: [{ id: t, B }]",
    ),
    // What it brings is in the golden folders; here it brings nothing, and says so.
    ("include", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ninclude: [p.yaml]\ntests: [{ id: t, B }]"),
    ("tests", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }, { id: u, B }]"),
    ("tests.id", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: u, B }]"),
    ("tests.tags", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B, tags: [a] }]"),
    (
        "tests.matrix.include",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y] } }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y], include: [{ a: z }] } }]",
    ),
    (
        "tests.matrix.exclude",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y] } }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y], exclude: [{ a: y }] } }]",
    ),
    (
        "tests.skipIf",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: r }] }]",
    ),
    (
        "tests.skipIf.if",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: false, because: r }] }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: r }] }]",
    ),
    (
        "tests.skipIf.because",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: r }] }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: q }] }]",
    ),
    (
        "tests.needs",
        "netcheck: v1\nsuite: s\ntests: [{ id: u, B }, { id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: u, B }, { id: t, B, needs: [u] }]",
    ),
    (
        "discover",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { n: '${{ discover.a }}' } }]",
        "netcheck: v1\nsuite: s\ndiscover: { a: { nodes: {} } }\ntests: [{ id: t, B, forEach: { n: '${{ discover.a }}' } }]",
    ),
    ("discover.nodes", "discover: { a: {} }\nEACH", "discover: { a: { nodes: {} } }\nEACH"),
    ("discover.nodes.selector", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { selector: p=x } } }\nEACH"),
    ("discover.nodes.names", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { names: n1 } } }\nEACH"),
    ("discover.nodes.zone", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { zone: z2 } } }\nEACH"),
    ("discover.nodes.distinct", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { distinct: zone } } }\nEACH"),
    ("discover.services", "discover: { a: {} }\nEACH", "discover: { a: { services: { port: dns } } }\nEACH"),
    (
        "discover.services.selector",
        "discover: { a: { services: { port: 80 } } }\nEACH",
        "discover: { a: { services: { port: 80, selector: app=web } } }\nEACH",
    ),
    (
        "discover.services.name",
        "discover: { a: { services: { port: 80 } } }\nEACH",
        "discover: { a: { services: { port: 80, name: shop/web } } }\nEACH",
    ),
    (
        "discover.services.namespace",
        "discover: { a: { services: { protocol: TCP } } }\nEACH",
        "discover: { a: { services: { protocol: TCP, namespace: shop } } }\nEACH",
    ),
    (
        "discover.services.protocol",
        "discover: { a: { services: { port: 53 } } }\nEACH",
        "discover: { a: { services: { port: 53, protocol: UDP } } }\nEACH",
    ),
    (
        "discover.services.port",
        "discover: { a: { services: { protocol: TCP } } }\nEACH",
        "discover: { a: { services: { protocol: TCP, port: 80 } } }\nEACH",
    ),
    ("discover.endpoints", "discover: { a: {} }\nEACH", "discover: { a: { endpoints: { service: shop/web } } }\nEACH"),
    (
        "discover.endpoints.service",
        "discover: { a: { endpoints: { service: shop/web } } }\nEACH",
        "discover: { a: { endpoints: { service: shop/cart } } }\nEACH",
    ),
    (
        "discover.endpoints.port",
        "discover: { a: { endpoints: { service: dns/dns } } }\nEACH",
        "discover: { a: { endpoints: { service: dns/dns, port: dns } } }\nEACH",
    ),
    (
        "discover.endpoints.protocol",
        "discover: { a: { endpoints: { service: dns/dns, port: 53 } } }\nEACH",
        "discover: { a: { endpoints: { service: dns/dns, port: 53, protocol: UDP } } }\nEACH",
    ),
    ("deadline", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ndeadline: 5m\ntests: [{ id: t, B }]"),
    ("tests.title", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B, title: T }]"),
    (
        "tests.when",
        "netcheck: v1\nsuite: s\nvars: { a: false }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: false }\ntests: [{ id: t, B, when: vars.a }]",
    ),
    (
        "tests.forEach",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { a: [x, y] } }]",
    ),
    (
        "tests.empty",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { a: [] } }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { a: [] }, empty: skip }]",
    ),
    (
        "tests.matrix",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y] } }]",
    ),
];

/// Two suites that differ by the key alone.
fn pair(path: &str) -> (String, String) {
    if let Some((_, without, with)) = SUITES.iter().find(|(key, ..)| *key == path) {
        return ((*without).to_owned(), (*with).to_owned());
    }
    let (place, key) = path.split_once('.').unwrap();
    let wrap = |body: &str| match place {
        "tests" => format!("netcheck: v1\nsuite: s\ntests: [{{ id: t, {body} }}]"),
        _ => format!("netcheck: v1\nsuite: s\ndefaults: {{ {body} }}\ntests: [{{ id: t }}]"),
    };
    if let Some((end, network, selection)) = selection(key) {
        let group = |selection: &str| {
            let groups = ["from", "to"]
                .map(|name| if name == end { format!("{end}: {{ {network}: {{ {selection} }} }}") } else { format!("{name}: pods") });
            wrap(&format!("{}, probe: icmp", groups.join(", ")))
        };
        return match selection {
            "zone" => (group("zone: a"), group("zone: b")),
            "nodes" => (group("nodes: a"), group("nodes: [a, b]")),
            _ => (group("selector: a"), group("selector: \"!a\"")),
        };
    }
    if let Some((_, without, with)) = BODIES.iter().find(|(tail, ..)| *tail == key) {
        return (wrap(without), wrap(with));
    }
    let key = key.strip_prefix("expect.").unwrap_or_else(|| panic!("no example of {path}"));
    let scope = ["each", "overall"].into_iter().find(|scope| key.starts_with(&format!("{scope}."))).unwrap_or("");
    let metric = key.strip_prefix(scope).map_or(key, |metric| metric.trim_start_matches('.'));
    let bound = match metric {
        "loss" => "loss: 7%".to_owned(),
        "duplicates" | "reordered" | "mtu" => format!("{metric}: 7"),
        "blackhole" => format!("{metric}: false"),
        _ => format!("{metric}: 7ms"),
    };
    let kind = if matches!(metric, "mtu" | "blackhole") { "pmtu" } else { "udp" };
    let probe = format!("from: pods, to: pods, probe: {{ type: {kind}, count: 200 }}");
    let (open, close) = if scope.is_empty() { (String::new(), "") } else { (format!("{scope}: {{ "), " }") };
    (wrap(&format!("{probe}, expect: reachable")), wrap(&format!("{probe}, expect: {{ {open}{bound}{close} }}")))
}

/// `from.pods.zone` and its like.
fn selection(key: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<_> = key.split('.').collect();
    if let [end @ ("from" | "to"), network, selection] = parts.as_slice() { Some((end, network, selection)) } else { None }
}

/// What was read, without places, which always differ.
fn effect(text: &str) -> String {
    let each = "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { n: '${{ discover.a }}' } }]";
    let text = text.replace("EACH", each).replace('B', "from: pods, to: pods, probe: icmp");
    let reading = complete(FILE, text.as_bytes(), &[], &|path| Err(format!("{path}: no such file")), &super::discover::four_nodes());
    let Some(suite) = reading.suite else { return drawn(&reading.diagnostics) };
    let vars: Vec<_> = suite.vars.iter().map(|var| (&var.name, var.kind, &var.value, &var.help)).collect();
    let case = |case: &crate::model::suite::Case| {
        let expect: Vec<_> = case.expect.iter().map(ToString::to_string).collect();
        format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {expect:?} {:?} {:?}",
            case.id, case.tags, case.about, case.conduct, case.from, case.to, case.pairs, case.same_node, case.probe, case.retry, case.skip
        )
    };
    let cases: Vec<_> = suite.cases.iter().map(case).collect();
    format!("{} {:?} {:?} {:?} {vars:?} {cases:#?}", suite.id, suite.title, suite.deadline, suite.expect_families)
}

#[test]
fn every_key_has_an_effect() {
    let all = key_paths(SUITE.keys);
    assert!(all.len() > 50, "{all:?}");
    for path in all {
        let (without, with) = pair(&path);
        assert_ne!(effect(&without), effect(&with), "{path}: {with}");
    }
}
