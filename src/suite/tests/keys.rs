//! No key without its effect: each key of the description changes what is read, or what is refused.

mod bodies;
mod suites;

use super::*;
use crate::model::suite::Suite;
use crate::suite::language::SUITE;
use bodies::BODIES;
use suites::SUITES;

/// A probe that shows everything of a server.
const HTTPS: &str = "from: pods, to: { host: 10.0.0.10, port: 443 }, probe: { type: http, scheme: https, count: 200 }";

/// What some of them ask.
const FIXTURES: &str = "fixtures: [{ echo: { name: echo } }]\n";

/// Two suites that differ by the key alone.
fn pair(path: &str) -> (String, String) {
    if let Some((_, without, with)) = SUITES.iter().find(|(key, ..)| *key == path) {
        return ((*without).to_owned(), (*with).to_owned());
    }
    let (place, key) = path.split_once('.').unwrap();
    let wrap = |body: &str| match place {
        "tests" => format!("netcheck: v1\nsuite: s\n{FIXTURES}tests: [{{ id: t, {body} }}]"),
        _ => format!("netcheck: v1\nsuite: s\n{FIXTURES}defaults: {{ {body} }}\ntests: [{{ id: t }}]"),
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
        "status" => "status: [200, 5xx]".to_owned(),
        "body" => "body: ok".to_owned(),
        "tls" => "tls: clusterCA".to_owned(),
        "certExpiry" => "certExpiry: '>= 7d'".to_owned(),
        _ => format!("{metric}: 7ms"),
    };
    let web = ["connect.", "tls.", "ttfb."].iter().any(|step| metric.starts_with(step));
    let (probe, tls) = match metric {
        "status" | "body" | "tls" | "certExpiry" => (HTTPS, ", tls: none"),
        _ if web => (HTTPS, ", tls: none"),
        _ if metric.starts_with("dns.") => ("from: pods, to: { host: shop.example, port: 443 }, probe: { type: tcp, count: 200 }", ""),
        "mtu" | "blackhole" => ("from: pods, to: pods, probe: { type: pmtu, count: 200 }", ""),
        _ => ("from: pods, to: pods, probe: { type: udp, count: 200 }", ""),
    };
    let bound = if metric == "tls" { bound } else { format!("{bound}{tls}") };
    let (open, close) = if scope.is_empty() { (String::new(), "") } else { (format!("{scope}: {{ "), " }") };
    (wrap(&format!("{probe}, expect: {{ loss: 0%{tls} }}")), wrap(&format!("{probe}, expect: {{ {open}{bound}{close} }}")))
}

/// `from.pods.zone` and its like.
fn selection(key: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<_> = key.split('.').collect();
    if let [end @ ("from" | "to"), network @ ("pods" | "nodes"), selection] = parts.as_slice() {
        Some((end, network, selection))
    } else {
        None
    }
}

/// The one file that there is.
fn file(path: &str) -> Result<Vec<u8>, String> {
    if path.ends_with("ca.pem") { Ok(b"-----BEGIN CERTIFICATE-----".to_vec()) } else { Err(format!("{path}: no such file")) }
}

/// What was read, without places, which always differ.
fn effect(text: &str) -> String {
    let each = "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { n: '${{ discover.a }}' } }]";
    let text = text.replace("EACH", each).replace('B', "from: pods, to: pods, probe: icmp");
    let reading = complete(
        FILE,
        text.as_bytes(),
        &[],
        &file,
        Seen { inventory: &super::discover::four_nodes(), start: &crate::model::run::Start::of_none(1) },
    );
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
    let Suite { id, secrets, title, deadline, agents, expect_families, fixtures, .. } = &suite;
    let secrets: Vec<_> = secrets.iter().map(|secret| (&secret.name, &secret.origin)).collect();
    format!("{id} {secrets:?} {title:?} {deadline:?} {agents:?} {expect_families:?} {fixtures:?} {vars:?} {cases:#?}")
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
