//! A suite of which a part is missing: told is what no part could answer, and nothing that one could have.

use super::*;

/// The codes of the errors of a suite with that line about its parts, none of which can be read, each with the line of its place.
fn told(include: &str, rest: &str) -> Vec<(&'static str, u32)> {
    let text = format!("netcheck: v1\nsuite: s\n{include}\n{rest}");
    let reading = read(FILE, text.as_bytes(), &[]);
    assert!(reading.suite.is_none(), "{text}");
    let of_parts = |diagnostic: &&Diagnostic| !matches!(&diagnostic.span, Some(span) if span.line == 3);
    reading.diagnostics.iter().filter(of_parts).map(|told| (told.code, told.span.as_ref().map_or(0, |span| span.line))).collect()
}

#[track_caller]
fn codes_of(include: &str, rest: &str) -> Vec<&'static str> {
    told(include, rest).into_iter().map(|(code, _)| code).collect()
}

const GONE: &str = "include: [gone.yaml]";

fn test(keys: &str) -> String {
    format!("tests:\n  - {{ id: t, {keys} }}\n")
}

#[test]
fn what_no_part_could_answer_is_told_beside_a_missing_part() {
    for (keys, expected) in [
        ("from: pods, to: pods, probe: icmp, matrix: { a: [x, x] }", "NC1018"),
        ("from: pods, to: pods, probe: icmp, forEach: { a: [] }", "NC1053"),
        ("from: pods, to: pods, probe: icmp, timeout: \"${{ 5 }}\"", "NC1008"),
        ("from: pods, to: pods, probe: icmp, expect: { p99: < 0ms }", "NC1023"),
        ("from: pods, to: pods, probe: icmp, expect: { rcode: NOERROR }", "NC1066"),
        ("from: pods, to: { host: \"::1\", port: 1 }, probe: { type: tcp, family: v4 }", "NC1081"),
        ("from: pods, to: pods, probe: icmp, forEach: { a: \"${{ vars.l }}\" }, timeout: \"${{ 5 }}\"", "NC1008"),
        ("from: \"${{ vars.where }}\", to: pods, probe: { type: icmp, count: \"${{ matrix.x }}\" }, matrix: { a: [1] }", "NC1007"),
        ("from: pods, to: pods, probe: icmp, when: \"unknown\"", "NC1007"),
        ("from: pods, to: pods, probe: icmp, needs: [t]", "NC1042"),
    ] {
        let rest = test(keys);
        assert_eq!(codes_of(GONE, &rest), [expected], "{keys}");
    }
    let vars = "vars:\n  a: { type: bool, default: 5 }\n  b: { type: int }\n".to_owned();
    assert_eq!(codes_of(GONE, &(vars + &test("from: pods"))), ["NC1008", "NC1031"]);
}

#[test]
fn what_a_part_could_have_said_stays_untold() {
    for keys in [
        "from: pods, to: pods, probe: icmp, needs: [base]",
        "from: pods",
        "probe: { count: 5 }",
        "from: pods, to: { fixture: shop }, probe: tcp",
        "from: pods, to: pods, probe: { type: icmp, count: \"${{ vars.n }}\" }, title: \"${{ vars.m.x }} of ${{ discover.all | length }}\"",
        "from: pods, to: pods, probe: icmp, when: vars.on and vars.n > 3, skipIf: [{ if: discover.all | length < 2, because: few }]",
        "from: pods, to: pods, probe: icmp, forEach: { a: \"${{ vars.l }}\", b: \"${{ discover.all }}\" }, title: \"${{ a.x }} ${{ b.y.z }}\"",
        "from: pods, to: pods, probe: icmp, matrix: { a: { x: \"${{ vars.x }}\" }, exclude: [{ a: x }] }, title: \"${{ matrix.a }}\"",
        "from: pods, to: { host: shop.example, port: 80 }, probe: { type: http, token: \"${{ secrets.token }}\" }",
        "from: pods, to: pods, probe: udp, expect: { p99: < 10ms }",
        "from: pods, to: pods, probe: icmp, retry: { attempts: 3 }",
        "from: pods, to: pods, probe: { type: udp, count: 5 }, expect: { loss: <= 1% }",
    ] {
        assert_eq!(told(GONE, &test(keys)), [], "{keys}");
    }
    assert_eq!(told(GONE, "expectFamilies: [v6]\n"), []);
    assert_eq!(told(GONE, "discover:\n  all: { nodes: { zone: \"${{ vars.zone }}\" } }\n"), []);
}

#[test]
fn an_empty_list_of_parts_hides_nothing() {
    let rest = test("from: pods, probe: { type: icmp, count: \"${{ vars.n }}\" }, needs: [base]");
    let mut without = codes_of("title: none", &rest);
    without.sort_unstable();
    let mut with = codes_of("include: []", &rest);
    with.sort_unstable();
    assert_eq!(with, without);
    assert_eq!(with, ["NC1007", "NC1009", "NC1041"]);
}
