//! The JSON Schema says what the reader says.

use super::*;

fn valid(text: &str) -> bool {
    let value: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    jsonschema::validator_for(&schema()).unwrap().is_valid(&value)
}

#[test]
fn the_schema_is_a_schema_and_always_the_same() {
    assert!(jsonschema::meta::is_valid(&schema()));
    assert_eq!(serde_json::to_string(&schema()).unwrap(), serde_json::to_string(&schema()).unwrap());
    assert!(valid(include_str!("../../../suites/overlay.yaml")));
}

#[test]
fn schema_and_reader_agree() {
    let good_ones = [
        LEAST.to_owned(),
        with("probe: { type: \"${{ matrix.p }}\", count: \"${{ matrix.n }}\" }\nmatrix: { p: [icmp], n: { few: 3, many: 300 } }"),
        with("probe: tcp\nwhen: vars.a == 'x'").replace("tests:", "vars: { a: x }\ntests:"),
        with("probe: tcp\nwhen: true").replace("to: pods", "to: nodes"),
        with("probe: tcp\ntags: [a]\npairs: { limit: 3 }\nexpect: { loss: 0%, overall: { p99: <= 3ms } }"),
        with(
            "probe: icmp\nmatrix: { a: [x], include: [{ a: z }], exclude: [{ a: x }] }\ntitle: T\nowner: me\nrunbook: docs/a.md\nseverity: warn",
        ),
        with("probe: icmp\nskipIf: [{ if: vars.a == 'x', because: \"it is ${{ vars.a }}\" }]").replace("tests:", "vars: { a: x }\ntests:"),
        with("probe: icmp\nexclusive: true\ndeadline: 1m").replace("tests:", "deadline: 1h\ntests:"),
        with("probe: icmp\npace: { perNode: 10, total: 100 }"),
        with("probe: icmp\ncollect: [routes, agentLog, \"${{ 'events' }}\"]"),
        with("probe: icmp\nneeds: [u]") + "  - { id: u, from: pods, to: pods, probe: icmp }\n",
        LEAST.replace("tests:", "vars: { a: [x, 1], b: { c: x }, c: { type: size, default: 9KiB, help: h, choices: [9KiB] } }\ntests:"),
        LEAST.replace("tests:", "vars: { a: { type: duration, optional: true }, b: { default: { type: x } } }\ntests:"),
    ];
    for text in good_ones {
        good(&text);
        assert!(valid(&text), "{text}");
    }
    let bad_ones = [
        "netcheck: v2\nsuite: s\ntests: [{ id: a }]\n".to_owned(),
        "suite: s\ntests: [{ id: a }]\n".to_owned(),
        with("probe: quic"),
        with("probe: { type: icmp, count: 0 }"),
        with("probe: { type: icmp, interval: 10 }"),
        with("probe: icmp\nexpect: { loss: 0 }"),
        with("probe: icmp\nexpect: { pairsOk: 3 }"),
        with("probe: icmp\nwithin: 30s"),
        with("probe: icmp\nretry: { attempts: 1 }"),
        with("probe: icmp\nretry: { backoff: 1s }"),
        with("probe: icmp\nretry: { attempts: 3, only: [] }"),
        with("probe: icmp\nmatrix: { a-b: [1] }"),
        with("probe: icmp\nmatrix: { a: [b/c] }"),
        with("probe: icmp\ntags: []"),
        with("probe: icmp\nmatrix: { a: [x], include: { a: z } }"),
        with("probe: icmp\nmatrix: { a: [x], exclude: [] }"),
        with("probe: icmp\nowner: ''"),
        with("probe: icmp\nneeds: []"),
        with("probe: icmp\nexclusive: 1"),
        with("probe: icmp\ncollect: [route]"),
        with("probe: icmp\ndeadline: 30"),
        with("probe: icmp\npace: { perNode: 0 }"),
        with("probe: icmp\npace: 100"),
        with("probe: icmp\nskipIf: [{ if: true }]"),
        with("probe: icmp\nskipIf: { if: true, because: r }"),
        with("probe: icmp\nskipIf: [{ if: 3, because: r }]"),
        with("probe: icmp\nseverity: warning"),
        with("probe: icmp\nwhen: 3"),
        with("probe: icmp\nwhen: \"${{ vars.a }}\"").replace("tests:", "vars: { a: true }\ntests:"),
        with("probe: icmp").replace("to: pods", "to: gateways"),
        LEAST.replace("tests:", "vars: { a: { type: number, default: 1 } }\ntests:"),
        LEAST.replace("tests:", "vars: { a: { default: 1, optional: maybe } }\ntests:"),
        LEAST.replace("tests:", "vars: { a: { default: 1, choice: [1] } }\ntests:"),
    ];
    for text in bad_ones {
        assert!(read(FILE, text.as_bytes(), &[]).suite.is_none(), "{text}");
        assert!(!valid(&text), "{text}");
    }
}
